package invoicing

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/invoice"
	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store"
)

// Pay is so much of a bank line for one invoice.
type Pay struct {
	Invoice uuid.UUID
	Amount  int64
}

// Candidate is invoices that a line may pay, with how much speaks for it.
type Candidate struct {
	invoice.Candidate
	Pays []Pay // what of the line each would get
}

// mostAlike bounds the invoices that are read of one amount: a person is shown ten.
const mostAlike = 50

// MatchesOf ranks, for each of several lines as if it were alone, the invoices that what is left of it may pay, the likeliest first; ten at most.
// What any of them may pay is read once for all: by number, by amount, and of whoever may have paid or owes as much all that they owe.
func (s *Service) MatchesOf(ctx context.Context, t tenant.ID, lines []store.BankLine) ([][]Candidate, error) {
	r := s.db.Read(t)
	debtors, err := r.Debtors(ctx)
	if err != nil {
		return nil, err
	}
	transfers := make([]invoice.Transfer, len(lines))
	var payers []string
	var by store.PaidBy
	for i, l := range lines {
		transfers[i] = l.Transfer
		transfers[i].Amount -= l.Matched
		payers = append(payers, l.Payer)
		by.Counts = append(by.Counts, invoice.Counts(l.Text)...)
		by.Currencies, by.Amounts = append(by.Currencies, l.Currency), append(by.Amounts, transfers[i].Amount)
	}
	names := make([]string, len(debtors))
	for i, d := range debtors {
		names[i] = d.Name + " " + d.LegalName
	}
	if by.Organisations, err = r.OwingExactly(ctx, debtors, by.Amounts); err != nil {
		return nil, err
	}
	for _, i := range invoice.MayPay(payers, names) {
		by.Organisations = append(by.Organisations, debtors[i].ID)
	}
	found, err := r.OutstandingLike(ctx, by, mostAlike)
	if err != nil {
		return nil, err
	}
	open, of := matcher(found)
	all := make([][]Candidate, len(lines))
	for i, x := range transfers {
		ranked := open.Match(x)
		for _, c := range ranked[:min(len(ranked), 10)] {
			all[i] = append(all[i], candidate(c, x.Amount, of))
		}
	}
	return all, nil
}

// matcher compares with invoices that are open, and knows them by their numbers.
func matcher(found []store.OpenInvoice) (*invoice.Matcher, map[invoice.Number]store.OpenInvoice) {
	open, by := make([]invoice.Outstanding, len(found)), make(map[invoice.Number]store.OpenInvoice, len(found))
	for i, o := range found {
		open[i], by[o.Number] = o.Outstanding, o
	}
	return invoice.NewMatcher(open), by
}

// candidate is what each invoice of one would get of an amount.
func candidate(c invoice.Candidate, amount int64, by map[invoice.Number]store.OpenInvoice) Candidate {
	open := make([]int64, len(c.Invoices))
	for i, n := range c.Invoices {
		open[i] = by[n].Open
	}
	out := Candidate{Candidate: c}
	for i, n := range invoice.Spread(amount, open) {
		out.Pays = append(out.Pays, Pay{by[c.Invoices[i]].ID, n})
	}
	return out
}

