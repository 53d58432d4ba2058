package turn

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"time"
)

// Config is a node's TURN server.
type Config struct {
	Secret  []byte         // of all nodes
	Listen  netip.AddrPort // UDP and TCP; port 0: any two that are free
	Address netip.Addr     // where browsers reach it, and the relays
	// First and Last are the ports of relays.
	First, Last uint16
	Peers       []netip.Prefix // networks that may be relayed to beyond public ones
	Realm       string         // "": waymeet
	PerUser     int            // relays of one user at once; 0: 10
	Rate        int            // bytes a second of one user; 0: 1,000,000
	Connections int            // by TCP; 0: twice the relay ports
	Drain       time.Duration  // what relays have left when the node ends; 0: 5 s
	Logger      *slog.Logger
	Now         func() time.Time // nil: the clock
}

func (c *Config) complete() error {
	switch {
	case len(c.Secret) < 16:
		return errors.New("turn: the secret must have 16 bytes at least")
	case !c.Listen.IsValid() || !c.Address.IsValid():
		return errors.New("turn: an address to listen on, and the one that browsers reach, are needed")
	case c.Address.IsUnspecified() || c.Address.Is4In6() || c.Address.Zone() != "" || c.Address.Is4() != c.Listen.Addr().Is4():
		return fmt.Errorf("turn: browsers cannot reach %s at %s", c.Listen, c.Address)
	case c.First < 1024 || c.Last < c.First:
		return fmt.Errorf("turn: relay ports %d to %d", c.First, c.Last)
	case c.Listen.Port() >= c.First && c.Listen.Port() <= c.Last:
		return errors.New("turn: the server's own port is among the relays'")
	}
	orInt(&c.PerUser, 10)
	orInt(&c.Rate, 1_000_000)
	orInt(&c.Connections, 2*(int(c.Last-c.First)+1))
	if c.Drain == 0 {
		c.Drain = 5 * time.Second
	}
	if c.Realm == "" {
		c.Realm = "waymeet"
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return nil
}

func orInt(v *int, otherwise int) {
	if *v == 0 {
		*v = otherwise
	}
}

func (c *Config) network(of string) string {
	if c.Address.Is4() {
		return of + "4"
	}
	return of + "6"
}

// addrOf is a packet's other end; an IPv4 address in IPv6's clothes is an IPv4 address.
func addrOf(a net.Addr) (netip.AddrPort, bool) {
	u, ok := a.(*net.UDPAddr)
	if !ok {
		return netip.AddrPort{}, false
	}
	at := u.AddrPort()
	return netip.AddrPortFrom(at.Addr().Unmap(), at.Port()), at.IsValid()
}
