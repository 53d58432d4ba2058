package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/billing/pass"
	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store/internal/sqlc"
)

// How a booking is paid with a pass. All of it happens in the booking's own transaction, behind the trip's lock:
//
//	confirm   p, err := tx.PassFor(ctx, rider, ride)        fault pass_none: nothing is locked or written that matters
//	          js, err := tx.UsePass(ctx, p, booking, ride)  keep p.ID with the booking; record js with all the rest
//	ride over js, err := tx.EarnPass(ctx, booking)          completed or no-show
//	given up  js, err := tx.ReturnPass(ctx, booking, owed)  owed: the policy gives all of it back; else the ride is spent
//
// The journals are the caller's to record, in one Record with the others of the batch, last: the verbs lock passes and write
// their rows, and leave accounts alone, so that those are locked in one order. They move a pass's value, not the fare: a
// ride of a period moves nothing (ADR 26), and no fare must be taken beside it. Each may be called again: the second time nothing
// is written, and the same journals come back, whose keys are the same.
//
// Passes are locked after trips and before accounts.

// PassFor locks a rider's passes that may cover a ride and chooses the one that goes first (pass.Choose). None: pass_none.
func (tx *Tx) PassFor(ctx context.Context, rider uuid.UUID, ride pass.Ride) (Pass, error) {
	rows, err := tx.q.PassesFor(ctx, tx.tenant.UUID(), rider, ride.Date.Midnight())
	if err != nil {
		return Pass{}, fmt.Errorf("store: passes of %s: %w", rider, err)
	}
	all, kernel, ids := make([]Pass, len(rows)), make([]pass.Pass, len(rows)), make([]uuid.UUID, len(rows))
	for i := range rows {
		all[i], ids[i] = passOf(&rows[i]), rows[i].ID
	}
	used, err := tx.q.PassUsedOn(ctx, tx.tenant.UUID(), ids, ride.Date.Midnight()) // a statement of its own: what was committed before the locks
	if err != nil {
		return Pass{}, fmt.Errorf("store: uses of passes of %s: %w", rider, err)
	}
	for i := range all {
		for _, u := range used {
			if u.PassID == all[i].ID {
				all[i].Today = int(u.Rides)
			}
		}
		kernel[i] = all[i].Pass
	}
	best := pass.Choose(kernel, ride)
	if best < 0 {
		return Pass{}, fault.New("pass_none")
	}
	return all[best], nil
}

// UsePass spends a ride of a pass that PassFor chose in this transaction.
func (tx *Tx) UsePass(ctx context.Context, p Pass, booking uuid.UUID, ride pass.Ride) ([]ledger.Journal, error) {
	if why := p.Uncovered(ride); len(why) > 0 {
		return nil, fmt.Errorf("store: pass %s does not cover booking %s: %v", p.ID, booking, why)
	}
	next, value := p.Use(ride.Party)
	n, err := tx.q.PassUseAdd(ctx, sqlc.PassUseAddParams{TenantID: tx.tenant.UUID(), BookingID: booking, PassID: p.ID, ServiceDate: ride.Date.Midnight(), Rides: int16(ride.Party), Value: value})
	if err != nil {
		return nil, fmt.Errorf("store: use pass %s for booking %s: %w", p.ID, booking, err)
	}
	if n == 0 { // it was paid with a pass before
		u, err := tx.q.PassUseGet(ctx, tx.tenant.UUID(), booking)
		if err != nil {
			return nil, fmt.Errorf("store: the pass of booking %s: %w", booking, err)
		}
		before, err := tx.Pass(ctx, u.PassID)
		return passMove(booking, "pass_used", u.Value, before.Currency, before.account(), seats(before.Currency)), err
	}
	p.Pass = next
	return passMove(booking, "pass_used", value, p.Currency, p.account(), seats(p.Currency)), tx.SavePass(ctx, p)
}

// EarnPass is a booking whose ride is over, or whose riders did not come; no journals where it was not paid with a pass.
func (tx *Tx) EarnPass(ctx context.Context, booking uuid.UUID) ([]ledger.Journal, error) {
	u, err := tx.q.PassUseGet(ctx, tx.tenant.UUID(), booking)
	if IsNotFound(err) || err == nil && u.ReturnedAt != nil {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("store: the pass of booking %s: %w", booking, err)
	}
	p, err := tx.Pass(ctx, u.PassID)
	if err != nil {
		return nil, err
	}
	return passMove(booking, "pass_earned", u.Value, p.Currency, seats(p.Currency), ledger.Revenue("seats", ledger.Currency(p.Currency))), nil
}

