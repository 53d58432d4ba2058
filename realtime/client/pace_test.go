package client_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/waymeet/waymeet/realtime/client"
	"github.com/waymeet/waymeet/realtime/wire"
)

// Hundreds of channels come back at the pace that the server allows, counted as the server counts, and what is new does not
// wait behind what is resumed.
func TestManyAreAskedAtThePaceAllowed(t *testing.T) {
	const many, fresh = 200, 56
	sets := func(r wire.Request) string {
		var all []string
		for _, ch := range r.Channels {
			set := fmt.Sprintf(`{"set":{"%s/a":{"v":1,"d":{}},"%s/b":{"v":1,"d":{}}}}`, ch, ch)
			if r.List {
				set = fmt.Sprintf("%q:%s", ch, set)
			}
			all = append(all, set)
		}
		if !r.List {
			return all[0]
		}
		return "{" + strings.Join(all, ",") + "}"
	}
	begin := func(a *actor) {
		a.welcome("e", time.Hour)
		for n := 0; n < many; {
			r := a.hear()
			n += len(r.Channels)
			a.answer(r, "%s", sets(r))
		}
		time.Sleep(30*time.Second - time.Since(a.began))
		_ = a.ws.CloseNow()
	}
	var spent float64 // of what the server allows
	at, asked, sawFresh := time.Time{}, 0, time.Duration(-1)
	back := func(a *actor) {
		a.welcome("e", time.Hour)
		began := time.Now()
		at = began
		for asked < many+fresh {
			r := a.hear()
			if r.Verb != wire.Sub {
				t.Errorf("%+v", r)
				return
			}
			now := time.Now()
			spent = max(0, spent-30*now.Sub(at).Seconds()) + 1
			at = now
			if spent > 60 {
				t.Errorf("after %v and %d channels: %.1f requests at once", now.Sub(began), asked, spent)
				return
			}
			if strings.HasPrefix(r.Channels[0], "new:") {
				sawFresh = now.Sub(began)
			}
			asked += len(r.Channels)
			a.answer(r, "%s", sets(r))
		}
		go a.pings()
		a.hear()
	}
	play(t, nil, func(t *testing.T, _ *stage, c *client.Client) {
		var subs []*client.Subscription
		for i := range many {
			subs = append(subs, c.Subscribe(fmt.Sprintf("line:%d", i)))
		}
		live := func() (n int) {
			for _, s := range subs {
				if s.Status().Current() {
					n++
				}
			}
			return n
		}
		time.Sleep(29 * time.Second)
		if n := live(); n != many {
			t.Fatalf("%d of %d are there", n, many)
		}
		time.Sleep(1050 * time.Millisecond) // it is offline
		for i := range fresh {
			subs = append(subs, c.Subscribe(fmt.Sprintf("new:%d", i)))
		}
		time.Sleep(30 * time.Second)
		if n := live(); n != len(subs) {
			t.Errorf("%d of %d came back", n, len(subs))
		}
		if sawFresh != 0 {
			t.Errorf("what is new was asked for after %v", sawFresh)
		}
	}, begin, back)
}
