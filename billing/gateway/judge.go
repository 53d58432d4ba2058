package gateway

import (
	"context"
	"errors"
)

// Verdict is what to do about an order that was not simply answered.
type Verdict int

// The verdicts.
const (
	Final   Verdict = iota // the error is the answer, for this key
	Found                  // it was done: the object is the answer
	SameKey                // send it again as it is; it cannot happen twice
	NextKey                // take the next attempt's key, commit it, send again
	Later                  // ask again later, with the same key
)

// Judge says what to do after an order failed with err, looking it up where the outcome is unknown. look answers
// *NotFound as long as the order has left no trace: for a capture, say, while the payment is still authorised.
//
// The error that comes back is what to keep: nil when found.
func Judge[T any](ctx context.Context, err error, look func(context.Context) (T, error)) (T, Verdict, error) {
	var none T
	var limited *RateLimited
	var away *Unreachable
	var unknown *Unknown
	switch {
	case errors.As(err, &limited), errors.As(err, &away):
		return none, Later, err
	case !errors.As(err, &unknown):
		return none, Final, err
	}
	found, lookErr := look(ctx)
	var missing *NotFound
	switch {
	case lookErr == nil:
		return found, Found, nil
	case !errors.As(lookErr, &missing):
		return none, Later, errors.Join(err, lookErr)
	case unknown.Replayed:
		return none, NextKey, err
	}
	return none, SameKey, err
}
