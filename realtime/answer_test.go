package realtime_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/waymeet/waymeet/realtime"
)

// A list of channels that all keep signals is answered in one small frame; what does not fit follows.
func TestAnswerWithManySignals(t *testing.T) {
	s := newScene(t, 8)
	n := s.node(t, limits(func(l *realtime.Limits) { l.Burst, l.Every = 10_000, 1 }))
	holder, d := dial(t, n, s.doors.token(s.db.A, "rider")), dial(t, n, s.doors.token(s.db.A, "dispatcher"))
	var names []string
	for _, trip := range s.a.Trips {
		names = append(names, "trip:"+trip.String())
	}
	list := jsonText(names)
	join := func(c *client) (size int) {
		a := c.request(`"sub":`+list, func(ok json.RawMessage) {
			var all map[string]json.RawMessage
			if err := json.Unmarshal(ok, &all); err != nil {
				t.Error(err)
			}
			for name, one := range all {
				c.joined(name, false, one)
			}
		})
		if a.err != nil {
			t.Fatalf("%+v", a.err)
		}
		return len(a.ok)
	}
	join(holder)
	const keys = 40
	for _, name := range names {
		for k := range keys {
			if a := d.ask(`"signal":%q,"sig":"position","key":"%03d%s","d":{"lat":1,"lon":2}`, name, k, strings.Repeat("x", 120)); a.err != nil {
				t.Fatalf("%+v", a.err)
			}
		}
	}
	late := dial(t, n, s.doors.token(s.db.A, "rider"))
	if size := join(late); size > 56<<10 {
		t.Errorf("an answer of %d bytes", size)
	}
	late.await("the newest of each channel", func() bool {
		for _, name := range names {
			for k := keys - 20; k < keys; k++ {
				if _, came := late.sigs[fmt.Sprintf("%s position %03d%s", name, k, strings.Repeat("x", 120))]; !came {
					return false
				}
			}
		}
		return true
	})
}
