// Package stripe is the adapter for Stripe Connect, and the only room of the house that speaks to Stripe.
//
// The version of stripe-go decides the API version (v76 pins 2023-10-16) and with it the shape of everything here.
// Every tenant has its own Stripe account; its secret key is in the gateway's credentials, never in stripe.Key.
//
// # What a tenant's options may say (gateway.Credentials.Options)
//
//	url      another server than api.stripe.com: the emulator's, or stripe-mock's; loopback and test keys only.
//	         Config.URL is the default of it, so that `waymeet dev` need not write an address into credentials
//	account  the tenant's own account id, so that events that name it count as its own
//
// # Who owns which truth
//
// Stripe owns its objects. Every object that we order carries our key and our id in its metadata (waymeet_key,
// waymeet_id): that is what LookUp finds when an answer was lost. Lists are read and not the search API: search lags
// behind by up to a minute, and would miss what is looked for.
//
// # What happens on failure
//
// An order (POST) that was answered 5xx, timed out or lost its connection is *gateway.Unknown, whatever the error says:
// net/http repeats a request with an Idempotency-Key by itself, so even "connection refused" may stand behind a first
// try that arrived. stripe-go's own repeats are off for orders and at most one for questions. stripe-go draws a
// random key when none is given; every order here gives one. Stripe keeps answers by key for at least 24 hours, 500s
// too: an Unknown that comes from that memory is marked Replayed.
//
// Calls wait in a queue per secret key and endpoint so that no second sees more than 25 of them; one that would wait
// longer than the limit is *gateway.RateLimited at once and was never sent. Nodes do not share the queue: with many of
// them set Config.PerSecond lower.
//
// # Webhooks
//
// The signature is checked over the raw bytes against every active secret; its time may be off by five minutes, both
// ways: stripe-go accepts any time in the future.
package stripe
