// Package identity knows who somebody is and what they may do now.
//
//	sign-in ──> session (a family of refresh tokens, a row) ──rotates──> … ──> ended: signed out, revoked, reused, expired
//	                 └─> access token (10 min, signed, names tenant, user, session; carries no rights)
//	                          └─> socket ticket (30 s, once)
//
// PostgreSQL holds the truth: users, roles, sessions, tickets, signing keys. An access token proves only which session
// speaks; what the session may do is its standing, read from PostgreSQL in one statement and remembered on this node
// while the node knows that nothing was revoked (revocation.go). A revocation is an outbox row that commits with its
// cause; every node looks for such rows twice a second and forgets what they touch. A node that has not been able to
// look for two seconds trusts its memory no longer and reads the truth for each request, or refuses when it cannot: late
// is possible, stale is not.
//
// On failure: a lost answer of refresh can be repeated for half a minute; after that the old token counts as stolen and
// its family ends. A node that cannot open the signing keys (another WAYMEET_SECRET) does not start. Passwords are
// hashed by argon2id, a few at a time, so that a flood of sign-ins waits instead of taking the machine's memory.
package identity
