package main

import (
	"context"
	"net/netip"

	"github.com/waymeet/waymeet/internal/seal"
	"github.com/waymeet/waymeet/internal/telemetry"
	"github.com/waymeet/waymeet/session/media/peer"
	"github.com/waymeet/waymeet/session/media/turn"
)

// openRelays takes the TURN server's addresses, if this node has one, and returns how credentials are made: for its own, or for
// those that browsers are told of instead.
func (n *node) openRelays(ctx context.Context, box *seal.Box, m *telemetry.Metrics) (peer.Relays, error) {
	c := n.cfg.turn
	key := []byte(c.secret.reveal())
	if len(key) == 0 {
		key = box.Key("turn")
	}
	urls := c.urls
	if c.listen.IsValid() {
		server, err := turn.Open(ctx, turn.Config{Secret: key, Listen: c.listen, Address: c.address, First: c.first, Last: c.last, Peers: c.peers, Logger: n.log})
		if err != nil {
			return nil, err
		}
		n.behind = append(n.behind, part{"turn", server.Run})
		measureTurn(m, server)
		if len(urls) == 0 {
			urls = server.URLs()
		}
		n.log.InfoContext(ctx, "turn", "urls", urls)
	}
	if len(urls) == 0 {
		return nil, nil
	}
	return turn.Relays(key, urls), nil
}

func measureTurn(m *telemetry.Metrics, s *turn.Server) {
	m.Gauge("waymeet_turn_relays", "Relays that are open.", func() float64 { return float64(s.Counts().Relays) })
	m.Gauge("waymeet_turn_connections", "Clients that are connected to the TURN server by TCP.", func() float64 { return float64(s.Counts().Connections) })
	m.Counter("waymeet_turn_relays_total", "Relays that were made.", func() float64 { return float64(s.Counts().Made) })
	m.Counter("waymeet_turn_dropped_packets_total", "Packets above what a user may relay in a second.", func() float64 { return float64(s.Counts().Dropped) })
	m.Counters("waymeet_turn_bytes_total", "Bytes that were relayed, by direction.", "direction", map[string]func() float64{
		"to_peers":   func() float64 { return float64(s.Counts().Sent) },
		"from_peers": func() float64 { return float64(s.Counts().Received) },
	})
	refused := map[string]func() float64{}
	for _, why := range turn.Reasons {
		refused[why] = func() float64 { return float64(s.Counts().Refused[why]) }
	}
	m.Counters("waymeet_turn_refused_total", "What the TURN server refused, by why.", "reason", refused)
}

// devTurn is a TURN server for one machine and those beside it: its relays reach private addresses, which no other's do.
func devTurn() turnConfig {
	c := turnConfig{listen: netip.MustParseAddrPort("127.0.0.1:0"), address: netip.MustParseAddr("127.0.0.1"), first: 49152, last: 53247, secret: hide("")}
	for _, p := range []string{"127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"} {
		c.peers = append(c.peers, netip.MustParsePrefix(p))
	}
	return c
}
