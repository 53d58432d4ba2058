package billing

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/gateway"
	"github.com/waymeet/waymeet/billing/payment"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/errand"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/internal/seal"
	"github.com/waymeet/waymeet/store"
)

// Inbox takes what gateways tell, stores it once, and has it applied.
type Inbox struct {
	db       *store.DB
	accounts *Accounts
	log      *slog.Logger
	now      func() time.Time
	hookKey  []byte
	public   string             // where hooks are served: an acquirer that is told per payment is told this
	appliers map[string]Applier // by kind of object
	glances  sync.Map           // Hook → *glance; never more than addresses were given out

	received, repeated, refused, applied, failed, dead atomic.Int64
}

// NewInbox makes an inbox. Objects without an applier are noted and ignored.
func NewInbox(db *store.DB, accounts *Accounts, box *seal.Box, log *slog.Logger) *Inbox {
	b := &Inbox{db: db, accounts: accounts, log: log, now: time.Now, hookKey: box.Key("webhook addresses")}
	b.appliers = map[string]Applier{"account": b.applyAccount}
	return b
}

// Receive believes a delivery or does not, and stores its event with its job, once. It returns what the acquirer wants to
// read. A delivery that is not believed is bad_request (counted by Refused), an address that nobody gave out is not_found; any other error
// asks the acquirer to send it again.
func (b *Inbox) Receive(ctx context.Context, address string, d gateway.Delivery) (reply string, err error) {
	hook, err := b.hook(address)
	if err != nil {
		return "", b.doubt(err)
	}
	d.Seller = hook.Connected
	_, e, err := b.believe(ctx, hook, d)
	if err != nil {
		return "", b.doubt(err)
	}
	if err := e.Plausible(b.now()); err != nil {
		return "", b.doubt(err)
	}
	if hook.Connected != (e.Account != "") {
		return "", b.doubt(fault.New("bad_request"))
	}
	first, err := b.keep(ctx, hook.Tenant, hook.Account, e)
	if err != nil {
		return "", b.doubt(err)
	}
	if first {
		b.received.Add(1)
	} else {
		b.repeated.Add(1)
	}
	if e.Reject != "" && b.isOver(ctx, hook, e.Of) {
		return e.Reject, nil
	}
	return e.Reply, nil
}

// isOver says that a payment was called off here, so that an acquirer who asks before it debits the card does not. One that is not known
// is not over: what is taken without its payment is found, and people see it.
func (b *Inbox) isOver(ctx context.Context, hook Hook, ref string) bool {
	pay, err := paymentAt(ctx, b.db.Read(hook.Tenant), hook.Account, ref)
	return err == nil && pay.Status == payment.Cancelled
}

// keep stores an event with its job, once: whether a webhook has brought it or the reconciler has found it. first: it is new.
func (b *Inbox) keep(ctx context.Context, t tenant.ID, account uuid.UUID, e gateway.Event) (first bool, err error) {
	err = b.db.InTx(ctx, t, func(tx *store.Tx) (err error) {
		if e.Account != "" {
			known, err := tx.KnowsConnected(ctx, account, e.Account)
			if err != nil {
				return err
			}
			if !known { // signed, and still not this tenant's
				return fault.New("bad_request")
			}
		}
		w := store.Webhook{ID: ident.New(), Account: account, Ref: e.ID, Connected: e.Account, Kind: e.Type, Object: e.Object, ObjectID: e.Of, HappenedAt: e.At}
		if first, err = tx.AddWebhook(ctx, w); err != nil || !first {
			return err
		}
		return tx.AddJob(ctx, errand.ApplyWebhook{Event: w.ID}, w.ID.String()+"/0/0")
	})
	return first, err
}

// ServedAt says where browsers and gateways reach the hooks: what each address is put behind.
func (b *Inbox) ServedAt(prefix string) { b.public = prefix }

// back is what is put behind an account's address for payers who come back from its page.
const back = "/back"

// Returned takes the form that a payer's browser brings back from an acquirer's page. It is the callback's, hashed as that is, and believed
// or not in the same way; whichever comes second is a repeat. subject is what the payment was for, so that the payer is shown what they paid.
func (b *Inbox) Returned(ctx context.Context, address string, d gateway.Delivery) (subject string, err error) {
	hook, err := b.hook(address)
	if err != nil {
		return "", b.doubt(err)
	}
	g, e, err := b.believe(ctx, hook, d)
	if err == nil && !g.Profile().Can(gateway.HostedPage) {
		err = fault.New("not_found")
	}
	if err != nil {
		return "", b.doubt(err)
	}
	if _, err := b.keep(ctx, hook.Tenant, hook.Account, e); err != nil {
		return "", err
	}
	pay, err := paymentAt(ctx, b.db.Read(hook.Tenant), hook.Account, e.Of)
	return pay.Subject, err
}

// doubt counts a delivery that is not believed. To an address that nobody gave out whoever likes may send as many as they like: the log
// has those only where somebody looks for them.
func (b *Inbox) doubt(err error) error {
	var bad *gateway.BadWebhook
	if f := fault.As(err); errors.As(err, &bad) || f.Kind == fault.Malformed || f.Kind == fault.NotFound {
		b.refused.Add(1)
		level := slog.LevelWarn
		if f.Kind == fault.NotFound {
			level = slog.LevelDebug
		}
		b.log.Log(context.Background(), level, "billing: a webhook is not believed", "why", f.Code, "cause", err)
	}
	return err
}

// InboxCounts is what became of deliveries on this node since it started.
type InboxCounts struct{ Received, Repeated, Refused, Applied, Failed, Dead int64 }

// Counts is read by metrics.
func (b *Inbox) Counts() InboxCounts {
	return InboxCounts{b.received.Load(), b.repeated.Load(), b.refused.Load(), b.applied.Load(), b.failed.Load(), b.dead.Load()}
}

// Events is what people look at: events in some states that came before a point, newest first.
func (b *Inbox) Events(ctx context.Context, t tenant.ID, states []store.WebhookState, before time.Time, beforeID uuid.UUID, limit int) ([]store.Webhook, error) {
	return b.db.Read(t).Webhooks(ctx, states, before, beforeID, limit)
}
