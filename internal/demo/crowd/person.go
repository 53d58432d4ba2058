package crowd

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/google/uuid"
)

// person is one user with their session. Several goroutines may act for one person.
type person struct {
	city  *city
	email string

	mu      sync.Mutex
	node    int       // guarded by mu: which address
	access  string    // guarded by mu
	expires time.Time // guarded by mu: when to renew, well before the token dies
	refresh string    // guarded by mu
}

const refreshCookie = "waymeet_refresh"

// get reads; post does something, once, however often it has to be asked.
func (p *person) get(ctx context.Context, path string, out any) error {
	return p.call(ctx, http.MethodGet, path, nil, out)
}

func (p *person) post(ctx context.Context, path string, in, out any) error {
	return p.call(ctx, http.MethodPost, path, in, out)
}

const tries = 5

func (p *person) call(ctx context.Context, method, path string, in, out any) error {
	var body []byte
	if in != nil {
		var err error
		if body, err = json.Marshal(in); err != nil {
			return err
		}
	}
	key := uuid.NewString()
	wait := 300 * time.Millisecond
	for try := 1; ; try++ {
		err := p.try(ctx, method, path, key, body, out)
		if err == nil || refused(err) {
			return err
		}
		if ctx.Err() != nil || try == tries {
			return fmt.Errorf("%s %s: %w", method, path, err)
		}
		var told *problem
		if errors.As(err, &told) && told.Status == http.StatusUnauthorized {
			p.forget() // the session has ended, which is nobody's trouble
			continue
		}
		p.city.log.DebugContext(ctx, "the crowd slows down", "cause", err)
		p.city.mood.trouble(time.Now())
		wait = min(2*wait, 30*time.Second)
		patience := about(wait)
		if told == nil {
			p.elsewhere()
		} else {
			patience = max(patience, told.after)
		}
		if !pause(ctx, patience) {
			return ctx.Err()
		}
	}
}

func (p *person) try(ctx context.Context, method, path, key string, body []byte, out any) error {
	token, err := p.token(ctx)
	if err != nil {
		return err
	}
	_, err = p.send(ctx, method, path, body, out, func(h http.Header) {
		h.Set("Authorization", "Bearer "+token)
		if method != http.MethodGet {
			h.Set("Idempotency-Key", key)
		}
	})
	return err
}

// send is one request and its answer.
func (p *person) send(ctx context.Context, method, path string, body []byte, out any, dress func(http.Header)) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, p.base()+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", "waymeet-demo")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	dress(req.Header)
	resp, err := p.city.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, 8<<20))
	if err != nil {
		return nil, err
	}
	if resp.StatusCode >= 300 {
		return nil, readProblem(resp, answer)
	}
	if out == nil || len(answer) == 0 {
		return resp, nil
	}
	if err := json.Unmarshal(answer, out); err != nil {
		return nil, &odd{fmt.Errorf("an answer that we do not understand: %w", err)}
	}
	return resp, nil
}

func (p *person) base() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.city.nodes[p.node%len(p.city.nodes)]
}

// elsewhere tries the next node: this one did not answer.
func (p *person) elsewhere() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.node++
}
