// Package media is the port to what carries voices and pictures between the people of a session: browsers themselves
// (peer, built in), or a provider's server (livekit, daily).
//
// Whoever runs a session knows this package and no provider. What a provider can do is in its Profile; what it cannot
// do, it answers with NotSupported, which every adapter gets from Unsupported. mediatest is what an adapter must pass.
//
//	Open ──► Admit client, Admit expert ──► Arrange (somebody comes, goes, changes roles) ──► Eject … ──► Close
//	              │ Entry: address, token, who connects to whom
//	              ▼
//	          the browser ──────────── media ────────────► the others, or the provider's server
//
// # Who may do what
//
// A participant has a Role; what a role sends, and who hears whom, is decided here and nowhere else (Role.Sends,
// Role.Hears). An adapter makes its provider enforce it, and says in its doc.go who enforces what.
//
//	            sends               hears                        is seen
//	client      all                 clients, experts             yes
//	expert      all                 all but observers            yes
//	observer    nothing             all but observers            no
//	whisperer   microphone          all but observers            yes, by name of the provider: nobody but experts hears
//
// Somebody who barges in is admitted anew, as an expert.
//
// # Who owns which truth
//
// The session's rows own who takes part, in which role, and which generation of connections counts. The provider owns
// who is connected now. An adapter owns nothing: it is opened from a tenant's Credentials, keeps no state of the session
// and may be opened on every node at once. It is never called inside a database transaction. Money never follows what
// a provider says: the meter has heartbeats of its own.
//
// # What happens on failure
//
// Every verb may be repeated: a room that is open is opened again, one that is closed is closed again, who is gone is
// ejected again, without an error. Unreachable and RateLimited are to be tried later, Misconfigured wants a person,
// Refused is a bug of ours. Each carries a fault, so one that reaches a user unhandled is still a sentence.
//
// An entry is for coming in, and soon (Entry.Until, minutes): who reloads the page asks for another. So who was ejected
// has no way back when their entry is over; until then a provider that cannot bar them tells of their coming by webhook.
package media
