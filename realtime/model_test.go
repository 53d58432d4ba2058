package realtime

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/waymeet/waymeet/realtime/bus"
)

// world is PostgreSQL as the merge sees it: transactions that begin, and commit in another
// order; entities whose versions grow by one; documents in or out of a view's filter.
type world struct {
	xid     uint64
	open    []uint64
	rows    map[string]bus.Message // the newest of each entity
	log     []bus.Message          // in commit order
	clock   time.Time
	outside map[int]bool // by index in log: delivered since the view exists
}

func (w *world) snapshot() string {
	xmin := w.xid
	texts := make([]string, len(w.open))
	for i, x := range w.open {
		xmin = min(xmin, x)
		texts[i] = fmt.Sprint(x)
	}
	return fmt.Sprintf("%d:%d:%s", xmin, w.xid, strings.Join(texts, ","))
}

func (w *world) commit(t *rapid.T) {
	i := rapid.IntRange(0, len(w.open)-1).Draw(t, "which")
	xid := w.open[i]
	w.open = append(w.open[:i:i], w.open[i+1:]...)
	e := rapid.SampledFrom([]string{"trip/a", "trip/b", "trip/c"}).Draw(t, "entity")
	m := bus.Message{Kind: bus.Change, Entity: e, Version: w.rows[e].Version + 1, Xid: xid}
	if m.Gone = rapid.IntRange(0, 5).Draw(t, "gone") == 0; !m.Gone {
		m.Data = fmt.Appendf(nil, `{"in":%t,"n":%d}`, rapid.Bool().Draw(t, "in"), m.Version)
	}
	w.rows[e] = m
	w.log = append(w.log, m)
}

// read is the set as a statement sees it now.
func (w *world) read() (set Set) {
	for e, m := range w.rows {
		if !m.Gone && inside(e, m.Data) {
			set.Entities = append(set.Entities, Entity{Name: e, Version: m.Version, Doc: m.Data})
		}
	}
	return set
}

func inside(_ string, doc []byte) bool { return strings.Contains(string(doc), `"in":true`) }

// filtered is a kind of channel that shows what is inside.
var filtered = &Kind{Row: func(entity string, doc []byte) any { return inside(entity, doc) }}

func few() Channel {
	return Channel{Kind: filtered, View: "few", Match: func(row any) bool { return row.(bool) }}
}

// Messages come late, twice, in any order, or not before the tail brings them; sets are
// read at any moment. In the end the view is what PostgreSQL holds, and no reader was
// ever shown a version that does not grow.
func TestPropertyAnyOrderConverges(t *testing.T) {
	for i := range 8 { // the rare orders need many tries
		t.Run(fmt.Sprint(i), rapid.MakeCheck(anyOrder))
	}
}

