package gateway

import (
	"context"
	"errors"
	"time"
)

// KeyLasts is how long an acquirer surely knows an order by its key: Stripe keeps answers for at least 24 hours.
const KeyLasts = 20 * time.Hour

// Once sends an order that was decided on at a time. One so old that its key may be forgotten would be done again: it is looked for
// first, and only sent if look answers *NotFound.
func Once[T any](ctx context.Context, decided, now time.Time, look, send func(context.Context) (T, error)) (T, error) {
	if now.Sub(decided) < KeyLasts {
		return send(ctx)
	}
	found, err := look(ctx)
	var missing *NotFound
	var mute *NotSupported // who keeps no keys forgets none
	switch {
	case err == nil:
		return found, nil
	case errors.As(err, &missing), errors.As(err, &mute):
		return send(ctx)
	}
	return found, &Unreachable{Cause: err} // nobody can say: later
}

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
// Only what the acquirer said of an order, or an adapter before it sent one, ends it. Any other failure is ours (a database that is
// away, a caller who has gone), says nothing about the order, and passes. A key that the acquirer knows for another order was sent
// before, in another form: what came of that a look says, and as long as it finds nothing nobody may say that nothing was done.
//
// The error that comes back is what to keep: nil when found.
func Judge[T any](ctx context.Context, err error, look func(context.Context) (T, error)) (T, Verdict, error) {
	var none T
	var limited *RateLimited
	var away *Unreachable
	var unknown *Unknown
	var reused *KeyReused
	switch {
	case errors.As(err, &limited), errors.As(err, &away):
		return none, Later, err
	case errors.As(err, &unknown), errors.As(err, &reused):
	case said(err):
		return none, Final, err
	default:
		return none, Later, &Unreachable{Cause: err}
	}
	found, lookErr := look(ctx)
	var missing *NotFound
	switch {
	case lookErr == nil:
		return found, Found, nil
	case reused != nil:
		return none, Later, &Unreachable{Cause: errors.Join(err, lookErr)}
	case !errors.As(lookErr, &missing):
		return none, Later, errors.Join(err, lookErr)
	case unknown.Replayed:
		return none, NextKey, err
	}
	return none, SameKey, err
}

// said tells an answer to an order from a failure on the way.
func said(err error) bool {
	return errors.As(err, new(*Declined)) || errors.As(err, new(*NeedsAuthentication)) || errors.As(err, new(*Refused)) || errors.As(err, new(*NotFound)) ||
		errors.As(err, new(*NotSupported)) || errors.As(err, new(*Misconfigured))
}
