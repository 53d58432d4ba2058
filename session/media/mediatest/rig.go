package mediatest

import (
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/waymeet/waymeet/session/media"
)

// How the provider fails the next call.
type How string

// The ways to fail.
const (
	Fail    How = "500"
	TooMany How = "429"
	Hang    How = "no answer"
	Drop    How = "connection broken"
	Babble  How = "200, and no sense"
)

// Rig is an adapter under test and its other side.
type Rig struct {
	Provider media.Provider
	// Secrets are in the credentials: nothing that is printed may have them.
	Secrets []string

	// Join is a browser that comes in with an entry and does as it says. Its error is the server's no.
	Join  func(t *testing.T, s media.Seat, e media.Entry) error
	Leave func(t *testing.T, room, participant string)
	// What the server lets participants do who are in.
	Sends func(t *testing.T, room, participant string) []media.Track
	Hears func(t *testing.T, room, listener, speaker string) bool
	Sees  func(t *testing.T, room, onlooker, other string) bool

	Recording func(t *testing.T, room string) bool                             // Record
	Break     func(t *testing.T, how How)                                      // the next call
	Event     func(t *testing.T) []byte                                        // Webhooks: the body of a delivery that says who came
	Sign      func(secret int, at time.Time, body []byte) media.Delivery       // with the nth active secret; -1: with a stranger's
	Rotated   func(t *testing.T) media.Provider                                // after secret 0 was retired
	WrongKey  func(t *testing.T) media.Provider                                // with credentials that the provider does not take
	Reuse     func(t *testing.T, s media.Seat, e media.Entry, late bool) error // an entry again; late: when its time is over
}

var serial atomic.Int64

// session is a client and an expert in a room that nobody else has.
type session struct {
	Rig
	room  string
	party []media.Member
}

func (r Rig) session(t *testing.T) *session {
	t.Helper()
	n := serial.Add(1)
	s := &session{Rig: r, room: fmt.Sprintf("session-%d-%d", n, time.Now().UnixNano())}
	s.party = []media.Member{{Participant: fmt.Sprintf("client-%d", n), Role: media.Client}, {Participant: fmt.Sprintf("expert-%d", n), Role: media.Expert}}
	s.ok(t, r.Provider.Open(t.Context(), media.RoomOrder{Name: s.room, Until: time.Now().Add(time.Hour)}))
	return s
}

// with is one more in the party.
func (s *session) with(role media.Role) media.Member {
	m := media.Member{Participant: fmt.Sprintf("%s-%d", role, serial.Add(1)), Role: role}
	s.party = append(s.party, m)
	return m
}

func (s *session) seat(m media.Member) media.Seat {
	return media.Seat{Room: s.room, Participant: m.Participant, Name: "Amal", Role: m.Role, Until: time.Now().Add(time.Hour), Party: s.party, Generation: 7}
}

func (s *session) admit(t *testing.T, m media.Member) media.Entry {
	t.Helper()
	return must[media.Entry](t)(s.Provider.Admit(t.Context(), s.seat(m)))
}

// join admits and comes in.
func (s *session) join(t *testing.T, m media.Member) {
	t.Helper()
	s.ok(t, s.Join(t, s.seat(m), s.admit(t, m)))
}

func (s *session) present(t *testing.T) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	for _, p := range must[[]media.Present](t)(s.Provider.Present(t.Context(), s.room)) {
		out[p.Participant] = true
	}
	return out
}

func (s *session) ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (r Rig) can(t *testing.T, caps ...media.Capability) {
	t.Helper()
	for _, c := range caps {
		if !r.Provider.Profile().Can(c) {
			t.Skipf("%s has no %s", r.Provider.Profile().Kind, c)
		}
	}
}

// is says whether err is of a type, and hands it over.
func is[T error](t *testing.T, err error) T {
	t.Helper()
	var e T
	if !errors.As(err, &e) {
		t.Fatalf("%v (%T) is no %T", err, err, e)
	}
	return e
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}
