package faults

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/waymeet/waymeet/realtime/wire"
)

// TestFaults is convergence under fire; see the package.
func TestFaults(t *testing.T) {
	needServers(t)
	if *oneOf != 0 {
		t.Run(fmt.Sprint(*oneOf), func(t *testing.T) { convergence(t, *oneOf) })
		return
	}
	for seed := range uint64(*seeds) {
		t.Run(fmt.Sprint(seed+1), func(t *testing.T) { convergence(t, seed+1) })
	}
}

func convergence(t *testing.T, seed uint64) {
	p := draw(seed)
	t.Log(p)
	w := newWorld(t, 3, 10, 10)
	v := w.voice(t)
	here, away := w.people(seed)
	local := gather(w.addresses(), here)
	t.Cleanup(local.end)
	elsewhere := gatherElsewhere(t, w.addresses(), away)
	s := &stage{world: w, sleepers: elsewhere}
	both := func(since time.Time, truth truths) report {
		var r, other report
		var wg sync.WaitGroup
		wg.Go(func() { other = elsewhere.settle(since, truth) })
		r = local.settle(since, truth)
		wg.Wait()
		r.add(other)
		return r
	}
	if r := both(time.Now().Add(30*time.Second), w.truths(t, here, away)); len(r.Wrong) > 0 {
		t.Fatalf("before any fault %d are wrong, the first: %s", len(r.Wrong), r.Wrong[0])
	}

	done := &wrote{}
	ctx, stop := context.WithTimeout(t.Context(), p.fire)
	defer stop()
	finished := w.write(ctx, v, seed, done)
	local.stir()
	err := s.play(p)
	over := time.Now()
	finished()
	if err != nil {
		t.Fatalf("a fault could not be done: %v", err)
	}
	late := time.Since(over)
	for _, n := range w.nodes {
		if !n.alive() {
			t.Errorf("%s has ended, and nobody asked it to", n.name)
		}
	}
	local.calm()
	elsewhere.calm()
	since := time.Now()
	r := both(since, w.truths(t, here, away))
	w.judge(t, "after the last fault", r)
	t.Logf("%s; the last writer ended %v after the last fault", done, late.Round(time.Millisecond))
	t.Logf("%d faults; %d subscriptions thrown out by Redis; since their last start the nodes counted %s", s.done.Load(), s.thrown.Load(), w.counted(t))
	t.Logf("%d clients held the truth %v after that, the slow ones after %v; %s", len(here)+len(away), r.Took.Round(time.Millisecond), r.SlowTook.Round(time.Millisecond), r)
	done.broken.Range(func(what, _ any) bool {
		t.Errorf("answered as if the node were broken: %v", what)
		return true
	})
	w.overHTTP(t)
	if t.Failed() {
		return
	}

	// The bus must carry everything again: the tail is shown nothing, so nothing else does.
	if err := s.blindTail(t.Context()); err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(seed, 4))
	for _, x := range w.trips {
		if err := w.change(v.db, x.id, random); err != nil {
			t.Fatal(err)
		}
	}
	r = both(time.Now(), w.truths(t, here, away))
	w.judge(t, "by the bus alone", r)
	t.Logf("every trip once more, by the bus alone: %v", r.Took.Round(time.Millisecond))
}

func (w *world) judge(t *testing.T, when string, r report) {
	t.Helper()
	for i, wrong := range r.Wrong {
		if i == 3 {
			t.Errorf("… and %d more", len(r.Wrong)-i)
			break
		}
		t.Errorf("%s: %s", when, wrong)
	}
	for i, b := range r.Breaches {
		if i == 10 {
			t.Errorf("… and %d more", len(r.Breaches)-i)
			break
		}
		t.Errorf("%s: a breach: %s", when, b)
	}
	if r.Gaps > 0 {
		t.Errorf("%s: %d gaps of clients that lost nothing", when, r.Gaps)
	}
}

func (r report) String() string {
	return fmt.Sprintf("%d objects, %d KB, %d patches, %d documents, %d left; %d connections, %d goodbyes; gaps %d, where frames were lost %d",
		r.Objects, r.Bytes>>10, r.Patches, r.Documents, r.Left, r.Connections, r.Byes, r.Gaps, r.AllowedGaps)
}

