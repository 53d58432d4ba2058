package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store/internal/sqlc"
)

// The sets that live channels show. Each is read in one statement.

// Snapshot says which transactions are visible now, in PostgreSQL's text form. A set that
// is read afterwards sees at least those.
func (r *Reader) Snapshot(ctx context.Context) (string, error) { return r.q.LiveSnapshot(ctx) }

// LiveTrip is one trip; the date is in its id.
func (r *Reader) LiveTrip(ctx context.Context, id uuid.UUID) (event.Trip, error) {
	date, ok := ident.DateOf(id)
	if !ok {
		return event.Trip{}, errNoRow
	}
	row, err := r.q.LiveTrip(ctx, date.Midnight(), id)
	if err != nil {
		return event.Trip{}, err
	}
	return tripEvent(&row), nil
}

// LiveLine is the trips of a line on a service date, at most limit.
func (r *Reader) LiveLine(ctx context.Context, line uuid.UUID, date servicedate.Date, limit int) ([]event.Trip, error) {
	rows, err := r.q.LiveLine(ctx, date.Midnight(), line, int32(limit))
	return tripEvents(rows), err
}

// Window is the part of a day's board that somebody looks at. Times are compared as
// people read them ("06:00"); a window whose First is after Last goes past midnight.
type Window struct {
	First, Last string
	Lines       []uuid.UUID // empty: all
	States      []string    // empty: all
}

// LiveBoard is the trips of a service date that depart in a window, at most limit.
func (r *Reader) LiveBoard(ctx context.Context, date servicedate.Date, w Window, limit int) ([]event.Trip, error) {
	p := sqlc.LiveBoardParams{ServiceDate: date.Midnight(), First: w.First, Last: w.Last,
		Lines: w.Lines, States: w.States, MaxRows: int32(limit)}
	if p.Lines == nil {
		p.Lines = []uuid.UUID{}
	}
	if p.States == nil {
		p.States = []string{}
	}
	rows, err := r.q.LiveBoard(ctx, p)
	return tripEvents(rows), err
}

// LiveLineExists is nil when there is such a line.
func (r *Reader) LiveLineExists(ctx context.Context, line uuid.UUID) error {
	_, err := r.q.LiveLineExists(ctx, line)
	return err
}

// LiveBooking is one booking with its trip's line; the date is in its id.
func (r *Reader) LiveBooking(ctx context.Context, id uuid.UUID) (b event.Booking, line uuid.UUID, err error) {
	date, ok := ident.DateOf(id)
	if !ok {
		return b, line, errNoRow
	}
	row, err := r.q.LiveBooking(ctx, date.Midnight(), id)
	if err != nil {
		return b, line, err
	}
	return bookingEvent(&row.Booking), row.LineID, nil
}

// LiveRide is what an employer pays for of a booking, with the unit that it is of and those above it.
func (r *Reader) LiveRide(ctx context.Context, booking uuid.UUID) (ride event.Ride, unit uuid.UUID, above []uuid.UUID, err error) {
	date, ok := ident.DateOf(booking)
	if !ok {
		return ride, unit, nil, errNoRow
	}
	row, err := r.q.LiveRide(ctx, r.tenant.UUID(), date.Midnight(), booking)
	if err != nil {
		return ride, unit, nil, err
	}
	p := programmeRide(&row.ProgrammeRide)
	return p.event(), p.Unit, row.Above, nil
}

// Me is what its owner sees on me.
type Me struct {
	User         event.User
	Bookings     []event.Booking     // open ones
	Purses       []event.Purse       // their wallet and what they owe, by currency
	Requests     []event.Request     // that wait for an expert
	Offers       []event.Offer       // that they are rung for
	Appointments []event.Appointment // that are to come
	Talks        []event.Session     // that are not over: as much of them as me shows
}

