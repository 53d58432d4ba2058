package invoicing

import (
	"context"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/store"
)

// Unmatch takes a wrong match back, and says why: the invoice is open again by so much, or the payout waits for its line again, and the money is in
// suspense again. What was written stays; the journal that mirrors it happens today, whichever period the match was in, so that what is
// locked keeps what it says. What the invoice gave to its organisation's credit it gets back, as far as it is there.
func (s *Service) Unmatch(ctx context.Context, t tenant.ID, by uuid.UUID, claim idem.Claim, line, match uuid.UUID, reason string) error {
	reason, err := reasonOf(reason)
	if err != nil {
		return err
	}
	return s.db.InTx(ctx, t, func(tx *store.Tx) error {
		_, _, err := tx.Once(ctx, claim, 204, func() (any, error) {
			l, err := tx.LockBankLine(ctx, line)
			if store.IsNotFound(err) {
				return nil, fault.New("bank_line_not_found")
			}
			if err != nil {
				return nil, err
			}
			m, err := standing(ctx, tx, line, match)
			if err != nil {
				return nil, err
			}
			if m.Invoice != uuid.Nil { // what they owe changes
				if err := tx.LockBilled(ctx, m.Organisation); err != nil {
					return nil, err
				}
			}
			if err := tx.Unmatch(ctx, m, reason, by); err != nil {
				return nil, err
			}
			j, err := matchJournal(m, ledger.Currency(l.Currency))
			if err != nil {
				return nil, err
			}
			back := ledger.Post(j.Key+":undone", "match_undone").About(j.Subject).Because(reason)
			for _, e := range j.Entries {
				e.Debit = !e.Debit
				back.Entries = append(back.Entries, e)
			}
			if err := tx.Audit(store.Audit{Actor: by, Action: "bank.unmatch", Target: "bank_line/" + line.String(), Detail: map[string]any{"match": match, "about": j.Subject, "reason": reason}}); err != nil {
				return nil, err
			}
			if _, err = tx.RecordOne(ctx, back); err == nil && m.Invoice != uuid.Nil {
				err = restore(ctx, tx, by, m.Invoice)
			}
			return struct{}{}, err
		})
		return err
	})
}

// standing is a line's match that was not taken back.
func standing(ctx context.Context, tx *store.Tx, line, match uuid.UUID) (store.BankMatch, error) {
	all, err := tx.BankMatches(ctx, line)
	if err != nil {
		return store.BankMatch{}, err
	}
	for _, m := range all[line] {
		if m.ID != match {
			continue
		}
		if !m.Undone.IsZero() {
			return m, fault.New("match_undone")
		}
		return m, nil
	}
	return store.BankMatch{}, fault.New("match_not_found")
}

// Desk is what people know of lines: what each was matched with, and why it is aside.
func (s *Service) Desk(ctx context.Context, t tenant.ID, lines []store.BankLine) (matches map[uuid.UUID][]store.BankMatch, asides map[uuid.UUID]store.BankAside, err error) {
	ids := make([]uuid.UUID, len(lines))
	for i, l := range lines {
		ids[i] = l.ID
	}
	r := s.db.Read(t)
	if matches, err = r.BankMatches(ctx, ids...); err != nil {
		return nil, nil, err
	}
	asides, err = r.BankAsides(ctx, ids...)
	return matches, asides, err
}
