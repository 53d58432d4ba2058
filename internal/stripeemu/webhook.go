package stripeemu

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"time"
)

// Endpoint is where events go.
type Endpoint struct {
	URL     string `json:"url"`
	Secret  string `json:"secret"`
	Connect bool   `json:"connect"` // events of connected accounts; else the platform's own
}

// Mood is how webhooks behave.
type Mood struct {
	Copies int           `json:"copies"` // deliveries of each event; 0: one
	Delay  time.Duration `json:"delay"`  // before each, in nanoseconds
	// Shuffle delivers what waits in a random order of this seed; 0: as it happened.
	Shuffle uint64 `json:"shuffle"`
}

// Posting is an event on its way to an endpoint.
type Posting struct {
	ID       string // the event's
	Type     string
	Account  string
	Body     []byte
	Endpoint Endpoint

	w     *world
	tries int
	next  time.Time
}

// Signature is the header that Stripe signs a body with.
func Signature(secret string, at time.Time, body []byte) string {
	m := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(m, "%d.", at.Unix())
	m.Write(body)
	return fmt.Sprintf("t=%d,v1=%s", at.Unix(), hex.EncodeToString(m.Sum(nil)))
}

// AddEndpoint sends an account's events somewhere from now on.
func (e *Emulator) AddEndpoint(secretKey string, at Endpoint) {
	e.mu.Lock()
	defer e.mu.Unlock()
	w := e.world(nameOf(secretKey))
	w.endpoints = append(w.endpoints, at)
}

// Behave sets how webhooks are delivered.
func (e *Emulator) Behave(m Mood) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.mood = m
}

// Hold keeps webhooks back; they pile up in Waiting.
func (e *Emulator) Hold() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.held = true
}

// Waiting takes what is held back out of the queue: whoever calls it delivers, in any order and as often as wanted, by Deliver.
func (e *Emulator) Waiting() []Posting {
	e.mu.Lock()
	defer e.mu.Unlock()
	var out []Posting
	for _, p := range e.outbox {
		out = append(out, *p)
	}
	e.outbox = nil
	return out
}

// Release delivers again by itself.
func (e *Emulator) Release() {
	e.mu.Lock()
	e.held = false
	e.mu.Unlock()
	e.nudge()
}

// Deliver posts one event now and says how it was answered.
func (e *Emulator) Deliver(ctx context.Context, p Posting) (status int, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, p.Endpoint.URL, bytes.NewReader(p.Body))
	if err != nil {
		return 0, fmt.Errorf("stripeemu: %w", err)
	}
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	r.Header.Set("User-Agent", "Stripe/1.0 (emulator; +development tool)")
	r.Header.Set("Stripe-Signature", Signature(p.Endpoint.Secret, time.Now(), p.Body)) // the receiver has the machine's clock
	res, err := (&http.Client{Timeout: 10 * time.Second}).Do(r)
	if err != nil {
		return 0, fmt.Errorf("stripeemu: deliver: %w", err)
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 1<<16)) // so that the connection is used again
	if res.StatusCode/100 == 2 && p.w != nil {
		e.mu.Lock()
		p.w.settled[p.ID] = true
		e.mu.Unlock()
	}
	return res.StatusCode, nil
}

// Settle waits until nothing is on its way.
func (e *Emulator) Settle(ctx context.Context) error {
	for {
		e.mu.Lock()
		left := len(e.outbox) + e.posting
		e.mu.Unlock()
		if left == 0 {
			return nil
		}
		select {
		case <-time.After(5 * time.Millisecond):
		case <-ctx.Done():
			return fmt.Errorf("stripeemu: %d webhooks are still on their way: %w", left, ctx.Err())
		}
	}
}

// post queues an event, under mu.
func (w *world) post(ev object) {
	for _, at := range w.endpoints {
		if at.Connect != (ev["account"] != nil) {
			continue
		}
		for range max(w.e.mood.Copies, 1) {
			w.e.outbox = append(w.e.outbox, &Posting{
				ID: ev.id(), Type: ev.text("type"), Account: ev.text("account"), Body: encode(ev), Endpoint: at, w: w, next: time.Now().Add(w.e.mood.Delay),
			})
		}
	}
	w.e.nudge()
}