// LiveMe is a user's own set.
func (r *Reader) LiveMe(ctx context.Context, user uuid.UUID) (Me, error) {
	row, err := r.q.LiveMe(ctx, user)
	if err != nil {
		return Me{}, err
	}
	me := Me{User: event.User{ID: row.ID, Email: row.Email, Name: row.Name, Locale: row.Locale, Status: row.Status, Version: row.Version}}
	var open []bookingJSON
	if err := json.Unmarshal(row.Bookings, &open); err != nil {
		return me, fmt.Errorf("store: read the open bookings of a user: %w", err)
	}
	me.Bookings = make([]event.Booking, len(open))
	for i := range open {
		b := open[i].row()
		me.Bookings[i] = bookingEvent(&b)
	}
	var accounts []struct {
		Code, Currency        string
		Posted, Held, Version int64
	}
	if err := json.Unmarshal(row.Purses, &accounts); err != nil {
		return me, fmt.Errorf("store: read the wallet of a user: %w", err)
	}
	for _, a := range accounts {
		if p, ok := purse(a.Code, a.Currency, a.Posted, a.Held, a.Version); ok {
			me.Purses = append(me.Purses, p)
		}
	}
	if err := json.Unmarshal(row.Requests, &me.Requests); err != nil {
		return me, fmt.Errorf("store: read what a user waits for: %w", err)
	}
	if err := json.Unmarshal(row.Offers, &me.Offers); err != nil {
		return me, fmt.Errorf("store: read what a user is rung for: %w", err)
	}
	if err := json.Unmarshal(row.Appointments, &me.Appointments); err != nil {
		return me, fmt.Errorf("store: read what a user has booked: %w", err)
	}
	var talks []struct {
		ID, Request, Client, Expert uuid.UUID
		Modality, State             string
		CreatedAt                   time.Time `json:"created_at"`
		Version                     int64
	}
	if err := json.Unmarshal(row.Sessions, &talks); err != nil {
		return me, fmt.Errorf("store: read what a user takes part in: %w", err)
	}
	for _, t := range talks {
		me.Talks = append(me.Talks, event.Session{ID: t.ID, Request: t.Request, Client: t.Client, Expert: t.Expert, Modality: t.Modality, State: t.State, CreatedAt: t.CreatedAt, Version: t.Version})
	}
	return me, nil
}

// Epoch names the history that versions belong to. It differs after a restore into a new
// cluster or database, after a promotion, and after a recovery to a point in time.
func (s *System) Epoch(ctx context.Context) (string, error) {
	var epoch string
	err := s.db.QueryRow(ctx, `select concat_ws('/', (select system_identifier from pg_control_system()),
		(select timeline_id from pg_control_checkpoint()), (select oid from pg_database where datname = current_database()))`).Scan(&epoch)
	return epoch, err
}

// Snapshot says which transactions are visible now, in PostgreSQL's text form.
func (s *System) Snapshot(ctx context.Context) (string, error) { return s.q.LiveSnapshot(ctx) }

func tripEvents(rows []sqlc.Trip) []event.Trip {
	out := make([]event.Trip, len(rows))
	for i := range rows {
		out[i] = tripEvent(&rows[i])
	}
	return out
}

// tripEvent is what a trip's documents are made from.
func tripEvent(r *sqlc.Trip) event.Trip {
	return event.Trip{
		ID: r.ID, Date: dateOf(r.ServiceDate), Line: r.LineID, Pattern: r.PatternID, Dep: r.Dep, DepartsAt: r.DepartsAt,
		Status: r.Status, Capacity: r.Capacity, Free: r.Free, Overload: r.Overload, Held: r.Held, Booked: r.Booked,
		Boarded: r.Boarded, DelayS: r.DelayS, VehicleLabel: orZero(r.VehicleLabel), Driver: orZero(r.DriverID), DriverName: orZero(r.DriverName),
		Incident: orZero(r.Incident), Vanished: r.Vanished, Version: r.Version,
	}
}

