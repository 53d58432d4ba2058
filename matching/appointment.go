package matching

import (
	"context"
	"math"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/errand"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/matching/queue"
	"github.com/waymeet/waymeet/matching/solver"
	"github.com/waymeet/waymeet/store"
)

// Appointments is a client's that are to come.
func (s *Service) Appointments(ctx context.Context, by By) ([]store.Appointment, error) {
	return s.db.Read(by.Tenant).AppointmentsOf(ctx, by.User)
}

// Appointment is a client's own.
func (s *Service) Appointment(ctx context.Context, by By, id uuid.UUID) (store.Appointment, error) {
	a, err := s.db.Read(by.Tenant).Appointment(ctx, id)
	if store.IsNotFound(err) || err == nil && a.Client != by.User {
		err = fault.New("appointment_not_found")
	}
	return a, err
}

// SetAside sets money aside for an appointment whose time comes: for that time (n), once, whichever node does it how often. What is refused is told to
// its client, who may do it themselves.
func (s *Service) SetAside(ctx context.Context, t tenant.ID, id uuid.UUID, n int) error {
	a, err := s.db.Read(t).Appointment(ctx, id)
	if err != nil || a.State != store.AppointmentBooked || a.N != n {
		return err
	}
	by := By{Tenant: t, User: a.Client}
	e := errand.AppointmentFund{Appointment: id, N: n}
	claim := idem.Claim{Actor: a.Client, Operation: "appointments.fund", Key: e.Key(), Hash: idem.HashOf(e)}
	terms, err := s.Agree(ctx, t, a.Ceiling.Amount)
	if err == nil {
		err = s.means.SetAside(ctx, by, claim, terms, a.Minutes, a.Method)
	}
	refused := ""
	if f := fault.As(err); f != nil && final(f.Kind) {
		refused, err = f.Code, nil
	}
	if err != nil {
		return err
	}
	return s.appointed(ctx, t, id, func(tx *store.Tx, a store.Appointment) error {
		if a.State != store.AppointmentBooked || a.N != n {
			if refused != "" {
				return nil
			}
			return letFundsGo(ctx, tx, FundsOf(claim), "unbooked") // cancelled or moved meanwhile
		}
		if refused == "" {
			a.State, a.Funds, a.Refused = store.AppointmentFunded, FundsOf(claim), ""
			return tx.KeepAppointment(ctx, a)
		}
		a.State, a.Refused = store.AppointmentUnfunded, refused
		return s.tellUnfunded(ctx, tx, a)
	})
}

func final(k fault.Kind) bool {
	return k == fault.Conflict || k == fault.Invalid || k == fault.NotFound
}

func (s *Service) tellUnfunded(ctx context.Context, tx *store.Tx, a store.Appointment) error {
	if err := tx.KeepAppointment(ctx, a); err != nil {
		return err
	}
	wake := errand.Push{User: a.Client, What: errand.PushFund, About: a.ID, N: a.N, Until: a.Due.Add(fundGrace)}
	return tx.AddJob(ctx, wake, wake.Key())
}

// Pay gives an appointment money that its client set aside themselves, for as much a minute as was agreed on.
func (s *Service) Pay(ctx context.Context, by By, id, funds uuid.UUID) error {
	ceiling, funded, err := s.funds.Funded(ctx, by, store.FundingOf(funds))
	if err != nil {
		return err
	}
	return s.mine(ctx, by, id, func(tx *store.Tx, a store.Appointment) error {
		switch {
		case a.State == store.AppointmentFunded && a.Funds == funds:
			return nil
		case a.State != store.AppointmentBooked && a.State != store.AppointmentUnfunded:
			return over(a)
		case !funded:
			return fault.New("request_not_funded")
		case ceiling != a.Ceiling:
			return fault.New("session_other_terms")
		}
		a.State, a.Funds, a.Refused = store.AppointmentFunded, funds, ""
		return tx.KeepAppointment(ctx, a)
	})
}

// CancelAppointment gives a time back, and lets go what was set aside for it. Repeated, it changes nothing.
func (s *Service) CancelAppointment(ctx context.Context, by By, id uuid.UUID) error {
	return s.mine(ctx, by, id, func(tx *store.Tx, a store.Appointment) error {
		switch {
		case a.State == store.AppointmentCancelled:
			return nil
		case !a.State.Open():
			return over(a)
		}
		if err := letFundsGo(ctx, tx, a.Funds, "unbooked"); err != nil {
			return err
		}
		a.State, a.Funds = store.AppointmentCancelled, uuid.Nil
		return tx.KeepAppointment(ctx, a)
	})
}

