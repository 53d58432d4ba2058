package billing

import (
	"context"
	"encoding/json"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/store"
)

// Count is what somebody counted at the end of a shift, and where they handed it in.
type Count struct {
	Shift              uuid.UUID // which was counted; nil: the one that is open
	Counted, Deposited int64     // typed twice on purpose: all that was counted is handed in
	Place              string    // one of the tenant's
	Note               string
	Alarmed            bool // who counted knows that it is far from what should be there
}

// OpenShift opens a shift before there is any cash, or says which is open.
func (c *Cash) OpenShift(ctx context.Context, t tenant.ID, holder uuid.UUID, claim idem.Claim) (store.Shift, error) {
	var shift store.Shift
	err := c.db.InTx(ctx, t, func(tx *store.Tx) error {
		answer, _, err := tx.Once(ctx, claim, 200, func() (any, error) {
			row, err := tx.Terms(ctx)
			if err != nil {
				return nil, err
			}
			s, _, err := tx.OpenShift(ctx, holder, row.Currency)
			return s, err
		})
		if err != nil {
			return err
		}
		return json.Unmarshal(answer, &shift)
	})
	return shift, err
}

// CloseShift ends a shift: what was counted is on its way to where it was handed in, what it lacks or has too much is a
// difference, and the float holds nothing. Somebody else confirms what arrived.
func (c *Cash) CloseShift(ctx context.Context, t tenant.ID, holder uuid.UUID, claim idem.Claim, n Count) (store.Shift, error) {
	var shift store.Shift
	err := c.db.InTx(ctx, t, func(tx *store.Tx) error {
		answer, _, err := tx.Once(ctx, claim, 200, func() (any, error) { return closeShift(ctx, tx, holder, n) })
		if err != nil {
			return err
		}
		return json.Unmarshal(answer, &shift)
	})
	return shift, err
}

func closeShift(ctx context.Context, tx *store.Tx, holder uuid.UUID, n Count) (store.Shift, error) {
	row, err := tx.Terms(ctx)
	if err != nil {
		return store.Shift{}, err
	}
	terms, err := readCashTerms(row)
	if err != nil {
		return store.Shift{}, err
	}
	switch {
	case n.Counted < 0 || n.Counted > terms.currency.Max():
		return store.Shift{}, fault.New("amount_invalid", fault.Params{"max": ledger.Of(terms.currency.Max(), terms.currency).String()}).At("/counted")
	case n.Deposited != n.Counted:
		return store.Shift{}, fault.New("deposit_differs").At("/deposited")
	case !terms.has(n.Place):
		return store.Shift{}, fault.New("deposit_place_unknown").At("/place")
	}
	was, err := tx.CurrentShift(ctx, holder)
	none := store.IsNotFound(err)
	if err != nil && !none {
		return store.Shift{}, err
	}
	shift, _, err := tx.OpenShift(ctx, holder, string(terms.currency)) // a driver's fares may be there without one
	if err != nil {
		return store.Shift{}, err
	}
	if !none && shift.ID != was.ID || n.Shift != uuid.Nil && shift.ID != n.Shift {
		return store.Shift{}, fault.New("shift_changed") // somebody closed it meanwhile, with what was counted
	}
	c := ledger.Currency(shift.Currency)
	float := ledger.Float(holder, c)
	books, err := tx.Books(ctx, float) // behind its lock: what comes later belongs to the next shift
	if err != nil {
		return store.Shift{}, err
	}
	if p := books[float.Ref()]; p != nil {
		shift.Expected = p.Posted
	}
	if none && shift.Expected == 0 {
		return store.Shift{}, fault.New("shift_none")
	}
	if !n.Alarmed && beyond(n.Counted, shift.Expected, c) {
		return store.Shift{}, fault.New("count_implausible", fault.Params{"expected": ledger.Of(shift.Expected, c).String()}).At("/counted")
	}
	shift.Counted, shift.Place, shift.Note = n.Counted, n.Place, n.Note
	if j, moves := closing(shift, c); moves {
		if _, err := tx.RecordOne(ctx, j); err != nil {
			return store.Shift{}, err
		}
	}
	if err := tx.CloseShift(ctx, shift); err != nil {
		return store.Shift{}, err
	}
	if err := tx.Audit(store.Audit{Actor: holder, Action: "cash.close", Target: "shift/" + shift.ID.String(),
		Detail: map[string]any{"expected": shift.Expected, "counted": n.Counted, "alarmed": n.Alarmed, "currency": shift.Currency, "place": n.Place}}); err != nil {
		return store.Shift{}, err
	}
	return tx.Shift(ctx, shift.ID)
}

// closing is what ending a shift means for the books; nothing, where nothing was there and nothing was counted.
func closing(s store.Shift, c ledger.Currency) (ledger.Journal, bool) {
	var entries []ledger.Entry
	if s.Counted > 0 {
		entries = append(entries, ledger.Debit(ledger.Transit("cash", c), ledger.Of(s.Counted, c)))
	}
	if s.Expected > 0 {
		entries = append(entries, ledger.Credit(ledger.Float(s.Holder, c), ledger.Of(s.Expected, c)))
	}
	entries = differ(entries, s.Expected-s.Counted, c)
	return ledger.Post("shift:"+s.ID.String()+":closed", "shift_closed", entries...).About("shift/" + s.ID.String()).Because(s.Note), len(entries) > 0
}

// differ adds what is lacking, or what there is too much of.
func differ(entries []ledger.Entry, lacks int64, c ledger.Currency) []ledger.Entry {
	switch {
	case lacks > 0:
		entries = append(entries, ledger.Debit(ledger.Difference(c), ledger.Of(lacks, c)))
	case lacks < 0:
		entries = append(entries, ledger.Credit(ledger.Difference(c), ledger.Of(-lacks, c)))
	}
	return entries
}

// beyond is a count that is more likely a slip of the finger than what lies there: more than a thousand away from what should, and more than half of
// it. Whoever means it says so.
func beyond(counted, expected int64, c ledger.Currency) bool {
	apart := max(counted-expected, expected-counted)
	return apart > 1000*c.Unit() && apart > expected/2
}
