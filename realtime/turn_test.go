package realtime_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/waymeet/waymeet/realtime"
)

// While a tenant owes bytes of answers, who asks for more waits; but a message of many requests does not wait for each of
// them, what is answered with a few bytes does not wait at all, and a flood is closed as one.
func TestAMessageInDebt(t *testing.T) {
	s := newScene(t, 1)
	n := s.node(t, ration(s, func(l *realtime.TenantLimits) { l.BytesPerS = 16 })) // a set is a minute's worth
	token, trip := s.doors.token(s.db.A, "rider"), "trip:"+s.a.Trips[0].String()
	indebted := func() *client {
		c := dial(quiet{t}, n, token)
		if err := c.sub(trip); err != nil {
			t.Fatal(err)
		}
		return c
	}

	c := indebted()
	began := time.Now()
	for range 20 {
		if a := c.ask(`"unsub":"nothing"`); a.err != nil {
			t.Errorf("%+v", a.err)
		}
	}
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("what costs nothing took %v", took)
	}

	// Each gets its answer, and the last of the message soon.
	send := func(c *client, from, many int, what string) {
		var msg strings.Builder
		for i := range many {
			fmt.Fprintf(&msg, "{\"id\":%d,%s}\n", from+i, what)
		}
		if err := c.ws.Write(context.Background(), websocket.MessageText, []byte(msg.String())); err != nil {
			t.Fatal(err)
		}
	}
	answered := func(c *client, from int) (ok, limited int) {
		c.mu.Lock()
		defer c.mu.Unlock()
		for _, f := range c.frames {
			var id int
			if k, _ := fmt.Sscanf(f, `{"id":%d,`, &id); k == 1 && id >= from {
				if strings.Contains(f, `"rate_limited"`) {
					limited++
				} else {
					ok++
				}
			}
		}
		return ok, limited
	}
	began = time.Now()
	send(c, 1000, 30, fmt.Sprintf(`"sub":%q`, trip))
	eventually(t, "all are answered", func() bool { ok, limited := answered(c, 1000); return ok+limited == 30 })
	ok, limited := answered(c, 1000)
	if took := time.Since(began); took < 4*time.Second || took > 9*time.Second || ok < 4 || ok > 6 {
		t.Errorf("%d were served and %d refused in %v", ok, limited, took)
	}

	flood := indebted()
	began = time.Now()
	send(flood, 1000, 600, `"sub":"nothing:1"`)
	flood.await("the end of a flood", func() bool { return flood.ended != nil })
	if got := websocket.CloseStatus(flood.ended); got != 4029 {
		t.Errorf("closed with %d: %v", got, flood.ended)
	}
	if took := time.Since(began); took > 9*time.Second {
		t.Errorf("a flood went on for %v", took)
	}
}
