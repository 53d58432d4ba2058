package client

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Client is one connection's worth of subscriptions, and the connection while there is one.
type Client struct {
	cfg  Config
	http *http.Client
	wake chan struct{} // the pump has something to look at

	heard atomic.Int64 // unix nanoseconds of the last byte

	mu    sync.Mutex
	subs  map[string]*Subscription // guarded by mu
	todo  bool                     // guarded by mu: some subscription may have to be asked for
	calls []*request               // guarded by mu: to be sent as soon as possible
	link  *link                    // guarded by mu: nil: offline
	next  int64                    // guarded by mu: id of the next request
	over  bool                     // guarded by mu: Run has ended
	begun bool                     // guarded by mu
	epoch string                   // guarded by mu: of the last hello
	stats Stats                    // guarded by mu
}

// New makes a client. Nothing happens before Run.
func New(cfg Config) *Client {
	c := &Client{cfg: cfg.withDefaults(), wake: make(chan struct{}, 1), subs: map[string]*Subscription{}}
	c.http = &http.Client{Transport: &http.Transport{
		TLSClientConfig:   cfg.TLS,
		DisableKeepAlives: true, // an upgrade that was refused leaves nothing behind
		TLSNextProto:      map[string]func(string, *tls.Conn) http.RoundTripper{},
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			nc, err := c.cfg.Dial(ctx, network, addr)
			if err != nil {
				return nil, err
			}
			return &listened{nc, &c.heard}, nil
		},
	}}
	return c
}

// listened notes when a byte came: on a slow link long before a frame is whole.
type listened struct {
	net.Conn
	heard *atomic.Int64
}

func (l *listened) Read(p []byte) (int, error) {
	n, err := l.Conn.Read(p)
	if n > 0 {
		l.heard.Store(time.Now().UnixNano())
	}
	return n, err
}

// Run connects, and again whenever the connection ends, until ctx ends (nil) or coming
// back would be wrong (a CloseError, an Unwelcome). A client runs once.
func (c *Client) Run(ctx context.Context) error {
	c.mu.Lock()
	again := c.begun
	c.begun = true
	c.mu.Unlock()
	if again {
		return errors.New("client: it runs already, or has run")
	}
	defer c.finish()
	wait := backoff{first: c.cfg.Backoff, most: c.cfg.MaxDelay, random: c.cfg.Random}
	for {
		delay, err := c.live(ctx, &wait)
		if err != nil || !pause(ctx, delay) {
			return err
		}
	}
}

// finish tells everybody who waits that nothing will come.
func (c *Client) finish() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.over = true
	for _, r := range c.calls {
		r.done(nil, ErrEnded)
	}
	c.calls = nil
}

// Subscribe takes an interest in a channel; there is one subscription for each. One that
// was closed is asked for again. hear gets its signals, on the reader's goroutine: it
// must not block.
func (c *Client) Subscribe(channel string, hear ...func(Signal)) *Subscription {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.subs[channel]
	if s == nil {
		s = &Subscription{Channel: channel, client: c}
		c.subs[channel] = s
	}
	if !s.wanted {
		s.wanted, s.hear, s.status, s.after, s.tries = true, nil, Status{Phase: Joining}, time.Time{}, 0
		s.again = s.on // it was left a moment ago, and the server does not know
		if c.link == nil {
			s.status = Status{Phase: Offline, Stale: time.Now()}
		}
		s.tell()
	}
	s.hear = append(s.hear, hear...)
	c.stir()
	return s
}

// stir has the pump look at the subscriptions. Called with mu held.
func (c *Client) stir() {
	c.todo = true
	c.nudge()
}

func (c *Client) nudge() {
	select {
	case c.wake <- struct{}{}:
	default: // it is about to look
	}
}

// forget drops a subscription that nobody wants and the server does not know. Called with mu held.
func (c *Client) forget(s *Subscription) {
	if !s.wanted && !s.on && s.asked == nil && c.subs[s.Channel] == s {
		delete(c.subs, s.Channel)
	}
}

// Stats is what happened so far.
func (c *Client) Stats() Stats {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.stats
}

// Conn is the server's name of the connection and the node that it is on; empty while offline.
func (c *Client) Conn() (conn, node string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.link == nil {
		return "", ""
	}
	return c.link.hello.Conn, c.link.hello.Node
}
