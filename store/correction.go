package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/store/internal/sqlc"
)

// Correction is a journal that one person prepared to correct what a finding says, and another decides on.
type Correction struct {
	ID, Finding       uuid.UUID
	Kind, Subject     string // the finding's
	Reason            string
	Answers           string           // which movement of the gateway it stands for: refund; "": none
	Happened          servicedate.Date // zero: when it is approved
	Currency          string
	Entries           []CorrectionEntry
	State             string // draft, approved, discarded
	MadeBy, DecidedBy uuid.UUID
	Maker, Decider    string // what they are called
	MadeAt, DecidedAt time.Time
}

// CorrectionEntry is one account, debited or credited.
type CorrectionEntry struct {
	Account string
	Debit   bool
	Amount  int64
}

// AddCorrection writes a draft.
func (tx *Tx) AddCorrection(ctx context.Context, c Correction) error {
	p := sqlc.CorrectionAddParams{TenantID: tx.tenant.UUID(), ID: c.ID, FindingID: c.Finding, Reason: c.Reason, Answers: c.Answers, Currency: c.Currency,
		Entries: int16(len(c.Entries)), MadeBy: c.MadeBy}
	if !c.Happened.IsZero() {
		day := c.Happened.Midnight()
		p.Happened = &day
	}
	if err := tx.q.CorrectionAdd(ctx, p); err != nil {
		return fmt.Errorf("store: add correction: %w", err)
	}
	e := sqlc.CorrectionEntriesAddParams{TenantID: tx.tenant.UUID(), CorrectionID: c.ID}
	for i, x := range c.Entries {
		e.Ns, e.Accounts, e.Debits, e.Amounts = append(e.Ns, int16(i+1)), append(e.Accounts, x.Account), append(e.Debits, x.Debit), append(e.Amounts, x.Amount)
	}
	if err := tx.q.CorrectionEntriesAdd(ctx, e); err != nil {
		return fmt.Errorf("store: add entries of a correction: %w", err)
	}
	tx.financeChanged(event.Findings)
	return nil
}

// LockCorrection reads one and holds its row.
func (tx *Tx) LockCorrection(ctx context.Context, id uuid.UUID) (Correction, error) {
	if _, err := tx.q.CorrectionLock(ctx, tx.tenant.UUID(), id); err != nil {
		return Correction{}, fmt.Errorf("store: lock correction %s: %w", id, err)
	}
	return tx.Correction(ctx, id)
}

// DecideCorrection approves or discards a draft.
func (tx *Tx) DecideCorrection(ctx context.Context, id uuid.UUID, state string, by uuid.UUID) error {
	if err := tx.q.CorrectionDecide(ctx, state, by, tx.tenant.UUID(), id); err != nil {
		return fmt.Errorf("store: decide correction %s: %w", id, err)
	}
	tx.financeChanged(event.Findings)
	return nil
}

// Correction is one.
func (r *Reader) Correction(ctx context.Context, id uuid.UUID) (Correction, error) {
	all, err := r.corrections(ctx, sqlc.CorrectionListParams{TenantID: r.tenant.UUID(), Before: uuid.Max, ID: &id, MaxRows: 1})
	if err != nil {
		return Correction{}, err
	}
	if len(all) == 0 {
		return Correction{}, fmt.Errorf("store: read correction %s: %w", id, pgx.ErrNoRows)
	}
	return all[0], nil
}

// Corrections is a page of those in a state, or ("") in any, before one of them: newest first.
func (r *Reader) Corrections(ctx context.Context, state string, before uuid.UUID, limit int) ([]Correction, error) {
	if before == uuid.Nil {
		before = uuid.Max
	}
	return r.corrections(ctx, sqlc.CorrectionListParams{TenantID: r.tenant.UUID(), Before: before, State: state, MaxRows: int32(limit)})
}

func (r *Reader) corrections(ctx context.Context, ask sqlc.CorrectionListParams) ([]Correction, error) {
	rows, err := r.q.CorrectionList(ctx, ask)
	if err != nil {
		return nil, fmt.Errorf("store: list corrections: %w", err)
	}
	out, ids, at := make([]Correction, len(rows)), make([]uuid.UUID, len(rows)), map[uuid.UUID]int{}
	for i, c := range rows {
		out[i] = Correction{ID: c.ID, Finding: c.FindingID, Kind: c.FindingKind, Subject: c.Subject, Reason: c.Reason, Answers: c.Answers, Currency: c.Currency, State: c.State,
			MadeBy: c.MadeBy, DecidedBy: idOrNil(c.DecidedBy), Maker: c.MadeByName, Decider: c.DecidedByName, MadeAt: c.MadeAt, DecidedAt: instant(c.DecidedAt)}
		if c.Happened != nil {
			out[i].Happened = servicedate.On(*c.Happened, time.UTC)
		}
		ids[i], at[c.ID] = c.ID, i
	}
	entries, err := r.q.CorrectionEntries(ctx, r.tenant.UUID(), ids)
	if err != nil {
		return nil, fmt.Errorf("store: entries of corrections: %w", err)
	}
	for _, e := range entries {
		c := &out[at[e.CorrectionID]]
		c.Entries = append(c.Entries, CorrectionEntry{e.Account, e.Debit, e.Amount})
	}
	return out, nil
}

// AccountKnown is whether an account was opened, or used.
func (r *Reader) AccountKnown(ctx context.Context, a ledger.Account) (bool, error) {
	known, err := r.q.AccountKnown(ctx, r.tenant.UUID(), a.Code(), string(a.Currency()))
	if err != nil {
		return false, fmt.Errorf("store: whether there is an account %v: %w", a, err)
	}
	return known, nil
}
