// Package envelope seals a record under a data key of its own, and the data key under a key-encryption key.
//
// Two layers, so that the outer key can be changed, or live in a KMS, without reading or writing what is sealed: Rewrap
// touches the wrapped data key alone. What is sealed is bound to a name (the tenant and what it is), so that a row copied
// to another tenant does not open.
//
//	KMS key "k2" ──wraps──► data key (random, one per record) ──AES-256-GCM──► record
//
// # Rotation
//
// Give the KMS the new key beside the old one and make it current; Seal uses it from then on, Rewrap moves the rest, and
// the old key may go when no record names it any more (Sealed.KeyID). Losing a key loses the records that name it.
//
// # On failure
//
// Nothing here says what did not open beyond its name and key id: neither keys nor plain text are in an error.
package envelope
