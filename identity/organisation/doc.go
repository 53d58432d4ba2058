// Package organisation is the pure kernel of a tenant's business customers: who belongs to one, since when, to which
// cost centre, and how a roster that the customer sends becomes a change that somebody can look at before it is made.
//
//	file ─ ReadRoster ─┬─ Report   what is wrong, by line and column
//	                   └─ Roster ─ Compare(present, wanted, day) ─ Preview ─ Apply(present, preview)
//	                                                               joiners, leavers, changes, conflicts
//
// A preview is a value: it can be shown, kept and applied later. Applying it twice changes nothing the second time,
// and what was applied compares as unchanged with the file it came from.
//
// Cost centres are effective-dated: a move holds from a day on and leaves earlier days as they were, so that a ride of
// May is billed to May's cost centre whenever the invoice is made. Nothing here reads a clock or a database.
package organisation
