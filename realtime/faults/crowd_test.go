package faults

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/realtime/client"
)

// How a member of the crowd behaves.
const (
	steady   = "steady"
	restless = "restless" // loses its connection every few seconds, leaves channels and comes back
	slow     = "slow"     // takes 1 KB/s
	lossy    = "lossy"    // something on its way eats frames: the one who may see gaps
	asleep   = "asleep"   // lives in a process that is stopped now and then
)

// member is who watches what.
type member struct {
	User     uuid.UUID
	Token    string
	Channels []string
	Manner   string
	Seed     uint64
}

// promise is within what every client must hold the truth once the last fault has ended; perSecond is a slow one's link:
// it gets the time that the bytes take which were still on their way to it.
const (
	promise   = 5 * time.Second
	perSecond = 1 << 10
	mostWait  = 60 * time.Second
)

// truths is what PostgreSQL holds, by channel; of me by user.
type truths map[string]string

func keyOf(user uuid.UUID, channel string) string {
	if channel == "me" {
		return "me " + user.String()
	}
	return channel
}

// report is what became of a crowd.
type report struct {
	Took                                     time.Duration // until the last of those who are not slow held the truth
	SlowTook                                 time.Duration
	Wrong, Breaches                          []string
	Gaps, AllowedGaps                        uint64
	Connections, Byes                        uint64
	Objects, Bytes, Patches, Documents, Left uint64
}

func (r *report) add(o report) {
	r.Took, r.SlowTook = max(r.Took, o.Took), max(r.SlowTook, o.SlowTook)
	r.Wrong, r.Breaches = append(r.Wrong, o.Wrong...), append(r.Breaches, o.Breaches...)
	r.Gaps, r.AllowedGaps = r.Gaps+o.Gaps, r.AllowedGaps+o.AllowedGaps
	r.Connections, r.Byes = r.Connections+o.Connections, r.Byes+o.Byes
	r.Objects, r.Bytes = r.Objects+o.Objects, r.Bytes+o.Bytes
	r.Patches, r.Documents, r.Left = r.Patches+o.Patches, r.Documents+o.Documents, r.Left+o.Left
}

// crowd is many clients in this process.
type crowd struct {
	nodes    []string
	watchers []*watcher
	stirred  chan struct{} // closed when the restless begin
	quiet    chan struct{} // closed when nobody reconnects or loses frames of its own accord any more
	stir     func()
	calm     func()
	end      func()
}

// watcher is one of them.
type watcher struct {
	member
	client *client.Client
	crowd  *crowd
	random *rand.Rand   // owned by the dialler
	rate   atomic.Int64 // bytes a second, of a slow one
	read   atomic.Int64

	mu       sync.Mutex
	subs     map[string]*client.Subscription // guarded by mu
	conn     net.Conn                        // guarded by mu
	breaches []string                        // guarded by mu
}

func gather(nodes []string, members []member) *crowd {
	ctx, stop := context.WithCancel(context.Background())
	c := &crowd{nodes: nodes, stirred: make(chan struct{}), quiet: make(chan struct{})}
	c.stir = sync.OnceFunc(func() { close(c.stirred) })
	c.calm = sync.OnceFunc(func() { close(c.quiet) })
	var wg sync.WaitGroup
	for _, m := range members {
		w := &watcher{member: m, crowd: c, subs: map[string]*client.Subscription{}, random: rand.New(rand.NewPCG(m.Seed, 1))}
		w.client = client.New(client.Config{
			URL: "ws://waymeet/v1/realtime", Token: func(context.Context) (string, error) { return m.Token, nil },
			Dial: w.dial, OnBreach: w.breached, Logger: slog.New(slog.DiscardHandler),
			MaxDelay: 2 * time.Second, // the promise is the server's: a client that waits for longer is late by itself
		})
		w.rate.Store(perSecond)
		for _, ch := range m.Channels {
			w.subs[ch] = w.client.Subscribe(ch)
		}
		c.watchers = append(c.watchers, w)
		wg.Go(func() {
			if err := w.client.Run(ctx); err != nil {
				w.breached(client.Breach{What: "the client was sent away for good: " + err.Error()})
			}
		})
		switch m.Manner {
		case restless:
			wg.Go(w.fidget)
		case lossy: // the last patch that was lost shows with no next one: it comes back with what it has
			wg.Go(func() { <-c.quiet; w.cut(false) })
		}
	}
	c.end = sync.OnceFunc(func() { c.calm(); stop(); wg.Wait() })
	return c
}

func (w *watcher) breached(b client.Breach) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.breaches = append(w.breaches, fmt.Sprintf("%s client of %s: %+v", w.Manner, w.User, b))
}

