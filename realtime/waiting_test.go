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
