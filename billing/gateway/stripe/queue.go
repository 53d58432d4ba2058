package stripe

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

// queue spaces one tenant's calls, per endpoint. A call books its turn; nobody overtakes. internal/pace only says no,
// and who was told no would have to race for the next token.
type queue struct {
	every   time.Duration
	maxWait time.Duration

	mu   sync.Mutex
	next map[string]time.Time // guarded by mu: the next free turn of an endpoint; bounded by the endpoints there are
}

const burst = 5 // calls that may go at once after a pause

// newQueue: a burst and what is spaced behind it are together at most perSecond in any second.
func newQueue(perSecond int, maxWait time.Duration) *queue {
	spaced := max(perSecond-burst, 1)
	return &queue{every: time.Second / time.Duration(spaced), maxWait: maxWait, next: map[string]time.Time{}}
}

// notSent is a call that was given up in the queue.
type notSent struct{ after time.Duration }

func (e *notSent) Error() string { return fmt.Sprintf("the queue is full for %s", e.after) }

// book takes the next turn, unless it is too far away.
func (q *queue) book(endpoint string, now time.Time) (wait time.Duration, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	turn := q.next[endpoint]
	if earliest := now.Add(-(burst - 1) * q.every); turn.Before(earliest) {
		turn = earliest
	}
	if wait = max(turn.Sub(now), 0); wait > q.maxWait {
		return 0, &notSent{wait}
	}
	q.next[endpoint] = turn.Add(q.every)
	return wait, nil
}

func (q *queue) wait(ctx context.Context, endpoint string) error {
	wait, err := q.book(endpoint, time.Now())
	if err != nil || wait == 0 {
		return err
	}
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return &notSent{wait} // its turn passes unused
	}
}

// paced is the transport of one tenant: every request, a repeat of stripe-go's as well, waits for its turn.
type paced struct {
	queue *queue
	cfg   Config
}

func (p *paced) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := p.queue.wait(r.Context(), r.Method+" "+endpoint(r.URL.Path)); err != nil {
		return nil, err
	}
	return p.cfg.Transport.RoundTrip(r)
}

// endpoint is a path without its ids: /v1/payment_intents/pi_1/capture is payment_intents/capture.
func endpoint(path string) string {
	var words []string
	for i, part := range strings.Split(strings.TrimPrefix(path, "/v1/"), "/") {
		if i%2 == 0 {
			words = append(words, part)
		}
	}
	return strings.Join(words, "/")
}
