package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store/internal/sqlc"
)

// Shift is what one person takes in cash, from the first of it to what they hand in. What they hold meanwhile is the
// account float:HOLDER, and a shift that is closed has emptied it.
type Shift struct {
	ID, Holder  uuid.UUID
	Currency    string
	Opened      time.Time
	Closed      time.Time // zero: open; what follows is of one that is closed
	Expected    int64     // what the float held
	Counted     int64     // what was counted, and handed in
	Place       string    // where: bank:PLACE
	Note        string
	Confirmed   time.Time // zero: nobody has yet; what follows is of one that is confirmed
	ConfirmedBy uuid.UUID
	Received    int64 // what was found there
	Version     int64

	HolderName, ConfirmedName string // where it was read with people
	Held                      int64  // where a page of them was read: what the float of an open one holds
}

// Taking is cash that became a rider's money.
type Taking struct {
	ID, Shift, Rider uuid.UUID
	RiderName        string
	Amount           int64
	Currency         string
	At, Undone       time.Time // undone: zero where it stands
}

// OpenShift opens a shift for somebody unless they have one open, and locks it. What else is locked in the transaction, accounts
// say, is locked after it.
func (tx *Tx) OpenShift(ctx context.Context, holder uuid.UUID, currency string) (s Shift, now time.Time, err error) {
	var row sqlc.CashShiftLockRow
	for { // one that is closed between the two statements leaves room for the next: somebody got on
		if err = tx.q.CashShiftOpen(ctx, tx.tenant.UUID(), ident.New(), holder, currency); err != nil {
			return Shift{}, now, fmt.Errorf("store: open a shift of %s: %w", holder, err)
		}
		if row, err = tx.q.CashShiftLock(ctx, tx.tenant.UUID(), holder); !IsNotFound(err) {
			break
		}
	}
	if err != nil {
		return Shift{}, now, fmt.Errorf("store: lock the shift of %s: %w", holder, err)
	}
	return shiftOf(&sqlc.CashShift{TenantID: row.TenantID, ID: row.ID, HolderID: row.HolderID, Currency: row.Currency, OpenedAt: row.OpenedAt, Version: row.Version}), row.Now, nil
}

// LockShift is one shift, which nobody else changes until the transaction ends.
func (tx *Tx) LockShift(ctx context.Context, id uuid.UUID) (Shift, error) {
	row, err := tx.q.CashShiftLockByID(ctx, tx.tenant.UUID(), id)
	if err != nil {
		return Shift{}, fmt.Errorf("store: lock shift %s: %w", id, err)
	}
	return shiftOf(&row), nil
}

// CurrentShift is the shift that somebody has open.
func (r *Reader) CurrentShift(ctx context.Context, holder uuid.UUID) (Shift, error) {
	row, err := r.q.CashShiftCurrent(ctx, r.tenant.UUID(), holder)
	if err != nil {
		return Shift{}, fmt.Errorf("store: the shift of %s: %w", holder, err)
	}
	return shiftOf(&row), nil
}

// Shift is one shift, with the names of its people.
func (r *Reader) Shift(ctx context.Context, id uuid.UUID) (Shift, error) {
	row, err := r.q.CashShiftGet(ctx, r.tenant.UUID(), id)
	if err != nil {
		return Shift{}, fmt.Errorf("store: read shift %s: %w", id, err)
	}
	s := shiftOf(&row.CashShift)
	s.HolderName, s.ConfirmedName = row.HolderName, row.ConfirmedName
	return s, nil
}

// Shifts is a page of shifts, newest first, of those before an id, that are "open", "closed" (and not confirmed),
// "confirmed", or whatever ("").
func (r *Reader) Shifts(ctx context.Context, state string, before uuid.UUID, limit int) ([]Shift, error) {
	if before == uuid.Nil {
		before = uuid.Max
	}
	rows, err := r.q.CashShiftPage(ctx, r.tenant.UUID(), before, state, int32(limit))
	if err != nil {
		return nil, fmt.Errorf("store: list shifts: %w", err)
	}
	out := make([]Shift, len(rows))
	for i := range rows {
		out[i] = shiftOf(&rows[i].CashShift)
		out[i].HolderName, out[i].ConfirmedName, out[i].Held = rows[i].HolderName, rows[i].ConfirmedName, rows[i].Held
	}
	return out, nil
}

// CloseShift keeps what was counted. Lock it first, and record what it means for the books.
func (tx *Tx) CloseShift(ctx context.Context, s Shift) error {
	err := tx.q.CashShiftClose(ctx, sqlc.CashShiftCloseParams{TenantID: tx.tenant.UUID(), ID: s.ID, Expected: s.Expected, Counted: s.Counted, Place: s.Place, Note: s.Note})
	if err != nil {
		return fmt.Errorf("store: close shift %s: %w", s.ID, err)
	}
	return nil
}

