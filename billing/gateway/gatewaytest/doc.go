// Package gatewaytest is what every adapter of billing/gateway must pass: the same attacks on each, as far as its
// profile goes. What an adapter does not offer must answer *gateway.NotSupported.
//
// A Rig is an adapter with somebody who plays the other side: the payer with their card, the acquirer's clock, its bad
// days, its webhooks. Hooks that belong to a capability may be nil where the profile does not have it.
package gatewaytest
