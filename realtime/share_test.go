package realtime

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/realtime/bus"
)

// Windows that show the same have one name, others have others, and a name says what it was made of.
func TestAWindowHasOneName(t *testing.T) {
	const one, two = "0190b7a6-1111-7abc-8def-0123456789ab", "0190b7a6-2222-7abc-8def-0123456789ab"
	seen := map[string]int{}
	for i, same := range [][]string{
		{"", "from=00:00", "to=24:00&from=00:00", "to=24%3a00", "state=scheduled,boarding,departed,completed,cancelled"},
		{"from=06:00&to=10:00", "to=10:00&from=06:00", "from=06%3A00&to=10%3a00", "%66rom=06:00&to=10:00"},
		{"line=" + one + "," + two, "line=" + two + "," + one, "line=" + two + "&line=" + one, "line=" + one + "," + two + "," + one},
		{"line=" + one, "line=" + one + "&line=" + one}, {"from=06:00"}, {"to=06:00"}, {"from=10:00&to=06:00"},
		{"state=boarding,scheduled", "state=scheduled&state=boarding", "state=scheduled,boarding,boarding"}, {"state=boarding"},
	} {
		for _, query := range same {
			c, err := parse("board:2026-11-23?"+query, policy.Actor{})
			if err != nil {
				t.Fatalf("%s: %v", query, err)
			}
			if at, known := seen[c.View]; known && at != i {
				t.Errorf("%s has the name of another window, %s", query, c.View)
			}
			if seen[c.View] = i; len(seen) != i+1 {
				t.Errorf("%s is not what %s is: %s", query, same[0], c.View)
			}
			again, err := parse(c.View, policy.Actor{})
			if err != nil || again.View != c.View || c.Base != "board:2026-11-23" {
				t.Errorf("%s: %s is said again as %s (%v)", query, c.View, again.View, err)
			}
		}
	}
	for _, unclear := range []string{"to=10:00&to=11:00", "from=06:00&from=06:00", "to=10:00,11:00", "till=10:00"} {
		if c, err := parse("board:2026-11-23?"+unclear, policy.Actor{}); err == nil {
			t.Errorf("%s is %s", unclear, c.View)
		}
	}
	if day, err := servicedate.Parse("2026-11-23"); err != nil || seen["board:"+day.String()] != 0 || len(seen) != 9 {
		t.Errorf("%v", seen)
	}
}

// crowdOfViews is a subject with many views, each of which some trips are in.
func crowdOfViews(reads *atomic.Int64, n int) *subject {
	k := &Kind{Row: func(_ string, doc []byte) any { reads.Add(1); return len(doc) }}
	sub := &subject{kind: k, views: map[string]*view{}, entities: map[string]*entity{}}
	for i := range n {
		sub.view(Channel{Kind: k, View: fmt.Sprint(i), Match: func(row any) bool { return row.(int)%3 == i%3 }})
	}
	return sub
}

// A change's document is read once, however many views look at it; a set's documents before the lock is taken.
func TestAChangeIsReadOnce(t *testing.T) {
	var reads atomic.Int64
	sub := crowdOfViews(&reads, 100)
	now := time.Now()
	for v := range 10 {
		if !sub.apply(bus.Message{Kind: bus.Change, Entity: "trip/a", Version: uint64(v + 1), Data: fmt.Appendf(nil, `{"n":%d}`, v)}, now) {
			t.Fatal("not applied")
		}
	}
	if got := reads.Load(); got != 10 {
		t.Errorf("ten changes were read %d times", got)
	}
	v := sub.views["1"]
	set := v.channel.canonical(Set{Entities: []Entity{{Name: "trip/a", Version: 10, Doc: []byte(`{"n": 9}`)}, {Name: "trip/b", Version: 1, Doc: []byte(`{"n":1}`)}}})
	before := reads.Load()
	sub.merge(v, set, parseSnapshot("1:1:"), now, now)
	if reads.Load() != before {
		t.Error("documents are read under the lock")
	}
}

// Whoever waits for a shard's lock gets it between two subjects of a batch.
func TestABatchIsTakenSubjectBySubject(t *testing.T) {
	const subjects = 300
	s := newShard(&Hub{}, &lane{})
	var taken, got atomic.Int64
	waits := make(chan struct{})
	k := &Kind{Row: func(string, []byte) any {
		if taken.Add(1) == 1 {
			go func() {
				close(waits)
				s.mu.Lock()
				got.Store(taken.Load())
				s.mu.Unlock()
			}()
			<-waits
		}
		if got.Load() == 0 {
			time.Sleep(2 * time.Millisecond) // or the runtime gives the lock back to whoever lets it go
		}
		return nil
	}}
	items := make([]item, subjects)
	for i := range items {
		name := fmt.Sprint(i)
		sub := &subject{name: name, kind: k, views: map[string]*view{}, entities: map[string]*entity{}}
		sub.view(Channel{Kind: k, View: "v"})
		s.subjects[name] = sub
		items[i] = item{shard: s, subject: name, message: bus.Message{Kind: bus.Change, Entity: "trip/a", Version: 1, Data: []byte(`{}`), At: time.Now()}}
		s.batch = append(s.batch, &items[i])
	}
	s.dispatch()
	if taken.Load() != subjects {
		t.Fatalf("%d of %d subjects were shown", taken.Load(), subjects)
	}
	if n := got.Load(); n == 0 || n == subjects {
		t.Errorf("the lock was free after %d of %d subjects", n, subjects)
	}
}
