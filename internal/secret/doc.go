// Package secret is text that must not be seen: credentials of a tenant's with somebody else.
//
// Logs, errors, JSON and %+v show that it is there, not what it is; Reveal is the one way to it. At rest it is sealed
// (internal/seal, billing/gateway/envelope), which is not this package's work.
package secret
