package billing

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/gateway"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/store"
)

// applySetup draws from a setup what it has come to. One that was not begun here is nothing of ours.
func (p *Payments) applySetup(ctx context.Context, t tenant.ID, g gateway.Gateway, w store.Webhook) error {
	seen, err := g.LookUpSetup(ctx, gateway.Lookup{ID: w.ObjectID})
	if err != nil {
		return err
	}
	of, rest, _ := strings.Cut(seen.Key, ":")
	id, err := uuid.Parse(of)
	if err != nil || !strings.HasPrefix(rest, opSave+":") {
		return nil //nolint:nilerr // its key names no setup
	}
	s, err := p.db.Read(t).Setup(ctx, id)
	if store.IsNotFound(err) || err == nil && s.Account != w.Account {
		return &gateway.NotFound{What: "setup of ours behind this object", ID: w.ObjectID}
	}
	if err != nil {
		return err
	}
	if s.Ref != "" && s.Ref != seen.ID {
		return fmt.Errorf("billing: setup %s has another object than %s", s.ID, seen.ID)
	}
	return p.drawSetup(ctx, t, g, s, seen)
}

// applyMethod looks at a card that we know: its bank may have renewed it, or somebody has removed it at the gateway.
func (p *Payments) applyMethod(ctx context.Context, t tenant.ID, g gateway.Gateway, w store.Webhook) error {
	m, err := p.db.Read(t).MethodByRef(ctx, w.Account, w.ObjectID)
	if store.IsNotFound(err) {
		return nil // one that is being kept comes with its setup, or its payment
	}
	if err != nil || m.State == store.MethodGone {
		return err
	}
	seen, err := methodAt(ctx, g, m.Customer, m.Ref)
	if err != nil {
		return err
	}
	if seen.ID == "" {
		return p.gone(ctx, t, m)
	}
	card, ok := cardOf(seen.Card)
	if !ok {
		return nil
	}
	return p.db.InTx(ctx, t, func(tx *store.Tx) error {
		_, err := tx.CardChanged(ctx, m.ID, card)
		return err
	})
}
