package billing

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/gateway"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/errand"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/store"
)

// Applier makes of an event what it means: it fetches the object, whatever the event said, and draws from it what is not
// drawn yet. It runs at least once for each event, and events come in any order.
type Applier func(ctx context.Context, t tenant.ID, g gateway.Gateway, w store.Webhook) error

// maxTries of one event: with pauses that double from firstPause to longestPause they last about three hours.
const (
	maxTries     = 14
	firstPause   = 2 * time.Second
	longestPause = 30 * time.Minute
)

// Apply applies one event. It returns an error only when it could not even note what happened: the job runs again.
func (b *Inbox) Apply(ctx context.Context, t tenant.ID, event uuid.UUID) error {
	w, err := b.db.Read(t).Webhook(ctx, event)
	if err != nil || w.State != store.WebhookWaiting {
		return err
	}
	apply, known := b.appliers[w.Object]
	if !known {
		return b.settle(ctx, t, w, store.WebhookIgnored, "nothing here is drawn from a "+w.Object)
	}
	g, err := b.accounts.Open(ctx, t, w.Account)
	if err == nil {
		err = apply(ctx, t, g, w)
	}
	if err != nil {
		return b.fail(ctx, t, w, err)
	}
	return b.settle(ctx, t, w, store.WebhookDone, "")
}

func (b *Inbox) settle(ctx context.Context, t tenant.ID, w store.Webhook, state store.WebhookState, why string) error {
	return b.db.InTx(ctx, t, func(tx *store.Tx) error {
		ended, err := tx.SettleWebhook(ctx, w.ID, state, why)
		if ended {
			b.applied.Add(1)
		}
		return err
	})
}

// fail notes why, and has it tried again after a pause, or leaves it to people.
func (b *Inbox) fail(ctx context.Context, t tenant.ID, w store.Webhook, cause error) error {
	ctx = context.WithoutCancel(ctx) // a node that is stopping still notes what it found out
	b.failed.Add(1)
	return b.db.InTx(ctx, t, func(tx *store.Tx) error {
		tries, dead, err := tx.FailWebhook(ctx, w.ID, problemOf(cause), maxTries)
		if store.IsNotFound(err) { // somebody else has settled it meanwhile
			return nil
		}
		if err != nil {
			return err
		}
		if dead {
			b.dead.Add(1)
			b.log.WarnContext(ctx, "billing: an event is dead", "event", w.ID, "kind", w.Kind, "cause", cause)
			return nil
		}
		return tx.AddJobAt(ctx, errand.ApplyWebhook{Event: w.ID}, fmt.Sprintf("%s/%d/%d", w.ID, w.Replays, tries), b.now().Add(pauseAfter(tries)))
	})
}

func pauseAfter(tries int) time.Duration {
	p := firstPause
	for range tries - 1 {
		p = min(2*p, longestPause)
	}
	return p
}

// problemOf is what people are shown: stable words, no acquirer's text that might quote somebody.
func problemOf(err error) string {
	var missing *gateway.NotFound
	var wrong *gateway.Misconfigured
	var reused *gateway.KeyReused
	switch {
	case errors.As(err, &reused):
		return "the gateway knows this key for another order"
	case errors.As(err, &missing):
		return "the gateway does not have this " + missing.What
	case errors.As(err, &wrong):
		return "the gateway does not accept this account's set-up"
	}
	return fault.As(err).Code
}

// Replay has an event that is over applied once more, by hand.
func (b *Inbox) Replay(ctx context.Context, t tenant.ID, event uuid.UUID) error {
	return b.ReplayBy(ctx, t, uuid.Nil, idem.Claim{}, event)
}

// ReplayBy is Replay by a user, once for each claim.
func (b *Inbox) ReplayBy(ctx context.Context, t tenant.ID, by uuid.UUID, claim idem.Claim, event uuid.UUID) error {
	err := b.db.InTx(ctx, t, func(tx *store.Tx) error {
		_, _, err := tx.Once(ctx, claim, 200, func() (any, error) { return event, b.replay(ctx, tx, by, event) })
		return err
	})
	if store.IsNotFound(err) {
		return fault.New("not_found")
	}
	return err
}

func (b *Inbox) replay(ctx context.Context, tx *store.Tx, by, event uuid.UUID) error {
	n, err := tx.ReplayWebhook(ctx, event)
	if err != nil {
		return err
	}
	if err := tx.Audit(store.Audit{Actor: by, Action: "webhook.replay", Target: "webhook/" + event.String()}); err != nil {
		return err
	}
	return tx.AddJob(ctx, errand.ApplyWebhook{Event: event}, fmt.Sprintf("%s/%d/0", event, n))
}

// applyAccount keeps what a connected account may do and what is still asked of it.
func (b *Inbox) applyAccount(ctx context.Context, t tenant.ID, g gateway.Gateway, w store.Webhook) error {
	at := b.now()
	seen, err := g.LookUpAccount(ctx, gateway.Lookup{ID: w.ObjectID})
	if err != nil {
		return err
	}
	state, err := json.Marshal(seen)
	if err != nil {
		return fmt.Errorf("billing: account %s: %w", seen.ID, err)
	}
	return b.db.InTx(ctx, t, func(tx *store.Tx) error {
		_, err := tx.SawConnected(ctx, w.Account, seen.ID, state, at)
		return err
	})
}
