package realtime

import (
	"fmt"
	"testing"
	"time"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/realtime/bus"
)

// What was told is bounded, and ends when newcomers are shown it no more.
func TestToldIsBounded(t *testing.T) {
	w := told{now: map[string]map[string]bus.Message{}, began: time.Unix(1000, 0)}
	now := time.Unix(1000, 0)
	data := make([]byte, 1<<10)
	for i := range 50_000 {
		w.note(fmt.Sprint("s", i%5_000), bus.Message{Kind: bus.Signal, Sig: "position", Key: fmt.Sprint(i), At: now, Data: data})
	}
	held := 0
	for _, generation := range []map[string]map[string]bus.Message{w.now, w.old} {
		for _, keys := range generation {
			for _, m := range keys {
				held += sizeOf(&m)
			}
		}
	}
	if held > 2*maxTold+toldSize+2<<10 || held < maxTold {
		t.Errorf("%d bytes are held", held)
	}
	for i := range 3 * maxSignals {
		w.note("one", bus.Message{Sig: "position", Key: fmt.Sprint(i), At: now})
	}
	if n := len(w.of("one", now)); n < maxSignals || n > 2*maxSignals {
		t.Errorf("%d of one subject", n)
	}
	w.note("vehicle", bus.Message{Sig: "position", Key: "7", At: now, Data: []byte("1")})
	w.note("vehicle", bus.Message{Sig: "position", Key: "7", At: now.Add(time.Second), Data: []byte("2")})
	if got := w.of("vehicle", now); len(got) != 1 || string(got[0].Data) != "2" {
		t.Errorf("%+v", got)
	}
	w.note("vehicle", bus.Message{Sig: "position", Key: "8", At: now.Add(keepSignals + 2*time.Second)}) // another generation
	if got := w.of("vehicle", now.Add(keepSignals)); len(got) != 2 {
		t.Errorf("%+v", got)
	}
	if got := w.of("vehicle", now.Add(keepSignals+2*time.Second)); len(got) != 1 || got[0].Key != "8" {
		t.Errorf("%+v", got)
	}
}

// Who tells too much makes nobody else forgotten, and all together hold what is said.
func TestWhoTellsMuchForgetsTheirOwn(t *testing.T) {
	var w tellings
	now := time.Unix(1000, 0)
	quiet, data := tenant.ID{9}, make([]byte, 4<<10)
	w.note(quiet, "trip", bus.Message{Sig: "position", Key: "7", At: now, Data: []byte("1")})
	for i := range 100_000 {
		w.note(tenant.ID{byte(i % 8)}, fmt.Sprint("s", i%1_000), bus.Message{Sig: "position", Key: fmt.Sprint(i), At: now, Data: data})
	}
	if got := w.of(quiet, "trip", now); len(got) != 1 || got[0].Kind != bus.Last {
		t.Errorf("another tenant's vehicle is %v", got)
	}
	held := 0
	for _, b := range w.by {
		for _, generation := range []map[string]map[string]bus.Message{b.now, b.old} {
			for _, keys := range generation {
				for _, m := range keys {
					held += sizeOf(&m)
				}
			}
		}
	}
	if held != w.size || held > maxAllTold || held < maxAllTold/2 {
		t.Errorf("%d bytes are held, %d counted", held, w.size)
	}
	later := now.Add(3 * keepSignals)
	w.note(tenant.ID{10}, "trip", bus.Message{Sig: "position", Key: "8", At: later})
	if len(w.by) != 1 || w.size > 2*toldSize {
		t.Errorf("%d tenants, %d bytes long afterwards", len(w.by), w.size)
	}
}

// What is drawn on a map has nothing else in it.
func TestPositions(t *testing.T) {
	for data, want := range map[string]bool{
		`{"lat":1,"lon":2}`: true, `{"lat":1,"lon":2,"bearing":360,"speed":3.5,"vehicle":"12-A"}`: true, `{"lat":1,"lon":2,"speed":null}`: true,
		`{"lat":1}`: false, `{"lat":91,"lon":2}`: false, `{"lat":"1","lon":2}`: false, `{"lat":1,"lon":null}`: false, `{"lat":1,"lon":2,"x":null}`: false,
		`{"lat":1,"lon":2,"Vehicle":"a","vEhicle":"b"}`: false, `{"LAT":1,"LON":2}`: false, `{"lat":1,"lon":2,"vehicle":7}`: false, `{"lat":1,"lon":2,"vehicle":{}}`: false, `7`: false, `null`: false,
	} {
		if got := position([]byte(data)); got != want {
			t.Errorf("%s: %t", data, got)
		}
	}
}

// A reminder is news only to who has heard nothing newer.
func TestRemindersGoNowhereBack(t *testing.T) {
	s := &subject{kind: &Kind{Keep: "position"}}
	now := time.Unix(1000, 0)
	at := func(d time.Duration, data string) bus.Message {
		return bus.Message{Kind: bus.Last, Sig: "position", Key: "7", At: now.Add(d), Data: []byte(data)}
	}
	for i, step := range []struct {
		m    bus.Message
		want string
	}{{at(-3*time.Second, "1"), "1"}, {at(-4*time.Second, "0"), "1"}, {at(-3*time.Second, "again"), "1"}, {at(-2*time.Second, "2"), "2"}, {at(-2*keepSignals, "old"), "2"}} {
		s.remind(step.m, now)
		if got := string(s.signals["7"].push.Data); got != step.want {
			t.Errorf("step %d: %s, want %s", i, got, step.want)
		}
	}
	s.remind(bus.Message{Kind: bus.Last, Sig: "msg", Key: "8", At: now, Data: []byte("x")}, now)
	if len(s.signals) != 1 {
		t.Errorf("%d are kept", len(s.signals))
	}
}
