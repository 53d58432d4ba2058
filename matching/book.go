package matching

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/advice"
	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/internal/errand"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store"
)

const (
	usualDays  = 14 // that appointments are booked ahead
	usualEach  = 4  // of one quarter of an hour
	mostBooked = 5  // times of one client
	quarter    = 15 * time.Minute
	fundLead   = 10 * time.Minute // before its time, money is set aside for an appointment
	fundGrace  = 15 * time.Minute // after its time, its client may still do so
	mostTimes  = 8 * 24 * time.Hour
)

// Means is what a client pays with who is not there: whoever composes the services knows who holds money.
type Means interface {
	// May says what is in the way of setting so much aside at an instant, as far as is known now.
	May(ctx context.Context, by By, amount ledger.Money, method uuid.UUID, at time.Time) error
	// SetAside does it, under a name that the claim always gives. A fault is final; anything else may be tried again.
	SetAside(ctx context.Context, by By, claim idem.Claim, terms advice.Terms, minutes int, method uuid.UUID) error
}

// Booking is a time that a client wants: at Due, or when the queue opens.
type Booking struct {
	Ask
	Due     time.Time // zero: when the queue opens
	Ceiling int64     // of a minute's price, in the operator's currency
	Minutes int       // for which money is set aside then
	Method  uuid.UUID // of a card that they keep; nil: of their wallet
	Zone    string    // theirs
}

// Book takes a time in a queue. What pays for it is looked at now and set aside shortly before: no hold stands for days.
func (s *Service) Book(ctx context.Context, by By, claim idem.Claim, b Booking) (a store.Appointment, err error) {
	if b.About = strings.TrimSpace(b.About); utf8.RuneCountInString(b.About) > longestAbout {
		return a, fault.New("too_long").At("/about")
	}
	if err := first(checkLanguages(b.Languages), checkZone(b.Zone), checkOwn(b.Needs)); err != nil {
		return a, err
	}
	if s.means == nil {
		return a, fault.New("payment_not_set_up")
	}
	terms, err := s.Agree(ctx, by.Tenant, b.Ceiling)
	if err != nil {
		return a, err
	}
	amount, err := terms.For(b.Minutes)
	if err != nil {
		return a, err
	}
	if err := s.means.May(ctx, by, amount, b.Method, b.Due); err != nil {
		return a, err
	}
	err = s.db.InTx(ctx, by.Tenant, func(tx *store.Tx) error {
		answer, _, err := tx.Once(ctx, claim, http.StatusCreated, func() (any, error) {
			x := store.Appointment{ID: ident.New(), Queue: b.Queue, Client: by.User, Modality: b.Modality, Languages: b.Languages, Needs: b.Needs, About: b.About,
				Ceiling: terms.Price, Minutes: b.Minutes, Method: b.Method, Due: b.Due, N: 1, Zone: b.Zone}
			if err := knownNeeds(ctx, tx, b.Needs); err != nil {
				return nil, err
			}
			g, err := tx.AppointmentGround(ctx, b.Queue, by.User, uuid.Nil, b.Due)
			if err != nil {
				return nil, err
			}
			if err := bookable(g, &x); err != nil {
				return nil, err
			}
			if err := overlaps(tx.AddAppointment(ctx, x)); err != nil {
				return nil, err
			}
			return x.ID, fundLater(ctx, tx, x)
		})
		if err != nil {
			return err
		}
		var id uuid.UUID
		if err := json.Unmarshal(answer, &id); err != nil {
			return err
		}
		a, err = tx.Appointment(ctx, id)
		return err
	})
	return a, err
}

// bookable decides whether a time may be booked; one that is to be when the queue opens is given its time.
func bookable(g store.AppointmentGround, a *store.Appointment) error {
	switch {
	case !g.Known:
		return fault.New("queue_not_found")
	case !g.Open:
		return fault.New("queue_closed")
	case !slices.Contains(g.Modalities, a.Modality):
		return fault.New("modality_not_offered")
	case g.Mine >= mostBooked:
		return fault.New("appointment_too_many")
	}
	if a.Due.IsZero() {
		if !g.Opens.After(g.At) {
			return fault.New("queue_open")
		}
		a.Kind, a.Due = store.AppointmentCallback, g.Opens
		return nil
	}
	a.Kind = store.AppointmentAtTime
	switch {
	case g.Days == 0:
		return fault.New("appointment_not_offered")
	case !a.Due.Equal(a.Due.Truncate(quarter)):
		return fault.New("bad_value").At("/due_at")
	case !a.Due.After(g.At) || a.Due.After(g.At.Add(time.Duration(g.Days)*24*time.Hour)):
		return fault.New("out_of_range").At("/due_at")
	case !g.Takes:
		return fault.New("queue_closed")
	case g.Taken >= g.Each:
		return fault.New("appointment_taken")
	}
	return nil
}

// overlaps says what PostgreSQL refused: a client has one conversation at a time.
func overlaps(err error) error {
	if errors.Is(err, store.ErrTaken) {
		return fault.New("appointment_overlaps")
	}
	return err
}

func fundLater(ctx context.Context, tx *store.Tx, a store.Appointment) error {
	e := errand.AppointmentFund{Appointment: a.ID, N: a.N}
	return tx.AddJobAt(ctx, e, e.Key(), a.Due.Add(-fundLead))
}

// checkOwn are the skills that a client names.
func checkOwn(needs []store.Need) error {
	all := make([]store.SkillLevel, len(needs))
	for i, n := range needs {
		all[i] = store.SkillLevel(n)
	}
	return checkLevels(all, mostNeeds, "/needs")
}

func knownNeeds(ctx context.Context, tx *store.Tx, needs []store.Need) error {
	ids := make([]uuid.UUID, len(needs))
	for i, n := range needs {
		ids[i] = n.Skill
	}
	n, err := tx.SkillsKnown(ctx, ids)
	if err == nil && n != len(ids) {
		err = fault.New("skill_not_found")
	}
	return err
}

// Times are the quarters of an hour that may still be booked, and when the queue takes requests.
type Times struct {
	store.QueueHours
	Free []time.Time
}

// Times is a queue's, between two instants.
func (s *Service) Times(ctx context.Context, by By, queue uuid.UUID, from, until time.Time) (out Times, err error) {
	if !until.After(from) || until.Sub(from) > mostTimes {
		return out, fault.New("out_of_range").At("/until")
	}
	r := s.db.Read(by.Tenant)
	if out.QueueHours, err = r.QueueHours(ctx, queue); err != nil {
		if store.IsNotFound(err) {
			err = fault.New("queue_not_found")
		}
		return out, err
	}
	out.Free, err = r.AppointmentTimes(ctx, queue, from, until)
	return out, err
}
