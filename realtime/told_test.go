package realtime

import (
	"fmt"
	"testing"
	"time"

	"github.com/waymeet/waymeet/realtime/bus"
)

// What was told is bounded, and ends when newcomers are shown it no more.
func TestToldIsBounded(t *testing.T) {
	var w told
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
	if got := w.of("vehicle", now); len(got) != 1 || string(got[0].Data) != "2" || got[0].Kind != bus.Last {
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
