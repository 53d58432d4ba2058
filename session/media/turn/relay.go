package turn

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"sync"

	"github.com/pion/turn/v5"
)

var errNotHere = errors.New("turn: not offered")

// relays makes relay sockets, each for one user.
type relays struct{ *Server }

var _ turn.RelayAddressGenerator = relays{}

// Validate has nothing to say: the configuration was checked.
func (relays) Validate() error { return nil }

// AllocatePacketConn opens a relay's socket on a random port. A port that the client asks for would be a way to find out which
// are taken; nobody needs one.
func (r relays) AllocatePacketConn(c turn.AllocateListenerConfig) (net.PacketConn, net.Addr, error) {
	name, until, ok := readName(c.UserID)
	if !ok || c.Network != r.config.network("udp") || c.RequestedPort != 0 {
		r.refused.capacity.Add(1)
		return nil, nil, errNotHere
	}
	if !r.users.take(name) {
		r.refused.quota.Add(1)
		return nil, nil, fmt.Errorf("turn: too many relays of one user")
	}
	for range 10 {
		port := int(r.config.First) + rand.IntN(int(r.config.Last-r.config.First)+1)
		socket, err := net.ListenUDP(c.Network, &net.UDPAddr{IP: r.config.Listen.Addr().AsSlice(), Port: port})
		if err != nil {
			continue
		}
		if err := socket.SetReadDeadline(until); err != nil { // then pion's reader ends, and with it the relay
			_ = socket.Close() // the error before says more
			break
		}
		r.made.Add(1)
		return &relay{UDPConn: socket, server: r.Server, user: name}, &net.UDPAddr{IP: r.config.Address.AsSlice(), Port: port}, nil
	}
	r.users.giveBack(name)
	r.refused.capacity.Add(1)
	return nil, nil, errors.New("turn: no relay port is free")
}

// AllocateListener would be a relay that peers connect to by TCP.
func (r relays) AllocateListener(turn.AllocateListenerConfig) (net.Listener, net.Addr, error) {
	r.refused.capacity.Add(1)
	return nil, nil, errNotHere
}

// AllocateConn would be a connection by TCP to a peer: to whatever listens there.
func (relays) AllocateConn(turn.AllocateConnConfig) (net.Conn, error) { return nil, errNotHere }

// relay is the socket of one relay.
type relay struct {
	*net.UDPConn
	server *Server
	user   string
	once   sync.Once
}

// WriteTo sends to a peer, if that may be reached; what may not, or is too much, is lost, as on any network.
func (r *relay) WriteTo(p []byte, to net.Addr) (int, error) {
	at, ok := addrOf(to)
	if !ok || !r.server.allows(at.Addr(), at.Port()) {
		r.server.refused.peer.Add(1)
		return len(p), nil
	}
	if !r.server.users.pass(r.user, len(p)) {
		r.server.dropped.Add(1)
		return len(p), nil
	}
	r.server.sent.Add(int64(len(p)))
	return r.UDPConn.WriteTo(p, to)
}

// ReadFrom is what came from peers. Whether they have permission, pion asks.
func (r *relay) ReadFrom(p []byte) (int, net.Addr, error) {
	for {
		n, from, err := r.UDPConn.ReadFrom(p)
		if err != nil {
			return n, from, err
		}
		if at, ok := addrOf(from); !ok || !r.server.allows(at.Addr(), at.Port()) {
			continue
		}
		if !r.server.users.pass(r.user, n) {
			r.server.dropped.Add(1)
			continue
		}
		r.server.received.Add(int64(n))
		return n, from, nil
	}
}

func (r *relay) Close() error {
	r.once.Do(func() { r.server.users.giveBack(r.user) })
	return r.UDPConn.Close()
}
