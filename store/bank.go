package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/waymeet/waymeet/billing/invoice"
	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/internal/ident"
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

// AddBankLines writes those that are not there yet, under an import, and says which they are. Two imports at once may each
// think a line new; one of them then writes it, and the other hears that it wrote nothing.
func (tx *Tx) AddBankLines(ctx context.Context, of, by uuid.UUID, account, file string, lines []BankLine) (fresh []BankLine, err error) {
	known, err := tx.KnownBankLines(ctx, account, lines)
	if err != nil {
		return nil, err
	}
	for _, l := range lines {
		if !known[l.Fingerprint] {
			l.ID = ident.New()
			fresh = append(fresh, l)
		}
	}
	err = tx.q.BankImportAdd(ctx, sqlc.BankImportAddParams{TenantID: tx.tenant.UUID(), ID: of, Account: account, FileName: file, Lines: int32(len(lines)), Fresh: int32(len(fresh)), MadeBy: by})
	if err != nil {
		return nil, fmt.Errorf("store: add import: %w", err)
	}
	b := &pgx.Batch{}
	for _, l := range fresh {
		b.Queue(sqlc.BankLineAdd, tx.tenant.UUID(), l.ID, of, account, l.Fingerprint[:], l.Booked.Midnight(), l.Amount, l.Currency, l.Payer, l.Text, l.Reference)
	}
	if len(fresh) == 0 {
		return nil, nil
	}
	res := tx.conn.SendBatch(ctx, b)
	var wrote []BankLine
	for _, l := range fresh {
		tag, err := res.Exec()
		if err != nil {
			_ = res.Close()
			return nil, fmt.Errorf("store: add a line of %s: %w", account, err)
		}
		if tag.RowsAffected() == 1 {
			wrote = append(wrote, l)
		}
	}
	return wrote, res.Close()
}

// KnownBankLines says which lines of an account were imported before, by their fingerprints.
func (r *Reader) KnownBankLines(ctx context.Context, account string, lines []BankLine) (map[[32]byte]bool, error) {
	prints := make([][]byte, len(lines))
	for i := range lines {
		prints[i] = lines[i].Fingerprint[:]
	}
	rows, err := r.q.BankLinesKnown(ctx, r.tenant.UUID(), account, prints)
	if err != nil {
		return nil, fmt.Errorf("store: known lines of %s: %w", account, err)
	}
	known := make(map[[32]byte]bool, len(rows))
	for _, p := range rows {
		known[[32]byte(p)] = true
	}
	return known, nil
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

// AddReceipt lets so much of a bank line pay so much of an invoice; PostgreSQL bounds it by what is open of both.
func (tx *Tx) AddReceipt(ctx context.Context, id, line, of uuid.UUID, amount int64, how string, by uuid.UUID) error {
	err := tx.q.ReceiptAdd(ctx, sqlc.ReceiptAddParams{TenantID: tx.tenant.UUID(), ID: id, BankLineID: line, InvoiceID: of, Amount: amount, How: how, MadeBy: by})
	if err != nil {
		return fmt.Errorf("store: add a receipt for %s: %w", of, err)
	}
	return nil
}
