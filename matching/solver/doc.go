// Package solver decides, purely, which expert a request is offered to, and says why.
//
//	request ──▶ who can:  skill ∧ language ∧ modality ∧ free      bitmaps, one bit an expert
//	        ──▶ who may:  price within the ceiling, not blocked, not asked before
//	        ──▶ who best: proficiency + rating + price + sticky + idle − generalist  (+ priority + waited: the request's own)
//	        ──▶ offer, with the parts of its score
//
// Three questions, one score:
//
//   - Decide: a request came. The best expert who is free, at once.
//   - Next: an expert became free. The request that gains most by them.
//   - Assign: several requests want the same few. All of a micro-batch are matched together: as many as can be, and
//     of all ways to do that the one with the greatest sum of scores.
//
// Requirements relax while somebody waits (Rings): levels are lowered, then the skills that were named last are let go.
// Whoever can serve a request in one ring can serve it in the next.
//
// Points are integers and ties go to the smaller id, so the same pool and the same requests, in any order, come to the
// same decision on every node. The wait that is shown to people is estimated here too (Estimator): it decides nothing.
//
// # Who owns which truth
//
// PostgreSQL owns who is free and what was taken. A Pool is what one matcher believes; it may be behind, and then an
// offer is refused when it is written and the decision is taken again. A Pool belongs to one goroutine.
package solver
