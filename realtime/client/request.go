package client

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/coder/websocket"
)

// request is something that is answered exactly once, or lost.
type request struct {
	body     []byte               // behind the id
	done     func(*object, error) // called with mu held
	heed     *heed                // of the reader, while done runs
	harmless bool                 // it may be sent again
	internal bool                 // a lost connection settles it by itself
	gaveUp   bool                 // guarded by mu: nobody waits
}

// Result is the answer to a call.
type Result struct {
	Status int             `json:"status"`
	Body   json.RawMessage `json:"body"`
}

// Call runs an operation of the HTTP API. It waits for a connection, if there is none. key
// is its idempotency key: with one it is sent again after a lost connection. A refusal is
// a *Refusal, with the problem that HTTP would have answered.
func (c *Client) Call(ctx context.Context, operation, key string, args any) (Result, error) {
	request := struct {
		Call string `json:"call"`
		Key  string `json:"key,omitempty"`
		Args any    `json:"args,omitempty"`
	}{operation, key, args}
	var out Result
	ok, err := c.request(ctx, request, key != "")
	if err == nil {
		err = json.Unmarshal(ok, &out)
	}
	return out, err
}

// Say is a signal to be sent. Sig is "msg" by default; To is a user ("user/…"), or everybody.
type Say struct {
	Channel string `json:"signal"`
	Sig     string `json:"sig,omitempty"`
	Key     string `json:"key,omitempty"`
	To      string `json:"to,omitempty"`
	Data    any    `json:"d"`
}

// Signal sends a signal. Its answer says that the server has taken it, not that anybody got it.
func (c *Client) Signal(ctx context.Context, s Say) error {
	_, err := c.request(ctx, s, false)
	return err
}

func (c *Client) request(ctx context.Context, members any, harmless bool) (json.RawMessage, error) {
	raw, err := json.Marshal(members)
	if err != nil {
		return nil, fmt.Errorf("client: make a request: %w", err)
	}
	type end struct {
		ok  json.RawMessage
		err error
	}
	ended := make(chan end, 1)
	r := &request{body: raw[1 : len(raw)-1], harmless: harmless}
	r.done = func(o *object, err error) {
		switch {
		case err != nil:
			ended <- end{nil, err}
		case o.Err != nil:
			ended <- end{nil, o.Err}
		default:
			ended <- end{o.OK, nil}
		}
	}
	c.mu.Lock()
	if c.over {
		c.mu.Unlock()
		return nil, ErrEnded
	}
	c.calls = append(c.calls, r)
	c.nudge()
	c.mu.Unlock()
	select {
	case e := <-ended:
		return e.ok, e.err
	case <-ctx.Done():
		c.mu.Lock()
		r.gaveUp, r.harmless = true, false
		c.mu.Unlock()
		return nil, ctx.Err()
	}
}

// outgoing is all that can be sent now. Called with mu held.
func (c *Client) outgoing(l *link, asked []*request) (messages [][]byte) {
	waiting := c.calls
	c.calls = nil
	for _, r := range append(asked, waiting...) {
		if r.gaveUp {
			continue
		}
		c.next++
		m := strconv.AppendInt([]byte(`{"id":`), c.next, 10)
		m = append(append(append(m, ','), r.body...), '}')
		if len(m) > l.hello.MaxFrame && !r.internal {
			r.done(nil, ErrTooLarge)
			continue
		}
		l.waiting[c.next] = r
		messages = append(messages, m)
	}
	return messages
}

// pump writes what is asked.
func (c *Client) pump(ctx context.Context, l *link) {
	for {
		c.mu.Lock()
		var messages [][]byte
		var again <-chan struct{}
		stop := func() {}
		if c.link == l {
			asked, wait := c.ask(l, now())
			messages = c.outgoing(l, asked)
			if wait > 0 {
				again, stop = after(ctx, wait)
			}
		}
		c.mu.Unlock()
		for _, m := range messages {
			if l.ws.Write(ctx, websocket.MessageText, m) != nil {
				stop()
				return // the reader sees it too
			}
		}
		select {
		case <-ctx.Done():
			stop()
			return
		case <-c.wake:
		case <-again:
		}
		stop()
	}
}
