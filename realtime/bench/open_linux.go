package bench

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// retry is a connection that the server told to come later.
type retry struct {
	client *client
	at     uint64
}

// patience is how long the generator waits for something to happen before it gives an order up.
const patience = 20 * uint64(time.Second)

// open opens what it is told, at most so many at once.
func (g *generator) open(o Open) error {
	g.opened = o
	g.sequences, g.subscribers = make([]uint64, len(o.Channels)), make([]int, len(o.Channels))
	total, next := len(o.Publishers)+o.Connections, 0
	moved, stood := now(), 0
	for g.standing < total && g.ended == 0 {
		for next < total && g.opening < o.AtOnce {
			c := &client{channel: -1, publisher: true}
			if next < len(o.Publishers) {
				c.token = o.Publishers[next]
				g.publishers = append(g.publishers, c)
			} else {
				i := next - len(o.Publishers)
				c = &client{channel: o.Skip + i%(len(o.Channels)-o.Skip), token: o.Readers[i%len(o.Readers)]}
				g.readers = append(g.readers, c)
			}
			if err := g.knock(c); err != nil {
				return err
			}
			next++
		}
		until := now() + uint64(time.Second)
		if len(g.later) > 0 { // in the order in which they were refused, so the first is due first, or nearly
			if r := g.later[0]; r.at <= now() && g.opening < o.AtOnce {
				g.later = g.later[1:]
				if err := g.knock(r.client); err != nil {
					return err
				}
				continue
			} else if r.at > now() {
				until = min(until, r.at)
			}
			moved = max(moved, min(g.later[0].at, now())) // being told to wait is no standstill
		}
		if err := g.turn(until); err != nil {
			return err
		}
		if g.standing != stood {
			moved, stood = now(), g.standing
		}
		if now()-moved > patience {
			return fmt.Errorf("%d of %d connections stand, and nothing moves", g.standing, total)
		}
	}
	if g.standing < total {
		return fmt.Errorf("%d of %d connections stand: %s", g.standing, total, g.why)
	}
	return nil
}

// knock connects and asks for the upgrade.
func (g *generator) knock(c *client) (err error) {
	if c.fd, err = dial(g.opened.Addr); err != nil {
		return err
	}
	c.state, c.pending, c.out = upgrading, nil, nil
	g.opening++
	if err := g.adopt(c); err != nil {
		return err
	}
	g.send(c, []byte("GET /v1/realtime HTTP/1.1\r\nHost: "+g.opened.Addr+"\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: d2F5bWVldCBiZW5jaCAxMg==\r\nSec-WebSocket-Protocol: waymeet.v1\r\n"+
		"Authorization: Bearer "+c.token+"\r\n\r\n"))
	return nil
}

var headEnd = []byte("\r\n\r\n")

// upgraded reads the answer to the upgrade, once it is whole.
func (g *generator) upgraded(c *client, b []byte) []byte {
	head, rest, whole := bytes.Cut(b, headEnd)
	if !whole {
		return b
	}
	switch status := statusOf(head); status {
	case http.StatusSwitchingProtocols:
		c.state = greeting
		return rest
	case http.StatusTooManyRequests:
		seconds, _ := strconv.Atoi(headerOf(head, "Retry-After"))
		g.leave(c)
		g.refused++
		g.later = append(g.later, retry{c, now() + uint64(max(1, seconds))*uint64(time.Second)})
	default:
		g.drop(c, fmt.Sprintf("the upgrade was answered %d: %.300s", status, rest))
	}
	return nil
}

func statusOf(head []byte) int {
	if len(head) < 12 {
		return 0
	}
	status, _ := strconv.Atoi(string(head[9:12]))
	return status
}

// headerOf is the value of a header; Go's servers write names in the canonical way.
func headerOf(head []byte, name string) string {
	_, after, _ := bytes.Cut(head, []byte("\r\n"+name+": "))
	value, _, _ := bytes.Cut(after, []byte("\r\n"))
	return string(value)
}

// join subscribes standing connections to one more channel.
func (g *generator) join(o Join) error {
	if o.To == 0 {
		o.To = len(g.readers)
	}
	next, moved, left := o.From, now(), -1
	for next < o.To || g.opening > 0 {
		for ; next < o.To && g.opening < o.AtOnce; next++ {
			c := g.readers[next]
			if c.state != standing || g.clients[c.fd] != c {
				continue
			}
			g.standing--
			g.subscribers[c.channel]--
			g.opening++
			c.channel = o.Channel
			g.subscribe(c)
		}
		if err := g.turn(now() + uint64(time.Second)); err != nil {
			return err
		}
		if l := o.To - next + g.opening; l != left {
			left, moved = l, now()
		} else if now()-moved > patience {
			return fmt.Errorf("%d subscriptions are not answered", g.opening)
		}
	}
	return nil
}

func (g *generator) subscribe(c *client) {
	c.asked++
	c.state = subscribing
	g.send(c, appendClientFrame(nil, opText, fmt.Appendf(nil, `{"id":%d,"sub":%q}`, c.asked, g.opened.Channels[c.channel])))
}
