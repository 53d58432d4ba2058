package booking

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/booking/seat"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store"
)

// longest bounds a batch: the lock of a trip is not kept longer, whoever waits for it.
const longest = 10 * time.Second

// perform answers every request of a batch, together if that works, else in ever smaller parts, so that one that the
// database itself throws out ends up alone. A refusal is an answer.
func (s *Service) perform(ctx context.Context, t tenant.ID, batch []*request) {
	replies := make([]reply, len(batch))
	s.attempt(ctx, t, batch, replies)
	for i, r := range batch {
		r.done <- replies[i]
	}
}

func (s *Service) attempt(ctx context.Context, t tenant.ID, batch []*request, replies []reply) {
	err := s.together(ctx, t, batch, replies)
	if err == nil {
		return
	}
	s.log.Warn("booking: a batch failed", "tenant", t, "requests", len(batch), "error", err)
	if len(batch) > 1 && !store.Broken(err) {
		half := len(batch) / 2
		s.attempt(ctx, t, batch[:half], replies[:half])
		s.attempt(ctx, t, batch[half:], replies[half:])
		return
	}
	for i, r := range batch {
		if final(err, r) {
			replies[i] = reply{err: later(err)}
		} else if err := s.together(ctx, t, batch[i:i+1], replies[i:i+1]); err != nil {
			replies[i] = reply{err: later(err)}
		}
	}
}

// final says whether trying a request of a failed batch again, alone, is of no use or not safe. A duplicate is tried again:
// a key that another trip's batch took meanwhile is seen then, and a short code that was taken is drawn anew.
func final(err error, r *request) bool {
	if store.Unknown(err) {
		return r.claim.None() // perhaps it was done: only a key can tell
	}
	return !store.Broken(err) && !store.Duplicate(err)
}

// later turns a connection that broke into a failure that says when to try again.
func later(err error) error {
	if store.Broken(err) {
		return fault.New("unavailable").After(time.Second).Because(err)
	}
	return err
}

// together is the transaction of a batch. replies are filled only if it commits. Its context is its own: the callers'
// end when their callers go away, and the batch is everybody's.
func (s *Service) together(ctx context.Context, t tenant.ID, batch []*request, replies []reply) (err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), longest)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("booking: panic in a batch: %v", p)
		}
	}()
	var drafts []reply
	err = s.db.InTx(ctx, t, func(tx *store.Tx) error {
		drafts = make([]reply, len(batch)) // the closure may run twice
		return s.decideAll(ctx, tx, batch, drafts)
	})
	if err == nil {
		copy(replies, drafts)
	}
	return err
}

func (s *Service) decideAll(ctx context.Context, tx *store.Tx, batch []*request, replies []reply) error {
	seats, err := tx.Seats(ctx, ask(batch))
	if err != nil {
		return err
	}
	terms, err := readTerms(seats.Currency, seats.Settings)
	if err != nil {
		return err
	}
	acts := make(map[uuid.UUID]*act, len(seats.Trips))
	for _, trip := range seats.Trips {
		acts[trip.ID] = newAct(trip)
	}
	rows := make(map[uuid.UUID]*store.Booking, len(seats.Bookings))
	for i := range seats.Bookings {
		rows[seats.Bookings[i].ID] = &seats.Bookings[i]
	}
	paid, err := programmes(ctx, tx, &seats, batch, rows)
	if err != nil {
		return err
	}
	for i := range seats.Due {
		due := &seats.Due[i]
		if named := rows[due.ID]; named != nil {
			due = named // the request that names it sees it expired
		}
		if err := acts[due.Trip].expire(due, seats.Now); err != nil {
			return err
		}
		if paid != nil && due.State == string(seat.Expired) {
			paid.Release(due.ID)
		}
	}
	if err := lockWallets(ctx, tx, batch, rows); err != nil {
		return err
	}
	var out store.SeatsResult
	for i, r := range batch {
		if repeated(r, &seats, &replies[i]) {
			continue
		}
		sc := &scene{now: seats.Now, terms: terms, trip: acts[r.trip], row: rows[r.booking], paid: paid}
		if sc.trip != nil && r.booking == uuid.Nil {
			if sc.table, err = s.book.timetable(ctx, &tx.Reader, seats.Feed, sc.trip.row.Pattern); err != nil {
				return err
			}
		}
		result, err := s.answer(ctx, tx, r, sc, rows)
		if err != nil {
			if fault.As(err).Kind == fault.Internal {
				return err
			}
			replies[i].err = err // leaves no trace: the key may try again
			continue
		}
		replies[i].result = result
		if err := keep(tx, r, sc, result, &out); err != nil {
			return err
		}
	}
	if paid != nil {
		paid.Put(tx)
	}
	return write(tx, acts, &out)
}