// ReturnPass is a booking that is given up. owed: the ride comes back, to its pass while that is good, else as money to the
// rider's wallet; not owed: it is spent, and its value earned. No journals where it was not paid with a pass.
func (tx *Tx) ReturnPass(ctx context.Context, booking uuid.UUID, owed bool) ([]ledger.Journal, error) {
	u, err := tx.q.PassUseGet(ctx, tx.tenant.UUID(), booking)
	if IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("store: the pass of booking %s: %w", booking, err)
	}
	p, err := tx.LockPass(ctx, u.PassID)
	if err != nil {
		return nil, err
	}
	if u, err = tx.q.PassUseGet(ctx, tx.tenant.UUID(), booking); err != nil { // as it stands behind the lock
		return nil, fmt.Errorf("store: the pass of booking %s: %w", booking, err)
	}
	back := text(u.ReturnedTo)
	if back == "" {
		back = backTo(p, owed)
		if _, err := tx.q.PassUseReturn(ctx, back, tx.tenant.UUID(), booking); err != nil {
			return nil, fmt.Errorf("store: return booking %s to its pass: %w", booking, err)
		}
		if back == "pass" {
			p.Pass = p.Return(int(u.Rides), u.Value)
			if err := tx.SavePass(ctx, p); err != nil {
				return nil, err
			}
		}
		if wallet := ledger.Wallet(p.Rider, ledger.Currency(p.Currency)); back == "wallet" {
			if err := tx.OpenAccounts(ctx, wallet); err != nil {
				return nil, err
			}
		}
	}
	c := ledger.Currency(p.Currency)
	to := map[string]ledger.Account{"pass": p.account(), "wallet": ledger.Wallet(p.Rider, c), "kept": ledger.Revenue("seats", c)}[back]
	return passMove(booking, "pass_returned", u.Value, p.Currency, seats(p.Currency), to), nil
}

// backTo is where a ride goes that is given up.
func backTo(p Pass, owed bool) string {
	switch {
	case !owed:
		return "kept"
	case p.State == pass.Active || p.State == pass.UsedUp && p.Ended.IsZero():
		return "pass"
	case p.Period():
		return "kept" // it was worth nothing by itself, and its days are over
	}
	return "wallet"
}

func (p Pass) account() ledger.Account { return ledger.Pass(p.ID, ledger.Currency(p.Currency)) }

func seats(currency string) ledger.Account {
	return ledger.Deferred("seats", ledger.Currency(currency))
}

func passMove(booking uuid.UUID, kind string, value int64, currency string, from, to ledger.Account) []ledger.Journal {
	if value == 0 {
		return nil
	}
	m := ledger.Of(value, ledger.Currency(currency))
	return []ledger.Journal{ledger.Post("booking:"+booking.String()+":"+kind, kind, ledger.Debit(from, m), ledger.Credit(to, m)).About("booking/" + booking.String())}
}

// PassUse is what a pass was used for.
type PassUse struct {
	Booking                             uuid.UUID
	Date                                servicedate.Date
	Rides                               int
	Value                               int64
	At, Returned                        time.Time // returned: zero where it was not
	ReturnedTo                          string
	LineName, FromName, ToName, AtClock string
	State                               string // of the booking
}

// PassUses is what a pass was used for, the latest first.
func (r *Reader) PassUses(ctx context.Context, id uuid.UUID, limit int) ([]PassUse, error) {
	rows, err := r.q.PassUses(ctx, r.tenant.UUID(), id, int32(limit))
	if err != nil {
		return nil, fmt.Errorf("store: uses of pass %s: %w", id, err)
	}
	out := make([]PassUse, len(rows))
	for i, u := range rows {
		out[i] = PassUse{Booking: u.BookingID, Date: dateOf(u.ServiceDate), Rides: int(u.Rides), Value: u.Value, At: u.At, Returned: orZero(u.ReturnedAt), ReturnedTo: u.ReturnedTo,
			LineName: u.LineName, FromName: u.FromName, ToName: u.ToName, AtClock: u.FromTime, State: u.State}
	}
	return out, nil
}
