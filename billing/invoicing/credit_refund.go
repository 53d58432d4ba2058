package invoicing

import (
	"context"
	"encoding/json"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/billing/payout"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store"
)

// States of a refund of credit.
const (
	RefundDraft     = "draft"
	RefundApproved  = "approved" // out of the credit, on its way
	RefundPaid      = "paid"
	RefundReturned  = "returned" // the bank sent it back, or it was never sent: in the credit again
	RefundDiscarded = "discarded"
)

// PrepareRefund drafts that credit goes back to an organisation's bank. Nothing has moved yet.
func (s *Service) PrepareRefund(ctx context.Context, t tenant.ID, by uuid.UUID, claim idem.Claim, x store.CreditRefund) (id uuid.UUID, err error) {
	if x.Reason, err = reasonOf(x.Reason); err != nil {
		return id, err
	}
	if x.Number, err = payout.Number(x.Number); err != nil {
		return id, err
	}
	x.Holder = strings.TrimSpace(x.Holder)
	if n := utf8.RuneCountInString(x.Holder); n < 2 || n > 70 {
		return id, fault.New("bad_value").At("/holder")
	}
	if err := ledger.Of(x.Amount, ledger.Currency(x.Currency)).Check(); err != nil {
		return id, err
	}
	x.ID, x.MadeBy = ident.New(), by
	err = s.db.InTx(ctx, t, func(tx *store.Tx) error {
		answer, _, err := tx.Once(ctx, claim, 201, func() (any, error) {
			if err := tx.LockBilled(ctx, x.Organisation); err != nil {
				return nil, err
			}
			if err := surplus(ctx, tx, by, x.Organisation); err != nil {
				return nil, err
			}
			has, err := creditOf(ctx, &tx.Reader, x.Organisation, ledger.Currency(x.Currency))
			if err != nil {
				return nil, err
			}
			if x.Amount > has {
				return nil, fault.New("credit_short").At("/amount")
			}
			if err := tx.AddCreditRefund(ctx, x); err != nil {
				return nil, err
			}
			return x.ID, tx.Audit(store.Audit{Actor: by, Action: "credit.refund", Target: "credit_refund/" + x.ID.String(),
				Detail: map[string]any{"organisation": x.Organisation, "amount": x.Amount, "currency": x.Currency, "number": payout.Masked(x.Number), "reason": x.Reason}})
		})
		if err != nil {
			return err
		}
		return json.Unmarshal(answer, &id)
	})
	return id, err
}

// CreditRefund is one.
func (s *Service) CreditRefund(ctx context.Context, t tenant.ID, id uuid.UUID) (store.CreditRefund, error) {
	x, err := s.db.Read(t).CreditRefund(ctx, id)
	if store.IsNotFound(err) {
		return x, fault.New("not_found")
	}
	return x, err
}

// ApproveRefund is a second person's yes: the money leaves the credit, so that nothing else spends it. The table itself knows no refund that its maker
// approved.
func (s *Service) ApproveRefund(ctx context.Context, t tenant.ID, by uuid.UUID, claim idem.Claim, id uuid.UUID) error {
	return s.moveRefund(ctx, t, by, claim, id, RefundApproved, "", "")
}

// DiscardRefund forgets a draft.
func (s *Service) DiscardRefund(ctx context.Context, t tenant.ID, by uuid.UUID, claim idem.Claim, id uuid.UUID) error {
	return s.moveRefund(ctx, t, by, claim, id, RefundDiscarded, "", "")
}

// EndRefund says what became of one that was approved: it was paid, under the bank's reference; or it came back, before or after, and is credit again.
func (s *Service) EndRefund(ctx context.Context, t tenant.ID, by uuid.UUID, claim idem.Claim, id uuid.UUID, returned bool, reference, why string) error {
	state, reference, why := RefundPaid, strings.TrimSpace(reference), strings.TrimSpace(why)
	if returned {
		state, reference = RefundReturned, ""
	}
	switch {
	case !returned && reference == "":
		return fault.New("reference_required").At("/reference")
	case returned && why == "":
		return fault.New("reason_required").At("/why")
	}
	return s.moveRefund(ctx, t, by, claim, id, state, reference, why)
}

