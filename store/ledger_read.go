package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store/internal/sqlc"
)

// always is later than everything that was recorded.
var always = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// Balance is what an account holds now. A standing account that nobody used yet holds nothing; another one that was never
// opened is account_not_found.
func (r *Reader) Balance(ctx context.Context, a ledger.Account) (ledger.Balance, error) {
	row, err := r.q.AccountGet(ctx, r.tenant.UUID(), a.Code(), string(a.Currency()))
	switch {
	case IsNotFound(err) && a.Standing():
		return ledger.Balance{}, nil
	case IsNotFound(err):
		return ledger.Balance{}, fault.New("account_not_found")
	case err != nil:
		return ledger.Balance{}, fmt.Errorf("store: balance of %s: %w", a, err)
	case row.Running:
		return ledger.Balance{Posted: row.Posted, HeldDebit: row.HeldDr, HeldCredit: row.HeldCr}, nil
	}
	return r.balanceAt(ctx, a, row.ID, always)
}

// BalanceAt is what an account held at an instant: what all that was recorded up to then makes. It is final once the
// transactions that ran at that instant have ended, which a few seconds see to.
func (r *Reader) BalanceAt(ctx context.Context, a ledger.Account, at time.Time) (ledger.Balance, error) {
	row, err := r.q.AccountGet(ctx, r.tenant.UUID(), a.Code(), string(a.Currency()))
	switch {
	case IsNotFound(err) && a.Standing():
		return ledger.Balance{}, nil
	case IsNotFound(err):
		return ledger.Balance{}, fault.New("account_not_found")
	case err != nil:
		return ledger.Balance{}, fmt.Errorf("store: balance of %s: %w", a, err)
	}
	return r.balanceAt(ctx, a, row.ID, at)
}

func (r *Reader) balanceAt(ctx context.Context, a ledger.Account, id uuid.UUID, at time.Time) (ledger.Balance, error) {
	b, err := r.q.AccountBalanceAt(ctx, r.tenant.UUID(), id, at)
	if err != nil {
		return ledger.Balance{}, fmt.Errorf("store: balance of %s: %w", a, err)
	}
	return ledger.Balance{Posted: b.Posted, HeldDebit: b.HeldDr, HeldCredit: b.HeldCr}, nil
}

// Book is an account that was opened, with its running balance; Known is false where entries alone say what is in it.
type Book struct {
	Account ledger.Account
	Label   string
	Known   bool
	ledger.Balance
	Opened time.Time
}

// Accounts is those of one kind ("" is all) that come after one of them, by code.
func (r *Reader) Accounts(ctx context.Context, kind string, after ledger.Ref, limit int) ([]Book, error) {
	rows, err := r.q.AccountList(ctx, sqlc.AccountListParams{TenantID: r.tenant.UUID(), Kind: kind, AfterCode: after.Code,
		AfterCurrency: string(after.Currency), MaxRows: int32(limit)})
	if err != nil {
		return nil, fmt.Errorf("store: list accounts: %w", err)
	}
	out := make([]Book, len(rows))
	for i, x := range rows {
		a, err := ledger.Parse(x.Code, ledger.Currency(x.Currency))
		if err != nil {
			return nil, err
		}
		out[i] = Book{a, x.Label, x.Running, ledger.Balance{Posted: x.Posted, HeldDebit: x.HeldDr, HeldCredit: x.HeldCr}, x.CreatedAt}
	}
	return out, nil
}

// JournalByKey is what was written under a key.
func (r *Reader) JournalByKey(ctx context.Context, key string) (Recorded, error) {
	row, err := r.q.JournalByKey(ctx, r.tenant.UUID(), key)
	if err != nil {
		return Recorded{}, err
	}
	return recordedRow(&row), nil
}

// Journal is one journal with its lines.
func (r *Reader) Journal(ctx context.Context, id uuid.UUID) (Recorded, []ledger.Line, error) {
	row, err := r.q.JournalGet(ctx, r.tenant.UUID(), id)
	if err != nil {
		return Recorded{}, nil, err
	}
	entries, err := r.q.JournalEntries(ctx, r.tenant.UUID(), id)
	if err != nil {
		return Recorded{}, nil, fmt.Errorf("store: entries of journal %s: %w", id, err)
	}
	lines := make([]ledger.Line, len(entries))
	for i, e := range entries {
		lines[i] = ledger.Line{Ref: ledger.Ref{Code: e.Code, Currency: ledger.Currency(e.Currency)}, Debit: e.Dr, Credit: e.Cr,
			Layer: ledger.Layer(e.Layer), Release: e.Sign < 0}
	}
	return recordedRow(&row), lines, nil
}

// JournalsAbout is what was recorded about something, oldest first.
func (r *Reader) JournalsAbout(ctx context.Context, subject string, limit int) ([]Recorded, error) {
	rows, err := r.q.JournalsAbout(ctx, r.tenant.UUID(), subject, int32(limit))
	if err != nil {
		return nil, fmt.Errorf("store: journals about %s: %w", subject, err)
	}
	out := make([]Recorded, len(rows))
	for i := range rows {
		out[i] = recordedRow(&rows[i])
	}
	return out, nil
}
