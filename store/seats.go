package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store/internal/sqlc"
)

// SeatsAsk is what a batch of requests about seats needs: keys to look for, trips to lock, bookings to see.
type SeatsAsk struct {
	Claims   []idem.Claim // no two the same key
	Trips    []uuid.UUID
	Bookings []uuid.UUID
}

// Seats is what stands behind the locks.
type Seats struct {
	Now      time.Time // PostgreSQL's clock, after the locks
	Currency string
	Settings json.RawMessage // the tenant's
	Feed     uuid.UUID       // the newest import; nil when there was none
	Covered  bool            // some employer of this tenant pays for rides
	Trips    []event.Trip
	Bookings []Booking
	Due      []Booking           // holds of these trips whose time is over
	Repeats  map[ClaimKey]Repeat // claims that were committed before
}

// ClaimKey tells claims apart.
type ClaimKey struct {
	Actor          uuid.UUID
	Operation, Key string
}

// KeyOf is the claim's ClaimKey.
func KeyOf(c idem.Claim) ClaimKey { return ClaimKey{c.Actor, c.Operation, c.Key} }

// Repeat is what was asked and answered under a key before.
type Repeat struct {
	Hash   [32]byte
	Answer json.RawMessage
}

// Booking is a booking's row.
type Booking struct {
	event.Booking
	BoardedBy uuid.UUID // nil: nobody
}

// Seats locks the trips in the order of their ids and reads what is decided about behind the locks, in one round trip.
// A trip or booking that does not exist for this tenant is simply not there.
func (tx *Tx) Seats(ctx context.Context, ask SeatsAsk) (Seats, error) {
	t := tx.tenant.UUID()
	dates, trips := dated(ask.Trips)
	bookingDates, bookings := dated(ask.Bookings)
	k := claimArrays(ask.Claims)
	b := &pgx.Batch{}
	b.Queue(sqlc.SeatsLock, dates, trips, t)
	b.Queue(sqlc.SeatsTerms, t)
	if len(bookings) > 0 {
		b.Queue(sqlc.SeatsBookings, bookingDates, bookings, t)
	}
	b.Queue(sqlc.SeatsDue, t, distinct(dates), trips)
	if len(ask.Claims) > 0 {
		b.Queue(sqlc.SeatsRepeats, k.actors, k.operations, k.keys, t)
	}
	res := tx.conn.SendBatch(ctx, b)
	s, err := readSeats(res, len(ask.Claims) > 0, len(bookings) > 0)
	if cerr := res.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return Seats{}, fmt.Errorf("store: open %d trips for %d requests: %w", len(trips), len(ask.Claims), err)
	}
	return s, nil
}

func readSeats(res pgx.BatchResults, claims, bookings bool) (s Seats, err error) {
	s.Repeats = map[ClaimKey]Repeat{}
	trips, err := collect[sqlc.Trip](res)
	if err != nil {
		return s, err
	}
	s.Trips = tripEvents(trips)
	terms, err := collect[sqlc.SeatsTermsRow](res)
	if err != nil || len(terms) != 1 {
		return s, fmt.Errorf("the tenant's terms: %d rows, %w", len(terms), err)
	}
	s.Now, s.Currency, s.Settings, s.Feed = terms[0].Now, terms[0].Currency, terms[0].Settings, terms[0].Feed
	s.Covered = terms[0].Programmes
	if bookings {
		if s.Bookings, err = collectBookings(res); err != nil {
			return s, err
		}
	}
	if s.Due, err = collectBookings(res); err != nil {
		return s, err
	}
	if claims {
		rows, err := collect[sqlc.SeatsRepeatsRow](res)
		if err != nil {
			return s, err
		}
		for _, r := range rows {
			s.Repeats[ClaimKey{r.Actor, r.Operation, r.Key}] = Repeat{[32]byte(r.BodyHash), r.Answer}
		}
	}
	return s, nil
}

func collect[T any](res pgx.BatchResults) ([]T, error) {
	rows, err := res.Query()
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[T])
}

func collectBookings(res pgx.BatchResults) ([]Booking, error) {
	rows, err := collect[sqlc.Booking](res)
	if err != nil {
		return nil, err
	}
	return bookingRows(rows), nil
}

func bookingRow(r *sqlc.Booking) Booking {
	return Booking{Booking: bookingEvent(r), BoardedBy: orZero(r.BoardedBy)}
}

func bookingRows(rows []sqlc.Booking) []Booking {
	out := make([]Booking, len(rows))
	for i := range rows {
		out[i] = bookingRow(&rows[i])
	}
	return out
}

// dated pairs ids with the partitions that they live in; what carries no date is in none.
func dated(ids []uuid.UUID) ([]time.Time, []uuid.UUID) {
	dates, kept := make([]time.Time, 0, len(ids)), make([]uuid.UUID, 0, len(ids))
	for _, id := range ids {
		if d, ok := ident.DateOf(id); ok {
			dates, kept = append(dates, d.Midnight()), append(kept, id)
		}
	}
	return dates, kept
}

func distinct(dates []time.Time) []time.Time {
	var out []time.Time
	seen := map[servicedate.Date]bool{}
	for _, d := range dates {
		if on := dateOf(d); !seen[on] {
			seen[on] = true
			out = append(out, d)
		}
	}
	return out
}

type claimColumns struct {
	actors           []uuid.UUID
	operations, keys []string
	hashes           [][]byte
}

func claimArrays(claims []idem.Claim) (k claimColumns) {
	for i := range claims {
		c := &claims[i]
		k.actors, k.operations, k.keys = append(k.actors, c.Actor), append(k.operations, c.Operation), append(k.keys, c.Key)
		k.hashes = append(k.hashes, c.Hash[:])
	}
	return k
}

// smallintArray writes an int2[] as PostgreSQL reads it.
func smallintArray(n []int16) string {
	b := make([]byte, 0, 2+4*len(n))
	b = append(b, '{')
	for i, x := range n {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, int64(x), 10)
	}
	return string(append(b, '}'))
}
