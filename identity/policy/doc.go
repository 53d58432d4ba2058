// Package policy answers one question: may this actor do this to that?
//
//	role (data, a tenant's own) ── grants ──> permission + scope        what a person holds
//	action (code)               ── rules/*.cedar ──> permissions        what a deed needs
//	Can(ctx, action, resource)  ── nil | forbidden | not_found          the answer
//
// Three vocabularies, each with one owner. Permissions and actions are the catalogue in this package; a test holds it
// against the rules, so that no action is without a rule and no rule speaks of something unknown. Roles are rows: an
// operator composes them from permissions, each with a scope (the whole tenant, or one line), and never writes policy
// text. The rules are Cedar, embedded, and indexed by action at start, because evaluation is linear in the number of
// policies looked at.
//
// One rule stands over all others: a resource of another tenant is forbidden. It is the second wall; the first is
// PostgreSQL, which does not even show such a row.
//
// The answers leak nothing. An actor who holds none of an action's permissions hears forbidden whether or not the thing
// exists. One who holds some of them, but not for this thing, hears not_found, as for a thing that never was. No actor,
// an unknown action or a rule that fails to evaluate all end in a refusal.
//
// The package is a kernel: the grants were read by package identity and arrive inside the Actor, the time plays no part.
package policy
