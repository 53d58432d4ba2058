package billing

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/gateway"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/errand"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/store"
)

func (p *Payments) queuePayout(ctx context.Context, tx *store.Tx, l store.PayoutLine, after time.Duration) error {
	return p.queuePayoutN(ctx, tx, errand.PayOut{Line: l.ID, N: 1}, l.Tries, after)
}

func (p *Payments) queuePayoutN(ctx context.Context, tx *store.Tx, o errand.PayOut, tries int, after time.Duration) error {
	return tx.AddJobAt(ctx, o, fmt.Sprintf("%s/%d/%d", o.Line, o.N, tries), p.now().Add(after))
}

// PayOut brings a sent line to its gateway, for the job. Refused, it is returned: the expert is owed it again.
func (p *Payments) PayOut(ctx context.Context, t tenant.ID, o errand.PayOut) error {
	l, err := p.db.Read(t).PayoutLine(ctx, o.Line)
	if err != nil || l.State != lineSent || l.Account == uuid.Nil || l.Ref != "" {
		return err
	}
	run, err := p.db.Read(t).PayoutRun(ctx, l.Run)
	if err != nil {
		return err
	}
	g, err := p.accounts.Open(ctx, t, l.Account)
	if err != nil {
		return err
	}
	if err := p.db.InTx(ctx, t, func(tx *store.Tx) error { return tx.TryPayoutLine(ctx, l.ID) }); err != nil {
		return err
	}
	key := gateway.Key(l.ID.String(), "payout", o.N)
	find := func(ctx context.Context) (gateway.Payout, error) {
		return g.LookUpPayout(ctx, gateway.Lookup{Key: gateway.Attempts(l.ID.String(), "payout"), Account: l.Number, Since: run.SentAt.Add(-time.Minute)})
	}
	seen, err := gateway.Once(ctx, run.SentAt, p.now(), find, func(ctx context.Context) (gateway.Payout, error) {
		return g.Payout(ctx, gateway.PayoutOrder{Key: key, Account: l.Number, Amount: gateway.Amount{Minor: l.Amount, Currency: run.Currency}})
	})
	verdict := gateway.Found
	if err != nil {
		seen, verdict, err = gateway.Judge(ctx, err, find)
	}
	ctx = context.WithoutCancel(ctx)
	switch {
	case verdict == gateway.Found:
		return p.drawPayout(ctx, t, l, seen)
	case verdict == gateway.Final && !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded):
		return p.endLine(ctx, t, uuid.Nil, idem.Claim{}, l.Run, l.ID, lineReturned, problemOf(err), "")
	case verdict == gateway.NextKey:
		o.N++
	}
	p.log.WarnContext(ctx, "billing: a payout's answer is not known", "line", l.ID, "cause", err)
	return p.db.InTx(ctx, t, func(tx *store.Tx) error {
		if err := tx.NotePayoutLine(ctx, l.ID, problemOf(err), ""); err != nil {
			return err
		}
		return p.queuePayoutN(ctx, tx, o, l.Tries+1, pauseAfter(l.Tries+1))
	})
}

// applyPayout draws from a payout what became of it: the gateway says so of each line.
func (p *Payments) applyPayout(ctx context.Context, t tenant.ID, g gateway.Gateway, w store.Webhook) error {
	seen, err := g.LookUpPayout(ctx, gateway.Lookup{ID: w.ObjectID, Account: w.Connected})
	if err != nil {
		return err
	}
	of, _, _ := strings.Cut(seen.Key, ":")
	id := idOf(of)
	if id == uuid.Nil {
		return nil // somebody paid out on the gateway's own pages
	}
	l, err := p.db.Read(t).PayoutLine(ctx, id)
	if store.IsNotFound(err) {
		return &gateway.NotFound{What: "payout of ours behind this object", ID: w.ObjectID}
	}
	if err != nil {
		return err
	}
	return p.drawPayout(ctx, t, l, seen)
}

// idOf is nil where a key is none of ours.
func idOf(text string) uuid.UUID {
	id, err := uuid.Parse(text)
	if err != nil {
		return uuid.Nil
	}
	return id
}

func (p *Payments) drawPayout(ctx context.Context, t tenant.ID, l store.PayoutLine, seen gateway.Payout) error {
	var err error
	switch seen.Status {
	case gateway.PayoutPaid:
		err = p.endLine(ctx, t, uuid.Nil, idem.Claim{}, l.Run, l.ID, lineConfirmed, "", seen.ID)
	case gateway.PayoutFailed, gateway.PayoutCancelled:
		why := seen.Failure
		if why == "" {
			why = string(seen.Status)
		}
		err = p.endLine(ctx, t, uuid.Nil, idem.Claim{}, l.Run, l.ID, lineReturned, why, seen.ID)
	default:
		err = p.db.InTx(ctx, t, func(tx *store.Tx) error { return tx.NotePayoutLine(ctx, l.ID, "", seen.ID) })
	}
	if fault.Is(err, "payout_not_so_far") {
		return nil
	}
	return err
}