// people draws who watches what: those in this process, and those in the one that is stopped.
func (w *world) people(seed uint64) (here, away []member) {
	r := rand.New(rand.NewPCG(seed, 5))
	day := w.lines[0].Date.String()
	boards := []string{"board:" + day, "board:" + day + "?state=scheduled,boarding", "board:" + day + "?state=cancelled",
		"board:" + day + "?from=07:00&to=11:00&state=scheduled", "board:" + day + "?from=06:00&to=08:00"}
	for i := range 200 {
		k := r.IntN(len(w.users))
		if i < 20 {
			k |= 1 // a dispatcher: boards are what it takes to fall behind
		}
		u := w.users[k]
		m := member{User: u.id, Token: u.token, Manner: steady, Seed: r.Uint64()}
		trips := 3
		switch {
		case i < 20:
			m.Manner = asleep
		case i < 30:
			m.Manner, trips = slow, 2
		case i < 45:
			m.Manner = lossy
		case i < 100:
			m.Manner = restless
		}
		if m.Manner != slow { // who sees much must wait for long
			m.Channels = append(m.Channels, "me")
		}
		for _, x := range r.Perm(len(w.trips))[:trips] {
			m.Channels = append(m.Channels, "trip:"+w.trips[x].id.String())
		}
		if m.Manner != slow {
			line := w.lines[r.IntN(len(w.lines))]
			m.Channels = append(m.Channels, "line:"+line.Line.String()+":"+day)
			if u.role == "dispatcher" {
				board := boards[r.IntN(len(boards))]
				if m.Manner == asleep {
					board = boards[0]
				} else if r.IntN(2) == 0 {
					board = "board:" + day + "?line=" + line.Line.String()
				}
				m.Channels = append(m.Channels, board, "booking:"+w.rides[r.IntN(len(w.rides))].String())
			} else {
				m.Channels = append(m.Channels, "booking:"+w.rides[k].String())
			}
		}
		if m.Manner == asleep {
			away = append(away, m)
		} else {
			here = append(here, m)
		}
	}
	return here, away
}

// truths is what PostgreSQL holds of everything that somebody watches.
func (w *world) truths(t *testing.T, crowds ...[]member) truths {
	t.Helper()
	out := truths{}
	for _, members := range crowds {
		for _, m := range members {
			for _, ch := range m.Channels {
				key := keyOf(m.User, ch)
				if _, known := out[key]; known {
					continue
				}
				body, err := w.truth(t.Context(), m.User, ch)
				if err != nil {
					t.Fatalf("the truth of %s: %v", ch, err)
				}
				out[key] = body
			}
		}
	}
	return out
}

// overHTTP asks every node for a set: it must be what clients were compared with.
func (w *world) overHTTP(t *testing.T) {
	t.Helper()
	who, channel := w.users[1], "board:"+w.lines[0].Date.String()
	want, err := w.truth(t.Context(), who.id, channel)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range w.nodes {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+n.addr+"/v1/realtime/sets/"+channel, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+who.token)
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if canonical, cerr := wire.Canonical(nil, bytes.TrimSpace(got)); err != nil || cerr != nil || string(canonical) != want {
			t.Errorf("%s answers %d, %v %v%s", n.name, res.StatusCode, err, cerr, differences(string(got), want))
		}
	}
}

// counted is what the nodes say that they did, summed up.
func (w *world) counted(t *testing.T) string {
	t.Helper()
	sum := map[string]int64{}
	for _, n := range w.nodes {
		numbers, err := metrics(n.addr)
		if err != nil {
			t.Error(err)
		}
		for name, v := range numbers {
			sum[name] += v
		}
	}
	return fmt.Sprintf("%d resumes by patch, %d by snapshot, %d conflations, %d deliveries", sum["waymeet_live_resumes_total patch"],
		sum["waymeet_live_resumes_total snapshot"], sum["waymeet_live_conflations_total"], sum["waymeet_live_deliveries_total"])
}
