package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
)

// Timetable is a pattern with all that a booking keeps of it.
type Timetable struct {
	Pattern, Line uuid.UUID
	Source        string // the feed that it came with
	LineName      string
	Color         string // six hex digits, or empty
	TimeZone      string
	Headsign      string
	Stops         []TimetableStop
}

// TimetableStop is one stop of a pattern; seconds count from the trip's first departure.
type TimetableStop struct {
	Stop              uuid.UUID
	Name              string
	Zone              string
	Lat, Lon          float64
	ArriveS, DepartS  int32
	NoPickup, NoLeave bool
}

// noService is GTFS's pickup_type and drop_off_type for "not here".
const noService = 1

// Timetable is one pattern.
func (r *Reader) Timetable(ctx context.Context, pattern uuid.UUID) (Timetable, error) {
	rows, err := r.q.TripPattern(ctx, r.tenant.UUID(), pattern)
	if err != nil {
		return Timetable{}, fmt.Errorf("store: read a timetable: %w", err)
	}
	if len(rows) == 0 {
		return Timetable{}, errNoRow
	}
	x := rows[0]
	t := Timetable{Pattern: x.ID, Line: x.LineID, Source: x.Source, Color: x.Color, TimeZone: x.TimeZone, Headsign: x.Headsign,
		LineName: lineName(x.ShortName, x.LongName), Stops: make([]TimetableStop, len(rows))}
	for i, s := range rows {
		t.Stops[i] = TimetableStop{Stop: s.StopID, Name: s.Name, Zone: s.Zone, Lat: s.Lat, Lon: s.Lon, ArriveS: s.ArriveS,
			DepartS: s.DepartS, NoPickup: s.Pickup == noService, NoLeave: s.DropOff == noService}
	}
	if t.Headsign == "" { // a feed that says no headsign: it goes where it ends
		t.Headsign = t.Stops[len(t.Stops)-1].Name
	}
	return t, nil
}

// lineName is a line as people say it: "L1 Sidi Maarouf – Casa Port". A long name that says the short one stands alone.
func lineName(short, long string) string {
	if short == "" || strings.Contains(long, short) {
		return long
	}
	return strings.TrimSpace(short + " " + long)
}

// FareRow is a fare with one of its rules; a fare without rules has one row that is not Ruled.
type FareRow struct {
	Fare                          uuid.UUID
	Amount                        int64
	Currency                      string
	Ruled                         bool
	Line                          uuid.UUID // nil: any
	Origin, Destination, Contains string
}

// Fares is the fares of a feed.
func (r *Reader) Fares(ctx context.Context, source string) ([]FareRow, error) {
	rows, err := r.q.TripFares(ctx, r.tenant.UUID(), source)
	if err != nil {
		return nil, fmt.Errorf("store: read fares: %w", err)
	}
	out := make([]FareRow, len(rows))
	for i, f := range rows {
		out[i] = FareRow{Fare: f.ID, Amount: f.Amount, Currency: f.Currency, Ruled: f.Ruled, Line: orZero(f.LineID),
			Origin: f.Origin, Destination: f.Destination, Contains: f.Contains}
	}
	return out, nil
}

// TicketKey is a key that signs a tenant's tickets.
type TicketKey struct {
	KID       int16
	Public    []byte
	Sealed    []byte // the private half
	RetiresAt time.Time
}

// TicketKeys is a tenant's keys, oldest first, retired ones too: tickets that they signed are still about.
func (r *Reader) TicketKeys(ctx context.Context) ([]TicketKey, error) {
	rows, err := r.q.TicketKeys(ctx, r.tenant.UUID())
	if err != nil {
		return nil, fmt.Errorf("store: read ticket keys: %w", err)
	}
	out := make([]TicketKey, len(rows))
	for i, k := range rows {
		out[i] = TicketKey{KID: k.Kid, Public: k.PublicKey, Sealed: k.SealedPrivateKey, RetiresAt: orZero(k.RetiresAt)}
	}
	return out, nil
}

// AddTicketKey adds a key; false when another node was faster with that number.
func (tx *Tx) AddTicketKey(ctx context.Context, k TicketKey) (bool, error) {
	n, err := tx.q.TicketKeyAdd(ctx, tx.tenant.UUID(), k.KID, k.Public, k.Sealed)
	return n == 1, err
}

// RetireTicketKey says from when on a key signs no more.
func (tx *Tx) RetireTicketKey(ctx context.Context, kid int16, at time.Time) error {
	_, err := tx.q.TicketKeyRetire(ctx, tx.tenant.UUID(), kid, &at)
	return err
}
