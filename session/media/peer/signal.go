package peer

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"

	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/session/media"
)

// Limits of what is passed on. A description of four places and three codecs each has some 10 KiB.
const (
	maxSignal    = 48 << 10
	maxSDP       = 32 << 10
	maxCandidate = 1 << 10
)

// Signal is what one end of a connection tells the other, as it may be passed on. One of the three is there.
type Signal struct {
	To          string       `json:"to"`
	Generation  int64        `json:"generation"`
	Description *Description `json:"description,omitempty"`
	Candidate   *Candidate   `json:"candidate,omitempty"`
	Bye         bool         `json:"bye,omitempty"` // this end hangs up
}

// Description is an offer or an answer (RTCSessionDescriptionInit).
type Description struct {
	Type string `json:"type"`
	SDP  string `json:"sdp"`
}

// Candidate is an address where an end may be reached (RTCIceCandidateInit); an empty one says that there are no more.
type Candidate struct {
	Candidate        string  `json:"candidate"`
	SDPMid           *string `json:"sdpMid,omitempty"`
	SDPMLineIndex    *uint8  `json:"sdpMLineIndex,omitempty"`
	UsernameFragment *string `json:"usernameFragment,omitempty"`
}

// Rules are what a session says of its signals now.
type Rules struct {
	From       string // who sends
	Party      []media.Member
	Generation int64
	RelayOnly  bool
}

var (
	// ErrStale is a signal of connections that do not count any more, or not yet: drop it, its sender will offer again.
	ErrStale = errors.New("peer: a signal of another generation")
	// ErrWithheld is a candidate that the other may not see: drop it, there will be a relay's.
	ErrWithheld = errors.New("peer: an address that is not told")
)

// Read reads what one end sent, and makes of it what the other may read. Its errors are a fault (400, the page is wrong), or
// one of those above (nothing to say).
func Read(raw []byte, r Rules) (Signal, error) {
	var s Signal
	if len(raw) > maxSignal {
		return Signal{}, fault.New("body_too_large")
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil || d.More() {
		return Signal{}, fault.New("bad_json")
	}
	if !r.connects(s.To) {
		return Signal{}, fault.New("not_found")
	}
	if s.Generation != r.Generation {
		return Signal{Generation: s.Generation}, ErrStale // which may be of one to come
	}
	parts := 0
	for _, there := range []bool{s.Description != nil, s.Candidate != nil, s.Bye} {
		if there {
			parts++
		}
	}
	if parts != 1 {
		return Signal{}, fault.New("bad_request")
	}
	switch {
	case s.Description != nil:
		return s, s.Description.read(r.RelayOnly)
	case s.Candidate != nil:
		return s, s.Candidate.read(r.RelayOnly)
	}
	return s, nil
}

// connects says whether sender and receiver are both of the party, and two.
func (r Rules) connects(to string) bool {
	var from, there bool
	for _, m := range r.Party {
		from = from || m.Participant == r.From
		there = there || m.Participant == to
	}
	return from && there && to != r.From
}

func (d *Description) read(relayOnly bool) error {
	if d.Type != "offer" && d.Type != "answer" || len(d.SDP) > maxSDP || !printable(d.SDP, "\r\n") || !strings.HasPrefix(d.SDP, "v=0") {
		return fault.New("bad_request")
	}
	if relayOnly {
		d.SDP = withoutAddresses(d.SDP)
	}
	return nil
}

func (c *Candidate) read(relayOnly bool) error {
	if len(c.Candidate) > maxCandidate || !printable(c.Candidate, "") || !short(c.SDPMid, 32) || !short(c.UsernameFragment, 256) {
		return fault.New("bad_request")
	}
	if !relayOnly || c.Candidate == "" {
		return nil
	}
	line, ok := relayed(c.Candidate)
	if !ok || names(c.SDPMid) || names(c.UsernameFragment) {
		return ErrWithheld
	}
	c.Candidate = line
	return nil
}

func names(s *string) bool { return s != nil && holdsAddress(*s) }

func short(s *string, limit int) bool { return s == nil || len(*s) <= limit && printable(*s, "") }

// printable says that text has no control characters but these: lines are what lines look like.
func printable(s, but string) bool {
	for i := range len(s) {
		if s[i] < ' ' && strings.IndexByte(but, s[i]) < 0 || s[i] == 0x7f {
			return false
		}
	}
	return true
}
