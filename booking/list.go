package booking

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store"
)

// List asks for a rider's bookings.
type List struct {
	States []string // none: all
	Cursor string
	Limit  int
}

// Page is a part of a list, with the cursor of what follows.
type Page struct {
	Items []store.Booking
	Next  string // empty at the end
}

// List is the bookings of the one who asks, newest first.
func (s *Service) List(ctx context.Context, by By, l List) (Page, error) {
	before, beforeID, err := readCursor(l.Cursor)
	if err != nil {
		return Page{}, err
	}
	items, err := s.db.Read(by.Tenant).BookingsOf(ctx, by.User, l.States, before, beforeID, l.Limit+1)
	if err != nil {
		return Page{}, err
	}
	p := Page{Items: items}
	if len(items) > l.Limit {
		p.Items = items[:l.Limit]
		last := p.Items[l.Limit-1]
		p.Next = writeCursor(last.CreatedAt, last.ID)
	}
	return p, nil
}

// A cursor is a place in the order of the list; it holds nothing that its owner has not been shown.
func writeCursor(at time.Time, id uuid.UUID) string {
	b := binary.BigEndian.AppendUint64(nil, uint64(at.UnixMicro()))
	return base64.RawURLEncoding.EncodeToString(append(b, id[:]...))
}

func readCursor(s string) (time.Time, uuid.UUID, error) {
	if s == "" {
		return time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), uuid.Max, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || len(b) != 24 {
		return time.Time{}, uuid.Nil, fault.New("bad_value").At("query/cursor")
	}
	micros := int64(binary.BigEndian.Uint64(b))
	if micros < 0 || micros > time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro() {
		return time.Time{}, uuid.Nil, fault.New("bad_value").At("query/cursor")
	}
	return time.UnixMicro(micros).UTC(), uuid.UUID(b[8:]), nil
}
