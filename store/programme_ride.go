package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/waymeet/waymeet/billing/programme"
	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store/internal/sqlc"
)

// Offer is what an employer pays of a ride.
type Offer struct {
	Programme uuid.UUID
	Split     programme.Split
	cover     cover
	ride      programme.Ride
}

// Offer splits the fare of a ride by the programme of the rider's that pays most of it. False: the rider pays it all.
func (p *Programmes) Offer(rider uuid.UUID, ride programme.Ride) (Offer, bool, error) {
	covers := p.covers[RiderOn{rider, ride.Date}]
	var offers []Offer
	var splits []programme.Split
	for _, c := range covers {
		terms := p.terms[c.programme]
		own, all := p.of(c.programme, rider, monthOf(ride.Date)), p.of(c.programme, uuid.Nil, monthOf(ride.Date))
		if terms == nil || own == nil || all == nil {
			continue // it began to hold between two statements: it pays from the next booking on
		}
		s, err := programme.Decide(&terms.Terms, usage(own, all, 0), c.tenure, ride)
		if err != nil {
			return Offer{}, false, fmt.Errorf("store: programme %s: %w", c.programme, err)
		}
		offers, splits = append(offers, Offer{c.programme, s, c, ride}), append(splits, s)
	}
	best := programme.Choose(splits)
	if best < 0 {
		return Offer{}, false, nil
	}
	return offers[best], true, nil
}

// Reserve takes an offer for a booking: the employer's month and the programme's have so much less left.
func (p *Programmes) Reserve(o Offer, b *Booking, line uuid.UUID) {
	terms, m := p.terms[o.Programme], monthOf(o.ride.Date)
	own, all := p.of(o.Programme, b.Rider, m), p.of(o.Programme, uuid.Nil, m)
	own.take(o.Split.Employer, terms.Terms.MonthCap, terms.Terms.MonthRides)
	all.take(o.Split.Employer, terms.Terms.Budget, programme.Limit{})
	r := &ProgrammeRide{Booking: b.ID, Date: b.Date, Programme: o.Programme, Organisation: terms.Organisation, Unit: o.cover.unit,
		Membership: o.cover.membership, Employee: b.Rider, Month: m, Line: line, LineName: b.LineName, From: b.From.Name, To: b.To.Name, Pickup: b.From.At,
		Fare: o.ride.Fare, Subsidy: o.Split.Employer, Booked: o.Split.Employer, Currency: o.ride.Currency, CostCentre: o.Split.CostCentre, State: "reserved"}
	p.rides[b.ID] = r
	p.fresh = append(p.fresh, r)
	p.alert(terms, m, all.used)
}

// Release gives back what was reserved for a booking: it was cancelled, or expired.
func (p *Programmes) Release(booking uuid.UUID) { p.settle(booking, "released", 0) }

// Use says that the employee travelled.
func (p *Programmes) Use(booking uuid.UUID) {
	if r := p.rides[booking]; r != nil {
		p.settle(booking, "used", r.Subsidy)
	}
}

// Miss says that the employee did not come, and who pays what by the programme's rule. False: no programme pays for it.
func (p *Programmes) Miss(booking uuid.UUID) (programme.Split, bool) {
	r := p.rides[booking]
	if r == nil || r.State != "reserved" {
		return programme.Split{}, false
	}
	booked := programme.Split{Employer: r.Subsidy, Rider: r.Fare - r.Subsidy, CostCentre: r.CostCentre}
	own, all := p.of(r.Programme, r.Employee, r.Month), p.of(r.Programme, uuid.Nil, r.Month)
	s := programme.Missed(&p.terms[r.Programme].Terms, usage(own, all, r.Subsidy), booked)
	p.settle(booking, "no_show", s.Employer)
	return s, true
}

// settle ends a ride, once, with what the employer pays of it in the end.
func (p *Programmes) settle(booking uuid.UUID, state string, subsidy int64) {
	r := p.rides[booking]
	if r == nil || r.State != "reserved" {
		return
	}
	if subsidy != r.Subsidy {
		terms := p.terms[r.Programme]
		own, all := p.of(r.Programme, r.Employee, r.Month), p.of(r.Programme, uuid.Nil, r.Month)
		own.give(r.Subsidy)
		all.give(r.Subsidy)
		if subsidy > 0 {
			own.take(subsidy, terms.Terms.MonthCap, terms.Terms.MonthRides)
			all.take(subsidy, terms.Terms.Budget, programme.Limit{})
			p.alert(terms, r.Month, all.used)
		}
	}
	fresh := r.State == "reserved" && p.isFresh(r)
	r.State, r.Subsidy = state, subsidy
	if !fresh {
		p.settled = append(p.settled, r)
	}
}

func (p *Programmes) isFresh(r *ProgrammeRide) bool {
	for _, f := range p.fresh {
		if f == r {
			return true
		}
	}
	return false
}

