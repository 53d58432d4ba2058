package billing

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/gateway"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/errand"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/store"
)

// RemoveMethod takes a card from its owner: it cannot be chosen from that commit on. The gateway is told after it, by the job if not
// by this call, until it has forgotten the card.
func (p *Payments) RemoveMethod(ctx context.Context, t tenant.ID, user uuid.UUID, claim idem.Claim, id uuid.UUID) error {
	forget := errand.ForgetMethod{Method: id, N: 1}
	err := p.db.InTx(ctx, t, func(tx *store.Tx) error {
		_, _, err := tx.Once(ctx, claim, 200, func() (any, error) {
			m, err := lockOwn(ctx, tx, user, id)
			if err == nil && m.State == store.MethodGone {
				err = fault.New("not_found")
			}
			if err != nil || m.State == store.MethodLeaving {
				return id, err
			}
			if err := tx.LeaveMethod(ctx, m, store.MethodLeaving); err != nil {
				return nil, err
			}
			if err := tx.Audit(store.Audit{Actor: user, Action: "method.remove", Target: "method/" + id.String()}); err != nil {
				return nil, err
			}
			return id, tx.AddJobAt(ctx, forget, id.String()+"/0", p.now().Add(carryAfter))
		})
		return err
	})
	if err != nil {
		return err
	}
	if err := p.ForgetMethod(ctx, t, forget); err != nil { // it is committed: the job goes on
		p.log.WarnContext(ctx, "billing: a card waits to be forgotten", "method", id, "cause", err)
	}
	return nil
}

// ForgetMethod has a card that its owner removed forgotten by its gateway. What is not known is asked again: at first after
// seconds, at last every half hour, until the gateway says that it is gone.
func (p *Payments) ForgetMethod(ctx context.Context, t tenant.ID, f errand.ForgetMethod) error {
	m, err := p.db.Read(t).Method(ctx, f.Method)
	if err != nil || m.State != store.MethodLeaving {
		return err
	}
	g, err := p.accounts.Open(ctx, t, m.Account)
	if err == nil {
		err = p.askToForget(ctx, g, m, &f)
	}
	ctx = context.WithoutCancel(ctx)
	if err == nil {
		return p.gone(ctx, t, m)
	}
	again := p.db.InTx(ctx, t, func(tx *store.Tx) error {
		tries, err := tx.TryMethod(ctx, m.ID)
		if err != nil {
			return err
		}
		return tx.AddJobAt(ctx, f, fmt.Sprintf("%s/%d", m.ID, tries), p.now().Add(pauseAfter(tries)))
	})
	p.log.WarnContext(ctx, "billing: a card is not forgotten yet", "method", m.ID, "cause", err)
	return again
}

func (p *Payments) askToForget(ctx context.Context, g gateway.Gateway, m store.Method, f *errand.ForgetMethod) error {
	still := func(ctx context.Context) (gateway.Method, error) {
		found, err := methodAt(ctx, g, m.Customer, m.Ref)
		if err == nil && found.ID != "" {
			err = &gateway.NotFound{What: "end of this card", ID: m.Ref}
		}
		return found, err
	}
	err := g.ForgetMethod(ctx, m.Ref, gateway.Key(m.ID.String(), "forget", f.N))
	var refused *gateway.Refused
	var missing *gateway.NotFound
	switch {
	case err == nil:
		return nil
	case errors.As(err, &refused), errors.As(err, &missing): // it may be gone already: the list says
		if _, kept := still(ctx); kept != nil {
			return errors.Join(err, kept)
		}
		return nil
	}
	_, verdict, err := gateway.Judge(ctx, err, still)
	if verdict == gateway.NextKey {
		f.N++
	}
	return err
}

func (p *Payments) gone(ctx context.Context, t tenant.ID, m store.Method) error {
	return p.db.InTx(ctx, t, func(tx *store.Tx) error {
		now, err := lockMethod(ctx, tx, m)
		if err != nil || now.State == store.MethodGone {
			return err
		}
		return tx.LeaveMethod(ctx, now, store.MethodGone)
	})
}
