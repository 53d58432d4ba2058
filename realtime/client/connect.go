package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/coder/websocket"

	"github.com/waymeet/waymeet/realtime/wire"
)

const (
	dialWait = 30 * time.Second // a slow link needs its time for a handshake
	settled  = 5 * time.Second  // a connection that lasted so long was no failure
	maxRead  = 64 << 20         // no honest message is that large
)

// CloseError is the code with which a server ended the connection for good.
type CloseError struct {
	Code   websocket.StatusCode
	Reason string
}

func (e *CloseError) Error() string {
	return fmt.Sprintf("client: closed with %d: %s", e.Code, e.Reason)
}

// Unwelcome is the status of an upgrade that will be refused again.
type Unwelcome struct{ Status int }

func (e *Unwelcome) Error() string {
	return fmt.Sprintf("client: the upgrade was refused with %d", e.Status)
}

// live is the life of one connection. It returns how long to wait before the next, or an
// error when there must not be one.
func (c *Client) live(ctx context.Context, wait *backoff) (time.Duration, error) {
	ws, delay, err := c.dial(ctx, wait)
	if ws == nil {
		return delay, err
	}
	l := &link{ws: ws, waiting: map[int64]*request{}, poke: make(chan struct{}, 1)}
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	var wg sync.WaitGroup
	wg.Go(func() { c.pump(inner, l) })
	wg.Go(func() { c.keep(inner, l) })
	err = c.read(l)
	cancel()
	wg.Wait()
	_ = ws.CloseNow()
	c.lost(l, err)
	if ctx.Err() != nil {
		return 0, nil
	}
	if left := time.Until(l.goneBy); l.bye && left > 0 {
		wait.failures = 0
		return left, nil
	} else if l.bye {
		wait.failures = 0
		return 0, nil
	}
	var closed websocket.CloseError
	if errors.As(err, &closed) && (closed.Code == websocket.StatusCode(wire.CloseForbidden) || closed.Code == websocket.StatusCode(wire.CloseReplaced)) {
		return 0, &CloseError{closed.Code, closed.Reason}
	}
	if !l.since.IsZero() && time.Since(l.since) > settled {
		wait.failures = 0
	}
	return wait.next(), nil
}

// dial knocks. No socket and no error: later.
func (c *Client) dial(ctx context.Context, wait *backoff) (*websocket.Conn, time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, dialWait)
	defer cancel()
	opts := &websocket.DialOptions{HTTPClient: c.http, HTTPHeader: http.Header{}, Subprotocols: []string{wire.Subprotocol}, CompressionMode: websocket.CompressionDisabled}
	if c.cfg.Origin != "" {
		opts.HTTPHeader.Set("Origin", c.cfg.Origin)
	}
	if err := c.credential(ctx, opts); err != nil {
		c.down(fmt.Errorf("client: no credential: %w", err))
		return nil, wait.next(), nil
	}
	ws, res, err := websocket.Dial(ctx, c.cfg.URL, opts) //nolint:bodyclose // Dial has closed it
	if err == nil {
		c.heard.Store(time.Now().UnixNano())
		ws.SetReadLimit(maxRead)
		return ws, 0, nil
	}
	c.down(err)
	if res == nil {
		return nil, wait.next(), nil
	}
	switch res.StatusCode {
	case http.StatusBadRequest, http.StatusForbidden, http.StatusNotFound:
		return nil, 0, &Unwelcome{res.StatusCode}
	}
	if seconds, err := strconv.Atoi(res.Header.Get("Retry-After")); err == nil && seconds > 0 {
		return nil, wait.atLeast(time.Duration(seconds) * time.Second), nil
	}
	return nil, wait.next(), nil
}

func (c *Client) credential(ctx context.Context, opts *websocket.DialOptions) error {
	if c.cfg.Ticket != nil {
		ticket, err := c.cfg.Ticket(ctx)
		opts.Subprotocols = append(opts.Subprotocols, wire.TicketPrefix+ticket)
		return err
	}
	token, err := c.cfg.Token(ctx)
	opts.HTTPHeader.Set("Authorization", "Bearer "+token)
	return err
}

func (c *Client) down(err error) {
	c.cfg.Logger.Debug("client: not connected", "cause", err)
	c.cfg.OnState(false, err)
}