// enter lets an appointment whose time has come wait in its queue, from its time on: once, whoever looks. One that nobody has funded for too long lapses.
func (s *Service) enter(ctx context.Context, t tenant.ID, id uuid.UUID) error {
	var in uuid.UUID
	err := s.appointed(ctx, t, id, func(tx *store.Tx, a store.Appointment) error {
		in = uuid.Nil
		rules := queue.Definition{Rings: solver.DefaultRings}
		switch r, _, _ := rules.Pass(queue.Request{State: queue.Scheduled, Placed: a.Due, Due: a.Due}, a.At); {
		case !a.State.Open() || r.State == queue.Scheduled:
			return nil
		case a.State != store.AppointmentFunded && a.At.Before(a.Due.Add(fundGrace)):
			return nil
		case a.State != store.AppointmentFunded:
			a.State = store.AppointmentLapsed
			return tx.KeepAppointment(ctx, a)
		}
		r, err := requestOf(ctx, tx, t, a)
		if f := fault.As(err); f != nil && final(f.Kind) {
			return s.turnAway(ctx, tx, a, f.Code)
		}
		if err != nil {
			return err
		}
		if err := tx.AddRequests(ctx, r); err != nil {
			return err
		}
		a.State, in = store.AppointmentEntered, a.Queue
		return tx.KeepAppointment(ctx, a)
	})
	if err == nil && in != uuid.Nil {
		s.matcher.placed(t, in)
	}
	return err
}

// requestOf is an appointment's request, by the rules of whoever asks at this moment, but for what was decided when it was booked.
func requestOf(ctx context.Context, tx *store.Tx, t tenant.ID, a store.Appointment) (r store.NewRequest, err error) {
	p := placing{by: By{Tenant: t, User: a.Client}, Ask: Ask{Queue: a.Queue, Needs: a.Needs, Languages: a.Languages, Modality: a.Modality, About: a.About, Ceiling: a.Ceiling, Funding: store.FundingOf(a.Funds)}}
	g, err := tx.PlaceGround(ctx, asked([]placing{p}))
	if err != nil {
		return r, err
	}
	if q := g.Queues[a.Queue]; q != nil {
		q.Takes, q.Most, g.Waiting[a.Client] = true, math.MaxInt, 0
	}
	r, err = place(&g, &p)
	r.ID = a.ID
	return r, err
}

// turnAway is for an appointment whose time has come and that cannot wait: money that is gone its client may set aside anew.
func (s *Service) turnAway(ctx context.Context, tx *store.Tx, a store.Appointment, why string) error {
	funds := a.Funds
	a.Funds, a.Refused = uuid.Nil, why
	if why == "request_not_funded" || why == "request_funds_used" {
		a.State = store.AppointmentUnfunded
		return s.tellUnfunded(ctx, tx, a)
	}
	a.State = store.AppointmentLapsed
	if err := letFundsGo(ctx, tx, funds, "unbooked"); err != nil {
		return err
	}
	return tx.KeepAppointment(ctx, a)
}

// mine decides about a client's own appointment, behind its lock; another's is not there.
func (s *Service) mine(ctx context.Context, by By, id uuid.UUID, decide func(*store.Tx, store.Appointment) error) error {
	return s.appointed(ctx, by.Tenant, id, func(tx *store.Tx, a store.Appointment) error {
		if a.Client != by.User {
			return fault.New("appointment_not_found")
		}
		return decide(tx, a)
	})
}

func (s *Service) appointed(ctx context.Context, t tenant.ID, id uuid.UUID, decide func(*store.Tx, store.Appointment) error) error {
	return s.db.InTx(ctx, t, func(tx *store.Tx) error {
		a, err := tx.LockAppointment(ctx, id)
		if store.IsNotFound(err) {
			return fault.New("appointment_not_found")
		}
		if err != nil {
			return err
		}
		return decide(tx, a)
	})
}

// over says what has become of an appointment.
func over(a store.Appointment) error {
	if a.State == store.AppointmentEntered {
		return fault.New("appointment_entered")
	}
	return fault.New("appointment_over")
}

// letFundsGo asks for the end of money that was set aside; the nil UUID: there is none.
func letFundsGo(ctx context.Context, tx *store.Tx, funds uuid.UUID, why string) error {
	if funds == uuid.Nil {
		return nil
	}
	e := errand.FundsUnused{Session: funds, Why: why}
	return tx.AddJob(ctx, e, e.Key())
}
