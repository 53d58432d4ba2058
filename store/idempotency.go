package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/store/internal/sqlc"
)

// MaxAnswer is how long a kept answer may be. Answers here are one thing's document; a list is never the answer of an
// operation that moves something, and one that grows past this is a bug to be found by its first test.
const MaxAnswer = 16 << 10

// Once runs fn unless this claim was committed before, and answers what it answered then. Call it before anything else
// in the transaction: a repeat that comes while the first is still under way waits here for its end. The same key with
// another request is idempotency_conflict. When fn or the transaction fails, the claim is gone with everything else.
func (tx *Tx) Once(ctx context.Context, c idem.Claim, status int, fn func() (any, error)) (answer json.RawMessage, repeated bool, err error) {
	if c.None() {
		answer, err = run(fn)
		return answer, false, err
	}
	t := tx.tenant.UUID()
	for {
		n, err := tx.q.IdempotencyClaim(ctx, sqlc.IdempotencyClaimParams{
			TenantID: t, Actor: c.Actor, Operation: c.Operation, Key: c.Key, BodyHash: c.Hash[:]})
		if err != nil {
			return nil, false, fmt.Errorf("store: claim key of %s: %w", c.Operation, err)
		}
		if n == 1 {
			break
		}
		before, err := tx.q.IdempotencyRead(ctx, t, c.Actor, c.Operation, c.Key)
		if IsNotFound(err) {
			continue // swept away between the two statements: the day is over and the key is free
		}
		if err != nil {
			return nil, false, fmt.Errorf("store: read key of %s: %w", c.Operation, err)
		}
		if [32]byte(before.BodyHash) != c.Hash {
			return nil, false, errOther()
		}
		return before.Answer, true, nil
	}
	if answer, err = run(fn); err != nil {
		return nil, false, err
	}
	tx.tail.Queue(sqlc.IdempotencyAnswer, t, c.Actor, c.Operation, c.Key, int16(status), answer)
	return answer, false, nil
}

// Unclaimed refuses a key that stands for another request. It is for a request that finds done what it asks for: it writes nothing, and so
// claims nothing either.
func (r *Reader) Unclaimed(ctx context.Context, c idem.Claim) error {
	before, err := r.q.IdempotencyRead(ctx, r.tenant.UUID(), c.Actor, c.Operation, c.Key)
	switch {
	case c.None() || IsNotFound(err):
		return nil
	case err != nil:
		return fmt.Errorf("store: read key of %s: %w", c.Operation, err)
	case [32]byte(before.BodyHash) != c.Hash:
		return errOther()
	}
	return nil
}

func errOther() error { return fault.New("idempotency_conflict").At("header/Idempotency-Key") }

func run(fn func() (any, error)) (json.RawMessage, error) {
	v, err := fn()
	if err != nil {
		return nil, err
	}
	answer, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("store: keep an answer: %w", err)
	}
	if len(answer) > MaxAnswer {
		return nil, fmt.Errorf("store: an answer of %d bytes is too long to be kept", len(answer))
	}
	return answer, nil
}

// SweepIdempotency drops at most limit keys that are older than a day and says how many.
func (s *System) SweepIdempotency(ctx context.Context, limit int) (int64, error) {
	return s.q.IdempotencySweep(ctx, int32(limit))
}
