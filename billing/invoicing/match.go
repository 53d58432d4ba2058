package invoicing

import (
	"context"
	"errors"
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

// maxOpen bounds how many open invoices a line is compared with: the oldest due.
const maxOpen = 2000

// Matches ranks the invoices that what is left of a line may pay, the likeliest first; ten at most.
func (s *Service) Matches(ctx context.Context, t tenant.ID, l store.BankLine) ([]Candidate, error) {
	all, err := s.MatchesOf(ctx, t, []store.BankLine{l})
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

// MatchesOf is the Matches of each of several lines, as if it were alone. What is open is read once for all.
func (s *Service) MatchesOf(ctx context.Context, t tenant.ID, lines []store.BankLine) ([][]Candidate, error) {
	docs, err := s.open(ctx, t, maxOpen)
	if err != nil {
		return nil, err
	}
	open, by := make([]invoice.Outstanding, 0, len(docs)), map[invoice.Number]store.Document{}
	for _, d := range docs {
		open = append(open, invoice.Outstanding{Number: d.Number, Account: d.Organisation.String(), Customer: d.Buyer.Name, Currency: d.Currency, Open: d.Open(), Issued: d.Issued})
		by[d.Number] = d
	}
	all := make([][]Candidate, len(lines))
	for i, l := range lines {
		all[i] = candidates(l, open, by)
	}
	return all, nil
}

func candidates(l store.BankLine, open []invoice.Outstanding, by map[invoice.Number]store.Document) []Candidate {
	transfer := l.Transfer
	transfer.Amount -= l.Matched
	found := invoice.Match(transfer, open)
	found = found[:min(len(found), 10)]
	out := make([]Candidate, len(found))
	for i, c := range found {
		left := transfer.Amount
		out[i].Candidate = c
		for _, n := range c.Invoices {
			amount := min(left, by[n].Open())
			out[i].Pays = append(out[i].Pays, Pay{by[n].ID, amount})
			left -= amount
		}
	}
	return out
}

// Match lets a line pay invoices, as a person decided who saw so much of it left: when somebody else has used of it since, they
// look again. 0: they did not say. What a line paid already, it may pay more of.
func (s *Service) Match(ctx context.Context, t tenant.ID, by uuid.UUID, claim idem.Claim, line uuid.UUID, pays []Pay, seen int64) error {
	return s.matchOnce(ctx, t, by, claim, line, pays, "manual", seen)
}

func (s *Service) match(ctx context.Context, t tenant.ID, by, line uuid.UUID, pays []Pay, how string) error {
	return s.matchOnce(ctx, t, by, idem.Claim{}, line, pays, how, 0)
}

// matchOnce writes receipts and their journals. What is left of the line and open of the invoices is read behind the line's lock and
// the organisations', so that nothing is paid twice; PostgreSQL bounds it again.
func (s *Service) matchOnce(ctx context.Context, t tenant.ID, by uuid.UUID, claim idem.Claim, line uuid.UUID, pays []Pay, how string, seen int64) error {
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
			journals := make([]ledger.Journal, len(pays))
			for i, p := range pays {
				d, err := tx.Document(ctx, p.Invoice)
				if err != nil {
					return nil, err
				}
				if left -= p.Amount; p.Amount <= 0 || left < 0 || p.Amount > d.Open() {
					return nil, fault.New("receipt_too_much")
				}
				id := ident.New()
				if err := tx.AddReceipt(ctx, id, line, p.Invoice, p.Amount, how, by); err != nil {
					return nil, err
				}
				m := store.BankMatch{ID: id, Line: line, Invoice: d.ID, Organisation: d.Organisation, Amount: p.Amount}
				if journals[i], err = matchJournal(m, ledger.Currency(l.Currency)); err != nil {
					return nil, err
				}
			}
			if err := tx.Audit(store.Audit{Actor: by, Action: "bank.match", Target: "bank_line/" + line.String(), Detail: map[string]any{"invoices": len(pays), "how": how}}); err != nil {
				return nil, err
			}
			recorded, err := tx.Record(ctx, journals...)
			if err != nil {
				return nil, err
			}
			for _, r := range recorded {
				err = errors.Join(err, r.Err)
			}
			return struct{}{}, err
		})
		return err
	})
}

// open is the invoices of which something is open, the oldest due first, with their lines left out.
func (s *Service) open(ctx context.Context, t tenant.ID, most int) (out []store.Document, err error) {
	r, due, id := s.db.Read(t), servicedate.Date(0), uuid.Nil
	for len(out) < most {
		page, err := r.OpenDocuments(ctx, due, id, 500)
		if err != nil {
			return nil, err
		}
		out = append(out, page...)
		if len(page) < 500 {
			break
		}
		due, id = page[len(page)-1].Due, page[len(page)-1].ID
	}
	return out, nil
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

// OpenLines is a page of what waits.
func (s *Service) OpenLines(ctx context.Context, t tenant.ID, after uuid.UUID, limit int) ([]store.BankLine, error) {
	return s.Lines(ctx, t, LinesWaiting, after, limit)
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
