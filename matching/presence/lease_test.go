package presence

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

var start = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

// Whatever old and new connections say: only the newest keeps the lease alive, only it closes it, and the lease ends by itself.
func TestOnlyTheNewestConnectionSpeaks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := Lease{Push: rapid.Bool().Draw(t, "push")}.Want(Available)
		now := start
		newest, open, last := int64(0), false, time.Time{}
		for range rapid.IntRange(1, 30).Draw(t, "events") {
			now = now.Add(time.Duration(rapid.IntRange(0, 16000).Draw(t, "later")) * time.Millisecond)
			epoch := rapid.Int64Range(0, newest+1).Draw(t, "epoch")
			mine := epoch == newest && open
			var heard bool
			switch rapid.IntRange(0, 3).Draw(t, "event") {
			case 0:
				l = l.Connect(now)
				newest, open, last = newest+1, true, now
			case 1:
				if l, heard = l.Close(epoch); heard != mine {
					t.Fatalf("a close of %d is heard: %v, the newest is %d", epoch, heard, newest)
				}
				open = open && !heard
			default:
				if l, heard = l.Hear(epoch, now); heard != mine {
					t.Fatalf("a heartbeat of %d is heard: %v, the newest is %d", epoch, heard, newest)
				}
				if heard {
					last = now
				}
			}
			for _, after := range []time.Duration{0, Doubtful - 1, Doubtful, Ends - 1, Ends, PushFor - 1, PushFor} {
				at := now.Add(after)
				age, want := at.Sub(last), Gone
				switch {
				case newest == 0:
				case age < Doubtful && open:
					want = Connected
				case age < Ends:
					want = Suspect
				case age < PushFor && l.Push:
					want = PushOnly
				}
				if got := l.Reach(at); got != want {
					t.Fatalf("%s after %s (open %v), not %s", got, age, open, want)
				}
				if rings := l.Rings(at, 1); rings != (want == Connected || want == PushOnly) {
					t.Fatalf("%s rings: %v", want, rings)
				}
				if next := l.Next(at); !next.IsZero() && (l.Reach(next) == want || l.Reach(next.Add(-1)) != want) {
					t.Fatalf("%s does not end at %s", want, next)
				}
			}
		}
	})
}

func TestWhoIsNotRung(t *testing.T) {
	l := Lease{}.Want(Available).Connect(start)
	missed := l
	missed.Missed = true
	for name, c := range map[string]struct {
		lease Lease
		slots int
		want  bool
	}{
		"there": {l, 1, true}, "no slot": {l, 0, false}, "on a break": {l.Want(Break), 1, false}, "off": {l.Want(Off), 1, false},
		"let one pass": {missed, 1, false}, "said that they are there": {missed.Want(Available), 1, true},
	} {
		if got := c.lease.Rings(start, c.slots); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	if r := l.Reach(start.Add(-time.Hour)); r != Gone {
		t.Errorf("a clock that was set back keeps a dead lease: %s", r)
	}
}