func (m *month) take(amount int64, most, rides programme.Limit) {
	m.used += amount
	m.rides++
	m.cap, m.capRides, m.changed = -1, -1, true
	if most.Set {
		m.cap = most.Amount
	}
	if rides.Set {
		m.capRides = int32(rides.Amount)
	}
}

// give leaves the limits by which it was decided: those of today may be lower than what was granted before them.
func (m *month) give(amount int64) {
	m.used -= amount
	m.rides--
	m.changed = true
}

// alert notes the thresholds of a month's budget that were reached and not told yet.
func (p *Programmes) alert(terms *Programme, m servicedate.Date, spent int64) {
	told := p.told[terms.ID]
	for _, threshold := range terms.Terms.Budget.Reached(spent, told[m.String()]) {
		told[m.String()] = threshold
		p.alerts = append(p.alerts, sqlc.ProgrammeAlertAddParams{ProgrammeID: terms.ID, Month: m.Midnight(), Threshold: int16(threshold),
			Spent: spent, Budget: terms.Terms.Budget.Amount})
	}
}

// Put queues what became of it, in the round trip that carries the COMMIT.
func (p *Programmes) Put(tx *Tx) { p.queue(tx, &tx.tail) }

// Write is Put at once, for whoever reads it in the same transaction.
func (p *Programmes) Write(ctx context.Context, tx *Tx) error {
	b := &pgx.Batch{}
	p.queue(tx, b)
	if b.Len() == 0 {
		return nil
	}
	if err := tx.conn.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("store: write %d rides of programmes: %w", len(p.fresh)+len(p.settled), err)
	}
	return nil
}

func (p *Programmes) queue(tx *Tx, b *pgx.Batch) {
	t := tx.tenant.UUID()
	var programmes, employees []uuid.UUID
	var months []time.Time
	var used, caps []int64
	var rides, capRides []int32
	for k, m := range p.months {
		if m.changed {
			programmes, employees, months = append(programmes, k.programme), append(employees, k.employee), append(months, k.month.Midnight())
			used, rides, caps, capRides = append(used, m.used), append(rides, m.rides), append(caps, m.cap), append(capRides, m.capRides)
			m.changed = false
		}
	}
	if len(programmes) > 0 {
		b.Queue(sqlc.ProgrammeUsePut, t, programmes, employees, months, used, rides, caps, capRides)
	}
	for _, r := range p.fresh {
		b.Queue(sqlc.ProgrammeRideAdd, t, r.Date.Midnight(), r.Booking, r.Programme, r.Organisation, r.Unit, r.Membership, r.Employee, r.Month.Midnight(),
			r.Line, r.LineName, r.From, r.To, r.Pickup, r.Fare, r.Booked, r.Currency, r.CostCentre)
		if r.State != "reserved" {
			b.Queue(sqlc.ProgrammeRideSettle, r.State, r.Subsidy, t, r.Date.Midnight(), r.Booking)
		}
	}
	for _, r := range p.settled { // nobody has heard of a fresh one
		b.Queue(sqlc.ProgrammeRideSettle, r.State, r.Subsidy, t, r.Date.Midnight(), r.Booking)
		r.Version++
		ride := r.event()
		tx.emitted = append(tx.emitted, ride.Change())
	}
	for _, a := range p.alerts {
		b.Queue(sqlc.ProgrammeAlertAdd, t, a.ProgrammeID, a.Month, a.Threshold, a.Spent, a.Budget)
	}
	p.fresh, p.settled, p.alerts = nil, nil, nil
}

// CoveredRide is a ride that an employer pays for, with the employee's name.
type CoveredRide struct {
	ProgrammeRide
	EmployeeName string
}

// CoveredRide is the ride of a booking; IsNotFound where no employer pays for it.
func (r *Reader) CoveredRide(ctx context.Context, booking uuid.UUID) (CoveredRide, error) {
	date, ok := ident.DateOf(booking)
	if !ok {
		return CoveredRide{}, errNoRow
	}
	row, err := r.q.ProgrammeRideOf(ctx, r.tenant.UUID(), date.Midnight(), booking)
	if err != nil {
		return CoveredRide{}, fmt.Errorf("store: what an employer pays of booking %s: %w", booking, err)
	}
	return CoveredRide{programmeRide(&row.ProgrammeRide), row.EmployeeName}, nil
}

func programmeRide(p *sqlc.ProgrammeRide) ProgrammeRide {
	return ProgrammeRide{Booking: p.BookingID, Date: dateOf(p.ServiceDate), Programme: p.ProgrammeID, Organisation: p.OrganisationID, Unit: p.UnitID,
		Membership: p.MembershipID, Employee: p.EmployeeID, Month: dateOf(p.Month), Line: p.LineID, LineName: p.LineName, From: p.FromName, To: p.ToName,
		Pickup: p.PickupAt, Fare: p.Fare, Subsidy: p.Subsidy, Booked: p.Booked, Currency: p.Currency, CostCentre: p.CostCentre, State: p.State, Version: p.Version}
}
