// Package meter decides, purely, where a session stands and how many seconds of it are billed.
//
//	                         both hear each other            one of them is quiet
//	connecting ─────────────────────────────────▶ live ─────────────────────────▶ reconnecting (45 s)
//	   │  │  └──▶ cancelled                         │ ▲ ◀──────────────────────────────┘ │
//	   │  │                                         │ │      a phone call                │
//	   │  └─────▶ no_show                           │ └──────────▶ interrupted (longer) ─┤
//	   └────────▶ connect_failed                    └──────────────▶ wrap_up ◀───────────┘ ──▶ completed
//	                                                  over, or the funds are
//
// # The meter
//
// Both sides send a heartbeat each second that says whether media came in since the last. A second is billed when both sides
// have covered it by such a heartbeat: a page that lives with a dead microphone is not a conversation, and what nobody
// vouched for is not charged.
//
// Words of both sides cut time into slices. A heartbeat covers the slices since the same connection's word before it; a
// slice that both have covered is billed:
//
//	client   ●────────────●────────────●────────────●          ● heartbeat
//	expert        ●────────────●────────────●
//	slices   │  1 │   2   │ 3 │    4   │ 5 │   6   │           2 to 5 are billed
//
// How long it is since the same connection's word before is measured by the node that has the connection, on a clock
// that cannot be set. PostgreSQL's clock only says how words of different nodes lie between each other. When the two
// disagree, PostgreSQL's was set meanwhile, and the slice in which that happened is put right. So a clock that jumps
// neither charges an hour nor loses one. (It is put right exactly when the clock went by more than Step, once in a heartbeat. A smaller jump that
// falls between a connection's first word and the other side's next heartbeat may be taken for the wrong side of it, and
// cost what that heartbeat covered.) A node that dies loses nothing but what it had not told; the connections that
// come back elsewhere begin anew.
//
// # Who owns which truth
//
// The session's row owns the Session, written under its lock by every word, in the order in which they are written. Time
// passes by at most Step from one word to the next: deadlines here are of time that was seen to pass, so that neither a
// clock that jumps forward nor a dead node ends a conversation.
package meter
