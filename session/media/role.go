package media

// Role is what somebody is in a session.
type Role string

// The roles.
const (
	Client    Role = "client"
	Expert    Role = "expert"
	Observer  Role = "observer"  // a supervisor who listens
	Whisperer Role = "whisperer" // a supervisor who speaks to the experts alone
)

// Roles is all of them.
var Roles = []Role{Client, Expert, Observer, Whisperer}

// Track is one thing that a participant may send. There are four, each with its place in every connection: what is
// sent in a place is switched without a new negotiation.
type Track string

// The tracks, in the order of their places.
const (
	Microphone  Track = "microphone"
	Camera      Track = "camera"
	Screen      Track = "screen"
	ScreenAudio Track = "screen_audio"
)

// Tracks is all of them, in order.
var Tracks = []Track{Microphone, Camera, Screen, ScreenAudio}

// Sends is what a role may send; of a session without pictures, its voice alone.
func (r Role) Sends(voiceOnly bool) []Track {
	switch {
	case r == Observer || !r.known():
		return nil
	case r == Whisperer || voiceOnly:
		return []Track{Microphone}
	}
	return Tracks
}

// Hears says whether a role receives what another sends.
func (r Role) Hears(speaker Role) bool {
	switch {
	case !r.known() || !speaker.known() || speaker == Observer:
		return false
	case speaker == Whisperer:
		return r != Client
	}
	return true
}

// Shown says whether the others may learn that somebody of this role is there.
func (r Role) Shown() bool { return r.known() && r != Observer }

func (r Role) known() bool { return r == Client || r == Expert || r == Observer || r == Whisperer }
