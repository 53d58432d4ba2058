package session_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/session"
	"github.com/waymeet/waymeet/session/meter"
)

var histories = flag.Int("histories", 6, "random histories of conversations through PostgreSQL")

type span struct{ from, to time.Duration }

// side is one of the two, as they really are.
type side struct {
	by    session.By
	epoch int64
	node  int
	here  bool
	media bool
	fresh bool // the next heartbeat is the first that its node hears of this connection
	last  time.Duration
	spans []span // that heartbeats with media covered, and that were written down
}

// covered is for how long heartbeats of both, with media, covered the same time.
func covered(a, b *side) (sum time.Duration) {
	for _, x := range a.spans {
		for _, y := range b.spans {
			sum += max(0, min(x.to, y.to)-max(x.from, y.from))
		}
	}
	return sum
}

// Over three nodes of one database, which die with heartbeats that they have not written, while connections drop, move and come back,
// microphones die, old sockets speak, PostgreSQL's clock is set and anybody ticks: what is billed is what both covered, one second
// more or less, and never more at any moment.
func TestBilledIsWhatBothCoveredThroughPostgreSQL(t *testing.T) {
	t.Parallel()
	for h := range *histories {
		seed := rand.Uint64()
		t.Run(fmt.Sprint(h), func(t *testing.T) {
			t.Parallel()
			history(t, rand.New(rand.NewPCG(seed, 1)), seed)
		})
	}
}

func history(t *testing.T, r *rand.Rand, seed uint64) {
	w := newWorld(t, 1, 1)
	w.Exec(t, `update tenant set settings = settings || '{"session":{"connect_s":600,"grace_s":600,"hold_s":600,"paused_s":3600,"pauses":100}}'`)
	k, ctx := w.talk(t, 60), context.Background()
	nodes := []*session.Service{k.s, w.node(time.Hour), w.node(-time.Hour)}
	sides := []*side{{by: k.client}, {by: k.expert}}
	join := func(s *side) {
		s.node = r.IntN(len(nodes))
		s.epoch, s.here, s.media, s.fresh = k.join(t, nodes[s.node], s.by).Epoch, true, r.IntN(5) > 0, true
	}
	beat := func(s *side, dies bool) {
		err := nodes[s.node].Beat(ctx, s.by, k.id, s.epoch, s.media)
		at, since, fresh := w.time, w.time-s.last, s.fresh
		s.last, s.fresh = at, false
		if dies {
			nodes[s.node] = w.node(time.Duration(r.Int64N(int64(time.Hour))))
			for _, x := range sides {
				if x.node == s.node {
					x.here = false
				}
			}
			return
		}
		if err != nil && !fault.Is(err, "session_superseded") {
			t.Fatalf("seed %d: %v", seed, err)
		}
		w.time += time.Duration(r.Int64N(int64(150 * time.Millisecond)))
		if ferr := nodes[s.node].Flush(ctx); ferr != nil {
			t.Fatalf("seed %d: %v", seed, ferr)
		}
		if err == nil && !fresh && s.media && since <= meter.Reach {
			s.spans = append(s.spans, span{at - since, at})
		}
	}
	jumped := time.Duration(0)
	for range 120 {
		for _, i := range r.Perm(2) {
			s := sides[i]
			w.time += time.Duration(300+r.IntN(120)) * time.Millisecond
			if !s.here {
				if r.IntN(3) == 0 {
					join(s)
				}
				continue
			}
			switch r.IntN(30) {
			case 0:
				s.here = false // drops, without a word
				continue
			case 1:
				if err := nodes[s.node].Leave(ctx, s.by, w.claim(s.by, "leave"), k.id, s.epoch); err != nil {
					t.Fatalf("seed %d: %v", seed, err)
				}
				s.here = false
				continue
			case 2:
				s.media = !s.media
			case 3: // another tab takes over; the old one speaks on, and is not heard
				old, node := s.epoch, s.node
				join(s)
				if err := nodes[node].Beat(ctx, s.by, k.id, old, true); err == nil {
					_ = nodes[node].Flush(ctx)
				}
			case 4: // the load balancer sends the same connection's words to another node
				if next := r.IntN(len(nodes)); next != s.node {
					s.node, s.fresh = next, true
					nodes[next].Forget(s.by.User) // it may have heard of it before
				}
			}
			beat(s, r.IntN(40) == 0)
		}
		if w.time-jumped > 10*time.Second && r.IntN(15) == 0 {
			jumped = w.time
			by := time.Duration(5+r.IntN(3600)) * time.Second
			if r.IntN(2) == 0 {
				by = -by
			}
			w.jump += by
		}
		if r.IntN(10) == 0 {
			w.Exec(t, `update session set said_at = clock_timestamp() - interval '2 seconds'`)
			if err := nodes[r.IntN(len(nodes))].Tick(ctx); err != nil {
				t.Fatal(err)
			}
		}
		x := k.row(t)
		if so, most := x.Meter.Meter.Billed, covered(sides[0], sides[1])+time.Second; so > most || x.Ended() {
			t.Fatalf("seed %d: at %v %v are billed of %v that both covered (%s, %s)", seed, w.time, so, most-time.Second, x.Meter.State, x.Meter.Reason)
		}
	}
	for range 5 { // what is not judged yet
		for _, s := range sides {
			w.time += 500 * time.Millisecond
			if !s.here {
				join(s)
			}
			s.media = true
			beat(s, false)
		}
	}
	so, want := k.row(t).Meter.Meter.Billed, covered(sides[0], sides[1])
	if d := so - want; d > time.Second || d < -time.Second-500*time.Millisecond { // the last heartbeat of one waits for the other's
		t.Errorf("seed %d: %v are billed of %v that both covered", seed, so, want)
	}
}

