// Package ledger is money as bookkeepers think of it: amounts, the chart of accounts, journals that balance, holds.
//
// It decides and computes; it reads no clock and writes nothing. store.Tx.Record writes what is decided here, and the
// tables of migration 0006 refuse whatever breaks the rules below, no matter who sends it.
//
//	Money      minor units and an ISO 4217 currency; arithmetic that cannot overflow, sharing that loses no unit
//	Account    where money is: one of the chart (chart.go), with its currency
//	Entry      one account, debited or credited
//	Journal    two entries or more that balance in each currency, written once under a key
//	Hold       a journal on the second layer: money set aside, not yet moved
//
// # Layers and phases
//
// Entries stand on one of two layers, P (posted) and H (held). A journal's phase says what it may hold:
//
//	posted   P                  money moves
//	pending  H                  money is set aside until an instant: a hold
//	post     −H of all, and P   the hold resolves: it is released, and at most what was held moves
//	void     −H of all          the hold resolves: it is released, nothing moves
//
//	           ┌── post, partly or whole ──▶ posted
//	pending ───┤
//	           └── void, or its time ran out ──▶ nothing
//
// A hold resolves once. What an account has available is what was posted to it less what is held of it; what waits to
// come in counts for nothing.
package ledger
