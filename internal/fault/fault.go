// Package fault is the failures that people and programs may see.
//
// A service answers with a fault: a kind (what sort of failure, which decides the HTTP
// status and the wire's behaviour), a stable code (what a program may switch on) and
// parameters for the sentence that a person reads in their language. Everything else
// that goes wrong is Internal: logged with its cause, shown without.
//
// The catalogue lists every code with its kind; the sentences live in messages/.
package fault

import (
	"errors"
	"fmt"
	"time"
)

// Kind is the sort of a failure.
type Kind uint8

// The kinds, from the caller's mistakes to our own.
const (
	Internal        Kind = iota // ours; nobody is told more
	Malformed                   // the request cannot be read
	Invalid                     // the request can be read and makes no sense
	Unauthenticated             // nobody, or no longer somebody
	Forbidden                   // somebody, who may know that it exists but not do this
	NotFound                    // does not exist, as far as the caller may know
	MethodNotAllowed
	Conflict // the state of things does not allow it
	TooLarge
	Unsupported    // said in a form that is not understood here
	HeaderTooLarge // address and header together
	RateLimited
	Unavailable // later, perhaps
)

// Status is the HTTP status of a kind.
func (k Kind) Status() int {
	return [...]int{500, 400, 422, 401, 403, 404, 405, 409, 413, 415, 431, 429, 503}[k]
}

// Params fill the {braces} of a code's sentence.
type Params map[string]any

// Word is a param that a sentence says in its own language: a state, as people call it. Clients get it as it is.
type Word string

// Field says which part of the request is at fault: an RFC 6901 pointer into the
// body, or "query/NAME", "path/NAME", "header/NAME".
type Field struct {
	Pointer string
	Code    string
	Params  Params
}

// Error is a failure that may be told.
type Error struct {
	Kind       Kind
	Code       string
	Params     Params
	Fields     []Field
	RetryAfter time.Duration // with RateLimited and Unavailable: when it is worth trying again
	cause      error
}

// New is a failure with a code of the catalogue, which decides its kind. A code that
// the catalogue does not list is a bug and becomes Internal.
func New(code string, params ...Params) *Error {
	k, ok := catalogue[code]
	if !ok {
		return &Error{Kind: Internal, Code: "internal", cause: fmt.Errorf("fault: no code %q", code)}
	}
	e := &Error{Kind: k, Code: code}
	if len(params) > 0 {
		e.Params = params[0]
	}
	return e
}

// At names the field at fault, with the failure's own code.
func (e *Error) At(pointer string) *Error {
	e.Fields = append(e.Fields, Field{Pointer: pointer, Code: e.Code, Params: e.Params})
	return e
}

// With adds a field with a code of its own.
func (e *Error) With(f Field) *Error {
	e.Fields = append(e.Fields, f)
	return e
}

// Because keeps the cause for the log; it is never shown.
func (e *Error) Because(err error) *Error {
	e.cause = err
	return e
}

// After says when it is worth trying again.
func (e *Error) After(d time.Duration) *Error {
	e.RetryAfter = d
	return e
}

func (e *Error) Error() string {
	if e.cause != nil {
		return e.Code + ": " + e.cause.Error()
	}
	return e.Code
}

func (e *Error) Unwrap() error { return e.cause }

// retryAway is when whoever was answered Unavailable may try again.
const retryAway = time.Second

// As is the fault inside err, or one that wraps it: Unavailable where err says of itself that it could not reach what
// decides (Away), else Internal. As(nil) is nil.
func As(err error) *Error {
	if err == nil {
		return nil
	}
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	var away interface{ Away() bool }
	if errors.As(err, &away) && away.Away() {
		return &Error{Kind: Unavailable, Code: "unavailable", RetryAfter: retryAway, cause: err}
	}
	return &Error{Kind: Internal, Code: "internal", cause: err}
}

// Is reports whether err is a fault with this code.
func Is(err error, code string) bool {
	var e *Error
	return errors.As(err, &e) && e.Code == code
}
