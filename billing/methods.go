package billing

import (
	"context"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/gateway"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/store"
)

// Methods is the cards that a user keeps, the preferred one first; and whether the operator's gateway keeps any.
func (p *Payments) Methods(ctx context.Context, t tenant.ID, user uuid.UUID) (all []store.Method, keeps bool, err error) {
	account, err := p.keepsAt(ctx, t)
	if fault.Is(err, "payment_not_set_up") || fault.Is(err, "payment_not_supported") {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	all, err = p.db.Read(t).Methods(ctx, account, user, 2*store.MaxMethods) // two at once may pass the bound by a little
	return all, true, err
}

// keepsAt is the tenant's account with a gateway that keeps cards.
func (p *Payments) keepsAt(ctx context.Context, t tenant.ID) (uuid.UUID, error) {
	account, err := p.Account(ctx, t)
	if err != nil {
		return uuid.Nil, err
	}
	g, err := p.accounts.Open(ctx, t, account)
	if err != nil {
		return uuid.Nil, err
	}
	if !g.Profile().Can(gateway.OffSession) {
		return uuid.Nil, fault.New("payment_not_supported")
	}
	return account, nil
}

// PreferMethod has a card of one's own offered first.
func (p *Payments) PreferMethod(ctx context.Context, t tenant.ID, user uuid.UUID, claim idem.Claim, id uuid.UUID) error {
	return p.db.InTx(ctx, t, func(tx *store.Tx) error {
		_, _, err := tx.Once(ctx, claim, 200, func() (any, error) {
			m, err := lockOwn(ctx, tx, user, id)
			if err == nil && m.State != store.MethodKept {
				err = fault.New("not_found")
			}
			if err != nil || m.Preferred {
				return id, err
			}
			if err := tx.PreferMethod(ctx, m); err != nil {
				return nil, err
			}
			return id, tx.Audit(store.Audit{Actor: user, Action: "method.prefer", Target: "method/" + id.String()})
		})
		return err
	})
}

// lockOwn is a user's own card behind its locks; anybody else's is not_found.
func lockOwn(ctx context.Context, tx *store.Tx, user, id uuid.UUID) (store.Method, error) {
	m, err := tx.Method(ctx, id)
	if store.IsNotFound(err) || err == nil && m.User != user {
		return m, fault.New("not_found")
	}
	if err != nil {
		return m, err
	}
	return lockMethod(ctx, tx, m)
}

func lockMethod(ctx context.Context, tx *store.Tx, m store.Method) (store.Method, error) {
	if _, err := tx.LockPayer(ctx, m.Account, m.User); err != nil {
		return m, err
	}
	return tx.LockMethod(ctx, m.ID)
}

// MethodOwner is whose a saved card is.
func (p *Payments) MethodOwner(ctx context.Context, t tenant.ID, id uuid.UUID) (uuid.UUID, error) {
	m, err := p.db.Read(t).Method(ctx, id)
	if store.IsNotFound(err) {
		err = fault.New("not_found")
	}
	return m.User, err
}

// SetupOwner is who saves a card.
func (p *Payments) SetupOwner(ctx context.Context, t tenant.ID, id uuid.UUID) (uuid.UUID, error) {
	s, err := p.db.Read(t).Setup(ctx, id)
	if store.IsNotFound(err) {
		err = fault.New("not_found")
	}
	return s.User, err
}
