package gateway

import (
	"fmt"
	"time"

	"github.com/waymeet/waymeet/internal/fault"
)

// Reason is why a payer's bank or the acquirer said no, in words of ours that stay when acquirers change theirs.
type Reason string

// The reasons. What could help a thief (lost, stolen, fraudulent) is told as Declined, as banks ask.
const (
	DeclinedPlain      Reason = "declined"
	InsufficientFunds  Reason = "insufficient_funds"
	CardExpired        Reason = "card_expired"
	WrongDetails       Reason = "wrong_details"         // number, date, security code
	NotAccepted        Reason = "not_accepted"          // this kind of card or purchase is not allowed
	LimitReached       Reason = "limit_reached"         // of the card
	TryAgain           Reason = "try_again"             // the bank did not answer: the same card may work later
	AuthenticationFail Reason = "authentication_failed" // 3-D Secure was not passed
)

// Declined is a no from the payer's side. The payer may try another method.
type Declined struct {
	Reason Reason
	Code   string // the acquirer's, for the log
}

func (e *Declined) Error() string { return fmt.Sprintf("gateway: declined: %s (%s)", e.Reason, e.Code) }

// Unwrap is what the payer reads.
func (e *Declined) Unwrap() error { return fault.New("payment_" + string(e.Reason)) }

// NeedsAuthentication is a yes with a condition: the payer's browser must do Next, then a webhook tells the end.
type NeedsAuthentication struct {
	ID   string
	Next Next
}

func (e *NeedsAuthentication) Error() string {
	return "gateway: " + e.ID + " needs the payer's authentication"
}

// Unwrap is what the payer reads where nobody handles it.
func (e *NeedsAuthentication) Unwrap() error { return fault.New("payment_needs_authentication") }

// RateLimited is too many calls, refused here (our own queue) or there. Nothing was done.
type RateLimited struct{ After time.Duration }

func (e *RateLimited) Error() string {
	return fmt.Sprintf("gateway: too many calls, again in %s", e.After)
}

// Unwrap is what a user reads: it is our haste, not theirs.
func (e *RateLimited) Unwrap() error { return fault.New("unavailable").After(e.After) }

// Unreachable is a question without an answer. A question changes nothing: ask again.
type Unreachable struct{ Cause error }

func (e *Unreachable) Error() string { return "gateway: unreachable: " + e.Cause.Error() }

// Unwrap is what a user reads, and the cause.
func (e *Unreachable) Unwrap() []error {
	return []error{fault.New("unavailable").After(time.Second), e.Cause}
}

// Unknown is an order without an answer: the money may have moved. LookUp by the key before anything else.
type Unknown struct {
	Verb string
	Key  string
	// Replayed: the acquirer keeps this failure under the key and will say nothing else. If LookUp finds nothing, the
	// next attempt needs the next key.
	Replayed bool
	Cause    error
}

func (e *Unknown) Error() string {
	return fmt.Sprintf("gateway: %s %s: outcome unknown: %v", e.Verb, e.Key, e.Cause)
}

// Unwrap is what a user reads, and the cause.
func (e *Unknown) Unwrap() []error { return []error{fault.New("payment_unconfirmed"), e.Cause} }

// Misconfigured is the tenant's set-up: keys that are wrong, an account that may not do this. A person must look. It says nothing
// about an order that was sent before with other keys.
type Misconfigured struct{ Text string }

func (e *Misconfigured) Error() string { return "gateway: misconfigured: " + e.Text }

// Unwrap is what a user reads.
func (e *Misconfigured) Unwrap() error { return fault.New("payment_not_set_up") }

// NotSupported is a verb or an option that this acquirer does not have. Ask the Profile first.
type NotSupported struct {
	Kind       Kind
	Capability Capability
}

func (e *NotSupported) Error() string {
	return fmt.Sprintf("gateway: %s does not support %s", e.Kind, e.Capability)
}

// Unwrap is what a user reads.
func (e *NotSupported) Unwrap() error { return fault.New("payment_not_supported") }

// Refused is an order that the acquirer understood and may not follow: the object's state, or an argument of ours.
type Refused struct {
	Code  string // stable: the acquirer's, or ours
	Param string
	Text  string // for the log
}

func (e *Refused) Error() string {
	return fmt.Sprintf("gateway: refused: %s (%s): %s", e.Code, e.Param, e.Text)
}

// Unwrap is what a user reads where nobody handles it.
func (e *Refused) Unwrap() error { return fault.New("payment_refused") }

// ChargeDisputed is Refused's code of a refund whose money the payer's bank has taken back, or has begun to.
const ChargeDisputed = "charge_disputed"

// NotFound is an object that the acquirer does not have.
type NotFound struct{ What, ID string }

func (e *NotFound) Error() string { return fmt.Sprintf("gateway: there is no %s %s", e.What, e.ID) }

// KeyReused is a key that the acquirer knows for another order: a bug of ours, or an order that another version sent in another form.
// This order was not done; the one that was sent under the key before may have been. LookUp by the key before anything else.
type KeyReused struct{ Key string }

func (e *KeyReused) Error() string {
	return "gateway: the key " + e.Key + " was used for another order"
}

// BadWebhook is a delivery that cannot be believed. Answer 400, count it by Why.
type BadWebhook struct{ Why Doubt }

func (e *BadWebhook) Error() string { return "gateway: webhook refused: " + string(e.Why) }

// Unwrap is what its sender reads.
func (e *BadWebhook) Unwrap() error { return fault.New("bad_request") }

// Doubt is why a delivery is not believed.
type Doubt string

// The doubts.
const (
	Unsigned   Doubt = "unsigned"
	Forged     Doubt = "forged" // no active secret made this signature
	TooOld     Doubt = "too_old"
	TooNew     Doubt = "too_new"    // signed in the future: clocks, or a replay prepared ahead
	Unreadable Doubt = "unreadable" // signed, and still no event
	// WrongEndpoint: a connected account's event that names none, or one at the tenant's own endpoint that names one.
	WrongEndpoint Doubt = "wrong_endpoint"
)
