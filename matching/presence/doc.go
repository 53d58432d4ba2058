// Package presence decides, purely, whether an expert can be rung: what they want, whether they can be reached, and whether they
// have a slot.
//
//	connected ──(socket closed, or 10 s without a heartbeat)──▶ suspect ──(15 s without one)──▶ gone, or push_only
//	    ▲                                                          │                              │
//	    └──────────────────────── a heartbeat of the newest connection ◀────────────────────────┘
//
// Presence is a lease with a fence, never a flag: it ends by itself, and each connection has an epoch. A new connection
// fences those before it, so an old socket that comes back to life cannot speak for the new one, nor close it.
//
// An expert whose devices take push messages can be rung for longer without a socket: push_only. One who let an offer pass is in
// doubt, and is asked whether they are there before they are rung again.
package presence
