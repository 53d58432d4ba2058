package billing

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/gateway"
	"github.com/waymeet/waymeet/billing/gateway/envelope"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/internal/readable"
	"github.com/waymeet/waymeet/store"
)

// Accounts opens tenants' accounts with gateways. Opened ones are kept while their credentials are the same: an adapter
// paces its own calls, and would not if each call had an adapter of its own.
type Accounts struct {
	db      *store.DB
	kms     envelope.KMS
	openers gateway.Openers

	mu   sync.Mutex
	open map[ownAccount]opened // guarded by mu
}

type ownAccount struct {
	tenant  tenant.ID
	account uuid.UUID
}

type opened struct {
	version int64
	gateway gateway.Gateway
}

// NewAccounts opens with these adapters; kms unwraps the credentials' keys.
func NewAccounts(db *store.DB, kms envelope.KMS, openers gateway.Openers) *Accounts {
	return &Accounts{db: db, kms: kms, openers: openers, open: map[ownAccount]opened{}}
}

// Add keeps a tenant's credentials, sealed. They are opened once before, so that what is kept can be used; whether the
// acquirer accepts them, its first answer says. An account of that kind that the tenant has already is a fault.
func (a *Accounts) Add(ctx context.Context, t tenant.ID, c gateway.Credentials) (uuid.UUID, error) {
	if !readable.Name(c.Merchant.Name) {
		return uuid.Nil, fault.New("text_unreadable").At("/merchant")
	}
	if _, err := a.openers.Open(c); err != nil {
		return uuid.Nil, err
	}
	id := ident.New()
	sealed, err := envelope.SealCredentials(ctx, a.kms, t.String(), id.String(), c)
	if err != nil {
		return uuid.Nil, fmt.Errorf("billing: seal credentials: %w", err)
	}
	row := store.GatewayAccount{ID: id, Kind: string(c.Kind), Merchant: c.Merchant.Name, Sealed: store.Sealed(sealed)}
	err = a.db.InTx(ctx, t, func(tx *store.Tx) error {
		if err := tx.AddGatewayAccount(ctx, row); err != nil {
			return err
		}
		return tx.Audit(store.Audit{Action: "gateway.add", Target: "gateway/" + id.String(), Detail: map[string]any{"kind": c.Kind, "merchant": c.Merchant.Name}})
	})
	if errors.Is(err, store.ErrTaken) {
		return uuid.Nil, fault.New("gateway_taken")
	}
	return id, err
}

// Open is the gateway behind an account.
func (a *Accounts) Open(ctx context.Context, t tenant.ID, account uuid.UUID) (gateway.Gateway, error) {
	row, err := a.db.Read(t).GatewayAccount(ctx, account)
	if store.IsNotFound(err) || err == nil && !row.Active {
		return nil, fault.New("not_found")
	}
	if err != nil {
		return nil, err
	}
	own := ownAccount{t, account}
	a.mu.Lock()
	o, ok := a.open[own]
	a.mu.Unlock()
	if ok && o.version == row.Version {
		return o.gateway, nil
	}
	c, err := envelope.OpenCredentials(ctx, a.kms, t.String(), account.String(), envelope.Sealed(row.Sealed))
	if err != nil {
		return nil, fmt.Errorf("billing: credentials of account %s: %w", account, err)
	}
	g, err := a.openers.Open(c)
	if err != nil {
		return nil, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if o, ok := a.open[own]; ok && o.version == row.Version { // somebody was faster: one adapter paces all calls
		return o.gateway, nil
	}
	a.open[own] = opened{row.Version, g}
	return g, nil
}
