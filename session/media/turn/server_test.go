package turn

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pion/logging"
	"github.com/pion/turn/v5"
)

var key = []byte("a secret of the installation's")

// serve starts a server on loopback; the returned function asks it to end and waits.
func serve(t *testing.T, change func(*Config)) (*Server, func()) {
	t.Helper()
	c := Config{Secret: key, Listen: netip.MustParseAddrPort("127.0.0.1:0"), Address: netip.MustParseAddr("127.0.0.1"), First: 20000, Last: 29999, Drain: time.Millisecond}
	if change != nil {
		change(&c)
	}
	s, err := Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); _ = s.Run(ctx) }()
	stop := func() { cancel(); <-ended }
	t.Cleanup(stop)
	return s, stop
}

func addrOfURL(t *testing.T, s *Server, transport string) string {
	t.Helper()
	for _, u := range s.URLs() {
		if at, ok := strings.CutSuffix(u, "?transport="+transport); ok {
			return strings.TrimPrefix(at, "turn:")
		}
	}
	t.Fatal(s.URLs())
	return ""
}

// dial is a client that has no relay yet.
func dial(t *testing.T, s *Server, transport, name, password string) *turn.Client {
	t.Helper()
	at := addrOfURL(t, s, transport)
	var conn net.PacketConn
	if transport == "tcp" {
		c, err := net.Dial("tcp4", at)
		if err != nil {
			t.Fatal(err)
		}
		conn = turn.NewSTUNConn(c)
	} else {
		var err error
		if conn, err = net.ListenPacket("udp4", "127.0.0.1:0"); err != nil {
			t.Fatal(err)
		}
	}
	quiet := logging.NewDefaultLoggerFactory()
	quiet.DefaultLogLevel = logging.LogLevelDisabled
	client, err := turn.NewClient(&turn.ClientConfig{TURNServerAddr: at, Conn: conn, Username: name, Password: password, Realm: "waymeet", LoggerFactory: quiet})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close(); _ = conn.Close() })
	if err := client.Listen(); err != nil {
		t.Fatal(err)
	}
	return client
}

func clientOf(t *testing.T, s *Server, transport, who string) *turn.Client {
	name, password := Credential(key, who, time.Now().Add(time.Hour))
	return dial(t, s, transport, name, password)
}

func relayOf(t *testing.T, c *turn.Client) net.PacketConn {
	t.Helper()
	r, err := c.Allocate()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return r
}

// tell sends until the other has it: packets may be lost, and a permission takes a round trip.
func tell(t *testing.T, from, to net.PacketConn, text string) {
	t.Helper()
	got := make(chan error, 1)
	go func() {
		buffer := make([]byte, 2000)
		for {
			n, sender, err := to.ReadFrom(buffer)
			if err != nil || bytes.Equal(buffer[:n], []byte(text)) && sender.String() == from.LocalAddr().String() {
				got <- err
				return
			}
		}
	}()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	limit := time.After(20 * time.Second)
	for {
		if _, err := from.WriteTo([]byte(text), to.LocalAddr()); err != nil {
			t.Fatal(err)
		}
		select {
		case err := <-got:
			if err != nil {
				t.Fatal(err)
			}
			return
		case <-again.C:
		case <-limit:
			t.Fatal("nothing arrived")
		}
	}
}

