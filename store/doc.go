// Package store is the one room that speaks to PostgreSQL, and PostgreSQL is the one
// truth: what a commit says happened, happened; what it does not say, did not.
//
// There are three ways in, and the pools behind them are never handed out:
//
//	InTx(ctx, tenant, fn)   reads and writes of one tenant, one transaction, all or nothing
//	Read(tenant)            single statements of one tenant, one round trip each
//	System()                a short list of statements across tenants (see open_to_system in
//	                        the migrations): find whose work is due, then do it in InTx
//
// Tenancy does not depend on a query remembering its WHERE: every transaction names its
// tenant to PostgreSQL, every tenant table has row level security FORCEd, and a statement
// without a tenant is an error.
//
// A closure of InTx uses only its tx, calls nothing over the network, and may run twice:
// after a serialisation failure or a deadlock it is run again from the start. What it
// queues with Emit and Audit travels in the same round trip as the COMMIT.
//
// On failure: an error before COMMIT means that nothing happened. An error of the COMMIT
// itself (the connection broke) means that nobody knows; callers that repeat with the same
// idempotency key get the answer either way.
//
// SQL lives in queries/*.sql and goes through sqlc; what sqlc cannot say (pipelines, COPY)
// is written beside it by hand. No type of pgx leaves this package.
package store
