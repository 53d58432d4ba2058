package billing

import (
	"context"
	"sync"
	"time"

	"github.com/waymeet/waymeet/billing/gateway"
)

const (
	moment  = time.Second     // how long an account as it was read refuses what is not signed for it
	glimpse = 5 * time.Second // what a look may take: the others wait for it
)

// glance is an account as it was a moment ago.
type glance struct {
	mu      sync.Mutex // held while one looks: the others wait for what it finds
	until   time.Time
	gateway gateway.Gateway
	err     error
}

// believe says what a delivery tells, if an active secret signed it. Whoever knows an address may post junk to it, as much as they like: that is refused by the secrets as they were
// a moment ago, and costs hashes, and a query each moment. What those believe is believed only by the secrets that count now. So a secret that is taken away counts no more at once,
// and one that is added counts within a moment.
func (b *Inbox) believe(ctx context.Context, hook Hook, d gateway.Delivery) (g gateway.Gateway, e gateway.Event, err error) {
	if g, err = b.glance(ctx, hook); err != nil {
		return g, e, err
	}
	if e, err = g.ReadWebhook(d); err != nil {
		return g, e, err
	}
	if g, err = b.accounts.Open(ctx, hook.Tenant, hook.Account); err != nil {
		return g, e, err
	}
	e, err = g.ReadWebhook(d)
	return g, e, err
}

func (b *Inbox) glance(ctx context.Context, hook Hook) (gateway.Gateway, error) {
	last, _ := b.glances.LoadOrStore(hook, &glance{})
	l := last.(*glance) //nolint:forcetypeassert // nothing else is stored
	l.mu.Lock()
	defer l.mu.Unlock()
	if !b.now().Before(l.until) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), glimpse) // who came first may hang up
		defer cancel()
		l.gateway, l.err = b.accounts.Open(ctx, hook.Tenant, hook.Account)
		l.until = b.now().Add(moment)
	}
	return l.gateway, l.err
}
