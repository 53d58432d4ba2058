package faults

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/waymeet/waymeet/realtime/client"
)

const (
	mostHeld = 256 << 10 // bytes that a node and its kernel may hold for one slow connection
	busy     = 12 * time.Second
	evening  = 4 * time.Second
	late     = 20 // trips that still change in the evening
)

// TestThrottled: somebody on 1 KB/s, from the first change to the last byte, watches a board of 500 trips that all change, and of
// which a few go on. The connection is never closed for that, what waits for it stays small, in the node and in its kernel, and
// in the end it shows the truth: as soon as a link of that width can have carried what it lacked.
func TestThrottled(t *testing.T) {
	needServers(t)
	t.Parallel() // of those two neither breaks a server, and both mostly wait
	w := newWorld(t, 1, 20, 25)
	v := w.voice(t)
	var rate, read atomic.Int64
	var local atomic.Pointer[string]
	var breaches atomic.Int64
	who := w.users[1]
	c := client.New(client.Config{
		URL: "ws://" + w.nodes[0].addr + "/v1/realtime", Token: func(context.Context) (string, error) { return who.token, nil },
		Logger: slog.New(slog.DiscardHandler),
		OnBreach: func(b client.Breach) {
			breaches.Add(1)
			t.Errorf("a breach: %+v", b)
		},
		Dial: func(ctx context.Context, network, addr string) (net.Conn, error) {
			nc, err := (&net.Dialer{Control: narrow}).DialContext(ctx, network, addr)
			if err != nil {
				return nil, err
			}
			from := nc.LocalAddr().String()
			local.Store(&from)
			return &trickle{Conn: nc, rate: &rate, read: &read}, nil
		},
	})
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx) }()
	channel := "board:" + w.lines[0].Date.String()
	sub := c.Subscribe(channel)
	within, cancel := context.WithTimeout(ctx, mostWait)
	defer cancel()
	if err := sub.Wait(within, func(r *client.Replica, st client.Status) bool { return st.Current() && r.Len() == len(w.trips) }); err != nil {
		t.Fatal(err)
	}

	rate.Store(perSecond)
	began, before := time.Now(), read.Load()
	most := make(chan heldBytes, 1)
	measuring, measured := context.WithCancel(ctx)
	defer measured()
	go func() { most <- w.watchHeld(measuring, t, *local.Load()) }()
	changes := 0
	random := rand.New(rand.NewPCG(1, 1))
	sell := func(trip int) {
		if err := w.sell(v.db, w.trips[trip].id, random); err != nil {
			t.Fatal(err)
		}
		changes++
	}
	for tick := time.NewTicker(5 * time.Millisecond); time.Since(began) < busy || changes < 4*len(w.trips); <-tick.C { // a busy machine takes longer: each trip changes under its eyes
		sell(changes % len(w.trips))
	}
	still := time.Now()
	for tick := time.NewTicker(50 * time.Millisecond); time.Since(still) < evening; <-tick.C {
		sell(changes % late)
	}
	truth, err := w.truth(ctx, who.id, channel)
	if err != nil {
		t.Fatal(err)
	}
	within, cancel = context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	rested := time.Now()
	if err := sub.Wait(within, func(r *client.Replica, _ client.Status) bool { return string(r.Canonical()) == truth }); err != nil {
		t.Errorf("it does not end with the truth: %v", err)
	}
	measured()
	if speed := float64(read.Load()-before) / time.Since(began).Seconds(); speed > 1.3*perSecond {
		t.Errorf("the client read %.0f bytes/s: it was not slow", speed)
	}
	held := <-most
	st := c.Stats()
	t.Logf("%d changes while %d bytes were taken; then %v and %d bytes until the truth; held at most %+v; %+v", changes, read.Load()-before, time.Since(rested).Round(time.Millisecond), read.Load(), held, st)
	if st.Connections != 1 || st.Gaps > 0 {
		t.Errorf("%+v", st)
	}
	if held.most > mostHeld || held.behind == 0 || held.conflated == 0 {
		t.Errorf("%+v, want something, and at most %d", held, mostHeld)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// heldBytes is what a node held for its only client.
type heldBytes struct {
	most, node, kernel int64 // at one moment both; each by itself
	behind, conflated  int64
}

// watchHeld looks at the node's numbers and at the kernel's queue of the node's end of the connection, until ctx ends. The
// node looks at its sockets once a second.
func (w *world) watchHeld(ctx context.Context, t *testing.T, peer string) (h heldBytes) {
	for tick := time.NewTicker(200 * time.Millisecond); ; {
		select {
		case <-ctx.Done():
			return h
		case <-tick.C:
		}
		numbers, err := metrics(w.nodes[0].addr)
		if err != nil {
			t.Error(err)
			return h
		}
		node, kernel := numbers["waymeet_live_backlog_bytes"], queued(w.nodes[0].addr, peer)
		h.most, h.node, h.kernel = max(h.most, node+kernel), max(h.node, node), max(h.kernel, kernel)
		h.behind, h.conflated = max(h.behind, numbers["waymeet_live_behind"]), numbers["waymeet_live_conflations_total"]
	}
}

// labels makes waymeet_live_resumes_total{kind="patch"} waymeet_live_resumes_total patch.
var labels = strings.NewReplacer(`{kind="`, " ", `"}`, "")

func metrics(addr string) (map[string]int64, error) {
	res, err := http.Get("http://" + addr + "/metrics")
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	out := map[string]int64{}
	lines := bufio.NewScanner(res.Body)
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), " ")
		name = labels.Replace(name)
		if f, err := strconv.ParseFloat(value, 64); err == nil {
			out[name] += int64(f)
		}
	}
	return out, lines.Err()
}

// queued is what the kernel holds at the node's end, sent and not confirmed or not sent; where it does not tell, nothing.
func queued(node, peer string) int64 {
	raw, err := os.ReadFile("/proc/net/tcp")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(raw)) {
		f := strings.Fields(line)
		if len(f) > 4 && strings.HasSuffix(f[1], portOf(node)) && strings.HasSuffix(f[2], portOf(peer)) {
			waiting, _, _ := strings.Cut(f[4], ":")
			n, _ := strconv.ParseInt(waiting, 16, 64)
			return n
		}
	}
	return 0
}

func portOf(addr string) string {
	_, port, _ := net.SplitHostPort(addr)
	n, _ := strconv.Atoi(port)
	return fmt.Sprintf(":%04X", n)
}