// permit lets packets of one relay to another: both must want them.
func permit(t *testing.T, c *turn.Client, peers ...net.PacketConn) {
	t.Helper()
	for _, p := range peers {
		if err := c.CreatePermission(p.LocalAddr()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTwoAreRelayed(t *testing.T) {
	t.Parallel()
	for _, by := range [][2]string{{"udp", "udp"}, {"tcp", "tcp"}, {"udp", "tcp"}} {
		t.Run(by[0]+" "+by[1], func(t *testing.T) {
			t.Parallel()
			s, _ := serve(t, nil)
			ca, cb := clientOf(t, s, by[0], "amal"), clientOf(t, s, by[1], "omar")
			a, b := relayOf(t, ca), relayOf(t, cb)
			permit(t, ca, b)
			permit(t, cb, a)
			tell(t, a, b, "salam")
			tell(t, b, a, "labas")
			tell(t, a, b, strings.Repeat("x", 1200))
			if c := s.Counts(); c.Relays != 2 || c.Made != 2 || c.Sent < 1210 || c.Received < 1210 {
				t.Fatalf("%+v", c)
			}
		})
	}
}

func TestCredentialsThatAreNone(t *testing.T) {
	t.Parallel()
	s, _ := serve(t, nil)
	now := time.Now()
	good, password := Credential(key, "amal", now.Add(time.Hour))
	old, oldPassword := Credential(key, "amal", now.Add(-time.Second))
	later, _ := Credential(key, "amal", now.Add(2*time.Hour))
	nobody, nobodyPassword := Credential(key, "", now.Add(time.Hour))
	_, foreign := Credential([]byte("another secret, of another house"), "amal", now.Add(time.Hour))
	bare := fmt.Sprint(now.Add(time.Hour).Unix())
	for what, c := range map[string]struct{ name, password, reason string }{
		"expired":                  {old, oldPassword, "expired"},
		"no password":              {good, "wrong", "forged"},
		"another secret's":         {good, foreign, "forged"},
		"a later end":              {later, password, "forged"},
		"an expired one, renewed":  {good, oldPassword, "forged"},
		"another user's":           {strings.Replace(good, "amal", "omar", 1), password, "forged"},
		"nobody's":                 {nobody, nobodyPassword, "forged"},
		"without a user":           {bare, passwordOf(key, bare), "forged"},
		"no time":                  {"amal", passwordOf(key, "amal"), "forged"},
		"a time that is too large": {"99999999999999999999:amal", passwordOf(key, "99999999999999999999:amal"), "forged"},
		"a time before all others": {"-1:amal", passwordOf(key, "-1:amal"), "forged"},
	} {
		before := s.Counts().Refused[c.reason]
		if r, err := dial(t, s, "udp", c.name, c.password).Allocate(); err == nil {
			t.Errorf("%s: relayed at %s", what, r.LocalAddr())
		}
		if s.Counts().Refused[c.reason] == before {
			t.Errorf("%s is not counted as %s", what, c.reason)
		}
	}
	if n := s.Counts().Made; n != 0 {
		t.Fatal(n, "relays")
	}
	relayOf(t, dial(t, s, "udp", good, password))
}

var inside = []string{
	"127.0.0.1", "127.9.9.9", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254", "169.254.0.1", "100.64.0.1", "100.100.100.200",
	"168.63.129.16", "192.0.0.192", "0.0.0.0", "0.1.2.3", "224.0.0.1", "239.255.255.250", "255.255.255.255", "240.0.0.1", "198.18.0.1", "192.0.2.1", "198.51.100.1", "203.0.113.1",
	"::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a00:1",
	"fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1", "2001::1", "2001:db8::1", "2002:7f00:1::", "fec0::1", "100::1", "fe80::1%eth0", "::ffff:0:0",
}

func TestNothingInsideIsReachable(t *testing.T) {
	t.Parallel()
	for _, a := range inside {
		if reachable(netip.MustParseAddr(a), nil) {
			t.Error(a)
		}
	}
	for _, a := range []string{"1.1.1.1", "41.77.118.1", "99.255.255.255", "100.128.0.1", "172.32.0.1", "::ffff:1.1.1.1", "2606:4700::1111", "2a00:1450::1"} {
		if !reachable(netip.MustParseAddr(a), nil) {
			t.Error(a, "is public")
		}
	}
	loopback := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	if !reachable(netip.MustParseAddr("127.9.9.9"), loopback) || !reachable(netip.MustParseAddr("::ffff:127.9.9.9"), loopback) || reachable(netip.MustParseAddr("10.0.0.1"), loopback) {
		t.Error("what is added is added, and no more")
	}
}

// A client that has a relay wants to reach what stands beside the server.
func TestPeersInsideAreRefused(t *testing.T) {
	t.Parallel()
	s, _ := serve(t, nil)
	c := clientOf(t, s, "udp", "mallory")
	r := relayOf(t, c)
	for _, a := range inside {
		addr := netip.MustParseAddr(a)
		at := net.UDPAddrFromAddrPort(netip.AddrPortFrom(addr, 80))
		before := s.Counts().Refused["peer"]
		if addr.Unmap().Is4() && addr.String() != "127.0.0.1" && addr.Unmap() != s.config.Address {
			if err := c.CreatePermission(at); err == nil {
				t.Errorf("permission for %s", a)
			}
			if s.Counts().Refused["peer"] == before {
				t.Errorf("%s is not counted", a)
			}
		}
		// As the protocol's parser hands it on: 16 bytes for IPv6, mapped or not.
		if wide := net.IP(addr.WithZone("").AsSlice()).To16(); addr.Unmap() != s.config.Address && s.permits(nil, wide) {
			t.Errorf("%s in 16 bytes is permitted", a)
		}
	}
	if s.permits(nil, nil) || s.permits(nil, net.IP{1, 2, 3}) {
		t.Error("no address is permitted")
	}
	// The server's own address is permitted, for its relays; what else listens there must not hear anything.
	victim := besideRelays(t)
	before := s.Counts()
	if _, err := r.WriteTo([]byte("gotcha"), victim.LocalAddr()); err != nil {
		t.Fatal(err)
	}
	friend := clientOf(t, s, "udp", "friend")
	other := relayOf(t, friend)
	permit(t, friend, r)
	tell(t, r, other, "this one passes, and came later")
	if after := s.Counts(); after.Refused["peer"] != before.Refused["peer"]+1 {
		t.Fatalf("%+v, before %+v", after, before)
	}
	if err := victim.SetReadDeadline(time.Now().Add(50 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if n, _, err := victim.ReadFrom(make([]byte, 100)); err == nil {
		t.Fatal(n, "bytes reached what listens beside the relays")
	}
}

// besideRelays listens on a port that is no relay's.
func besideRelays(t *testing.T) *net.UDPConn {
	t.Helper()
	for {
		c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() }) // so that the next one is another
		if port := c.LocalAddr().(*net.UDPAddr).Port; port < 20000 || port > 29999 {
			return c
		}
	}
}

// In development, machines beside this one may be reached.
func TestPeersThatWereAdded(t *testing.T) {
	t.Parallel()
	s, _ := serve(t, func(c *Config) { c.Peers = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")} })
	beside, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer beside.Close()
	c := clientOf(t, s, "udp", "amal")
	tell(t, relayOf(t, c), beside, "hello")
}

func TestQuota(t *testing.T) {
	t.Parallel()
	s, _ := serve(t, func(c *Config) { c.PerUser = 3 })
	var all sync.WaitGroup
	var mu sync.Mutex
	var got []net.PacketConn
	for range 12 {
		c := clientOf(t, s, "udp", "greedy")
		all.Go(func() {
			if r, err := c.Allocate(); err == nil {
				mu.Lock()
				defer mu.Unlock()
				got = append(got, r)
			}
		})
	}
	all.Wait()
	if n := s.Counts(); len(got) != 3 || n.Relays != 3 || n.Refused["quota"] != 9 {
		t.Fatalf("%d relays, %+v", len(got), n)
	}
	relayOf(t, clientOf(t, s, "tcp", "modest"))
	if _, err := clientOf(t, s, "tcp", "greedy").Allocate(); err == nil {
		t.Fatal("one more by another way")
	}
	// Another credential is the same user.
	name, password := Credential(key, "greedy", time.Now().Add(2*time.Hour))
	if _, err := dial(t, s, "udp", name, password).Allocate(); err == nil {
		t.Fatal("one more with another credential")
	}
	for _, r := range got {
		_ = r.Close()
	}
	for range 3 {
		relayOf(t, clientOf(t, s, "udp", "greedy"))
	}
}

// Above the rate packets are lost, of that user alone.
func TestRate(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	now := time.Now()
	u := newUsers(2, 10_000, func() time.Time { mu.Lock(); defer mu.Unlock(); return now })
	for _, c := range []struct {
		who  string
		fits bool
	}{{"a", true}, {"a", true}, {"b", true}, {"a", false}} {
		if u.take(c.who) != c.fits {
			t.Fatalf("%+v", c)
		}
	}
	passed := func(who string) (n int) {
		for range 50 {
			if u.pass(who, 1000) {
				n++
			}
		}
		return n
	}
	if n := passed("a"); n != 10 {
		t.Fatal(n)
	}
	if n := passed("b"); n != 10 {
		t.Fatal("another user pays:", n)
	}
	mu.Lock()
	now = now.Add(500 * time.Millisecond)
	mu.Unlock()
	if n := passed("a"); n != 5 {
		t.Fatal(n)
	}
	mu.Lock()
	now = now.Add(-time.Hour) // a clock that is set back gives nothing, and takes nothing
	mu.Unlock()
	if n := passed("a"); n != 0 {
		t.Fatal(n)
	}
	if u.pass("stranger", 1) {
		t.Fatal("who has no relay sends")
	}
}

func TestRelayEndsWithItsCredential(t *testing.T) {
	t.Parallel()
	s, _ := serve(t, nil)
	name, password := Credential(key, "brief", time.Now().Add(2*time.Second))
	relayOf(t, dial(t, s, "udp", name, password))
	select {
	case <-s.users.empty():
	case <-time.After(30 * time.Second):
		t.Fatal("a relay outlives its credential")
	}
}

func TestDrain(t *testing.T) {
	t.Parallel()
	s, stop := serve(t, func(c *Config) { c.Drain = time.Minute })
	ca, cb := clientOf(t, s, "udp", "amal"), clientOf(t, s, "tcp", "omar")
	a, b := relayOf(t, ca), relayOf(t, cb)
	permit(t, ca, b)
	permit(t, cb, a)
	ended := make(chan struct{})
	go func() { defer close(ended); stop() }()
	for !s.draining.Load() {
		time.Sleep(time.Millisecond)
	}
	if _, err := clientOf(t, s, "udp", "late").Allocate(); err == nil {
		t.Fatal("a new relay while ending")
	}
	tell(t, a, b, "we are not done")
	select {
	case <-ended:
		t.Fatal("ended over two who talk")
	default:
	}
	_ = a.Close()
	_ = b.Close()
	select {
	case <-ended:
	case <-time.After(20 * time.Second):
		t.Fatal("does not end when nobody is relayed")
	}
}

func TestEndsWhoDoesNot(t *testing.T) {
	t.Parallel()
	s, stop := serve(t, nil)
	relayOf(t, clientOf(t, s, "udp", "amal"))
	relayOf(t, clientOf(t, s, "tcp", "omar"))
	stop()
	if c := s.Counts(); c.Relays != 0 || c.Connections != 0 {
		t.Fatalf("%+v", c)
	}
}

func TestConnectionsAreBounded(t *testing.T) {
	t.Parallel()
	s, _ := serve(t, func(c *Config) { c.Connections = 2 })
	at := addrOfURL(t, s, "tcp")
	var held []net.Conn
	refused := 0
	for range 5 {
		c, err := net.Dial("tcp4", at)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		held = append(held, c)
	}
	for _, c := range held {
		if err := c.SetReadDeadline(time.Now().Add(2 * time.Second)); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
			refused++
		}
	}
	if refused != 3 {
		t.Fatal(refused, "of 5 were refused")
	}
}

func TestNoRelaysOfTCP(t *testing.T) {
	t.Parallel()
	s, _ := serve(t, nil)
	if _, err := clientOf(t, s, "tcp", "amal").AllocateTCP(); err == nil {
		t.Fatal("relays TCP to peers")
	}
	if _, err := (relays{s}).AllocateConn(turn.AllocateConnConfig{}); err == nil {
		t.Fatal("connects to peers")
	}
}

func TestConfig(t *testing.T) {
	t.Parallel()
	good := Config{Secret: key, Listen: netip.MustParseAddrPort("127.0.0.1:3478"), Address: netip.MustParseAddr("127.0.0.1"), First: 20000, Last: 20010}
	for what, change := range map[string]func(*Config){
		"a short secret":      func(c *Config) { c.Secret = []byte("short") },
		"no address":          func(c *Config) { c.Address = netip.Addr{} },
		"any address":         func(c *Config) { c.Address = netip.IPv4Unspecified() },
		"another family":      func(c *Config) { c.Address = netip.IPv6Loopback() },
		"system ports":        func(c *Config) { c.First = 80 },
		"ports the wrong way": func(c *Config) { c.Last = 19999 },
		"its own port":        func(c *Config) { c.First = 3000 },
	} {
		c := good
		change(&c)
		if err := c.complete(); err == nil {
			t.Error(what)
		}
	}
	if err := good.complete(); err != nil {
		t.Fatal(err)
	}
}
