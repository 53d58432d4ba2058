package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/waymeet/waymeet/internal/devstack/devtest"
)

// TestServerKilledBetweenAnyTwoSteps: `waymeet serve` takes a rider through hold, confirm and cancel over HTTP and is killed
// with SIGKILL right after piece number n of what it says to PostgreSQL and hears from it, for every n until none is
// left. Another node, asked the same under the same keys, finishes each ride: one booking of each key, and every seat back.
// (booking's test of this name looks at each trace of a step; this one has the whole server on the way.)
func TestServerKilledBetweenAnyTwoSteps(t *testing.T) {
	t.Parallel()
	w := newWorld(t) // its node outlives the others
	before := w.Int(t, `select count(*) from booking where rider_id = $1`, w.a.Rider)
	killed := 0
	for n := int64(1); ; n++ {
		if n > 200 {
			t.Fatal("a ride of more than 200 pieces: something else is being counted")
		}
		survived := w.rideAndDie(t, n)
		w.wholeRide(t, n)
		if got := w.Int(t, `select count(*) from booking where rider_id = $1`, w.a.Rider); got != before+n {
			t.Errorf("piece %d: %d bookings of %d rides", n, got-before, n)
		}
		if survived {
			break
		}
		killed++
	}
	if killed < 12 { // three steps of two round trips each, there and back
		t.Errorf("killed %d times only: this attacked little", killed)
	}
	t.Logf("killed %d times", killed)
}

// rideAndDie asks a server of its own for a ride, and kills it after piece n of that. It says whether the ride was over before.
func (w *world) rideAndDie(t *testing.T, n int64) (survived bool) {
	t.Helper()
	p := devtest.NewProxy(t, w.AppURL())
	s := startServing(t, append([]string{"WAYMEET_DATABASE_URL=" + p.URL(w.AppURL()), "WAYMEET_SYSTEM_DATABASE_URL=" + w.SystemURL(),
		"WAYMEET_REDIS_URL=" + devtest.RedisURL(t), "WAYMEET_SECRET=" + worldSecret}, serving...))
	addr, _ := s.await(t, "serving")["addr"].(string)
	go func() { _, _ = io.Copy(io.Discard, s.pipe) }()
	awaitOK(t, "http://"+addr+"/readyz")

	dead := make(chan struct{})
	var armed atomic.Int64 // pieces before the ride; what comes by until then is the server finding its feet
	armed.Store(-1)
	p.After(func(i int64) {
		if from := armed.Load(); from >= 0 && i-from == n {
			_ = s.Process.Kill()
			<-dead // nothing more is forwarded
		}
	})
	armed.Store(p.Pieces())
	begun := make(chan bool, 1)
	go func() { begun <- w.ride("http://"+addr, n) == nil }()
	over := make(chan bool, 1)
	go func() { // a ride that is over before piece n leaves a server to be ended
		ok := <-begun
		_ = s.Process.Kill()
		over <- ok
	}()
	_ = s.Wait() // killed, one way or the other
	close(dead)
	return <-over
}

// ride holds, confirms and cancels under the keys of ride n, and says what went wrong.
func (w *world) ride(url string, n int64) error {
	path, body := hold(w.a.thing)
	id := ""
	for i, step := range []struct{ path, body string }{{path, body}, {path + "/%s/confirm", `{"pay":"cash"}`}, {path + "/%s/cancel", ""}} {
		if strings.Contains(step.path, "%s") {
			step.path = fmt.Sprintf(step.path, id)
		}
		got, err := postUnder(url, w.a.tokens["rider"], fmt.Sprintf("ride-%d-%d", n, i), step.path, step.body)
		if err != nil {
			return fmt.Errorf("step %d: %w", i, err)
		}
		if id != "" && got != id {
			return fmt.Errorf("step %d is about %s, the ride was %s", i, got, id)
		}
		id = got
	}
	return nil
}

// postUnder posts under a key, and says what thing the answer is about.
func postUnder(url, token, key, path, body string) (id string, err error) {
	r, err := http.NewRequest(http.MethodPost, url+path, strings.NewReader(body))
	if err != nil {
		return "", err
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Idempotency-Key", key)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return "", err
	}
	var got struct{ ID string }
	answer, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	if err != nil || res.StatusCode >= 300 || json.Unmarshal(answer, &got) != nil || got.ID == "" {
		return "", fmt.Errorf("%d %s, %w", res.StatusCode, answer, err)
	}
	return got.ID, nil
}

// wholeRide finishes ride n on the node that lives and looks at what is there.
func (w *world) wholeRide(t *testing.T, n int64) {
	t.Helper()
	if err := w.ride(w.url, n); err != nil {
		t.Errorf("piece %d: repeated: %v", n, err)
	}
	keys := fmt.Sprintf("ride-%d-%%", n)
	if got := w.Int(t, `select count(*) from idempotency where key like $1`, keys); got != 3 {
		t.Errorf("piece %d: %d steps kept, of three", n, got)
	}
	if got := w.Int(t, `select count(distinct answer #>> '{booking,ID}') from idempotency where key like $1`, keys); got != 1 {
		t.Errorf("piece %d: the keys of one ride are about %d bookings", n, got)
	}
	if got := w.Int(t, `select count(*) from trip t where t.tenant_id = $1 and exists (select from generate_series(1, cardinality(t.free)) g
		where t.capacity + t.overload[g] - t.free[g] <> (select coalesce(sum(b.party), 0) from booking b
			where b.tenant_id = t.tenant_id and b.service_date = t.service_date and b.trip_id = t.id and b.state not in ('cancelled', 'expired') and b.from_idx < g and g <= b.to_idx))
		and t.service_date = $2`, w.a.ID.UUID(), w.a.day.Date.Midnight()); got != 0 {
		t.Errorf("piece %d: %d trips whose seats do not add up", n, got)
	}
}
