package realtime

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/waymeet/waymeet/realtime/wire"
)

// A batch is written once for all who spell its channel alike, and however many spellings there are, few are kept.
func TestASpellingIsWrittenOnce(t *testing.T) {
	ours := wire.AppendHead(nil, "board:2026-11-23?from=06:00&to=10:00")
	v := &view{head: ours, subs: make([]*subscription, 1)}
	for i := range 3 {
		v.signal(fmt.Sprint(i), fmt.Appendf(nil, `,"sig":"n","d":%d}`, i))
	}
	for i := range 3 * maxSpelt {
		theirs := wire.AppendHead(nil, fmt.Sprintf("board:2026-11-23?to=10:00&from=06:00&x=%d", i))
		out, at := v.out.under(ours, theirs), 0
		if again := v.out.under(ours, bytes.Clone(theirs)); (again == out) != (i < maxSpelt) || !bytes.Equal(again.joined, out.joined) {
			t.Errorf("spelling %d: kept %v", i, again == out)
		}
		for n, e := range out.events {
			if want := wire.AppendPush(nil, theirs, fmt.Appendf(nil, `,"sig":"n","d":%d}`, n)); !bytes.Equal(out.joined[at:e.end], want) {
				t.Errorf("spelling %d, frame %d: %q, want %q", i, n, out.joined[at:e.end], want)
			}
			at = e.end
		}
	}
}

// A tenant pays for the bytes that its subscribers are sent: under the names by which they call the channel.
func TestASpellingIsPaidFor(t *testing.T) {
	h, _ := stub(t)
	q := &quota{hub: h}
	q.limits.Store(&TenantLimits{BytesPerS: 1})
	v := &view{name: "board:x", channel: Channel{Kind: &Kind{}}, head: wire.AppendHead(nil, "board:x")}
	want := 0
	for i := range 4 {
		c := &Conn{socket: &socket{closed: true}, hub: h, quota: q}
		s := &subscription{conn: c, view: v, name: fmt.Sprintf("board:x?%0*d", 100*i, i)}
		s.head = wire.AppendHead(nil, s.name)
		v.enter(s)
		if i == 1 { // one who left is not paid for
			v.leave(s)
			continue
		}
		want += 2 * len(wire.AppendPush(nil, s.head, []byte("}")))
	}
	v.signal("a", []byte("}"))
	v.signal("b", []byte("}"))
	headers := 2 * 2 * len(v.subs) // a longer frame's header is a few bytes longer: those are not counted
	before := time.Now()
	v.flush()
	paid := time.Duration(q.bytes.full.Load() - before.UnixNano())
	most := time.Duration(want)*time.Second + time.Since(before)
	if paid > most || paid < time.Duration(want-headers)*time.Second {
		t.Errorf("%v bytes are paid, %d are sent", paid.Seconds(), want)
	}
}

// What waits for a socket that is full waits under the name by which its client calls the channel.
func TestASpellingWaits(t *testing.T) {
	h, _ := stub(t)
	q := &quota{hub: h}
	q.limits.Store(&DefaultTenantLimits)
	v := &view{name: "board:x", channel: Channel{Kind: &Kind{}}, head: wire.AppendHead(nil, "board:x")}
	s := &subscription{conn: &Conn{socket: &socket{busy: true}, hub: h, quota: q}, view: v, name: "board:x?", head: wire.AppendHead(nil, "board:x?")}
	v.enter(s)
	v.signal("k", []byte("}"))
	v.flush()
	if want := wire.AppendPush(nil, s.head, []byte("}")); len(s.signals) != 1 || !bytes.Equal(s.signals[0].frame, want) {
		t.Errorf("%v wait, want %q", s.signals, want)
	}
}