// ConfirmShift keeps who found how much of what was handed in. Lock it first.
func (tx *Tx) ConfirmShift(ctx context.Context, id, by uuid.UUID, received int64) error {
	err := tx.q.CashShiftConfirm(ctx, by, received, tx.tenant.UUID(), id)
	if err != nil {
		return fmt.Errorf("store: confirm shift %s: %w", id, err)
	}
	return nil
}

// AddTaking keeps that cash was taken.
func (tx *Tx) AddTaking(ctx context.Context, k Taking) (at time.Time, err error) {
	at, err = tx.q.CashTakingAdd(ctx, sqlc.CashTakingAddParams{TenantID: tx.tenant.UUID(), ID: k.ID, ShiftID: k.Shift, RiderID: k.Rider, Amount: k.Amount, Currency: k.Currency})
	if err != nil {
		return at, fmt.Errorf("store: add a taking: %w", err)
	}
	return at, nil
}

// LockedTaking is a taking behind the lock of its shift and its own.
type LockedTaking struct {
	Taking
	Holder uuid.UUID
	Closed bool // its shift is
	Now    time.Time
}

// LockTaking is one taking, which nobody else changes until the transaction ends.
func (tx *Tx) LockTaking(ctx context.Context, id uuid.UUID) (LockedTaking, error) {
	k, err := tx.q.CashTakingLock(ctx, tx.tenant.UUID(), id)
	if err != nil {
		return LockedTaking{}, fmt.Errorf("store: lock taking %s: %w", id, err)
	}
	return LockedTaking{Taking: Taking{ID: k.ID, Shift: k.ShiftID, Rider: k.RiderID, Amount: k.Amount, Currency: k.Currency, At: k.At, Undone: orZero(k.UndoneAt)},
		Holder: k.HolderID, Closed: k.Closed, Now: k.Now}, nil
}

// UndoTaking marks a taking as undone and says when. Lock it first.
func (tx *Tx) UndoTaking(ctx context.Context, id uuid.UUID) (at time.Time, err error) {
	at, err = tx.q.CashTakingUndo(ctx, tx.tenant.UUID(), id)
	if err != nil {
		return at, fmt.Errorf("store: undo taking %s: %w", id, err)
	}
	return at, nil
}

// Takings is a page of a shift's takings, newest first, of those before an id.
func (r *Reader) Takings(ctx context.Context, shift, before uuid.UUID, limit int) ([]Taking, error) {
	if before == uuid.Nil {
		before = uuid.Max
	}
	rows, err := r.q.CashTakings(ctx, r.tenant.UUID(), shift, before, int32(limit))
	if err != nil {
		return nil, fmt.Errorf("store: takings of shift %s: %w", shift, err)
	}
	out := make([]Taking, len(rows))
	for i, k := range rows {
		out[i] = Taking{ID: k.ID, Shift: shift, Rider: k.RiderID, RiderName: k.RiderName, Amount: k.Amount, Currency: k.Currency, At: k.At, Undone: orZero(k.UndoneAt)}
	}
	return out, nil
}

// Taken is how many takings of a shift stand, and what they make.
func (r *Reader) Taken(ctx context.Context, shift uuid.UUID) (n, amount int64, err error) {
	row, err := r.q.CashTaken(ctx, r.tenant.UUID(), shift)
	if err != nil {
		return 0, 0, fmt.Errorf("store: takings of shift %s: %w", shift, err)
	}
	return row.N, row.Amount, nil
}

// Rider is somebody who can ride, and so has a wallet.
type Rider struct {
	ID          uuid.UUID
	Name, Email string
	Phone       string
}

// Rider is one, if they may still ride.
func (r *Reader) Rider(ctx context.Context, id uuid.UUID) (Rider, error) {
	u, err := r.q.RiderGet(ctx, r.tenant.UUID(), id)
	if err != nil {
		return Rider{}, fmt.Errorf("store: read rider %s: %w", id, err)
	}
	return Rider(u), nil
}

// FindRiders is the first few whose address begins with q, or whose name or phone has it.
func (r *Reader) FindRiders(ctx context.Context, q string, limit int) ([]Rider, error) {
	q = strings.ToLower(q)
	digits := strings.Map(func(c rune) rune {
		if c < '0' || c > '9' {
			return -1
		}
		return c
	}, q)
	rows, err := r.q.RiderFind(ctx, r.tenant.UUID(), q, digits, int32(limit))
	if err != nil {
		return nil, fmt.Errorf("store: find riders: %w", err)
	}
	out := make([]Rider, len(rows))
	for i, u := range rows {
		out[i] = Rider(u)
	}
	return out, nil
}

func shiftOf(s *sqlc.CashShift) Shift {
	out := Shift{ID: s.ID, Holder: s.HolderID, Currency: s.Currency, Opened: s.OpenedAt, Closed: orZero(s.ClosedAt), Place: text(s.Place), Note: s.Note,
		Confirmed: orZero(s.ConfirmedAt), Version: s.Version, Expected: orZero(s.Expected), Counted: orZero(s.Counted), Received: orZero(s.Received)}
	if s.ConfirmedBy != nil {
		out.ConfirmedBy = *s.ConfirmedBy
	}
	return out
}
