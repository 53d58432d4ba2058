package stripe

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/waymeet/waymeet/billing/gateway"
)

// No second sees more than 25 calls of an endpoint, nobody waits longer than the limit, nobody overtakes.
func TestQueueNeverExceeds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := newQueue(25, 3*time.Second)
		now := time.Unix(1_700_000_000, 0)
		var turns []time.Time
		for _, ms := range rapid.SliceOfN(rapid.IntRange(0, rapid.SampledFrom([]int{0, 5, 40, 200}).Draw(t, "at most")), 60, 300).Draw(t, "gaps") {
			now = now.Add(time.Duration(ms) * time.Millisecond)
			wait, err := q.book("POST payment_intents", now)
			if err != nil {
				continue
			}
			if wait > 3*time.Second {
				t.Fatalf("waits %s", wait)
			}
			turns = append(turns, now.Add(wait))
		}
		if !slices.IsSortedFunc(turns, time.Time.Compare) {
			t.Fatal("somebody overtook")
		}
		for i, from := range turns {
			n := 0
			for _, at := range turns[i:] {
				if at.Sub(from) < time.Second {
					n++
				}
			}
			if n > 25 {
				t.Fatalf("%d calls in a second", n)
			}
		}
	})
}

func TestQueueIsPerEndpoint(t *testing.T) {
	q, now := newQueue(25, 10*time.Millisecond), time.Unix(1, 0)
	for range burst {
		if _, err := q.book("POST refunds", now); err != nil {
			t.Fatal(err)
		}
	}
	_, err := q.book("POST refunds", now)
	var limited *gateway.RateLimited
	if !errors.As(failedOrder("refund", "k", err), &limited) || limited.After <= 0 {
		t.Fatal(err)
	}
	if _, err := q.book("POST payment_intents", now); err != nil {
		t.Fatal("another endpoint waits", err)
	}
	for path, want := range map[string]string{
		"/v1/payment_intents": "payment_intents", "/v1/payment_intents/pi_1": "payment_intents", "/v1/payment_intents/pi_1/capture": "payment_intents/capture",
		"/v1/transfers/tr_1/reversals": "transfers/reversals",
	} {
		if got := endpoint(path); got != want {
			t.Errorf("%s is %s", path, got)
		}
	}
}

// One tenant's haste is not another's wait, however often a gateway is opened.
func TestQueueIsPerTenant(t *testing.T) {
	a := New(Config{})
	first := a.queue("sk_test_1")
	if again := a.queue("sk_test_1"); again != first || a.queue("sk_test_2") == first {
		t.Fatal("queues are not one a tenant")
	}
}

type answering func(*http.Request) (*http.Response, error)

func (f answering) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// A call that was given up in the queue was never sent, and says so.
func TestGivenUpInTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sent := 0
		p := &paced{newQueue(25, 3*time.Second), Config{Transport: answering(func(*http.Request) (*http.Response, error) { sent++; return nil, errors.New("sent") })}}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		var err error
		for range burst + 1 {
			var r *http.Request
			if r, err = http.NewRequestWithContext(ctx, http.MethodPost, "https://api.stripe.com/v1/refunds", nil); err != nil {
				t.Fatal(err)
			}
			_, err = p.RoundTrip(r)
		}
		var limited *gateway.RateLimited
		if sent != burst || !errors.As(failedOrder("refund", "k", err), &limited) {
			t.Fatal(sent, err)
		}
	})
}
