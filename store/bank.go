package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/invoice"
	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/store/internal/sqlc"
)

// BankLine is money that came, as the bank's statement says.
type BankLine struct {
	ID          uuid.UUID
	Account     string // of the operator: "main"
	Fingerprint [32]byte
	invoice.Transfer
	Reference string // the bank's own
	Matched   int64  // so much of it pays invoices or is a payout; the rest is in suspense
	Aside     bool   // it waits no more
}

// AddBankImport says that a file came, with so many lines of money that came and so many that were not there before.
func (tx *Tx) AddBankImport(ctx context.Context, of, by uuid.UUID, account, file string, lines, fresh int) error {
	err := tx.q.BankImportAdd(ctx, sqlc.BankImportAddParams{TenantID: tx.tenant.UUID(), ID: of, Account: account, FileName: file, Lines: int32(lines), Fresh: int32(fresh), MadeBy: by})
	if err != nil {
		return fmt.Errorf("store: add import: %w", err)
	}
	return nil
}

// AddBankLines writes lines under an import, and says which of them it wrote. Two imports at once may each think a line new; one of them then
// writes it, and for the other it is not among those.
func (tx *Tx) AddBankLines(ctx context.Context, of uuid.UUID, account string, lines []BankLine) (wrote map[uuid.UUID]bool, err error) {
	p := sqlc.BankLinesAddParams{TenantID: tx.tenant.UUID(), ImportID: of, Account: account}
	for i := range lines {
		l := &lines[i]
		p.Ids, p.Fingerprints, p.Days, p.Amounts = append(p.Ids, l.ID), append(p.Fingerprints, l.Fingerprint[:]), append(p.Days, l.Booked.Midnight()), append(p.Amounts, l.Amount)
		p.Currencies, p.Payers, p.Texts, p.Refs = append(p.Currencies, l.Currency), append(p.Payers, l.Payer), append(p.Texts, l.Text), append(p.Refs, l.Reference)
	}
	ids, err := tx.q.BankLinesAdd(ctx, p)
	if err != nil {
		return nil, fmt.Errorf("store: add %d lines of %s: %w", len(lines), account, err)
	}
	wrote = make(map[uuid.UUID]bool, len(ids))
	for _, id := range ids {
		wrote[id] = true
	}
	return wrote, nil
}

// KnownBankLines says which lines of an account were imported before, by their fingerprints.
func (r *Reader) KnownBankLines(ctx context.Context, account string, lines []BankLine) (map[[32]byte]bool, error) {
	rows, err := r.q.BankLinesKnown(ctx, r.tenant.UUID(), account, printsOf(lines))
	if err != nil {
		return nil, fmt.Errorf("store: known lines of %s: %w", account, err)
	}
	known := make(map[[32]byte]bool, len(rows))
	for _, p := range rows {
		known[[32]byte(p)] = true
	}
	return known, nil
}

// Brought is how many of a file's lines an import wrote, and how many of those paid invoices at once.
func (r *Reader) Brought(ctx context.Context, of uuid.UUID, account string, lines []BankLine) (fresh, matched int, err error) {
	row, err := r.q.BankImportBrought(ctx, r.tenant.UUID(), account, printsOf(lines), of)
	if err != nil {
		return 0, 0, fmt.Errorf("store: what import %s brought: %w", of, err)
	}
	return int(row.Fresh), int(row.Matched), nil
}

func printsOf(lines []BankLine) [][]byte {
	out := make([][]byte, len(lines))
	for i := range lines {
		out[i] = lines[i].Fingerprint[:]
	}
	return out
}

// BankLine is one.
func (r *Reader) BankLine(ctx context.Context, id uuid.UUID) (BankLine, error) {
	row, err := r.q.BankLineGet(ctx, r.tenant.UUID(), id)
	if err != nil {
		return BankLine{}, fmt.Errorf("store: read bank line %s: %w", id, err)
	}
	return bankLineOf(&row), nil
}

// OpenBankLines is a page of those of which something is in suspense, the oldest first.
func (r *Reader) OpenBankLines(ctx context.Context, afterBooked servicedate.Date, after uuid.UUID, limit int) ([]BankLine, error) {
	rows, err := r.q.BankLinesOpen(ctx, r.tenant.UUID(), afterBooked.Midnight(), after, int32(limit))
	if err != nil {
		return nil, fmt.Errorf("store: open bank lines: %w", err)
	}
	out := make([]BankLine, len(rows))
	for i := range rows {
		out[i] = bankLineOf(&rows[i])
	}
	return out, nil
}

func bankLineOf(b *sqlc.BankLine) BankLine {
	return BankLine{ID: b.ID, Account: b.Account, Fingerprint: [32]byte(b.Fingerprint), Reference: b.Reference, Matched: b.Matched, Aside: b.Aside,
		Transfer: invoice.Transfer{Booked: servicedate.On(b.Booked, time.UTC), Amount: b.Amount, Currency: b.Currency, Payer: b.Payer, Text: b.Says}}
}

// AddReceipts lets so much of bank lines pay so much of invoices; PostgreSQL bounds each by what is open of both.
func (tx *Tx) AddReceipts(ctx context.Context, receipts []BankMatch, how string, by uuid.UUID) error {
	p := sqlc.ReceiptsAddParams{TenantID: tx.tenant.UUID(), How: how, MadeBy: by}
	for _, m := range receipts {
		p.Ids, p.Lines, p.Invoices, p.Amounts = append(p.Ids, m.ID), append(p.Lines, m.Line), append(p.Invoices, m.Invoice), append(p.Amounts, m.Amount)
	}
	if err := tx.q.ReceiptsAdd(ctx, p); err != nil {
		return fmt.Errorf("store: add %d receipts: %w", len(receipts), err)
	}
	return nil
}
