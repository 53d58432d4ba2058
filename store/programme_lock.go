package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/waymeet/waymeet/billing/programme"
	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/identity/organisation"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/store/internal/sqlc"
)

// RiderOn is somebody who wants to travel on a day.
type RiderOn struct {
	Rider uuid.UUID
	Date  servicedate.Date
}

// Programmes is what employers pay for, for the people and rides of one transaction, behind the locks of what was already
// granted. Decisions change it, so that the second booking of a batch sees what the first took; Put writes what it became.
//
// How a booking's transaction uses it, after tx.Seats (trips come before programmes, programmes before the ledger's
// accounts, so that no two transactions wait for each other):
//
//	p, err := tx.Programmes(ctx, riders, bookings)  // once: who may take a seat, and every booking that may be
//	                                                // settled, due holds included
//	offer, ok, err := p.Offer(rider, ride)          // ride.Fare is that of one seat: the employee's; guests pay
//	… offer.Split.Employer and .Rider say who pays what; ok is false when nobody but the rider does
//	p.Reserve(offer, &booking, line)                // with the seat, when it is held
//	p.Release(booking)                              // cancelled or expired: the employer pays nothing
//	p.Use(booking)                                  // boarded
//	split, ok := p.Miss(booking)                    // did not come: who pays by the programme's rule
//	p.Put(tx)                                       // before the closure ends; travels with the COMMIT
//
// Release, Use and Miss do nothing to a booking that no programme pays for, or that was settled. They change no money: the
// ride's row says what the employer owes, and who settles writes the journal beside it (docs/money.md).
type Programmes struct {
	terms  map[uuid.UUID]*Programme
	told   map[uuid.UUID]map[string]int // the highest threshold told, by programme and month
	months map[monthKey]*month
	covers map[RiderOn][]cover
	rides  map[uuid.UUID]*ProgrammeRide

	fresh, settled []*ProgrammeRide
	alerts         []sqlc.ProgrammeAlertAddParams
}

type monthKey struct {
	programme, employee uuid.UUID // nil: all employees
	month               servicedate.Date
}

// month is what was granted in one.
type month struct {
	used     int64
	rides    int32
	cap      int64 // by which it was decided; -1: none
	capRides int32
	changed  bool
}

// cover is one programme that may pay for somebody on a day.
type cover struct {
	programme, membership, unit uuid.UUID
	tenure                      organisation.Tenure
}

// ProgrammeRide is a ride that an employer pays for.
type ProgrammeRide struct {
	Booking                       uuid.UUID
	Date                          servicedate.Date
	Programme, Organisation, Unit uuid.UUID
	Membership, Employee          uuid.UUID
	Month                         servicedate.Date
	Line                          uuid.UUID
	LineName, From, To            string
	Pickup                        time.Time
	Fare, Subsidy                 int64 // of the employee's seat, and what the employer pays of it now
	Booked                        int64 // what it promised when the seat was taken
	Currency                      string
	CostCentre                    string // as of the ride's date
	State                         string // reserved, used, released, no_show
	Version                       int64
}

// event is the ride as those see it who pay for it.
func (r *ProgrammeRide) event() event.Ride {
	return event.Ride{Booking: r.Booking, Date: r.Date, Programme: r.Programme, LineName: r.LineName, From: r.From, To: r.To, Fare: r.Fare, Subsidy: r.Subsidy,
		Currency: r.Currency, CostCentre: r.CostCentre, State: r.State, Version: r.Version}
}

// Programmes reads and locks what decides about some people and some bookings. Who has no employer costs one round trip
// and no lock.
func (tx *Tx) Programmes(ctx context.Context, riders []RiderOn, bookings []uuid.UUID) (*Programmes, error) {
	p := &Programmes{terms: map[uuid.UUID]*Programme{}, told: map[uuid.UUID]map[string]int{}, months: map[monthKey]*month{},
		covers: map[RiderOn][]cover{}, rides: map[uuid.UUID]*ProgrammeRide{}}
	rideDates, rides := dated(bookings)
	if len(riders) == 0 && len(rides) == 0 {
		return p, nil
	}
	whos, dates := make([]uuid.UUID, len(riders)), make([]time.Time, len(riders))
	for i, r := range riders {
		whos[i], dates[i] = r.Rider, r.Date.Midnight()
	}
	t := tx.tenant.UUID()
	b := &pgx.Batch{}
	b.Queue(sqlc.ProgrammeOpen, t, whos, dates)
	b.Queue(sqlc.ProgrammeLock, t, whos, dates, rideDates, rides)
	b.Queue(sqlc.ProgrammeCovers, whos, dates, t)
	b.Queue(sqlc.ProgrammeRides, rideDates, rides, t)
	res := tx.conn.SendBatch(ctx, b)
	err := p.read(res)
	if cerr := res.Close(); err == nil {
		err = cerr
	}
	if err == nil && len(p.months) > 0 {
		err = p.readTerms(ctx, tx)
	}
	if err != nil {
		return nil, fmt.Errorf("store: programmes of %d riders and %d bookings: %w", len(riders), len(bookings), err)
	}
	return p, nil
}

