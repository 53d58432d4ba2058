package client

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net"
	"time"
)

// Config of a client. URL and one of Token and Ticket must be given.
type Config struct {
	URL string // wss://host/v1/realtime

	// Token is asked for an access token before each connection, and before the one in
	// use expires.
	Token func(ctx context.Context) (string, error)
	// Ticket is asked for a single-use ticket before each connection, if it is given.
	// Tickets need an Origin. With a Token too, connections are renewed by that.
	Ticket func(ctx context.Context) (string, error)
	Origin string
	TLS    *tls.Config // nil: the system's

	// Dial replaces the network: for links that are slow or break, and to choose a node.
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)
	// Random is where jitter comes from: [0, 1).
	Random func() float64

	Backoff  time.Duration // the first wait is up to this; 250 ms
	MaxDelay time.Duration // and no wait is more than up to this, but when the server asks for it; 4 s

	Logger *slog.Logger

	// Hooks for tests and measurements; they must not block.
	OnFrame  func(object []byte)      // each object that came, before it is looked at
	OnBreach func(Breach)             // the server broke the protocol
	OnState  func(up bool, err error) // connected, or not and why
}

func (c Config) withDefaults() Config {
	if c.Random == nil {
		c.Random = rand.Float64
	}
	if c.Backoff == 0 {
		c.Backoff = 250 * time.Millisecond
	}
	if c.MaxDelay == 0 {
		c.MaxDelay = 4 * time.Second
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Dial == nil {
		c.Dial = (&net.Dialer{Timeout: dialWait}).DialContext
	}
	if c.OnFrame == nil {
		c.OnFrame = func([]byte) {}
	}
	if c.OnBreach == nil {
		c.OnBreach = func(Breach) {}
	}
	if c.OnState == nil {
		c.OnState = func(bool, error) {}
	}
	return c
}

// Breach is something that a correct server never sends.
type Breach struct {
	Channel, Entity string
	Held, Got       uint64 // versions, where that is what is wrong
	What            string
}

// Stats counts what happened since the client was made.
type Stats struct {
	Connections, Objects, Bytes uint64
	Patches, Documents, Left    uint64 // applied
	Gaps, Breaches              uint64
	Renewals, Byes              uint64
	Epochs                      uint64 // that another epoch was met
}

// What a request can end with, besides a Refusal and its context's error.
var (
	// ErrLost is that the connection went before the answer came: it may have been done.
	ErrLost = errors.New("client: the connection was lost before the answer")
	// ErrTooLarge is a request above the server's max_frame: it was not sent.
	ErrTooLarge = errors.New("client: the request is larger than the server takes")
	// ErrEnded is that Run is over.
	ErrEnded = errors.New("client: it is not running any more")
)
