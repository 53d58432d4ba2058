package meter

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var start = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

// told is one word of a party, as the world saw it.
type told struct {
	party   Party
	epoch   int64
	arrived time.Duration // in real time
	written time.Duration // a moment later, in the order of all words
	since   time.Duration
	first   bool
	media   bool
	leaves  bool
	stale   bool // of a connection that a newer one has fenced
}

// anyParty is a party's connections: joins, drops with and without a word, nodes that die, microphones that do, heartbeats that
// are lost, sockets that speak from the grave.
func anyParty(t *rapid.T, p Party, until time.Duration) (words []told) {
	ms := func(least, most int, what string) time.Duration {
		return time.Duration(rapid.IntRange(least, most).Draw(t, what)) * time.Millisecond
	}
	epoch := int64(0)
	for at := ms(0, 4000, "joins"); at < until; at += ms(50, 20_000, "away") {
		epoch++
		begun, last, media := at, at, rapid.IntRange(0, 4).Draw(t, "media") > 0
		words = append(words, told{party: p, epoch: epoch, arrived: at, first: true, media: media})
		for range rapid.IntRange(0, 40).Draw(t, "heartbeats") {
			if begun += time.Second; begun > until {
				break
			}
			switch rapid.IntRange(0, 25).Draw(t, "trouble") {
			case 0:
				media = !media
			case 1, 2:
				continue // lost: the next one covers both seconds
			case 3:
				begun += ms(0, 3000, "frozen")
			case 4:
				if epoch > 1 {
					words = append(words, told{party: p, epoch: epoch - 1, arrived: last + 10*time.Millisecond, since: time.Second, media: true, stale: true})
				}
			}
			at = begun + ms(0, 80, "jitter")
			words = append(words, told{party: p, epoch: epoch, arrived: at, since: at - last, media: media})
			last = at
		}
		if at = max(at, last) + 20*time.Millisecond; rapid.Bool().Draw(t, "says that it goes") {
			words = append(words, told{party: p, epoch: epoch, arrived: at, leaves: true})
		}
	}
	for i := range words {
		words[i].written = words[i].arrived + ms(0, 20, "latency")
		if i > 0 { // a party's words are written in their order
			words[i].written = max(words[i].written, words[i-1].written)
		}
	}
	return words
}

// both is for how long, in real time, heartbeats of both with media covered the same time.
func both(words []told) (sum time.Duration) {
	var spans [2][][2]time.Duration
	for _, w := range words {
		if !w.first && !w.leaves && !w.stale && w.media && w.since <= Reach {
			spans[w.party] = append(spans[w.party], [2]time.Duration{w.arrived - w.since, w.arrived})
		}
	}
	for _, a := range spans[0] {
		for _, b := range spans[1] {
			sum += max(0, min(a[1], b[1])-max(a[0], b[0]))
		}
	}
	return sum
}

// For any sequence of joins, drops, node deaths and clock jumps the billed seconds are those that heartbeats of both covered, with
// media: one more or less, as long as no clock jumps by less than Step. And at no time are more billed than were covered so far.
func TestBilledIsWhatBothCovered(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		until := time.Duration(rapid.IntRange(5, 150).Draw(t, "seconds")) * time.Second
		words := append(anyParty(t, Client, until), anyParty(t, Expert, until)...)
		slices.SortStableFunc(words, func(a, b told) int { return int(a.written - b.written) })
		type jump struct{ at, by time.Duration }
		var jumps []jump
		off := time.Second
		for n := range rapid.IntRange(0, 5).Draw(t, "jumps") { // one in a heartbeat
			by := rapid.OneOf(rapid.IntRange(5000, 3_600_000), rapid.IntRange(-3_600_000, -5000), rapid.IntRange(-50, 50), rapid.IntRange(-4999, 4999)).Draw(t, "by")
			if n := max(by, -by); n > 50 && n < 5000 {
				off += Reach // what it may cost when it falls on a join
			}
			jumps = append(jumps, jump{time.Duration(n*30_000+rapid.IntRange(0, 25_000).Draw(t, "at")) * time.Millisecond, time.Duration(by) * time.Millisecond})
		}
		m := Meter{}
		for i, w := range words {
			clock := start.Add(w.written)
			for _, j := range jumps {
				if w.written >= j.at {
					clock = clock.Add(j.by)
				}
			}
			heard := true
			if w.leaves {
				m.Leave(w.party, w.epoch, clock)
			} else {
				heard = m.Hear(w.party, Beat{w.epoch, w.since, w.media}, clock)
			}
			if w.stale && heard {
				t.Fatalf("a fenced connection is heard: %+v", w)
			}
			if so, want := m.Billed, both(words[:i+1]); so > want+off || so < want-off {
				t.Fatalf("%s billed after %s, %s covered by both", so, w.written, want)
			}
			if len(m.Slices) > maxSlices {
				t.Fatalf("%d slices are kept", len(m.Slices))
			}
		}
	})
}

// Nothing is billed for one who is alone, nor for a page with a dead microphone, however long.
func TestNobodyTalksAlone(t *testing.T) {
	for name, media := range map[string][2]bool{"a dead microphone": {true, false}, "both dead": {false, false}} {
		m := Meter{}
		for i := range 600 {
			at := start.Add(time.Duration(i) * time.Second)
			m.Hear(Client, Beat{1, time.Second, media[0]}, at)
			m.Hear(Expert, Beat{1, time.Second, media[1]}, at.Add(300*time.Millisecond))
		}
		if m.Billed != 0 {
			t.Errorf("%s: %s billed", name, m.Billed)
		}
	}
	m := Meter{}
	for i := range 100_000 {
		m.Hear(Client, Beat{1, time.Second, true}, start.Add(time.Duration(i)*time.Second))
	}
	if m.Hear(Expert, Beat{1, 0, true}, start.Add(100_001*time.Second)); m.Billed != 0 || len(m.Slices) > maxSlices {
		t.Errorf("%s billed to one who is alone, %d slices kept", m.Billed, len(m.Slices))
	}
}

// An undisturbed hour is an hour, also when one side tells its heartbeats twice as often.
func TestAnHourIsAnHour(t *testing.T) {
	m := Meter{}
	for i := range 7201 {
		at := start.Add(time.Duration(i) * 500 * time.Millisecond)
		m.Hear(Client, Beat{1, 500 * time.Millisecond, true}, at)
		if i%2 == 0 {
			m.Hear(Expert, Beat{1, time.Second, true}, at.Add(137*time.Millisecond))
		}
	}
	if s := m.Seconds(); s < 3599 || s > 3600 {
		t.Errorf("%d seconds", s)
	}
}
