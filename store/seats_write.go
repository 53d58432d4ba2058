package store

import (
	"encoding/json"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/store/internal/sqlc"
)

// SeatsResult is what a batch of requests about seats decided.
type SeatsResult struct {
	Trips   []event.Trip // each with its next version
	New     []Booking    // holds
	Changed []Booking    // each with its next version
	Answers []Answer
}

// Answer is what is kept for repeats of a claim.
type Answer struct {
	Claim  idem.Claim
	Status int
	Body   json.RawMessage
}

// Put queues the result: one statement for each kind of row, in the round trip that carries the COMMIT.
func (tx *Tx) Put(r SeatsResult) {
	tx.putTrips(r.Trips)
	tx.putNew(r.New)
	tx.putChanged(r.Changed)
	tx.Keep(r.Answers)
}

// Keep queues what is answered to repeats of claims that nobody has used before; one that somebody else takes meanwhile undoes the transaction.
func (tx *Tx) Keep(answers []Answer) {
	n := len(answers)
	if n == 0 {
		return
	}
	claims, statuses, bodies := make([]idem.Claim, n), make([]int16, n), make([]string, n)
	for i, a := range answers {
		claims[i], statuses[i], bodies[i] = a.Claim, int16(a.Status), string(a.Body)
	}
	k := claimArrays(claims)
	tx.tail.Queue(sqlc.SeatsAnswer, tx.tenant.UUID(), k.actors, k.operations, k.keys, k.hashes, statuses, bodies)
}

func (tx *Tx) putTrips(trips []event.Trip) {
	n := len(trips)
	if n == 0 {
		return
	}
	dates, ids, statuses := make([]time.Time, n), make([]uuid.UUID, n), make([]string, n)
	capacities, frees, overloads := make([]int16, n), make([]string, n), make([]string, n)
	helds, bookeds, boardeds, versions := make([]int16, n), make([]int16, n), make([]int16, n), make([]int64, n)
	for i := range trips {
		t := &trips[i]
		dates[i], ids[i], statuses[i], capacities[i] = t.Date.Midnight(), t.ID, t.Status, t.Capacity
		frees[i], overloads[i] = smallintArray(t.Free), smallintArray(t.Overload)
		helds[i], bookeds[i], boardeds[i], versions[i] = t.Held, t.Booked, t.Boarded, t.Version
	}
	tx.tail.Queue(sqlc.SeatsTrips, tx.tenant.UUID(), dates, ids, statuses, capacities, frees, overloads, helds, bookeds, boardeds, versions)
}

func (tx *Tx) putNew(bookings []Booking) {
	n := len(bookings)
	if n == 0 {
		return
	}
	dates, expiries, cancels := make([]time.Time, n), make([]time.Time, n), make([]time.Time, n)
	fromAts, toAts, createds := make([]time.Time, n), make([]time.Time, n), make([]time.Time, n)
	ids, trips, riders := make([]uuid.UUID, n), make([]uuid.UUID, n), make([]uuid.UUID, n)
	fromStops, toStops := make([]uuid.UUID, n), make([]uuid.UUID, n)
	fromIdxs, toIdxs, parties, amounts := make([]int16, n), make([]int16, n), make([]int16, n), make([]int64, n)
	currencies, shorts, lines := make([]string, n), make([]string, n), make([]string, n)
	programmes, subsidies := make([]uuid.UUID, n), make([]int64, n)
	fromNames, fromTimes, toNames, toTimes := make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	for i := range bookings {
		b := &bookings[i]
		programmes[i], subsidies[i] = b.Programme, b.Subsidy
		dates[i], ids[i], trips[i], riders[i] = b.Date.Midnight(), b.ID, b.Trip, b.Rider
		fromIdxs[i], toIdxs[i], parties[i] = b.From.Index, b.To.Index, b.Party
		expiries[i], cancels[i], createds[i] = b.ExpiresAt, b.CancelUntil, b.CreatedAt
		amounts[i], currencies[i], shorts[i], lines[i] = b.Fare.Amount, b.Fare.Currency, b.Short, b.LineName
		fromStops[i], fromNames[i], fromAts[i], fromTimes[i] = b.From.Stop, b.From.Name, b.From.At, b.From.Time
		toStops[i], toNames[i], toAts[i], toTimes[i] = b.To.Stop, b.To.Name, b.To.At, b.To.Time
	}
	tx.tail.Queue(sqlc.SeatsHold, tx.tenant.UUID(), dates, ids, trips, riders, fromIdxs, toIdxs, parties, expiries, amounts,
		currencies, cancels, shorts, lines, fromStops, fromNames, fromAts, fromTimes, toStops, toNames, toAts, toTimes, createds,
		programmes, subsidies)
}

func (tx *Tx) putChanged(bookings []Booking) {
	n := len(bookings)
	if n == 0 {
		return
	}
	dates, ids, states, pays := make([]time.Time, n), make([]uuid.UUID, n), make([]string, n), make([]string, n)
	refunds, boardedAts, boardedBys := make([]int64, n), make([]pgtype.Timestamptz, n), make([]uuid.UUID, n)
	versions, subsidies, expiries := make([]int64, n), make([]int64, n), make([]pgtype.Timestamptz, n)
	payments, passes, programmes := make([]uuid.UUID, n), make([]uuid.UUID, n), make([]uuid.UUID, n)
	for i := range bookings {
		b := &bookings[i]
		payments[i], passes[i], programmes[i], subsidies[i] = b.Payment, b.Pass, b.Programme, b.Subsidy
		expiries[i] = pgtype.Timestamptz{Time: b.ExpiresAt, Valid: !b.ExpiresAt.IsZero()}
		dates[i], ids[i], states[i], pays[i] = b.Date.Midnight(), b.ID, b.State, b.Pay
		refunds[i], boardedBys[i], versions[i] = -1, b.BoardedBy, b.Version
		if b.Refund != nil {
			refunds[i] = *b.Refund
		}
		boardedAts[i] = pgtype.Timestamptz{Time: b.BoardedAt, Valid: !b.BoardedAt.IsZero()}
	}
	tx.tail.Queue(sqlc.SeatsChange, tx.tenant.UUID(), dates, ids, states, pays, refunds, boardedAts, boardedBys, expiries,
		payments, passes, programmes, subsidies, versions)
}
