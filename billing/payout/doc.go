// Package payout decides, purely, how experts are paid what they earned: who is in a run and with how much, whether an
// account number can be one, and what the file that a bank reads says.
//
//	draft ──▶ approved ──▶ sent ──▶ closed        a run; draft and approved may be discarded
//	             by somebody else than its maker
//
//	draft ──▶ sent ──▶ confirmed | returned       a line; dropped if the money is not there any more when it is sent
//
// A run is decided from what the books say when it is made, and recorded by what they say when it is sent: the ledger
// lets nobody's account go below nothing, so money that has left meanwhile drops its line and is never paid twice.
package payout