// programmes is what employers pay for of a batch: of those who hold seats, and of the bookings that they pay for. Nil where
// no employer of the tenant pays anything.
func programmes(ctx context.Context, tx *store.Tx, seats *store.Seats, batch []*request, rows map[uuid.UUID]*store.Booking) (*store.Programmes, error) {
	if !seats.Covered {
		return nil, nil //nolint:nilnil // nobody to ask, and nothing wrong
	}
	var riders []store.RiderOn
	var bookings []uuid.UUID
	for _, r := range batch {
		if b := rows[r.booking]; b != nil && has(b.Programme) {
			bookings = append(bookings, b.ID)
		}
		if date, ok := ident.DateOf(r.trip); ok && !has(r.booking) && has(r.by) {
			riders = append(riders, store.RiderOn{Rider: r.by, Date: date})
		}
	}
	for i := range seats.Due {
		if has(seats.Due[i].Programme) {
			bookings = append(bookings, seats.Due[i].ID)
		}
	}
	return tx.Programmes(ctx, riders, bookings)
}

func ask(batch []*request) (a store.SeatsAsk) {
	seen := make(map[uuid.UUID]bool, len(batch))
	for _, r := range batch {
		if !r.claim.None() {
			a.Claims = append(a.Claims, r.claim)
		}
		if !seen[r.trip] {
			seen[r.trip] = true
			a.Trips = append(a.Trips, r.trip)
		}
		if has(r.booking) {
			a.Bookings = append(a.Bookings, r.booking)
		}
	}
	return a
}

// repeated answers a request whose key was used before.
func repeated(r *request, seats *store.Seats, to *reply) bool {
	if r.claim.None() {
		return false
	}
	before, ok := seats.Repeats[store.KeyOf(r.claim)]
	switch {
	case !ok:
		return false
	case before.Hash != r.claim.Hash:
		to.err = fault.New("idempotency_conflict").At("header/Idempotency-Key")
	default:
		if err := json.Unmarshal(before.Answer, &to.result); err != nil {
			to.err = fmt.Errorf("booking: read a kept answer: %w", err)
		}
	}
	return true
}

func decide(r *request, sc *scene) (Result, error) {
	if has(r.booking) && (sc.row == nil || sc.row.Trip != r.trip) {
		return Result{}, fault.New("booking_not_found")
	}
	if sc.trip == nil {
		return Result{}, fault.New("trip_not_found")
	}
	result, err := r.decide(sc)
	return result, tell(err)
}

// answer decides one request. One that moves money is tried on a copy of the scene: a refusal of the ledger's leaves
// nothing of it.
func (s *Service) answer(ctx context.Context, tx *store.Tx, r *request, sc *scene, rows map[uuid.UUID]*store.Booking) (Result, error) {
	if !r.money || sc.trip == nil {
		return decide(r, sc)
	}
	trial := sc.copy()
	if r.prepare != nil {
		if err := r.prepare(ctx, tx, trial); err != nil {
			return Result{}, err
		}
	}
	result, err := decide(r, trial)
	if err != nil {
		return result, err
	}
	if err := trial.money.move(ctx, tx, r.booking); err != nil {
		return Result{}, err
	}
	if sc.paid != nil && trial.money.released {
		sc.paid.Release(r.booking)
	}
	*sc.trip = *trial.trip
	if trial.row != nil {
		rows[r.booking] = trial.row
	}
	sc.row, sc.deed, sc.note = trial.row, trial.deed, trial.note
	return result, nil
}

// keep notes the answer for repeats, and who did it.
func keep(tx *store.Tx, r *request, sc *scene, result Result, out *store.SeatsResult) error {
	if !r.claim.None() {
		body, err := json.Marshal(result)
		if err != nil {
			return fmt.Errorf("booking: keep an answer: %w", err)
		}
		out.Answers = append(out.Answers, store.Answer{Claim: r.claim, Status: r.status, Body: body})
	}
	if sc.deed == "" {
		return nil
	}
	return tx.Audit(store.Audit{Actor: r.by, Action: sc.deed, Target: result.Booking.Entity(), Detail: sc.note})
}

// write puts what the decisions left: each trip that changed, once.
func write(tx *store.Tx, acts map[uuid.UUID]*act, out *store.SeatsResult) error {
	for _, a := range acts {
		if !a.touched {
			continue
		}
		trip := a.finish()
		out.Trips = append(out.Trips, trip)
		if err := tx.Emit(trip.Change()); err != nil {
			return err
		}
		for _, b := range a.fresh {
			out.New = append(out.New, *b)
		}
		for _, b := range a.changed {
			out.Changed = append(out.Changed, *b)
		}
		for _, b := range append(a.fresh, a.changed...) {
			if err := tx.Emit(b.Change()); err != nil {
				return err
			}
		}
	}
	tx.Put(*out)
	return nil
}
