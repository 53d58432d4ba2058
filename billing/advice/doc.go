// Package advice decides, purely, what a metered conversation costs and who gets what of it.
//
// A client sets money aside before talking: a chain of authorisations, the next one before the funds of those before it
// end. When the conversation is over, the metered amount is taken across the chain in order, the last link partly, and
// links that were not needed are let go:
//
//	chain      ├── 10 min ──┤├── 5 min ──┤├── 5 min ──┤
//	metered    ├────────────────────┤ 17 min 20 s
//	taken      ├── all ─────┤├ a part ───┤   let go
//
// The operator's fee is of the sum, rounded once; each link's fee is what the sum's has grown by with it. So fees and
// shares of any chain and any amount add up to the unit, whichever links are taken first.
//
// What a client's bank takes back later (a refund, a dispute) is borne in the same proportion, link by link: Share.Of is
// cumulative too, so that parts that come in any order add up to what the whole would be.
package advice
