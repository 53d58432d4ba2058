// Package gateway is the port to whoever moves the money: an acquirer such as Stripe, a redirect acquirer such as CMI,
// or a person who takes cash and says so.
//
// The flows of billing know this package and no acquirer. What an acquirer can do is in its Profile; what it cannot
// do, it answers with NotSupported, which every adapter gets from Unsupported. gatewaytest is what an adapter must pass.
//
//	           Pay                    Capture (whole or less)
//	(nothing) ────► open ──► authorised ─────────────► captured ──► Refund …
//	                 │ ▲  ╲      │  Cancel, or the hold runs out
//	   the payer ────┘ │   ╲     └──────────────────────► cancelled
//	 authenticates,    │    ╲ automatic capture
//	 a card declines ──┘     ╲──────► processing ──► captured
//
// # Who owns which truth
//
// The acquirer owns what happened to the payer's money. Our ledger owns what it means. An adapter owns nothing: it is
// opened from a tenant's Credentials, keeps no state of the business, and may be opened on every node at once. It is
// never called inside a database transaction: intent is committed first, then the call is made, then its answer is
// committed; a webhook or a look-up brings the same answer if we die in between.
//
// # Keys, and what happens on failure
//
// Every call that changes something carries the caller's Key, `payment:op:n`, made by Key: the same intention has the
// same key on every node and after every crash. The acquirer keeps it with the object, so that LookUp finds by key what
// a lost answer was about. After an *Unknown (a 5xx, a time-out, a broken connection: the money may have moved):
//
// (Judge does this.)
//
//  1. LookUp by the key, or by Attempts. Found: that is the answer.
//  2. Not found and not Replayed: the same call with the same key again. It cannot happen twice.
//  3. Not found and Replayed: the acquirer keeps a failure under this key for good; look up, then n+1.
//
// The other failures are final for this key and say what to do: Declined (with a reason for the payer),
// NeedsAuthentication (with what the payer's browser must do), RateLimited and Unreachable (nothing was done, later),
// Misconfigured (the tenant's set-up), Refused (the object's state or our argument), NotFound, KeyReused, NotSupported.
// Each carries a fault, so one that reaches a user unhandled is still a sentence.
package gateway
