package bench

import (
	"bytes"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// delivery is a message as a subscriber gets it.
func delivery(stamps ...stamp) []byte {
	var lines [][]byte
	for _, s := range stamps {
		payload, at := newPayload()
		s.put(payload[at:])
		lines = append(lines, append(append([]byte(`{"ch":"trip:x","sig":"msg","d":`), payload...), '}'))
	}
	return bytes.Join(lines, []byte("\n"))
}

// TestSequenceIsChecked: a generator that could not see a loss would protect nothing.
func TestSequenceIsChecked(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		sent                []stamp
		good, again, behind uint64
	}{
		"in order":           {[]stamp{{1, 3, 1}, {2, 3, 2}, {3, 3, 3}}, 3, 0, 0},
		"one missing":        {[]stamp{{1, 3, 1}, {3, 3, 3}}, 2, 0, 0},
		"one twice":          {[]stamp{{1, 3, 1}, {1, 3, 1}, {2, 3, 2}}, 2, 1, 0},
		"two swapped":        {[]stamp{{2, 3, 2}, {1, 3, 1}, {3, 3, 3}}, 3, 0, 1},
		"one late and twice": {[]stamp{{2, 3, 2}, {1, 3, 1}, {1, 3, 1}}, 2, 1, 1},
		"another's channel":  {[]stamp{{1, 4, 1}, {1, 3, 1}}, 1, 1, 0},
	} {
		g := &generator{}
		g.deliveries(&client{channel: 3}, delivery(x.sent...), 10)
		if r := &g.took; r.delivered != x.good || r.repeated != x.again || r.disordered != x.behind || r.latency.n != x.good {
			t.Errorf("%s: %d good, %d repeated, %d disordered", name, r.delivered, r.repeated, r.disordered)
		}
	}
}

// TestComeLater: who is told to come later does, when told.
func TestComeLater(t *testing.T) {
	t.Parallel()
	l, err := newLoop()
	if err != nil {
		t.Fatal(err)
	}
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(pair[1])
	g := &generator{loop: l, opening: 1, buffer: make([]byte, 4096)}
	c := &client{fd: pair[0], channel: 0}
	if err := g.adopt(c); err != nil {
		t.Fatal(err)
	}
	head := "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 3\r\nConnection: close\r\n\r\n"
	asked := now()
	for _, piece := range []string{head[:30], head[30:]} {
		if _, err := unix.Write(pair[1], []byte(piece)); err != nil {
			t.Fatal(err)
		}
		if err := g.turn(now() + uint64(time.Minute)); err != nil {
			t.Fatal(err)
		}
	}
	if g.refused != 1 || g.ended != 0 || g.opening != 0 || g.clients[c.fd] != nil {
		t.Errorf("%d refused, %d ended, %d being opened", g.refused, g.ended, g.opening)
	}
	if len(g.later) != 1 || g.later[0].client != c || g.later[0].at < asked+3*uint64(time.Second) {
		t.Errorf("later: %v", g.later)
	}
}

// TestPingIsAnswered with a masked pong of the same words, whatever else comes in the same read.
func TestPingIsAnswered(t *testing.T) {
	t.Parallel()
	l, err := newLoop()
	if err != nil {
		t.Fatal(err)
	}
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(pair[1])
	g := &generator{loop: l, buffer: make([]byte, 4096), standing: 1, subscribers: []int{1}}
	c := &client{fd: pair[0], state: standing}
	if err := g.adopt(c); err != nil {
		t.Fatal(err)
	}
	both := appendServerFrame(appendServerFrame(nil, opPing, []byte("hi")), opText, delivery(stamp{1, 0, 1}))
	if _, err := unix.Write(pair[1], both); err != nil {
		t.Fatal(err)
	}
	if err := g.turn(now() + uint64(time.Minute)); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 100)
	n, err := unix.Read(pair[1], b)
	if err != nil {
		t.Fatal(err)
	}
	if f, size, err := nextClientFrame(b[:n]); err != nil || size != n || f.op != opPong || string(f.payload) != "hi" {
		t.Errorf("%v %q", err, b[:n])
	}
	if g.took.delivered != 1 {
		t.Errorf("%d delivered", g.took.delivered)
	}
}
