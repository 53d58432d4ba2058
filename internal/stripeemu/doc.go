// Package stripeemu is a DEVELOPMENT TOOL: a server on loopback that behaves like Stripe for the calls that
// billing/gateway/stripe makes, and remembers what was asked of it. No money moves; every page says so.
//
// It has Stripe's shapes, test cards, 3-D Secure challenge, manual capture with holds that run out, idempotency keys
// (answers are kept, 500s too, and another body under the same key is an error), connected accounts whose requirements
// are answered on a page, transfers, refunds with reversals, payouts, disputes, balance transactions, the event list,
// and signed webhooks to platform and Connect endpoints. On demand it fails: 500 before or after the work, an answer that never
// comes, 429; and webhooks come twice, late, or in another order.
//
// # Who owns which truth
//
// Stripe does. The emulator is what we believe of Stripe, so it is never the only judge of our requests: the adapter's
// tests drive stripe-mock with a strict copy of Stripe's own specification too. What it does not know, it refuses as
// Stripe would (parameter_unknown); it never guesses.
//
// # How it is used
//
// Every secret key sk_test_X is a Stripe account of its own, made when first seen; pk_test_X is its publishable key.
// State is in memory: a restart forgets. The clock is the machine's plus Advance.
//
//	emu, err := stripeemu.Start(stripeemu.Options{}); defer emu.Close()
//	emu.AddEndpoint("sk_test_a", stripeemu.Endpoint{URL: …, Secret: "whsec_…"})
//	emu.Inject(stripeemu.Fault{Path: "/v1/payment_intents", What: stripeemu.HangAfter})
//	emu.Advance(8 * 24 * time.Hour)
//
// Browsers: /js/v3 is a small stand-in for Stripe.js; /emu lists the accounts with the switches.
//
// # On failure
//
// It is one process's memory behind one mutex. A webhook that is not answered 2xx is tried five times and stays in the
// event list as undelivered.
package stripeemu
