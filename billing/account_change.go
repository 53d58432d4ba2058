package billing

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/gateway"
	"github.com/waymeet/waymeet/billing/gateway/envelope"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/readable"
	"github.com/waymeet/waymeet/store"
)

// Change replaces credentials of a tenant's account by what change makes of them: a new secret key, a webhook's secret that
// counts beside the old one. They are sealed anew, under a key of their own; serving nodes open them with the next call.
// Two changes at once: the second is told (gateway_changed).
func (a *Accounts) Change(ctx context.Context, t tenant.ID, kind gateway.Kind, change func(*gateway.Credentials)) (uuid.UUID, error) {
	row, err := a.db.Read(t).GatewayAccountOf(ctx, string(kind))
	if store.IsNotFound(err) {
		return uuid.Nil, fault.New("payment_not_set_up")
	}
	if err != nil {
		return uuid.Nil, err
	}
	c, err := envelope.OpenCredentials(ctx, a.kms, t.String(), row.ID.String(), envelope.Sealed(row.Sealed))
	if err != nil {
		return uuid.Nil, fmt.Errorf("billing: credentials of account %s: %w", row.ID, err)
	}
	change(&c)
	c.Kind = kind
	if !readable.Name(c.Merchant.Name) {
		return uuid.Nil, fault.New("text_unreadable").At("/merchant")
	}
	if _, err := a.openers.Open(c); err != nil {
		return uuid.Nil, err
	}
	sealed, err := envelope.SealCredentials(ctx, a.kms, t.String(), row.ID.String(), c)
	if err != nil {
		return uuid.Nil, fmt.Errorf("billing: seal credentials: %w", err)
	}
	err = a.db.InTx(ctx, t, func(tx *store.Tx) error {
		if done, err := tx.SealGatewayAccount(ctx, row, store.Sealed(sealed)); err != nil || !done {
			if err == nil {
				err = fault.New("gateway_changed")
			}
			return err
		}
		return tx.Audit(store.Audit{Action: "gateway.change", Target: "gateway/" + row.ID.String(), Detail: map[string]any{"kind": kind}})
	})
	return row.ID, err
}
