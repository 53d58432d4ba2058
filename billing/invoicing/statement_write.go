package invoicing

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store"
)

// statementImport is one file on its way in.
type statementImport struct {
	id, by  uuid.UUID
	account string
	now     time.Time
	zone    *time.Location
}

// write takes a part of the lines in, and lets those pay that were planned to and still can: what is open is read again behind the organisations' locks.
// Nobody else sees the lines before they are committed, so that they need no lock.
func (x statementImport) write(ctx context.Context, tx *store.Tx, part []plannedLine) error {
	if err := tx.PlanAnew(ctx); err != nil {
		return err
	}
	lines := make([]store.BankLine, len(part))
	for i := range part {
		lines[i] = part[i].BankLine
	}
	wrote, err := tx.AddBankLines(ctx, x.id, x.account, lines)
	if err != nil {
		return err
	}
	locked, err := tx.LockedUntil(ctx)
	if err != nil {
		return err
	}
	var journals []ledger.Journal
	var owners, invoices []uuid.UUID
	for _, l := range part {
		if !wrote[l.ID] {
			continue
		}
		journals = append(journals, x.came(l.BankLine, locked))
		for _, o := range l.pays {
			owners, invoices = append(owners, o.Organisation), append(invoices, o.ID)
		}
	}
	if len(journals) == 0 {
		return nil
	}
	if len(invoices) > 0 {
		if err := tx.LockBilled(ctx, owners...); err != nil {
			return err
		}
	}
	open, err := tx.OpenOf(ctx, invoices)
	if err != nil {
		return err
	}
	var receipts []store.BankMatch
	matched := 0
	for _, l := range part {
		if !wrote[l.ID] || len(l.pays) == 0 || !asPlanned(l.pays, open) {
			continue
		}
		matched++
		for _, o := range l.pays {
			m := store.BankMatch{ID: ident.New(), Line: l.ID, Invoice: o.ID, Organisation: o.Organisation, Amount: o.Open}
			j, err := matchJournal(m, ledger.Currency(l.Currency))
			if err != nil {
				return err
			}
			receipts, journals = append(receipts, m), append(journals, j)
		}
	}
	if len(receipts) > 0 {
		if err := tx.AddReceipts(ctx, receipts, "automatic", x.by); err != nil {
			return err
		}
		if err := tx.Audit(store.Audit{Actor: x.by, Action: "bank.match", Target: "bank_import/" + x.id.String(), Detail: map[string]any{"lines": matched, "invoices": len(receipts), "how": "automatic"}}); err != nil {
			return err
		}
	}
	return tx.RecordAll(ctx, journals...)
}

// asPlanned is whether as much is open of each invoice as when it was read.
func asPlanned(pays []store.OpenInvoice, open map[uuid.UUID]int64) bool {
	for _, o := range pays {
		if open[o.ID] != o.Open {
			return false
		}
	}
	return true
}

// came is that a line's money is in the bank. A locked period takes nothing: then it happened when we heard of it.
func (x statementImport) came(l store.BankLine, locked time.Time) ledger.Journal {
	m := ledger.Of(l.Amount, ledger.Currency(l.Currency))
	j := ledger.Post("bank_line:"+l.ID.String()+":came", "bank_received", ledger.Debit(ledger.Bank(x.account, m.Currency), m),
		ledger.Credit(ledger.Suspense("bank", m.Currency), m)).About("bank_line/" + l.ID.String())
	if day := l.Booked.At(12*3600, x.zone); day.Before(x.now) && !day.Before(locked) {
		j = j.On(day)
	}
	return j
}
