package media

import (
	"net/http"
	"time"
)

// Delivery is a webhook as it came: the body untouched, since the signature is over its bytes.
type Delivery struct {
	Body   []byte
	Header http.Header
	At     time.Time // when it was received
}

// Tolerance is how far a delivery's time may be from ours, both ways.
const Tolerance = 5 * time.Minute

// News is what an event tells.
type News string

// The news. What is none of them is Other: believed, and of no use.
const (
	Joined   News = "joined"
	Left     News = "left"
	Started  News = "started"  // the room has its first participant, or was opened
	Ended    News = "ended"    // the room is closed
	Recorded News = "recorded" // a recording can be fetched
	Other    News = "other"
	Tried    News = "tried" // the provider tries the address, unsigned: answer 200, keep nothing
)

// Event says that something happened in a room. A delivery that comes again has the same ID: keep each once.
type Event struct {
	ID          string
	News        News
	Word        string // the provider's own: participant_joined, meeting.ended
	Room        string
	Participant string    // with Joined and Left
	At          time.Time // by the provider's clock: for people, never for money
}