// Match lets a line pay invoices, as a person decided who saw so much of it left: when somebody else has used of it since, they
// look again. 0: they did not say. What a line paid already, it may pay more of.
//
// Receipts and their journals are written in one commit. What is left of the line and open of the invoices is read behind the line's lock and
// the organisations', so that nothing is paid twice; PostgreSQL bounds it again.
func (s *Service) Match(ctx context.Context, t tenant.ID, by uuid.UUID, claim idem.Claim, line uuid.UUID, pays []Pay, seen int64) error {
	if len(pays) == 0 {
		return fault.New("too_short").At("/pays")
	}
	return s.db.InTx(ctx, t, func(tx *store.Tx) error {
		_, _, err := tx.Once(ctx, claim, 204, func() (any, error) {
			l, err := waiting(ctx, tx, line, seen)
			if err != nil {
				return nil, err
			}
			var owners []uuid.UUID
			for _, p := range pays {
				d, err := tx.Document(ctx, p.Invoice)
				if store.IsNotFound(err) || (err == nil && d.Kind != invoice.Bill) {
					return nil, fault.New("invoice_not_found")
				}
				if err != nil {
					return nil, err
				}
				if d.Currency != l.Currency {
					return nil, fault.New("currency_mismatch")
				}
				owners = append(owners, d.Organisation)
			}
			if err := tx.LockBilled(ctx, owners...); err != nil {
				return nil, err
			}
			left := l.Amount - l.Matched
			receipts, journals := make([]store.BankMatch, len(pays)), make([]ledger.Journal, len(pays))
			for i, p := range pays {
				d, err := tx.Document(ctx, p.Invoice)
				if err != nil {
					return nil, err
				}
				if left -= p.Amount; p.Amount <= 0 || left < 0 || p.Amount > d.Open() {
					return nil, fault.New("receipt_too_much")
				}
				receipts[i] = store.BankMatch{ID: ident.New(), Line: line, Invoice: d.ID, Organisation: d.Organisation, Amount: p.Amount}
				if journals[i], err = matchJournal(receipts[i], ledger.Currency(l.Currency)); err != nil {
					return nil, err
				}
			}
			if err := tx.AddReceipts(ctx, receipts, "manual", by); err != nil {
				return nil, err
			}
			if err := tx.Audit(store.Audit{Actor: by, Action: "bank.match", Target: "bank_line/" + line.String(), Detail: map[string]any{"invoices": len(pays), "how": "manual"}}); err != nil {
				return nil, err
			}
			return struct{}{}, tx.RecordAll(ctx, journals...)
		})
		return err
	})
}

// Where bank lines stand.
const (
	LinesWaiting = "waiting" // something of them is in suspense
	LinesAside   = "aside"   // they wait no more
	LinesMatched = "matched" // something of them pays, or paid
)

// Lines is a page of those that stand somewhere: what waits the oldest first, the rest the newest first; after a line, which may stand
// elsewhere meanwhile, or from the start for the nil UUID.
func (s *Service) Lines(ctx context.Context, t tenant.ID, where string, after uuid.UUID, limit int) ([]store.BankLine, error) {
	r := s.db.Read(t)
	var booked servicedate.Date
	if after != uuid.Nil {
		last, err := s.BankLine(ctx, t, after)
		if err != nil {
			return nil, err
		}
		booked = last.Booked
	} else if where != LinesWaiting {
		booked, after = servicedate.Of(9999, 1, 1), uuid.Max
	}
	switch where {
	case LinesAside:
		return r.AsideBankLines(ctx, booked, after, limit)
	case LinesMatched:
		return r.MatchedBankLines(ctx, booked, after, limit)
	}
	return r.OpenBankLines(ctx, booked, after, limit)
}

// waiting is a line behind its lock, of which something waits: as much as somebody saw, where they said.
func waiting(ctx context.Context, tx *store.Tx, line uuid.UUID, seen int64) (store.BankLine, error) {
	l, err := tx.LockBankLine(ctx, line)
	switch {
	case store.IsNotFound(err):
		return l, fault.New("bank_line_not_found")
	case err != nil:
		return l, err
	case l.Aside:
		return l, fault.New("bank_line_aside")
	case seen != 0 && seen != l.Amount-l.Matched:
		return l, fault.New("bank_line_changed")
	}
	return l, nil
}

// BankLine is one.
func (s *Service) BankLine(ctx context.Context, t tenant.ID, id uuid.UUID) (store.BankLine, error) {
	l, err := s.db.Read(t).BankLine(ctx, id)
	if store.IsNotFound(err) {
		return l, fault.New("bank_line_not_found")
	}
	return l, err
}

func (s *Service) zone(ctx context.Context, t tenant.ID) (*time.Location, error) {
	row, err := s.db.Read(t).TenantRow(ctx)
	if err != nil {
		return nil, err
	}
	zone, err := time.LoadLocation(row.TimeZone)
	if err != nil {
		return nil, fmt.Errorf("invoicing: zone of %s: %w", t, err)
	}
	return zone, nil
}
