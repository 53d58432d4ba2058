package media

import (
	"fmt"
	"time"

	"github.com/waymeet/waymeet/internal/fault"
)

// NotSupported is a verb that this provider does not have. Ask the Profile first.
type NotSupported struct {
	Kind       Kind
	Capability Capability
}

func (e *NotSupported) Error() string {
	return fmt.Sprintf("media: %s does not support %s", e.Kind, e.Capability)
}

// Unwrap is what a user reads.
func (e *NotSupported) Unwrap() error { return fault.New("media_not_supported") }

// Misconfigured is the tenant's set-up: keys that are wrong, a plan that does not include this. A person must look.
type Misconfigured struct{ Text string }

func (e *Misconfigured) Error() string { return "media: misconfigured: " + e.Text }

// Unwrap is what a user reads.
func (e *Misconfigured) Unwrap() error { return fault.New("media_not_set_up") }

// Unreachable is a provider that did not answer, or not sensibly. Every verb may be repeated.
type Unreachable struct {
	Verb  string
	Cause error
}

func (e *Unreachable) Error() string {
	return fmt.Sprintf("media: %s: unreachable: %v", e.Verb, e.Cause)
}

// Unwrap is what a user reads, and the cause.
func (e *Unreachable) Unwrap() []error {
	return []error{fault.New("unavailable").After(time.Second), e.Cause}
}

// RateLimited is too many calls.
type RateLimited struct{ After time.Duration }

func (e *RateLimited) Error() string {
	return fmt.Sprintf("media: too many calls, again in %s", e.After)
}

// Unwrap is what a user reads: it is our haste, not theirs.
func (e *RateLimited) Unwrap() error { return fault.New("unavailable").After(e.After) }

// Refused is an order that makes no sense, here or there: a bug of ours, or a room that has ended.
type Refused struct {
	Verb string
	Text string // for the log
}

func (e *Refused) Error() string { return fmt.Sprintf("media: %s refused: %s", e.Verb, e.Text) }

// Unwrap is what a user reads where nobody handles it.
func (e *Refused) Unwrap() error { return fault.New("media_refused") }

// BadWebhook is a delivery that cannot be believed. Answer 400, count it by Why.
type BadWebhook struct{ Why Doubt }

func (e *BadWebhook) Error() string { return "media: webhook refused: " + string(e.Why) }

// Unwrap is what its sender reads.
func (e *BadWebhook) Unwrap() error { return fault.New("bad_request") }

// Doubt is why a delivery is not believed.
type Doubt string

// The doubts.
const (
	Unsigned   Doubt = "unsigned"
	Forged     Doubt = "forged" // no active secret made this signature, or over another body
	TooOld     Doubt = "too_old"
	TooNew     Doubt = "too_new"    // signed in the future: clocks, or a replay prepared ahead
	Unreadable Doubt = "unreadable" // signed, and still no event
)