// bookingEvent is what a booking's document is made from.
func bookingEvent(r *sqlc.Booking) event.Booking {
	return event.Booking{
		ID: r.ID, Date: dateOf(r.ServiceDate), Trip: r.TripID, Rider: r.RiderID, LineName: r.LineName,
		From:  event.Halt{Stop: r.FromStop, Name: r.FromName, Index: r.FromIdx, Time: r.FromTime, At: r.FromAt},
		To:    event.Halt{Stop: r.ToStop, Name: r.ToName, Index: r.ToIdx, Time: r.ToTime, At: r.ToAt},
		Party: r.Party, State: r.State, ExpiresAt: orZero(r.ExpiresAt), Pay: orZero(r.Pay),
		Fare: event.Money{Amount: r.FareAmount, Currency: strings.TrimSpace(r.FareCurrency)}, Refund: r.RefundAmount,
		CancelUntil: r.CancelUntil, BoardedAt: orZero(r.BoardedAt), Short: r.Short, CreatedAt: r.CreatedAt, Version: r.Version,
		Subsidy: r.SubsidyAmount, Programme: orZero(r.ProgrammeID), Pass: orZero(r.PassID), Payment: orZero(r.PaymentID),
	}
}

func dateOf(t time.Time) servicedate.Date { return servicedate.On(t, time.UTC) }

func orZero[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

// bookingJSON is a booking's row as json_agg writes it.
type bookingJSON struct {
	ServiceDate  servicedate.Date `json:"service_date"`
	ID           uuid.UUID        `json:"id"`
	TripID       uuid.UUID        `json:"trip_id"`
	RiderID      uuid.UUID        `json:"rider_id"`
	FromIdx      int16            `json:"from_idx"`
	ToIdx        int16            `json:"to_idx"`
	Party        int16            `json:"party"`
	State        string           `json:"state"`
	ExpiresAt    *time.Time       `json:"expires_at"`
	Pay          *string          `json:"pay"`
	FareAmount   int64            `json:"fare_amount"`
	FareCurrency string           `json:"fare_currency"`
	RefundAmount *int64           `json:"refund_amount"`
	CancelUntil  time.Time        `json:"cancel_until"`
	Short        string           `json:"short"`
	LineName     string           `json:"line_name"`
	FromStop     uuid.UUID        `json:"from_stop"`
	FromName     string           `json:"from_name"`
	FromAt       time.Time        `json:"from_at"`
	FromTime     string           `json:"from_time"`
	ToStop       uuid.UUID        `json:"to_stop"`
	ToName       string           `json:"to_name"`
	ToAt         time.Time        `json:"to_at"`
	ToTime       string           `json:"to_time"`
	BoardedAt    *time.Time       `json:"boarded_at"`
	Version      int64            `json:"version"`
	CreatedAt    time.Time        `json:"created_at"`
	Subsidy      int64            `json:"subsidy_amount"`
	ProgrammeID  *uuid.UUID       `json:"programme_id"`
	PassID       *uuid.UUID       `json:"pass_id"`
	PaymentID    *uuid.UUID       `json:"payment_id"`
}

func (b *bookingJSON) row() sqlc.Booking {
	return sqlc.Booking{
		ServiceDate: b.ServiceDate.Midnight(), ID: b.ID, TripID: b.TripID, RiderID: b.RiderID, FromIdx: b.FromIdx, ToIdx: b.ToIdx,
		Party: b.Party, State: b.State, ExpiresAt: b.ExpiresAt, Pay: b.Pay, FareAmount: b.FareAmount, FareCurrency: b.FareCurrency,
		RefundAmount: b.RefundAmount, CancelUntil: b.CancelUntil, Short: b.Short, LineName: b.LineName,
		FromStop: b.FromStop, FromName: b.FromName, FromAt: b.FromAt, FromTime: b.FromTime,
		ToStop: b.ToStop, ToName: b.ToName, ToAt: b.ToAt, ToTime: b.ToTime,
		BoardedAt: b.BoardedAt, Version: b.Version, CreatedAt: b.CreatedAt,
		SubsidyAmount: b.Subsidy, ProgrammeID: b.ProgrammeID, PassID: b.PassID, PaymentID: b.PaymentID,
	}
}