// Whoever keeps the media alive and drops the socket, opens a new one every second, spreads heartbeats over nodes, or says that
// nothing came in, talks on for as long as pauses last, and no longer.
func TestNobodyTalksFree(t *testing.T) {
	t.Parallel()
	for name, cheat := range map[string]func(k *talk, t *testing.T, nodes []*session.Service, second int){
		"drops the socket": func(*talk, *testing.T, []*session.Service, int) {},
		"hears nothing, it says": func(k *talk, t *testing.T, _ []*session.Service, _ int) {
			_ = k.s.Beat(t.Context(), k.client, k.id, k.clientEpoch, false)
		},
		"is new every second": func(k *talk, t *testing.T, _ []*session.Service, _ int) {
			k.clientEpoch = k.rejoin(t)
			_ = k.s.Beat(t.Context(), k.client, k.id, k.clientEpoch, true)
		},
		"is on a node a second": func(k *talk, t *testing.T, nodes []*session.Service, n int) {
			_ = nodes[n%len(nodes)].Beat(t.Context(), k.client, k.id, k.clientEpoch, true)
		},
		"speaks every other time": func(k *talk, t *testing.T, _ []*session.Service, n int) {
			_ = k.s.Beat(t.Context(), k.client, k.id, k.clientEpoch, n%4 < 2)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 1, 1)
			k := w.talk(t, 60).both(t)
			k.talks(t, 10)
			before := k.row(t)
			honest := before.Meter.Meter.Seconds()
			nodes := []*session.Service{k.s, w.node(1), w.node(2), w.node(3), w.node(4)}
			free := 0
			for n := range 300 {
				w.time += time.Second
				cheat(k, t, nodes, n)
				_ = k.s.Beat(t.Context(), k.expert, k.id, k.expertEpoch, true)
				for _, s := range nodes {
					if err := s.Flush(t.Context()); err != nil {
						t.Fatal(err)
					}
				}
				x := k.row(t)
				if x.Ended() {
					break
				}
				free = n + 1 - int(x.Meter.Meter.Seconds()-honest)
			}
			x := k.row(t)
			if !x.Ended() || free > 60 {
				t.Errorf("after %d seconds of talk that nobody paid it is %s", free, x.Meter.State)
			}
		})
	}
}

func (k *talk) rejoin(t *testing.T) int64 {
	t.Helper()
	j, err := k.s.Join(t.Context(), k.client, k.claim(k.client, "join"), k.id)
	if err != nil && !fault.Is(err, "session_over") {
		t.Fatal(err)
	}
	return j.Epoch
}
