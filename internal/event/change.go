// Package event says what a change looks like to those who watch: the entities, their
// documents in each projection, and the channels they belong to.
//
// A document is a pure function of a row. The writer that changed the row builds it for
// the outbox, a subscriber's first set is built by the same function from the same row,
// so both agree byte for byte by construction. Documents hold no null: absent means
// absent. They are slim: stops and timetables come once, over HTTP, by pattern.
package event

import "encoding/json"

// Projection is a view of an entity that one kind of channel shows to all its readers.
type Projection string

// The projections, named like the channel kinds that show them.
const (
	OnTrip        Projection = "trip"
	OnLine        Projection = "line"
	OnBoard       Projection = "board"
	OnBooking     Projection = "booking" // shown by booking:ID and by me
	OnUser        Projection = "user"    // shown by me
	OnWallet      Projection = "wallet"  // shown by me
	OnOwed        Projection = "owed"    // shown by me
	OnFinance     Projection = "finance"
	OnRequest     Projection = "request"     // shown by request:ID and by me
	OnQueues      Projection = "queues"      // shown by queue:ID
	OnOffer       Projection = "offer"       // shown by me
	OnAppointment Projection = "appointment" // shown by me
	OnRide        Projection = "ride"        // shown by booking:ID to whose programme pays
	OnSession     Projection = "session"
	OnTalk        Projection = "talk" // shown by me, of a session
)

// Projections is raised whenever documents of rows that have not changed read otherwise, or sets hold other entities: it is part of
// the epoch, and clients must not resume across it. A test reminds whoever changes what documents are made of.
const Projections = "8"

// Change is one committed step of one entity: its whole documents after it, or its end.
type Change struct {
	Entity   string                         // "trip/0190…"
	Version  int64                          // grows by one with each change of the row
	Docs     map[Projection]json.RawMessage // whole, by projection; none when Gone
	Gone     bool
	Channels []string // those that show it after the change: "trip:…", "board:2026-11-23"
	Left     []string // those that showed it before and no longer do
}

func must(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // documents are plain structs: this cannot fail on any value of theirs
	}
	return b
}
