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

// ConfirmShift is somebody else finding what was handed in: received is there now, and what it lacks is a difference too.
// Nobody confirms their own (constraint cash_shift_two_people).
func (c *Cash) ConfirmShift(ctx context.Context, t tenant.ID, by uuid.UUID, claim idem.Claim, id uuid.UUID, received int64) (store.Shift, error) {
	var shift store.Shift
	err := c.db.InTx(ctx, t, func(tx *store.Tx) error {
		answer, _, err := tx.Once(ctx, claim, 200, func() (any, error) { return confirmShift(ctx, tx, by, id, received) })
		if err != nil {
			return err
		}
		return json.Unmarshal(answer, &shift)
	})
	return shift, err
}

func confirmShift(ctx context.Context, tx *store.Tx, by, id uuid.UUID, received int64) (store.Shift, error) {
	s, err := tx.LockShift(ctx, id)
	if store.IsNotFound(err) {
		return s, fault.New("not_found")
	}
	if err != nil {
		return s, err
	}
	c := ledger.Currency(s.Currency)
	switch {
	case s.Closed.IsZero():
		return s, fault.New("shift_still_open")
	case !s.Confirmed.IsZero():
		return s, fault.New("shift_confirmed")
	case s.Holder == by:
		return s, fault.New("shift_own")
	case received < 0 || received > c.Max():
		return s, fault.New("amount_invalid", fault.Params{"max": ledger.Of(c.Max(), c).String()}).At("/received")
	}
	s.Received = received
	if j, moves := arriving(s, c); moves {
		if _, err := tx.RecordOne(ctx, j); err != nil {
			return s, err
		}
	}
	if err := tx.ConfirmShift(ctx, id, by, received); err != nil {
		return s, err
	}
	if err := tx.Audit(store.Audit{Actor: by, Action: "cash.confirm", Target: "shift/" + id.String(),
		Detail: map[string]any{"holder": s.Holder, "counted": s.Counted, "received": received, "currency": s.Currency, "place": s.Place}}); err != nil {
		return s, err
	}
	return tx.Shift(ctx, id)
}

// arriving is what finding the deposit means for the books.
func arriving(s store.Shift, c ledger.Currency) (ledger.Journal, bool) {
	var entries []ledger.Entry
	if s.Received > 0 {
		entries = append(entries, ledger.Debit(ledger.Bank(s.Place, c), ledger.Of(s.Received, c)))
	}
	if s.Counted > 0 {
		entries = append(entries, ledger.Credit(ledger.Transit("cash", c), ledger.Of(s.Counted, c)))
	}
	entries = differ(entries, s.Counted-s.Received, c)
	return ledger.Post("shift:"+s.ID.String()+":received", "shift_received", entries...).About("shift/" + s.ID.String()), len(entries) > 0
}

// Shifts is a page of all people's shifts, newest first.
func (c *Cash) Shifts(ctx context.Context, t tenant.ID, state string, before uuid.UUID, limit int) ([]store.Shift, error) {
	return c.db.Read(t).Shifts(ctx, state, before, limit)
}

// ShiftTakings is a page of what was taken in a shift, newest first.
func (c *Cash) ShiftTakings(ctx context.Context, t tenant.ID, shift, before uuid.UUID, limit int) ([]store.Taking, error) {
	r := c.db.Read(t)
	if _, err := r.Shift(ctx, shift); store.IsNotFound(err) {
		return nil, fault.New("not_found")
	} else if err != nil {
		return nil, err
	}
	return r.Takings(ctx, shift, before, limit)
}
