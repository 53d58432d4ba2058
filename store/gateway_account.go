package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/store/internal/sqlc"
)

// GatewayAccount is a tenant's account with a gateway. Credentials are sealed; whoever may open them knows the key.
type GatewayAccount struct {
	ID       uuid.UUID
	Kind     string // stripe, redirect, cash
	Merchant string // of record
	Sealed   Sealed
	Active   bool
	Version  int64
}

// Sealed is credentials at rest: the record, and its own key wrapped by another that has a name.
type Sealed struct {
	KeyID     string
	Key, Data []byte
}

// AddGatewayAccount keeps a new account; ErrTaken when the tenant has an active one of this kind.
func (tx *Tx) AddGatewayAccount(ctx context.Context, a GatewayAccount) error {
	err := tx.q.GatewayAccountAdd(ctx, sqlc.GatewayAccountAddParams{TenantID: tx.tenant.UUID(), ID: a.ID, Kind: a.Kind, Merchant: a.Merchant,
		KmsKey: a.Sealed.KeyID, WrappedKey: a.Sealed.Key, SealedCredentials: a.Sealed.Data})
	if constraint(err) == "gateway_account_active" {
		return ErrTaken
	}
	if err != nil {
		return fmt.Errorf("store: add gateway account: %w", err)
	}
	return nil
}

// GatewayAccount is one account.
func (r *Reader) GatewayAccount(ctx context.Context, id uuid.UUID) (GatewayAccount, error) {
	a, err := r.q.GatewayAccountGet(ctx, r.tenant.UUID(), id)
	if err != nil {
		return GatewayAccount{}, fmt.Errorf("store: read gateway account %s: %w", id, err)
	}
	return GatewayAccount{a.ID, a.Kind, a.Merchant, Sealed{a.KmsKey, a.WrappedKey, a.SealedCredentials}, a.Active, a.Version}, nil
}

// GatewayAccountOf is the tenant's active account of a kind.
func (r *Reader) GatewayAccountOf(ctx context.Context, kind string) (GatewayAccount, error) {
	a, err := r.q.GatewayAccountOf(ctx, r.tenant.UUID(), kind)
	if err != nil {
		return GatewayAccount{}, fmt.Errorf("store: read the %s account: %w", kind, err)
	}
	return GatewayAccount{a.ID, a.Kind, a.Merchant, Sealed{a.KmsKey, a.WrappedKey, a.SealedCredentials}, a.Active, a.Version}, nil
}

// SealedAccounts is all of a tenant's, those that are not used any more too.
func (r *Reader) SealedAccounts(ctx context.Context) ([]GatewayAccount, error) {
	rows, err := r.q.GatewayAccountsSealed(ctx, r.tenant.UUID())
	if err != nil {
		return nil, fmt.Errorf("store: list gateway accounts: %w", err)
	}
	out := make([]GatewayAccount, len(rows))
	for i, a := range rows {
		out[i] = GatewayAccount{a.ID, a.Kind, a.Merchant, Sealed{a.KmsKey, a.WrappedKey, a.SealedCredentials}, a.Active, a.Version}
	}
	return out, nil
}

// SealGatewayAccount replaces the credentials that were read; false: they are others by now.
func (tx *Tx) SealGatewayAccount(ctx context.Context, a GatewayAccount, sealed Sealed) (bool, error) {
	n, err := tx.q.GatewayAccountSeal(ctx, sqlc.GatewayAccountSealParams{TenantID: tx.tenant.UUID(), ID: a.ID,
		KmsKey: sealed.KeyID, WrappedKey: sealed.Key, SealedCredentials: sealed.Data, Version: a.Version})
	if err != nil {
		return false, fmt.Errorf("store: seal gateway account %s: %w", a.ID, err)
	}
	return n == 1, nil
}

// AddConnectedAccount notes that a gateway keeps an account for a user whom the tenant pays.
func (tx *Tx) AddConnectedAccount(ctx context.Context, account uuid.UUID, external string, user uuid.UUID) error {
	if err := tx.q.ConnectedAccountAdd(ctx, tx.tenant.UUID(), account, external, user); err != nil {
		return fmt.Errorf("store: add connected account: %w", err)
	}
	return nil
}

// KnowsConnected says that a connected account is the tenant's.
func (r *Reader) KnowsConnected(ctx context.Context, account uuid.UUID, external string) (bool, error) {
	known, err := r.q.ConnectedAccountKnown(ctx, r.tenant.UUID(), account, external)
	if err != nil {
		return false, fmt.Errorf("store: look up connected account: %w", err)
	}
	return known, nil
}

// SawConnected keeps what was fetched of a connected account at a time, unless something newer is known.
func (tx *Tx) SawConnected(ctx context.Context, account uuid.UUID, external string, state json.RawMessage, at time.Time) (changed bool, err error) {
	n, err := tx.q.ConnectedAccountSeen(ctx, sqlc.ConnectedAccountSeenParams{TenantID: tx.tenant.UUID(), GatewayAccountID: account, GatewayRef: external, State: state, SeenAt: &at})
	if err != nil {
		return false, fmt.Errorf("store: note connected account: %w", err)
	}
	return n == 1, nil
}
