package crowd

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// door is a server's side of a conversation, answering without a network: what is tested is how a client
// that is told to wait behaves, and time must not pass while it does.
type door struct {
	mu      sync.Mutex
	answers []func(http.ResponseWriter, *http.Request)
	asked   []*http.Request
	at      []time.Time
}

func (d *door) RoundTrip(r *http.Request) (*http.Response, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	w := httptest.NewRecorder()
	if r.URL.Path == "/v1/auth/sign-in" || r.URL.Path == "/v1/auth/refresh" {
		http.SetCookie(w, &http.Cookie{Name: refreshCookie, Value: "r", HttpOnly: true})
		_, _ = w.WriteString(`{"access_token":"a","expires_in":600,"user":{"tenant":{"time_zone":"Africa/Casablanca"}}}`)
		d.asked, d.at = append(d.asked, r), append(d.at, time.Now())
		return w.Result(), nil
	}
	d.asked, d.at = append(d.asked, r), append(d.at, time.Now())
	if len(d.answers) == 0 {
		_, _ = w.WriteString(`{}`)
		return w.Result(), nil
	}
	next := d.answers[0]
	d.answers = d.answers[1:]
	if next == nil {
		return nil, errors.New("connection refused")
	}
	next(w, r)
	return w.Result(), nil
}

func status(code int, retryAfter string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) {
		if retryAfter != "" {
			w.Header().Set("Retry-After", retryAfter)
		}
		w.WriteHeader(code)
		_, _ = io.WriteString(w, `{"code":"whatever"}`)
	}
}

func somebody(d *door) *person {
	c := newCity(Tenant{Slug: "t", Password: "p", Riders: []string{"r"}, Drivers: []string{"d"}, Dispatcher: "x"},
		[]string{"http://one", "http://two"}, &http.Client{Transport: d}, slog.New(slog.DiscardHandler))
	return c.riders[0]
}

func TestTroubleIsWaitedOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := &door{answers: []func(http.ResponseWriter, *http.Request){status(429, "20"), status(503, ""), nil}}
		p := somebody(d)
		if err := p.post(context.Background(), "/v1/bookings", map[string]int{"party": 1}, nil); err != nil {
			t.Fatal(err)
		}
		asked := d.asked[1:] // the first was the sign-in
		if len(asked) != 4 {
			t.Fatalf("asked %d times", len(asked))
		}
		if waited := d.at[2].Sub(d.at[1]); waited < 20*time.Second {
			t.Errorf("was told to wait 20 s and waited %v", waited)
		}
		for _, r := range asked[1:] {
			if r.Header.Get("Idempotency-Key") != asked[0].Header.Get("Idempotency-Key") || r.Header.Get("Idempotency-Key") == "" {
				t.Error("a repeat came under another key")
			}
		}
		if asked[2].Host == asked[3].Host {
			t.Error("a node that is not there was asked again")
		}
		if p.city.mood.stretch(time.Second) <= time.Second {
			t.Error("the city did not slow down")
		}
	})
}

func TestRefusalsAreTakenForAnAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := &door{answers: []func(http.ResponseWriter, *http.Request){status(409, "")}}
		if err := somebody(d).post(context.Background(), "/v1/bookings", nil, nil); !refused(err) || len(d.asked) != 2 {
			t.Errorf("%v after %d requests", err, len(d.asked))
		}
	})
}

func TestSessionsAreRenewed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := &door{}
		p := somebody(d)
		for range 3 {
			if err := p.get(context.Background(), "/v1/me", nil); err != nil {
				t.Fatal(err)
			}
			time.Sleep(9 * time.Minute)
		}
		var paths []string
		for _, r := range d.asked {
			paths = append(paths, r.URL.Path)
		}
		if len(paths) != 6 || paths[0] != "/v1/auth/sign-in" || paths[2] != "/v1/auth/refresh" || paths[4] != "/v1/auth/refresh" {
			t.Errorf("asked %v", paths)
		}
		if c, err := d.asked[2].Cookie(refreshCookie); err != nil || c.Value != "r" {
			t.Error("refreshed without the cookie")
		}
	})
}

// A server that is down for good does not keep anybody from going home.
func TestTheCityEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := &door{}
		for range 10_000 {
			d.answers = append(d.answers, nil)
		}
		p := somebody(d)
		p.city.tenant.Every = time.Second
		ctx, end := context.WithTimeout(context.Background(), 10*time.Minute)
		defer end()
		began := time.Now()
		p.city.run(ctx)
		if took := time.Since(began); took != 10*time.Minute {
			t.Errorf("ended after %v", took)
		}
		if len(d.asked) > 400 {
			t.Errorf("asked a dead server %d times in ten minutes", len(d.asked))
		}
	})
}

// Trouble is forgotten: half a minute after the last of it, all is as before.
func TestTheMoodRecovers(t *testing.T) {
	t.Parallel()
	var m mood
	now := time.Now()
	for i := range 20 {
		m.trouble(now.Add(time.Duration(i) * 1100 * time.Millisecond))
	}
	now = now.Add(21 * time.Second)
	if m.level(now) < slowest/2 || m.level(now.Add(time.Minute)) != 1 {
		t.Errorf("%.1f times slower, a minute later %.1f", m.level(now), m.level(now.Add(time.Minute)))
	}
}

// Somebody whom the server does not know is not asked for their password again and again.
func TestStrangersAreLetBe(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		p := somebody(nil)
		p.city.http = &http.Client{Transport: refuser(func() { asked++ })}
		if err := p.get(context.Background(), "/v1/me", nil); !refused(err) || asked != 1 {
			t.Errorf("%v after %d tries", err, asked)
		}
		if p.city.mood.stretch(time.Second) != time.Second {
			t.Error("that is nobody's trouble")
		}
	})
}

type refuser func()

func (f refuser) RoundTrip(r *http.Request) (*http.Response, error) {
	f()
	w := httptest.NewRecorder()
	status(401, "")(w, r)
	return w.Result(), nil
}
