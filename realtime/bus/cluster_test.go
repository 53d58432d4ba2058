package bus

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"
)

// pretend answers CLUSTER INFO and CLUSTER SLOTS as a node that believes owner holds everything.
func pretend(t *testing.T, state, owner string) (addr string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	host, port, _ := net.SplitHostPort(owner)
	slots := fmt.Sprintf("*1\r\n*3\r\n:0\r\n:16383\r\n*3\r\n$%d\r\n%s\r\n:%s\r\n$2\r\nid\r\n", len(host), host, port)
	info := "cluster_state:" + state
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() {
				defer c.Close()
				for in := bufio.NewScanner(c); in.Scan(); {
					switch strings.ToLower(in.Text()) {
					case "hello":
						fmt.Fprint(c, "-ERR unknown command\r\n")
					case "info":
						fmt.Fprintf(c, "$%d\r\n%s\r\n", len(info), info)
					case "slots":
						fmt.Fprint(c, slots)
					}
				}
			})
		}
	})
	t.Cleanup(func() { _ = l.Close(); wg.Wait() })
	return l.Addr().String()
}

// A node that was cut off from the majority remembers yesterday's masters.
func TestClusterBelievesTheMajority(t *testing.T) {
	t.Parallel()
	parted, sound := pretend(t, "fail", "old:1"), pretend(t, "ok", "new:1")
	for _, c := range []struct{ url, want string }{
		{"redis+cluster://" + parted + "," + sound, "new:1"},
		{"redis+cluster://127.0.0.1:1," + parted + "," + sound, "new:1"},
		{"redis+cluster://" + parted, "old:1"}, // better than nothing
	} {
		a, err := parse(c.url)
		if err != nil {
			t.Fatal(err)
		}
		f := newCluster(a)
		for range 2 { // the second time the one who answered is asked first
			l, err := f.locate(context.Background())
			if err != nil || l != everywhere(c.want) {
				t.Errorf("%s: %s, %v", c.url, l[0], err)
			}
		}
	}
}

func TestSeenFrom(t *testing.T) {
	t.Parallel()
	for said, want := range map[string]string{
		":7000": "h:7000", "?:7000": "h:7000", "127.0.0.1:7000": "h:7000", "10.0.0.1:0": "10.0.0.1:1",
		"10.0.0.1:7000": "10.0.0.1:7000", "n1.example:7000": "n1.example:7000", "[::1]:7000": "h:7000",
	} {
		if got := seenFrom("h", "1", said); got != want {
			t.Errorf("%s is at %s, not %s", said, got, want)
		}
	}
}

// However orders are cut, each subject's stay in order, nothing is lost, no command is
// too long, of both sorts, or, on a cluster, of two tags.
func TestPropertyBatches(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var orders []order
		for i := range rapid.IntRange(0, 3*atOnce).Draw(t, "n") {
			s := rapid.SampledFrom([]string{"a", "b", "c", "d"}).Draw(t, "subject")
			name, tag := channel(s)
			orders = append(orders, order{channel: fmt.Sprint(name, i%3), tag: tag, leave: rapid.Bool().Draw(t, "leave")})
		}
		oneTag := rapid.Bool().Draw(t, "oneTag")
		by := func(all []order) map[string][]bool {
			out := map[string][]bool{}
			for _, o := range all {
				out[o.channel] = append(out[o.channel], o.leave)
			}
			return out
		}
		want := by(orders)
		var cut []order
		for batch := range batches(orders, oneTag) {
			for _, o := range batch {
				if len(batch) > atOnce || o.leave != batch[0].leave || oneTag && o.tag != batch[0].tag {
					t.Fatalf("a command of %d: %+v", len(batch), batch)
				}
			}
			cut = append(cut, batch...)
		}
		got := by(cut)
		for name := range want {
			if !slices.Equal(got[name], want[name]) {
				t.Fatalf("%s: %v became %v", name, want[name], got[name])
			}
		}
		if len(got) != len(want) {
			t.Fatalf("%d subjects became %d", len(want), len(got))
		}
	})
}