// dial tries the nodes in any order, as a balancer does that knows which are there.
func (w *watcher) dial(ctx context.Context, network, _ string) (nc net.Conn, err error) {
	d := net.Dialer{Timeout: time.Second}
	if w.Manner == slow || w.Manner == asleep {
		d.Control = narrow
	}
	for _, i := range w.random.Perm(len(w.crowd.nodes)) {
		if nc, err = d.DialContext(ctx, network, w.crowd.nodes[i]); err == nil {
			break
		}
	}
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	w.conn = nc
	w.mu.Unlock()
	switch w.Manner {
	case slow:
		return &trickle{Conn: nc, rate: &w.rate, read: &w.read}, nil
	case lossy:
		return &leak{Conn: nc, random: rand.New(rand.NewPCG(w.random.Uint64(), 2)), tight: w.crowd.quiet}, nil
	}
	return nc, nil
}

// fidget is the life of somebody under bridges and in tunnels.
func (w *watcher) fidget() {
	r := rand.New(rand.NewPCG(w.Seed, 3))
	select {
	case <-w.crowd.stirred:
	case <-w.crowd.quiet:
	}
	for {
		select {
		case <-w.crowd.quiet:
			return
		case <-time.After(time.Duration(300+r.IntN(4000)) * time.Millisecond):
		}
		if ch := w.Channels[r.IntN(len(w.Channels))]; r.IntN(3) == 0 {
			w.mu.Lock()
			w.subs[ch].Leave()
			w.subs[ch] = w.client.Subscribe(ch)
			w.mu.Unlock()
		} else {
			w.cut(r.IntN(2) == 0)
		}
	}
}

// cut ends the connection, rudely or not; the client comes back by itself.
func (w *watcher) cut(rudely bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.conn == nil {
		return
	}
	if tcp, ok := w.conn.(*net.TCPConn); ok && rudely {
		_ = tcp.SetLinger(0)
	}
	_ = w.conn.Close()
}

// settle waits until everybody holds the truth, and says who does not in time.
func (c *crowd) settle(since time.Time, truth truths) (all report) {
	var wg sync.WaitGroup
	var mu sync.Mutex
	for _, w := range c.watchers {
		wg.Go(func() {
			r := w.settle(since, truth)
			mu.Lock()
			defer mu.Unlock()
			all.add(r)
		})
	}
	wg.Wait()
	return all
}

func (w *watcher) settle(since time.Time, truth truths) (r report) {
	limit, before := promise, w.read.Load()
	if w.Manner == slow {
		limit = mostWait
	}
	ctx, cancel := context.WithDeadline(context.Background(), since.Add(limit))
	defer cancel()
	w.mu.Lock()
	subs := make(map[string]*client.Subscription, len(w.subs))
	for ch, s := range w.subs {
		subs[ch] = s
	}
	w.mu.Unlock()
	for ch, s := range subs {
		want := truth[keyOf(w.User, ch)]
		var held string
		var status client.Status
		err := s.Wait(ctx, func(x *client.Replica, st client.Status) bool {
			status, held = st, string(x.Canonical())
			return held == want && st.Current()
		})
		if err != nil {
			conn, node := w.client.Conn()
			r.Wrong = append(r.Wrong, fmt.Sprintf("%s client of %s, connection %s on %s, %s: %+v%s", w.Manner, w.User, conn, node, ch, status, differences(held, want)))
		}
	}
	took := time.Since(since)
	if r.Took = took; w.Manner == slow {
		r.Took, r.SlowTook = 0, took
		if fair := promise + time.Duration(w.read.Load()-before)*time.Second/perSecond; took > fair {
			r.Wrong = append(r.Wrong, fmt.Sprintf("a slow client took %v, where %v is fair", took, fair))
		}
	}
	st := w.client.Stats()
	if r.Gaps = st.Gaps; w.Manner == lossy {
		r.Gaps, r.AllowedGaps = 0, st.Gaps
	}
	r.Connections, r.Byes, r.Objects, r.Bytes = st.Connections, st.Byes, st.Objects, st.Bytes
	r.Patches, r.Documents, r.Left = st.Patches, st.Documents, st.Left
	w.mu.Lock()
	r.Breaches = slices.Clone(w.breaches)
	w.mu.Unlock()
	return r
}

// differences names what is not the same in two sets.
func differences(held, want string) string {
	var a, b struct {
		Set map[string]json.RawMessage `json:"set"`
	}
	if held == want {
		return "; but it holds the truth"
	}
	if err := errors.Join(json.Unmarshal([]byte(held), &a), json.Unmarshal([]byte(want), &b)); err != nil {
		return err.Error()
	}
	var out strings.Builder
	n := 0
	for e, truth := range b.Set {
		if got := a.Set[e]; string(got) != string(truth) {
			if n++; n <= 2 {
				fmt.Fprintf(&out, "\n  %s\n    holds %s\n    truth %s", e, got, truth)
			}
		}
	}
	for e := range a.Set {
		if _, there := b.Set[e]; !there {
			if n++; n <= 2 {
				fmt.Fprintf(&out, "\n  %s is held and is not in the set", e)
			}
		}
	}
	return fmt.Sprintf("; %d of %d differ:%s", n, len(b.Set), &out)
}
