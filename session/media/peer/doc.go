// Package peer carries media from browser to browser, and needs nobody: the default.
//
// There is no room anywhere: Open and Close have nothing to do. The server says who connects to whom (Entry.Links), which
// of two ends is polite, which STUN and TURN servers there are, with credentials of their own for each participant, and
// passes on what the ends tell each other (Read). The media is theirs: encrypted end to end, by WebRTC.
//
//	browser A ── signal ──► socket ── Read ──► socket ──► browser B
//	    └───────────── media, direct or through a TURN server ────────┘
//
// # Connections
//
// Each connection has four places, in the order of media.Tracks, offered at once and kept: what is sent in a place is
// switched with replaceTrack. Both ends may offer at any time (a network has changed: ICE is restarted); when offers cross, the
// impolite end ignores the other's, the polite one takes its own back. Who is polite is the server's word (Polite): of two
// ends, exactly one is.
//
// Each signal names the generation of the connections it is about: the session counts one up whenever somebody has come
// anew, in another tab or after a reload. Read refuses another generation's, so an old page cannot speak into a new one.
//
// # What it cannot do
//
// Nobody listens unseen, whispers or records at a server: there is none. Who listens is one more end to which both send, and both pages know it; that they hear
// nothing of an observer is the pages' doing. Nobody can be ejected by force either, and nobody
// asks the browsers who is connected: a page that was told to hang up and does not is still heard by the other, until that one's page
// hangs up too (it is told as well), or its TURN credential ends. Each sends to each, so a party is of four at most.
//
// # Relay only
//
// With Credentials.RelayOnly the browsers are told to use TURN alone, and get no other server. They are not trusted with
// it: Read drops every candidate that is not a relay's and takes every other address out of what it passes on, so that a changed page
// does not learn the other's address from signals, nor can it be made to connect past the relay. Without TURN such a tenant
// has no media (Misconfigured), rather than an address in the other's hands.
//
// # What happens on failure
//
// Nothing here fails: no verb makes a call. A signal that was lost is made good by the next offer.
package peer
