package media

import (
	"time"

	"github.com/waymeet/waymeet/internal/secret"
)

// RoomOrder asks for a room. The session's id is a good name.
type RoomOrder struct {
	Name  string
	Until time.Time // when it ends by itself, should nobody close it
	Party int       // most people at once; 0: as many as the provider takes
}

// Member is one of a session's party: those who take part, whether they are connected or not.
type Member struct {
	Participant string
	Role        Role
	Order       int // of two, the lesser gives way (peer alone); the same: by role and id
}

// Seat is a place for one participant.
type Seat struct {
	Room        string
	Participant string // the same for each of their connections
	Name        string // as the others read it
	Role        Role
	Until       time.Time // how long they may stay, at most
	VoiceOnly   bool
	Party       []Member // all, with this one
	// Generation counts the session's connections; both ends of one name the same (peer alone).
	Generation int64
}

// Arrangement is a party as it is now.
type Arrangement struct {
	Room      string
	VoiceOnly bool
	Party     []Member
}

// Entry is what a browser needs to come in. Tokens and credentials are shown to nobody else.
type Entry struct {
	Provider Kind
	Until    time.Time // for coming in; who is in stays
	Sends    []Track
	URL      string      // of the provider's server, or room
	Token    secret.Text // what it wants to see there
	// HeardBy, where Restricted, is who may receive what this participant sends. Their page tells the provider's server so before it sends
	// anything (LiveKit: setTrackSubscriptionPermissions), and again whenever it changes; the server then refuses all others.
	Restricted bool
	HeardBy    []string

	// The rest is peer's.
	Generation int64
	RelayOnly  bool
	Servers    []Server
	Links      []Link
}

// Server is a STUN or TURN server, as browsers take it (RTCIceServer).
type Server struct {
	URLs       []string
	Username   string
	Credential secret.Text
}

// Link is one connection to make, with another of the party.
type Link struct {
	With string
	// Polite yields when both have made an offer at once. Of two ends, one is.
	Polite bool
}

// Present is somebody who is connected.
type Present struct {
	Participant string
	Since       time.Time
}