func anyOrder(t *rapid.T) {
	w := &world{xid: 100, rows: map[string]bus.Message{}, clock: time.Unix(1000, 0), outside: map[int]bool{}}
	var sub *subject
	var v *view
	var seen string
	var set *Set
	var began time.Time
	merged := 0
	shown := map[string]uint64{} // by entity, to a reader who takes every frame
	present := map[string]bool{}
	deliver := func(i int) {
		if sub != nil {
			w.outside[i] = true
			sub.apply(w.log[i], w.clock)
		}
	}
	look := func() { // what a subscriber would be told by now
		for e, m := range v.members {
			for _, s := range e.steps {
				if s.from >= s.to {
					t.Fatalf("%s: a step from %d to %d", e.name, s.from, s.to)
				}
			}
			version := m.version
			if m.gone {
				version = m.goneVersion
			}
			if present[e.name] != !m.gone || shown[e.name] != version {
				if version <= shown[e.name] {
					t.Fatalf("%s went from %d to %d (gone %v)", e.name, shown[e.name], version, m.gone)
				}
				shown[e.name], present[e.name] = version, !m.gone
			}
		}
	}
	step := func() {
		w.clock = w.clock.Add(time.Millisecond)
		switch k := rapid.IntRange(0, 9).Draw(t, "step"); {
		case k <= 1 || len(w.open) == 0:
			w.open = append(w.open, w.xid)
			w.xid++
		case k <= 4:
			w.commit(t)
		case k <= 7 && len(w.log) > 0:
			deliver(rapid.IntRange(0, len(w.log)-1).Draw(t, "message"))
		case sub == nil:
			sub = &subject{kind: filtered, views: map[string]*view{}, entities: map[string]*entity{}}
			v = sub.view(few())
		case seen == "":
			began, seen = w.clock, w.snapshot()
		case set == nil:
			x := w.read()
			set = &x
		default:
			if !sub.merge(v, v.channel.canonical(*set), parseSnapshot(seen), began, w.clock) {
				t.Fatal("uncertain, with one reader")
			}
			for i, m := range w.log { // the tail: what that snapshot did not see comes after it, for certain
				if parseSnapshot(seen).sees(m.Xid) {
					w.outside[i] = true
				}
			}
			set, seen = nil, ""
			merged++
		}
		if merged > 0 {
			look()
		}
	}
	for range rapid.IntRange(0, 120).Draw(t, "steps") {
		step()
	}
	for merged == 0 || seen != "" {
		step()
	}
	for i := range w.log {
		if !w.outside[i] {
			deliver(i)
		}
	}
	for i := range w.log { // and some of it once more, from a node that slept
		if rapid.IntRange(0, 2).Draw(t, "again") == 0 {
			deliver(i)
		}
	}
	look()
	want := w.read()
	if v.size != len(want.Entities) {
		t.Fatalf("%d members, want %d", v.size, len(want.Entities))
	}
	for _, x := range want.Entities {
		e := sub.entities[x.Name]
		if m := v.members[e]; e == nil || m == nil || m.gone || m.version != x.Version || !strings.Contains(string(m.doc), fmt.Sprintf(`"n":%d`, x.Version)) {
			t.Fatalf("%s: %+v, want version %d", x.Name, e, x.Version)
		}
	}
}

func TestSnapshotSees(t *testing.T) {
	s := parseSnapshot("100:110:103,105")
	for xid, want := range map[uint64]bool{0: false, 99: true, 100: true, 103: false, 104: true, 105: false, 109: true, 110: false} {
		if s.sees(xid) != want {
			t.Errorf("%d: %v", xid, !want)
		}
	}
	for _, bad := range []string{"", "x", "1:2", "1:2:x", "a:2:"} {
		if parseSnapshot(bad).sees(1) {
			t.Errorf("%q sees", bad)
		}
	}
}

// Two views of one subject share what either reads; one that began before the other
// ended cannot tell, and says so.
func TestMergeAcrossViews(t *testing.T) {
	now := time.Unix(1000, 0)
	sub := &subject{kind: filtered, views: map[string]*view{}, entities: map[string]*entity{}}
	all := sub.view(Channel{Kind: filtered, View: "all"})
	few := sub.view(few())
	one := all.channel.canonical(Set{Entities: []Entity{{Name: "trip/a", Version: 3, Doc: []byte(`{"in":true}`)}}})
	if !sub.merge(all, one, parseSnapshot("100:100:"), now, now.Add(2*time.Second)) {
		t.Error("the first read is certain")
	}
	if few.size != 1 {
		t.Error("what one view read is news for the other")
	}
	if sub.merge(few, Set{}, parseSnapshot("90:90:"), now.Add(time.Second), now.Add(3*time.Second)) || few.size != 1 {
		t.Error("a read that began before the other ended cannot know who is newer")
	}
	if !sub.merge(few, Set{}, parseSnapshot("101:101:"), now.Add(4*time.Second), now.Add(5*time.Second)) || few.size != 0 || all.size != 1 {
		t.Error("a read that began later knows that it has left")
	}
}
