package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store/internal/sqlc"
)

// BookingView is a booking with what decides who may see it.
type BookingView struct {
	Booking
	Line      uuid.UUID
	RiderName string
}

// Booking is one booking; the date is in its id.
func (r *Reader) Booking(ctx context.Context, id uuid.UUID) (BookingView, error) {
	date, ok := ident.DateOf(id)
	if !ok {
		return BookingView{}, errNoRow
	}
	row, err := r.q.BookingGet(ctx, r.tenant.UUID(), date.Midnight(), id)
	if err != nil {
		return BookingView{}, err
	}
	return BookingView{Booking: bookingRow(&row.Booking), Line: row.LineID, RiderName: row.RiderName}, nil
}

// BookingsOf is a rider's bookings that were made before a point, newest first. No states means all.
func (r *Reader) BookingsOf(ctx context.Context, rider uuid.UUID, states []string, before time.Time, beforeID uuid.UUID, limit int) ([]Booking, error) {
	if states == nil {
		states = []string{}
	}
	rows, err := r.q.BookingList(ctx, sqlc.BookingListParams{TenantID: r.tenant.UUID(), RiderID: rider, States: states,
		Before: before, BeforeID: beforeID, MaxRows: int32(limit)})
	if err != nil {
		return nil, fmt.Errorf("store: list bookings: %w", err)
	}
	return bookingRows(rows), nil
}

// Manifest is the bookings of a trip whose riders travel, or should have.
func (r *Reader) Manifest(ctx context.Context, trip uuid.UUID) ([]BookingView, error) {
	date, ok := ident.DateOf(trip)
	if !ok {
		return nil, errNoRow
	}
	rows, err := r.q.BookingManifest(ctx, r.tenant.UUID(), date.Midnight(), trip)
	if err != nil {
		return nil, fmt.Errorf("store: manifest: %w", err)
	}
	out := make([]BookingView, len(rows))
	for i := range rows {
		out[i] = BookingView{Booking: bookingRow(&rows[i].Booking), RiderName: rows[i].RiderName}
	}
	return out, nil
}

// OpenBookings is what is not settled of a trip, held, confirmed or boarded. Read it under the trip's lock.
func (tx *Tx) OpenBookings(ctx context.Context, trip uuid.UUID) ([]Booking, error) {
	date, ok := ident.DateOf(trip)
	if !ok {
		return nil, errNoRow
	}
	rows, err := tx.q.BookingsOpenOf(ctx, tx.tenant.UUID(), date.Midnight(), trip)
	if err != nil {
		return nil, fmt.Errorf("store: open bookings: %w", err)
	}
	return bookingRows(rows), nil
}

// TripOf names a trip and whose it is.
type TripOf struct {
	Tenant tenant.ID
	Trip   uuid.UUID
}

// TripsWithDueHolds finds trips, of whichever tenant, that have holds whose time is over: the longest due first.
func (s *System) TripsWithDueHolds(ctx context.Context, limit int) ([]TripOf, error) {
	rows, err := s.q.BookingsDue(ctx, int32(limit))
	if err != nil {
		return nil, fmt.Errorf("store: find due holds: %w", err)
	}
	out := make([]TripOf, len(rows))
	for i, r := range rows {
		out[i] = TripOf{tenant.ID(r.TenantID), r.TripID}
	}
	return out, nil
}

// TripsEnded finds trips that ended before an instant, delay included, and were neither completed nor cancelled.
func (s *System) TripsEnded(ctx context.Context, before time.Time, limit int) ([]TripOf, error) {
	rows, err := s.q.TripsEnded(ctx, before, int32(limit))
	if err != nil {
		return nil, fmt.Errorf("store: find trips that ended: %w", err)
	}
	out := make([]TripOf, len(rows))
	for i, r := range rows {
		out[i] = TripOf{tenant.ID(r.TenantID), r.ID}
	}
	return out, nil
}

// Trip is one trip; the date is in its id.
func (r *Reader) Trip(ctx context.Context, id uuid.UUID) (event.Trip, error) {
	date, ok := ident.DateOf(id)
	if !ok {
		return event.Trip{}, errNoRow
	}
	row, err := r.q.TripGet(ctx, r.tenant.UUID(), date.Midnight(), id)
	if err != nil {
		return event.Trip{}, err
	}
	return tripEvent(&row), nil
}

// Found is a trip that serves a ride.
type Found struct {
	Trip, Line, Pattern uuid.UUID
	Date                servicedate.Date
	DepartsAt           time.Time
	Status              string
	DelayS              int32
	From, To            int16
	Free                int16
	Feed                uuid.UUID // as in Seats
}

// Search asks for trips between two stops.
type Search struct {
	From, To    uuid.UUID
	Date        servicedate.Date // on the wall, where the line runs
	First, Last time.Time        // bounds of the pickup: [First, Last)
	Party       int16
	Limit       int
}

// Search is the trips with enough seats free all the way, by pickup.
func (r *Reader) Search(ctx context.Context, s Search) ([]Found, error) {
	rows, err := r.q.TripSearch(ctx, sqlc.TripSearchParams{TenantID: r.tenant.UUID(), FromStop: s.From, ToStop: s.To,
		Date: s.Date.Midnight(), First: s.First, Last: s.Last, Party: s.Party, MaxRows: int32(s.Limit)})
	if err != nil {
		return nil, fmt.Errorf("store: search trips: %w", err)
	}
	out := make([]Found, len(rows))
	for i, x := range rows {
		out[i] = Found{Trip: x.ID, Line: x.LineID, Pattern: x.PatternID, Date: dateOf(x.ServiceDate), DepartsAt: x.DepartsAt,
			Status: x.Status, DelayS: x.DelayS, From: x.FromIdx, To: x.ToIdx, Free: x.Free, Feed: x.Feed}
	}
	return out, nil
}

// Terms is what a tenant decided about seats.
type Terms struct {
	Now      time.Time
	Currency string
	TimeZone string
	Settings json.RawMessage
	Feed     uuid.UUID // as in Seats
}

// Terms is the tenant's terms now.
func (r *Reader) Terms(ctx context.Context) (Terms, error) {
	x, err := r.q.BookingTerms(ctx, r.tenant.UUID())
	return Terms{x.Now, x.Currency, x.TimeZone, x.Settings, x.Feed}, err
}
