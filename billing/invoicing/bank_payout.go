package invoicing

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store"
)

// How long before and after a bank booked money a gateway may have sent it.
const (
	sentBefore = 21 * 24 * time.Hour
	sentAfter  = 3 * 24 * time.Hour
)

// PayoutsOf is, for each of several lines, the gateways' payouts that it may be: of its whole amount and its time, and no other line is it.
func (s *Service) PayoutsOf(ctx context.Context, t tenant.ID, lines []store.BankLine) ([][]store.GatewayPayout, error) {
	all := make([][]store.GatewayPayout, len(lines))
	var amounts []int64
	var since, until time.Time
	for _, l := range lines {
		if l.Matched > 0 {
			continue
		}
		from, to := l.Booked.Midnight().Add(-sentBefore), l.Booked.Midnight().Add(sentAfter)
		if len(amounts) == 0 || from.Before(since) {
			since = from
		}
		if to.After(until) {
			until = to
		}
		amounts = append(amounts, l.Amount)
	}
	if len(amounts) == 0 {
		return all, nil
	}
	open, err := s.db.Read(t).OpenGatewayPayouts(ctx, amounts, since, until)
	if err != nil {
		return nil, err
	}
	for i, l := range lines {
		for _, p := range open {
			at := l.Booked.Midnight()
			if l.Matched == 0 && p.Amount == l.Amount && p.Currency == l.Currency && !p.At.Before(at.Add(-sentBefore)) && p.At.Before(at.Add(sentAfter)) && len(all[i]) < 5 {
				all[i] = append(all[i], p)
			}
		}
	}
	return all, nil
}

// IsPayout says that a line is what a gateway paid to the operator's bank. That was booked when it left the gateway, so the bank has the same
// money twice: what the statement brought goes out of suspense and out of the account that the payout was booked into. A line is a payout as a whole, and
// a payout is one line.
func (s *Service) IsPayout(ctx context.Context, t tenant.ID, by uuid.UUID, claim idem.Claim, line, payout uuid.UUID) error {
	return s.db.InTx(ctx, t, func(tx *store.Tx) error {
		_, _, err := tx.Once(ctx, claim, 204, func() (any, error) {
			l, err := waiting(ctx, tx, line, 0)
			if err != nil {
				return nil, err
			}
			p, err := tx.GatewayPayout(ctx, payout)
			if store.IsNotFound(err) {
				return nil, fault.New("bank_payout_not_found")
			}
			if err != nil {
				return nil, err
			}
			if l.Matched != 0 || l.Amount != p.Amount || l.Currency != p.Currency {
				return nil, fault.New("bank_payout_differs")
			}
			id := ident.New()
			if err := tx.AddBankPayout(ctx, id, line, p, by); store.Duplicate(err) {
				return nil, fault.New("bank_payout_taken")
			} else if err != nil {
				return nil, err
			}
			m := store.BankMatch{ID: id, Line: line, Gateway: p.Gateway, Account: p.Account, Amount: p.Amount}
			if err := tx.Audit(store.Audit{Actor: by, Action: "bank.payout", Target: "bank_line/" + line.String(), Detail: map[string]any{"payout": payout, "gateway": p.Gateway}}); err != nil {
				return nil, err
			}
			j, err := matchJournal(m, ledger.Currency(l.Currency))
			if err != nil {
				return nil, err
			}
			_, err = tx.RecordOne(ctx, j)
			return struct{}{}, err
		})
		return err
	})
}

// matchJournal is what a match means for the books.
func matchJournal(m store.BankMatch, c ledger.Currency) (ledger.Journal, error) {
	sum, suspense := ledger.Of(m.Amount, c), ledger.Suspense("bank", c)
	if m.Invoice != uuid.Nil {
		return ledger.Post("receipt:"+m.ID.String(), "invoice_paid", ledger.Debit(suspense, sum), ledger.Credit(ledger.Receivable(m.Organisation, c), sum)).
			About("invoice/" + m.Invoice.String()), nil
	}
	bank, err := ledger.Parse(m.Account, c)
	return ledger.Post("bank_payout:"+m.ID.String(), "bank_payout", ledger.Debit(suspense, sum), ledger.Credit(bank, sum)).About("bank_line/" + m.Line.String()), err
}
