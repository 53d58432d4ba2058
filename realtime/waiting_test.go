package realtime

import (
	"fmt"
	"strings"
	"testing"
)

func TestWaitingSignals(t *testing.T) {
	var w waiting
	told := func() string {
		var b strings.Builder
		for _, s := range w {
			b.Write(s.frame)
		}
		return b.String()
	}
	for _, s := range []struct{ key, frame string }{{"a", "1"}, {"b", "2"}, {"c", "3"}, {"a", "4"}, {"d", "5"}, {"b", "6"}} {
		if lost := w.put(s.key, []byte(s.frame)); lost != 0 {
			t.Errorf("%d were lost", lost)
		}
	}
	if got := told(); got != "3456" { // the newest of each, in the order in which they were sent
		t.Errorf("told %s", got)
	}
	if got := string(w.drop("d")); got != "5" || told() != "346" {
		t.Errorf("dropped %s, left %s", got, told())
	}
	lost := 0
	for i := range 2 * maxWaitingSignals {
		lost += w.put(fmt.Sprint("key ", i), []byte("x"))
	}
	if len(w) != maxWaitingSignals || lost != maxWaitingSignals+3 || w[0].key != fmt.Sprint("key ", maxWaitingSignals) {
		t.Errorf("%d wait, %d were lost, the oldest is %s", len(w), lost, w[0].key)
	}
	w.put("large", make([]byte, maxWaitingBytes-100))
	if w.bytes() > maxWaitingBytes || w[len(w)-1].key != "large" {
		t.Errorf("%d bytes wait", w.bytes())
	}
	w.put("larger than all", make([]byte, 2*maxWaitingBytes))
	if len(w) != 1 { // it may be the only word that its client gets
		t.Errorf("%d wait", len(w))
	}
}

// What waits for one connection is bounded over all its channels; the node's own words stay.
func TestWaitingSignalsOfAConnection(t *testing.T) {
	c := &Conn{hub: &Hub{}, subs: map[string]*subscription{}}
	var all []*subscription
	for i := range 200 {
		s := &subscription{conn: c, view: &view{name: fmt.Sprint(i)}}
		c.subs[s.view.name] = s
		all = append(all, s)
		s.mark(happening{key: nodeKey}, make([]byte, 100))
	}
	waits := func() (n int) {
		for _, s := range all {
			n += s.signals.bytes()
		}
		return n
	}
	for k := range 6 {
		for _, s := range all {
			s.mark(happening{key: fmt.Sprint("k", k)}, make([]byte, 15_000))
		}
	}
	if n := waits(); n > maxWaitingAll || n < maxWaitingAll/2 || n != c.told {
		t.Errorf("%d bytes wait, counted as %d", n, c.told)
	}
	if c.hub.counts.dropped.Load() < 1000 {
		t.Errorf("%d were counted as lost", c.hub.counts.dropped.Load())
	}
	for _, s := range all {
		if !s.signals.has(nodeKey) {
			t.Fatal("a word of the node was lost")
		}
	}
	c.hub.counts.subscriptions.Add(200)
	c.quota = &quota{}
	for _, s := range all {
		s.end()
	}
	if c.told != 0 {
		t.Errorf("%d bytes are counted when all has ended", c.told)
	}
}