func (p *Programmes) read(res pgx.BatchResults) error {
	if _, err := res.Exec(); err != nil {
		return err
	}
	months, err := collect[sqlc.ProgrammeLockRow](res)
	if err != nil {
		return err
	}
	for _, m := range months {
		p.months[monthKey{m.ProgrammeID, m.EmployeeID, dateOf(m.Month)}] = &month{used: m.Used, rides: m.Rides, cap: m.Cap, capRides: m.CapRides}
	}
	covers, err := collect[sqlc.ProgrammeCoversRow](res)
	if err != nil {
		return err
	}
	for _, c := range covers {
		tenure := organisation.Tenure{Joined: dateOf(c.Joined)}
		if c.LeftOn != nil {
			tenure.Left = dateOf(*c.LeftOn)
		}
		if err := json.Unmarshal(c.Postings, &tenure.Postings); err != nil {
			return fmt.Errorf("postings of membership %s: %w", c.MembershipID, err)
		}
		key := RiderOn{c.Rider, dateOf(c.Date)}
		same := func(o cover) bool { return o.programme == c.ProgrammeID } // belonging twice is paid for once
		if !slices.ContainsFunc(p.covers[key], same) {
			p.covers[key] = append(p.covers[key], cover{c.ProgrammeID, c.MembershipID, c.UnitID, tenure})
		}
	}
	rides, err := collect[sqlc.ProgrammeRidesRow](res)
	for i := range rides {
		r := &rides[i]
		p.rides[r.BookingID] = &ProgrammeRide{Booking: r.BookingID, Date: dateOf(r.ServiceDate), Programme: r.ProgrammeID, Organisation: r.OrganisationID, Unit: r.UnitID,
			Membership: r.MembershipID, Employee: r.EmployeeID, Month: dateOf(r.Month), Line: r.LineID, LineName: r.LineName, From: r.FromName, To: r.ToName,
			Pickup: r.PickupAt, Fare: r.Fare, Subsidy: r.Subsidy, Booked: r.Booked, Currency: r.Currency, CostCentre: r.CostCentre, State: r.State, Version: r.Version}
	}
	return err
}

func (p *Programmes) readTerms(ctx context.Context, tx *Tx) error {
	var ids []uuid.UUID
	for k := range p.months {
		if !slices.Contains(ids, k.programme) {
			ids = append(ids, k.programme)
		}
	}
	rows, err := tx.q.ProgrammesByID(ctx, tx.tenant.UUID(), ids)
	if err != nil {
		return err
	}
	for i := range rows {
		row, err := programmeOf(&rows[i].Programme)
		if err != nil {
			return err
		}
		told := map[string]int{}
		if err := json.Unmarshal(rows[i].Told, &told); err != nil {
			return fmt.Errorf("alerts of programme %s: %w", row.ID, err)
		}
		p.terms[row.ID], p.told[row.ID] = &row, told
	}
	return nil
}

// Ride is the ride that a programme pays for of a booking, if one does.
func (p *Programmes) Ride(booking uuid.UUID) (ProgrammeRide, bool) {
	r := p.rides[booking]
	if r == nil {
		return ProgrammeRide{}, false
	}
	return *r, true
}

func (p *Programmes) of(programme, employee uuid.UUID, m servicedate.Date) *month {
	return p.months[monthKey{programme, employee, m}]
}

// usage is what was granted, a ride of this subsidy excluded.
func usage(own, all *month, without int64) programme.Usage {
	u := programme.Usage{Month: own.used - without, Rides: int64(own.rides), Total: all.used - without}
	if without > 0 {
		u.Rides--
	}
	return u
}
