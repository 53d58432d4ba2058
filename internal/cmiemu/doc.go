// Package cmiemu is a DEVELOPMENT TOOL: a redirect acquirer of the CMI kind on loopback, for billing/gateway/redirect. It has
// the hashed form, a payment page that says what it is, the server's callback, the hashed return and the status query.
// No money moves. State is in memory; the acquirer's rules are what we believe of them, from public integrations.
//
// An order is taken ("captured") only when the callback was answered ACTION=POSTAUTH, as the original does.
//
// Cards: 4242424242424242 pays; …0002 is declined (05), …9995 has no funds (51), …0069 has expired (54).
package cmiemu