// moveRefund does one step behind the refund's lock and then the organisation's, audited, once.
func (s *Service) moveRefund(ctx context.Context, t tenant.ID, by uuid.UUID, claim idem.Claim, id uuid.UUID, state, reference, why string) error {
	err := s.db.InTx(ctx, t, func(tx *store.Tx) error {
		_, _, err := tx.Once(ctx, claim, 200, func() (any, error) {
			x, err := tx.LockCreditRefund(ctx, id)
			if err != nil {
				return nil, err
			}
			if state == RefundApproved && x.MadeBy == by {
				return nil, fault.New("payout_own")
			}
			j, err := refundStep(x, state)
			if err != nil {
				return nil, err
			}
			if err := tx.LockBilled(ctx, x.Organisation); err != nil {
				return nil, err
			}
			if err := tx.MoveCreditRefund(ctx, id, state, reference, why, by); err != nil {
				return nil, err
			}
			if len(j.Entries) > 0 {
				if _, err := tx.RecordOne(ctx, j.Because(x.Reason)); fault.Is(err, "insufficient_funds") {
					return nil, fault.New("credit_short").Because(err)
				} else if err != nil {
					return nil, err
				}
			}
			return id, tx.Audit(store.Audit{Actor: by, Action: "credit_refund." + state, Target: "credit_refund/" + id.String(), Detail: map[string]any{"organisation": x.Organisation, "reference": reference, "why": why}})
		})
		return err
	})
	if store.IsNotFound(err) {
		return fault.New("not_found")
	}
	return err
}

// refundStep is what a step of a refund means for the books; of a draft that is discarded, nothing.
func refundStep(x store.CreditRefund, state string) (ledger.Journal, error) {
	c := ledger.Currency(x.Currency)
	sum := ledger.Of(x.Amount, c)
	credit, transit, bank := ledger.CreditOf(x.Organisation, c), ledger.Transit("credit", c), ledger.Bank("main", c)
	var from, to ledger.Account
	switch x.State + " " + state {
	case RefundDraft + " " + RefundDiscarded:
		return ledger.Journal{}, nil
	case RefundDraft + " " + RefundApproved:
		from, to = credit, transit
	case RefundApproved + " " + RefundPaid:
		from, to = transit, bank
	case RefundApproved + " " + RefundReturned:
		from, to = transit, credit
	case RefundPaid + " " + RefundReturned: // it had left
		from, to = bank, credit
	default:
		return ledger.Journal{}, fault.New("payout_not_so_far")
	}
	return ledger.Post("credit_refund:"+x.ID.String()+":"+state, "credit_refund_"+state, ledger.Debit(from, sum), ledger.Credit(to, sum)).About("organisation/" + x.Organisation.String()), nil
}

// Credits is what organisations have; one's, or all's for the nil UUID.
func (s *Service) Credits(ctx context.Context, t tenant.ID, organisation uuid.UUID) ([]store.OrganisationCredit, error) {
	return s.db.Read(t).Credits(ctx, organisation)
}

// CreditStory is what became of an organisation's credit: how it moved, and what goes or went back to its bank; for the nil UUID all refunds that are
// not over.
func (s *Service) CreditStory(ctx context.Context, t tenant.ID, organisation uuid.UUID) (moves []store.CreditMove, refunds []store.CreditRefund, err error) {
	r := s.db.Read(t)
	if organisation != uuid.Nil {
		if moves, err = r.CreditMoves(ctx, organisation); err != nil {
			return nil, nil, err
		}
	}
	refunds, err = r.CreditRefunds(ctx, organisation)
	return moves, refunds, err
}
