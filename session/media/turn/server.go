package turn

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/pion/turn/v5"

	"github.com/waymeet/waymeet/internal/secret"
	"github.com/waymeet/waymeet/session/media"
)

// Server is a node's. It has its addresses from Open on, and serves in Run.
type Server struct {
	config Config
	udp    net.PacketConn
	tcp    *connections
	users  *users

	draining atomic.Bool
	made     atomic.Int64 // relays
	sent     atomic.Int64 // bytes to peers
	received atomic.Int64 // bytes from peers
	dropped  atomic.Int64 // packets above a user's rate
	refused  struct{ expired, forged, quota, peer, capacity, draining atomic.Int64 }
}

// Open takes the addresses, so that a taken one is told before anything is started.
func Open(ctx context.Context, c Config) (*Server, error) {
	if err := c.complete(); err != nil {
		return nil, err
	}
	s := &Server{config: c, users: newUsers(c.PerUser, c.Rate, c.Now)}
	var l net.ListenConfig
	var err error
	if s.udp, err = l.ListenPacket(ctx, c.network("udp"), c.Listen.String()); err != nil {
		return nil, fmt.Errorf("turn: listen: %w", err)
	}
	tcp, err := l.Listen(ctx, c.network("tcp"), c.Listen.String())
	if err != nil {
		_ = s.udp.Close() // unused
		return nil, fmt.Errorf("turn: listen: %w", err)
	}
	s.tcp = &connections{Listener: tcp, most: c.Connections, open: map[*connection]bool{}}
	return s, nil
}

// URLs is where browsers find it.
func (s *Server) URLs() []string {
	url := func(a net.Addr, transport string) string {
		port := netip.MustParseAddrPort(a.String()).Port()
		return "turn:" + netip.AddrPortFrom(s.config.Address, port).String() + "?transport=" + transport
	}
	return []string{url(s.udp.LocalAddr(), "udp"), url(s.tcp.Addr(), "tcp")}
}

// Relays makes credentials for these addresses, of this server or of others with the same secret.
func Relays(key []byte, urls []string) func(participant string, until time.Time) []media.Server {
	return func(participant string, until time.Time) []media.Server {
		name, password := Credential(key, participant, until)
		return []media.Server{{URLs: urls, Username: name, Credential: secret.Hide(password)}}
	}
}

// Run serves until ctx ends, then lets relays end, and ends those that do not.
func (s *Server) Run(ctx context.Context) error {
	server, err := turn.NewServer(turn.ServerConfig{
		Realm:         s.config.Realm,
		AuthHandler:   s.authenticate,
		QuotaHandler:  s.mayRelay,
		LoggerFactory: logs{s.config.Logger},
		EventHandler:  turn.EventHandler{OnAuth: s.authenticated},
		PacketConnConfigs: []turn.PacketConnConfig{{
			PacketConn: s.udp, RelayAddressGenerator: relays{s}, PermissionHandler: s.permits}},
		ListenerConfigs: []turn.ListenerConfig{{
			Listener: s.tcp, RelayAddressGenerator: relays{s}, PermissionHandler: s.permits}},
	})
	if err != nil {
		return fmt.Errorf("turn: %w", err)
	}
	<-ctx.Done()
	s.draining.Store(true)
	s.await(s.config.Drain)
	if err := server.Close(); err != nil {
		s.config.Logger.WarnContext(ctx, "turn: close", "err", err)
	}
	s.await(2 * time.Second) // pion ends what is left in goroutines of its own
	return ctx.Err()
}

func (s *Server) await(most time.Duration) {
	limit := time.NewTimer(most)
	defer limit.Stop()
	select {
	case <-s.users.empty():
	case <-limit.C:
	}
}

// authenticate says which password a user name must have been signed with. The name is handed on whole: a relay ends with it.
func (s *Server) authenticate(a *turn.RequestAttributes) (string, []byte, bool) {
	_, until, ok := readName(a.Username)
	if !ok {
		s.refused.forged.Add(1)
		return "", nil, false
	}
	if !until.After(s.config.Now()) {
		s.refused.expired.Add(1)
		return "", nil, false
	}
	return a.Username, turn.GenerateAuthKey(a.Username, s.config.Realm, passwordOf(s.config.Secret, a.Username)), true
}

// authenticated counts those whose password was not it.
func (s *Server) authenticated(_, _ net.Addr, _, _, _, _ string, verdict bool) {
	if !verdict {
		s.refused.forged.Add(1)
	}
}

// mayRelay says no where it can be said with a word (486); AllocatePacketConn decides.
func (s *Server) mayRelay(username, _ string, _ net.Addr) bool {
	if s.draining.Load() {
		s.refused.draining.Add(1)
		return false
	}
	if name, _, ok := readName(username); !ok || s.users.full(name) {
		s.refused.quota.Add(1)
		return false
	}
	return true
}

// permits says whether a client may want to reach an address, on whatever port.
func (s *Server) permits(_ net.Addr, peer net.IP) bool {
	addr, ok := netip.AddrFromSlice(peer)
	if ok && (addr.Unmap() == s.config.Address || reachable(addr, s.config.Peers)) {
		return true
	}
	s.refused.peer.Add(1)
	return false
}

// allows says whether a packet may go to an address, or come from it.
func (s *Server) allows(addr netip.Addr, port uint16) bool {
	if addr == s.config.Address && !within(addr, s.config.Peers) { // relays of ours, nothing else that this machine may have
		return port >= s.config.First && port <= s.config.Last
	}
	return port != 0 && reachable(addr, s.config.Peers)
}
