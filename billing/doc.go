// Package billing is what is owed and paid. So far it is the ledger's desk: journals that are a transaction of their own, and
// the clockwork that voids holds whose time is over.
//
// # Who owns which truth
//
// PostgreSQL owns all of it: accounts, journals, entries, which holds are open. The tables refuse what breaks a rule of money
// no matter who sends it (docs/money.md); billing/ledger decides, purely, on what was read behind the accounts' locks. The
// clock that counts is PostgreSQL's. This process owns nothing but journals that nobody has answered yet.
//
// # Two ways to write a journal
//
// Money that moves with something else (a seat, a pass, an invoice) is recorded in that one's transaction:
// tx.Record(ctx, journals...). Money that moves alone comes to Record here, and journals that arrive while a batch is under way
// make up the next one:
//
//	Record ──▶ desk: first one there leads, at most 128 ride along, journals of one tenant, two batches at a time
//	                ▼
//	           one transaction, two round trips
//	                1  BEGIN · lock running accounts by id · clock, balances, keys, holds
//	                   each journal is tried on the books in turn; what cannot be is refused alone
//	                2  journals · entries (balances follow by trigger) · COMMIT
//	                ▼
//	           each hears its own answer
//
// # What happens on failure
//
//   - A refusal (insufficient funds, a hold that is resolved, …) writes nothing, frees its key, and leaves the others alone.
//   - An unexpected error undoes the batch; its halves are tried, and theirs, so that one cannot spoil the others.
//   - The connection breaks during COMMIT: nobody knows. Every journal has a key, so it is tried again and hears what is there.
//   - The caller goes away: its journal may still be written, and its key finds it.
//   - The process dies: PostgreSQL undoes what was not committed. Holds of the dead end by their time, on any node.
//   - Two nodes with the same key meet at the account's row, or at the key's index: the second one's transaction runs again
//     and hears the first one's answer.
package billing
