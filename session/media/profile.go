package media

import "slices"

// Kind names an adapter.
type Kind string

// The adapters.
const (
	Peer    Kind = "peer"    // browser to browser, signalled by us: built in
	LiveKit Kind = "livekit" // a LiveKit server, the tenant's or LiveKit Cloud
	Daily   Kind = "daily"   // Daily.co
)

// Capability is something that not every provider can do. Screens hide what is not there.
type Capability string

// The capabilities.
const (
	Listen   Capability = "listen"           // somebody may listen, and the others know
	Observe  Capability = "observe"          // somebody may listen unseen
	Whisper  Capability = "whisper"          // somebody may speak to the experts alone
	Record   Capability = "server_recording" // the provider's server records
	Eject    Capability = "eject"            // the provider throws somebody out, whatever their page does
	Presence Capability = "presence"         // the provider says who is there
	Webhooks Capability = "webhook"          // the provider tells who came and went
	Hides    Capability = "hides_addresses"  // the parties never learn each other's addresses
)

// Profile is what a tenant's provider is and can.
type Profile struct {
	Kind         Kind
	Capabilities []Capability
	Party        int // most people in one room
}

// Can says whether the provider has a capability.
func (p Profile) Can(c Capability) bool { return slices.Contains(p.Capabilities, c) }
