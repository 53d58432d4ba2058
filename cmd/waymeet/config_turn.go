package main

import (
	"net/netip"
	"strconv"
	"strings"
)

// turnConfig is what the environment says of relays for media.
type turnConfig struct {
	listen      netip.AddrPort // invalid: no TURN server here
	address     netip.Addr
	first, last uint16
	peers       []netip.Prefix
	urls        []string // told to browsers; none: this node's
	secret      sealed   // "": made from the installation's
	stun        []string
}

// leastTurnSecret is how long a secret that was chosen must be.
const leastTurnSecret = 16

func (r *reader) turn() turnConfig {
	c := turnConfig{secret: hide(r.or("WAYMEET_TURN_SECRET", "")), urls: r.iceURLs("WAYMEET_TURN_URLS", "turn:", "turns:"), stun: r.iceURLs("WAYMEET_STUN_URLS", "stun:", "stuns:")}
	var ok bool
	if c.first, c.last, ok = portRange(r.or("WAYMEET_TURN_PORTS", "49152-53247")); !ok {
		r.wrong("WAYMEET_TURN_PORTS", "must be FIRST-LAST, between 1024 and 65535")
	}
	for _, p := range r.list("WAYMEET_TURN_PEERS") {
		prefix, err := netip.ParsePrefix(p)
		if err != nil {
			r.wrong("WAYMEET_TURN_PEERS", "must be networks like 10.0.0.0/8")
		}
		c.peers = append(c.peers, prefix)
	}
	if n := len(c.secret.reveal()); n > 0 && n < leastTurnSecret {
		r.wrong("WAYMEET_TURN_SECRET", "must have 16 characters at least; make one with: openssl rand -base64 32")
	}
	at := r.or("WAYMEET_TURN_LISTEN", "")
	if at == "" {
		if len(c.urls) > 0 && c.secret.reveal() == "" {
			r.wrong("WAYMEET_TURN_SECRET", "is needed: other TURN servers cannot know one that is made from WAYMEET_SECRET")
		}
		return c
	}
	var err error
	if c.listen, err = netip.ParseAddrPort(at); err != nil {
		r.wrong("WAYMEET_TURN_LISTEN", "must be IP:PORT, like 0.0.0.0:3478")
		return c
	}
	own := r.or("WAYMEET_TURN_ADDRESS", c.listen.Addr().String())
	c.address, err = netip.ParseAddr(own)
	if err != nil || c.address.IsUnspecified() || c.address.Zone() != "" || c.address.Is4() != c.listen.Addr().Is4() {
		r.wrong("WAYMEET_TURN_ADDRESS", "must be the one IP address at which browsers reach WAYMEET_TURN_LISTEN, of the same family")
	}
	if p := c.listen.Port(); ok && p >= c.first && p <= c.last {
		r.wrong("WAYMEET_TURN_PORTS", "must not hold the port of WAYMEET_TURN_LISTEN")
	}
	return c
}

func (r *reader) iceURLs(name string, schemes ...string) []string {
	urls := r.list(name)
	for _, u := range urls {
		fits := false
		for _, s := range schemes {
			rest, found := strings.CutPrefix(u, s)
			fits = fits || found && rest != "" && !strings.ContainsAny(rest, " /@")
		}
		if !fits {
			r.wrong(name, "must be addresses like "+schemes[0]+"media.example.com:3478")
		}
	}
	return urls
}

func portRange(s string) (first, last uint16, ok bool) {
	a, b, found := strings.Cut(s, "-")
	x, errA := strconv.ParseUint(strings.TrimSpace(a), 10, 16)
	y, errB := strconv.ParseUint(strings.TrimSpace(b), 10, 16)
	return uint16(x), uint16(y), found && errA == nil && errB == nil && x >= 1024 && x <= y
}
