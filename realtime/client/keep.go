package client

import (
	"context"
	"encoding/json"
	"time"
)

func now() time.Time { return time.Now() }

// after is closed when d has gone by.
func after(ctx context.Context, d time.Duration) (<-chan struct{}, func()) {
	ctx, stop := context.WithTimeout(ctx, d)
	return ctx.Done(), stop
}

const (
	silence = 10 * time.Second // beyond two pings that should have come
	askWait = 10 * time.Second // for a token
)

// keep sees to it that the connection is alive, renews its credential, and leaves when
// the node has said goodbye.
func (c *Client) keep(ctx context.Context, l *link) {
	defer l.ws.CloseNow()
	for {
		t := time.NewTimer(time.Until(c.nextLook(l)))
		select {
		case <-ctx.Done():
			t.Stop()
			return
		case <-l.poke:
		case <-t.C:
		}
		t.Stop()
		c.mu.Lock()
		now, goneBy, renewAt, bye := time.Now(), l.goneBy, l.renewAt, l.bye
		c.mu.Unlock()
		switch {
		case bye && !goneBy.After(now), !c.deadAt(l).After(now):
			return
		case !renewAt.IsZero() && !renewAt.After(now):
			c.renew(ctx, l)
		}
	}
}

func (c *Client) nextLook(l *link) time.Time {
	at := c.deadAt(l)
	c.mu.Lock()
	defer c.mu.Unlock()
	if l.bye && l.goneBy.Before(at) {
		at = l.goneBy
	}
	if !l.renewAt.IsZero() && l.renewAt.Before(at) {
		at = l.renewAt
	}
	return at
}

// deadAt is when the connection counts as dead, if no byte comes until then: the server
// pings whoever is silent, and answers whoever is not.
func (c *Client) deadAt(l *link) time.Time {
	c.mu.Lock()
	ping := time.Duration(l.hello.PingMS) * time.Millisecond
	c.mu.Unlock()
	if ping == 0 {
		ping = dialWait
	}
	return time.Unix(0, c.heard.Load()).Add(2*ping + silence)
}

// planRenewal is called with mu held. Clients that came together do not renew together.
func (c *Client) planRenewal(l *link, exp int64) {
	l.renewAt = time.Time{}
	if c.cfg.Token == nil {
		return // a ticket is not renewed: the server closes, and the next connection has its own
	}
	life := time.Until(time.Unix(exp, 0))
	wait := time.Duration(float64(life) * (0.7 + 0.2*c.cfg.Random()))
	if life <= 0 { // clocks disagree
		wait = dialWait
	}
	l.renewAt = time.Now().Add(max(wait, time.Second))
}

func (c *Client) renew(ctx context.Context, l *link) {
	c.mu.Lock()
	l.renewAt = time.Now().Add(askWait) // unless it succeeds
	c.mu.Unlock()
	bounded, cancel := context.WithTimeout(ctx, askWait)
	defer cancel()
	token, err := c.cfg.Token(bounded)
	if err != nil {
		c.cfg.Logger.Warn("client: no token to renew with", "cause", err)
		return
	}
	raw, err := json.Marshal(struct {
		Auth string `json:"auth"`
	}{token})
	if err != nil {
		return // a string: cannot be
	}
	r := &request{body: raw[1 : len(raw)-1], internal: true}
	r.done = func(o *object, _ error) {
		var ok struct {
			Exp int64 `json:"auth_exp"`
		}
		if o == nil || o.Err != nil || json.Unmarshal(o.OK, &ok) != nil {
			return
		}
		c.stats.Renewals++
		c.planRenewal(l, ok.Exp)
		l.stir()
	}
	c.mu.Lock()
	c.calls = append(c.calls, r)
	c.nudge()
	c.mu.Unlock()
}
