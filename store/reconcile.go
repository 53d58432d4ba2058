package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/billing/reconcile"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/store/internal/sqlc"
)

// AccountOf names a gateway account and whose it is.
type AccountOf struct {
	Tenant  tenant.ID
	Account uuid.UUID
}

// AccountsToReconcile is every gateway account that is in use, of whichever tenant.
func (s *System) AccountsToReconcile(ctx context.Context) ([]AccountOf, error) {
	rows, err := s.q.ReconcileAccounts(ctx)
	if err != nil {
		return nil, fmt.Errorf("store: find accounts to reconcile: %w", err)
	}
	out := make([]AccountOf, len(rows))
	for i, r := range rows {
		out[i] = AccountOf{tenant.ID(r.TenantID), r.ID}
	}
	return out, nil
}

// GatewayAccounts is a tenant's accounts with gateways, those in use first; without their credentials.
func (r *Reader) GatewayAccounts(ctx context.Context) ([]GatewayAccount, error) {
	rows, err := r.q.GatewayAccountList(ctx, r.tenant.UUID())
	if err != nil {
		return nil, fmt.Errorf("store: list gateway accounts: %w", err)
	}
	out := make([]GatewayAccount, len(rows))
	for i, a := range rows {
		out[i] = GatewayAccount{ID: a.ID, Kind: a.Kind, Merchant: a.Merchant, Active: a.Active}
	}
	return out, nil
}

// ConnectedAccounts is the connected accounts behind one, by the gateway's ids, in pages.
func (r *Reader) ConnectedAccounts(ctx context.Context, account uuid.UUID, after string, limit int) ([]string, error) {
	ids, err := r.q.ConnectedAccountList(ctx, r.tenant.UUID(), account, after, int32(limit))
	if err != nil {
		return nil, fmt.Errorf("store: list connected accounts: %w", err)
	}
	return ids, nil
}

// Part is one of the things that are read from a gateway and go on where they were left.
type Part string

// The parts.
const (
	EventsPart    Part = "events"
	MovementsPart Part = "movements"
	MatchedPart   Part = "matched"
)

// Reconciled is up to when a part was done; in the beginning, when the account was added.
func (r *Reader) Reconciled(ctx context.Context, account uuid.UUID, p Part) (time.Time, error) {
	upto, err := r.q.ReconciliationGet(ctx, r.tenant.UUID(), account, string(p))
	if err != nil {
		return time.Time{}, fmt.Errorf("store: how far %s are reconciled: %w", p, err)
	}
	return upto, nil
}

// SetReconciled notes how far a part has come. It does not go back.
func (tx *Tx) SetReconciled(ctx context.Context, account uuid.UUID, p Part, upto time.Time) error {
	if err := tx.q.ReconciliationSet(ctx, tx.tenant.UUID(), account, string(p), upto); err != nil {
		return fmt.Errorf("store: note how far %s are reconciled: %w", p, err)
	}
	return nil
}

// Movement is one line of a gateway's account with the tenant.
type Movement struct {
	Account                  uuid.UUID
	Ref, Type, Source, OfRef string // OfRef: the gateway's payment
	What                     reconcile.What
	About                    uuid.UUID // what of ours it is about; the nil UUID while nobody knows
	Currency                 string
	Amount, Fee              int64
	At                       time.Time
}

// AddMovement keeps a movement unless it is kept already. What it is about is found by the payment's object, where it has one.
func (tx *Tx) AddMovement(ctx context.Context, m Movement) (bool, error) {
	n, err := tx.q.MovementAdd(ctx, sqlc.MovementAddParams{TenantID: tx.tenant.UUID(), GatewayAccountID: m.Account, GatewayRef: m.Ref, Kind: string(m.What),
		Type: m.Type, Source: m.Source, PaymentRef: m.OfRef, About: idOrNull(m.About), Currency: m.Currency, Amount: m.Amount, Fee: m.Fee, HappenedAt: m.At})
	if err != nil {
		return false, fmt.Errorf("store: add movement %s: %w", m.Ref, err)
	}
	return n == 1, nil
}

// LinkMovements finds what movements are about that nobody could say when they were listed.
func (tx *Tx) LinkMovements(ctx context.Context, account uuid.UUID) error {
	if err := tx.q.MovementLink(ctx, tx.tenant.UUID(), account); err != nil {
		return fmt.Errorf("store: link movements: %w", err)
	}
	for { // a charge, its transfer, what is taken back of it
		n, err := tx.q.MovementLinkOn(ctx, tx.tenant.UUID(), account)
		if err != nil {
			return fmt.Errorf("store: link movements: %w", err)
		}
		if n == 0 {
			return nil
		}
	}
}

