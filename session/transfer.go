package session

import (
	"context"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/errand"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/session/meter"
	"github.com/waymeet/waymeet/store"
)

// HandOver is whom a conversation is to be handed to, or who is to be asked into it.
type HandOver struct {
	Queue  uuid.UUID // whoever of it takes it; nil: its own
	Expert uuid.UUID // or this one alone
	Note   string    // for whoever is rung
}

// Transfer asks for another expert, while the client talks on with the first. Money is set aside anew, and a request of the client's follows this conversation, for at most what
// they pay now; who has taken it opens another conversation, and when they are there the client's coming ends this one. Whether the caller may is asked by whoever calls.
func (s *Service) Transfer(ctx context.Context, by By, claim idem.Claim, id uuid.UUID, to HandOver) error {
	return s.word(ctx, by, claim, id, func(tx *store.Tx, x *store.Session, _ time.Time) error {
		h, err := summon(ctx, tx, x, by, to)
		if err != nil {
			return err
		}
		x.Transfer = &store.Transfer{Summons: h}
		if err := tx.Audit(store.Audit{Actor: by.User, Action: "session.transfer", Target: "session/" + id.String(), Detail: called(h)}); err != nil {
			return err
		}
		return handOn(ctx, tx, x)
	})
}

// summon asks for another expert while two talk, one at a time; or says what is in the way.
func summon(ctx context.Context, tx *store.Tx, x *store.Session, by By, to HandOver) (h store.Summons, err error) {
	h = store.Summons{ID: ident.New(), State: store.TransferAsked, Queue: to.Queue, Expert: to.Expert, By: by.User, Note: strings.TrimSpace(to.Note)}
	if h.Queue == uuid.Nil {
		h.Queue = x.Queue
	}
	switch {
	case utf8.RuneCountInString(h.Note) > longest:
		return h, fault.New("too_long").At("/note")
	case x.Ended():
		return h, fault.New("session_over")
	case !x.Meter.State.Talking():
		return h, fault.New("transfer_early")
	case x.Transfer.Open():
		return h, fault.New("transfer_under_way")
	case x.Second.Open():
		return h, fault.New("second_under_way")
	}
	x.Tell()
	return h, takes(ctx, tx, x, h)
}

// called is what is written down of whom somebody asked for.
func called(h store.Summons) map[string]any {
	detail := map[string]any{"request": h.ID, "queue": h.Queue}
	if h.Expert != uuid.Nil {
		detail["expert"] = h.Expert
	}
	return detail
}

// takes says what is in the way of asking there, as far as is known now.
func takes(ctx context.Context, tx *store.Tx, x *store.Session, to store.Summons) error {
	q, err := tx.QueueHours(ctx, to.Queue)
	switch {
	case store.IsNotFound(err):
		return fault.New("queue_not_found")
	case err != nil:
		return err
	case !q.Takes:
		return fault.New("queue_closed")
	case to.Expert == uuid.Nil:
		return nil
	case to.Expert == x.Expert || to.Expert == x.Client:
		return fault.New("bad_value").At("/expert")
	}
	ready, err := tx.Colleagues(ctx, x.ID, to.Queue, to.Expert)
	if err == nil && len(ready) == 0 {
		err = fault.New("transfer_not_ready")
	}
	return err
}

// Colleagues is to whom the client of a conversation can be handed now, in its own queue.
func (s *Service) Colleagues(ctx context.Context, by By, id, queue uuid.UUID) ([]store.Colleague, error) {
	return s.db.Read(by.Tenant).Colleagues(ctx, id, queue, uuid.Nil)
}

// CallOff takes a handover back. When the client has come to the other expert, or there was none, it changes nothing.
func (s *Service) CallOff(ctx context.Context, by By, claim idem.Claim, id uuid.UUID) error {
	return s.word(ctx, by, claim, id, func(tx *store.Tx, x *store.Session, _ time.Time) error { return callOff(ctx, tx, x, offSaid) })
}

// Refuse takes a handover back to which nobody was rung, for a reason. What has become of it meanwhile stays.
func (s *Service) Refuse(ctx context.Context, t tenant.ID, id, transfer uuid.UUID, why string) error {
	return s.db.InTx(ctx, t, func(tx *store.Tx) error {
		return s.turn(ctx, tx, id, func(x *store.Session, _ time.Time) ([]meter.Sign, error) {
			if x.Transfer == nil || x.Transfer.ID != transfer || x.Transfer.State != store.TransferAsked {
				return nil, nil
			}
			return nil, callOff(ctx, tx, x, why)
		})
	})
}

// Unasked takes back a handover, or a second expert, whose request was cancelled by whoever may: its client, who wants to stay with the one.
func (s *Service) Unasked(ctx context.Context, t tenant.ID, transfer uuid.UUID) error {
	r, err := s.db.Read(t).Request(ctx, transfer)
	switch {
	case store.IsNotFound(err) || err == nil && (r.Follows == uuid.Nil || r.State != store.RequestCancelled):
		return nil
	case err != nil:
		return err
	}
	why := offSaid
	if r.Only != uuid.Nil {
		why = offDeclined
	}
	if store.Beside(r.Funding) {
		return s.RefuseSecond(ctx, t, r.Follows, transfer, why)
	}
	return s.Refuse(ctx, t, r.Follows, transfer, why)
}

// Handed is a conversation with the handover that was asked for last, and false where that is another by now.
func (s *Service) Handed(ctx context.Context, t tenant.ID, id, transfer uuid.UUID) (store.Session, bool, error) {
	x, err := s.db.Read(t).Session(ctx, id)
	return x, err == nil && x.Transfer != nil && x.Transfer.ID == transfer, err
}

// Uncall ends conversations of a handover that was taken back before its client came.
func (s *Service) Uncall(ctx context.Context, t tenant.ID, transfer uuid.UUID) error {
	ids, err := s.db.Read(t).Unbegun(ctx, transfer)
	for _, id := range ids {
		if err != nil {
			return err
		}
		err = s.db.InTx(ctx, t, func(tx *store.Tx) error {
			return s.turn(ctx, tx, id, func(x *store.Session, at time.Time) ([]meter.Sign, error) {
				if x.Meter.State != meter.Connecting {
					return nil, nil
				}
				return x.Meter.End(&x.Policy, at), nil
			})
		})
	}
	return err
}

// word is something that is said once under its key, by whoever may, of the one conversation.
func (s *Service) word(ctx context.Context, by By, claim idem.Claim, id uuid.UUID, say func(*store.Tx, *store.Session, time.Time) error) error {
	return s.db.InTx(ctx, by.Tenant, func(tx *store.Tx) error {
		_, _, err := tx.Once(ctx, claim, http.StatusOK, func() (any, error) {
			return struct{}{}, s.turn(ctx, tx, id, func(x *store.Session, at time.Time) ([]meter.Sign, error) { return nil, say(tx, x, at) })
		})
		return err
	})
}

func handOn(ctx context.Context, tx *store.Tx, x *store.Session) error {
	e := errand.SessionTransfer{Session: x.ID, Transfer: x.Transfer.ID, State: string(x.Transfer.State)}
	return tx.AddJob(ctx, e, e.Key())
}