// MovementsAbout is what a gateway has moved about a thing of ours, oldest first.
func (r *Reader) MovementsAbout(ctx context.Context, about uuid.UUID, limit int) ([]Movement, error) {
	rows, err := r.q.MovementsAbout(ctx, r.tenant.UUID(), &about, int32(limit))
	if err != nil {
		return nil, fmt.Errorf("store: movements about %s: %w", about, err)
	}
	out := make([]Movement, len(rows))
	for i, m := range rows {
		out[i] = Movement{Account: m.GatewayAccountID, Ref: m.GatewayRef, Type: m.Type, Source: m.Source, OfRef: m.PaymentRef, What: reconcile.What(m.Kind),
			About: about, Currency: m.Currency, Amount: m.Amount, Fee: m.Fee, At: shown(m.HappenedAt)}
	}
	return out, nil
}

// MovedDuring is what movements of a time are about: ids of ours, or the movement's own reference.
func (r *Reader) MovedDuring(ctx context.Context, account uuid.UUID, from, until time.Time) ([]string, error) {
	all, err := r.q.MovedDuring(ctx, r.tenant.UUID(), account, from, until)
	if err != nil {
		return nil, fmt.Errorf("store: what was moved: %w", err)
	}
	return all, nil
}

// BookedDuring is what journals on an account are about, of a time, in whatever currency.
func (r *Reader) BookedDuring(ctx context.Context, a ledger.Account, from, until time.Time) ([]string, error) {
	all, err := r.q.BookedDuring(ctx, from, until, r.tenant.UUID(), a.Code())
	if err != nil {
		return nil, fmt.Errorf("store: what was booked on %s: %w", a.Code(), err)
	}
	return all, nil
}

// Sum is what was moved or booked about one thing in one way, ever.
type Sum struct {
	About    string
	Kind     string // reconcile.What of movements; the journals' kind of what was booked
	Currency string
	Amount   int64
	Fee      int64 // of movements
	Latest   time.Time
}

// MovedAbout sums what was ever moved about things of ours, and movements that are about none, by their references.
func (r *Reader) MovedAbout(ctx context.Context, account uuid.UUID, ids []uuid.UUID, refs []string) ([]Sum, error) {
	rows, err := r.q.MovedAbout(ctx, r.tenant.UUID(), account, ids, refs)
	if err != nil {
		return nil, fmt.Errorf("store: sum movements: %w", err)
	}
	out := make([]Sum, len(rows))
	for i, m := range rows {
		out[i] = Sum{m.About, m.Kind, m.Currency, m.Amount, m.Fee, m.Latest}
	}
	return out, nil
}

// BookedAbout sums what was ever booked on an account in journals with these subjects, debits less credits. A journal about
// nothing is named by itself: journal/ID.
func (r *Reader) BookedAbout(ctx context.Context, a ledger.Account, subjects []string) ([]Sum, error) {
	var bare []uuid.UUID // journals that are about nothing
	for _, s := range subjects {
		if id, ok := strings.CutPrefix(s, "journal/"); ok {
			if j, err := uuid.Parse(id); err == nil {
				bare = append(bare, j)
			}
		}
	}
	rows, err := r.q.BookedAbout(ctx, a.Code(), r.tenant.UUID(), subjects, bare)
	if err != nil {
		return nil, fmt.Errorf("store: sum what was booked on %s: %w", a.Code(), err)
	}
	out := make([]Sum, len(rows))
	for i, j := range rows {
		out[i] = Sum{About: j.Subject, Kind: j.Kind, Currency: j.Currency, Amount: j.Amount, Latest: j.Latest}
	}
	return out, nil
}

// Fees is what movements of a time, or those with some references, have cost, by the movement's reference.
func (r *Reader) Fees(ctx context.Context, account uuid.UUID, from, until time.Time, refs []string) ([]Sum, error) {
	rows, err := r.q.MovementFees(ctx, sqlc.MovementFeesParams{TenantID: r.tenant.UUID(), GatewayAccountID: account, Since: from, Until: until, Refs: refs})
	if err != nil {
		return nil, fmt.Errorf("store: what movements have cost: %w", err)
	}
	out := make([]Sum, len(rows))
	for i, m := range rows {
		out[i] = Sum{About: m.GatewayRef, Kind: string(reconcile.Fee), Currency: m.Currency, Amount: -m.Fee}
	}
	return out, nil
}

// StuckPayments is payments and what was asked about them that should be over before an instant.
func (r *Reader) StuckPayments(ctx context.Context, account uuid.UUID, before time.Time, limit int) ([]uuid.UUID, error) {
	ids, err := r.q.PaymentsStuck(ctx, int32(limit), r.tenant.UUID(), account, before)
	if err != nil {
		return nil, fmt.Errorf("store: find stuck payments: %w", err)
	}
	return ids, nil
}

func idOrNull(id uuid.UUID) *uuid.UUID {
	if id == uuid.Nil {
		return nil
	}
	return &id
}
