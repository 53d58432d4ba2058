package main

import (
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/internal/devstack"
	"github.com/waymeet/waymeet/internal/devstack/devtest"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/matching"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/store/storetest"
)

// offeredAgain is how soon whoever waits must be rung for, whatever was lost.
const offeredAgain = 5 * time.Second

// hall is a queue that processes of `waymeet serve` make the offers of, with two experts.
type hall struct {
	*storetest.DB
	storetest.Advice
	redis *devstack.Redis
	desk  *matching.Service // answers for people; it makes no offers and tells nobody
	came  int               // clients who have placed a request
}

func newHall(t *testing.T) *hall {
	t.Helper()
	db := storetest.New(t)
	h := &hall{DB: db, Advice: db.Advice(t, db.A, 2, 24), desk: matching.New(matching.Config{DB: db.DB})}
	var err error
	if h.redis, err = devstack.StartRedis(t.Context(), devstack.RedisConfig{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.redis.Stop() })
	return h
}

// node is a process; database is how it reaches PostgreSQL.
func (h *hall) node(t *testing.T, name, database string) *served {
	t.Helper()
	s := startServing(t, append([]string{"WAYMEET_DATABASE_URL=" + database, "WAYMEET_SYSTEM_DATABASE_URL=" + h.SystemURL(), "WAYMEET_REDIS_URL=" + h.redis.URL(),
		"WAYMEET_SECRET=" + worldSecret}, append(slices.Clone(serving), "WAYMEET_NODE="+name)...))
	addr, _ := s.await(t, "serving")["addr"].(string)
	go func() { _, _ = io.Copy(io.Discard, s.pipe) }()
	awaitOK(t, "http://"+addr+"/readyz")
	return s
}

// place has people ask who were never here: whoever comes back may be rung for out of their place, with the expert they know.
func (h *hall) place(t *testing.T, n int) (requests []string) {
	t.Helper()
	for range n {
		id := ident.New()
		h.Exec(t, `insert into request (tenant_id, id, queue_id, client_id, modality, ceiling, currency, funding) values ($1, $2, $3, $4, 'audio', 900, 'MAD', 'test')`,
			h.A.ID.UUID(), id, h.Queue, h.Clients[h.came])
		h.came++
		requests = append(requests, id.String())
	}
	return requests
}

// rung is for whom somebody is rung now, in their places.
func (h *hall) rung(t *testing.T) []string {
	t.Helper()
	return h.Texts(t, `select r.id::text from offer o join request r on r.id = o.request_id where o.state = 'open' order by r.placed_at`)
}

// until waits until these are rung for, and says how long it took.
func (h *hall) until(t *testing.T, what string, requests []string) {
	t.Helper()
	begun := time.Now()
	for !slices.Equal(h.rung(t), requests) {
		if time.Since(begun) > offeredAgain {
			t.Fatalf("%s: rung for %v, want %v", what, h.rung(t), requests)
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Logf("%s: rung for after %s", what, time.Since(begun).Round(time.Millisecond))
}

// serve has the first who is rung for talk, and be done.
func (h *hall) serve(t *testing.T) (request string) {
	t.Helper()
	row := strings.Fields(h.Texts(t, `select concat_ws(' ', o.id, o.expert_id, r.id) from offer o join request r on r.id = o.request_id where o.state = 'open' order by r.placed_at limit 1`)[0])
	offer, expert := uuid.MustParse(row[0]), uuid.MustParse(row[1])
	if _, err := h.desk.Accept(t.Context(), matching.By{Tenant: h.A.ID, User: expert}, offer); err != nil {
		t.Fatal(err)
	}
	if _, err := h.desk.Done(t.Context(), h.A.ID, offer); err != nil {
		t.Fatal(err)
	}
	return row[2]
}

// takeBack ends all rings at once: whoever was rung for waits again.
func (h *hall) takeBack(t *testing.T) {
	t.Helper()
	var deeds []store.OfferDeed
	for _, id := range h.Texts(t, `select id::text from offer where state = 'open'`) {
		deeds = append(deeds, store.OfferDeed{Verb: store.OfferRescind, Offer: uuid.MustParse(id)})
	}
	if err := h.InTx(t.Context(), h.A.ID, func(tx *store.Tx) error {
		_, err := tx.DecideOffers(t.Context(), deeds)
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

// rest serves everybody who waits, in their places, each rung for in time.
func (h *hall) rest(t *testing.T, waiting []string) {
	t.Helper()
	for len(waiting) > 0 {
		h.until(t, fmt.Sprintf("%d wait", len(waiting)), waiting[:min(2, len(waiting))])
		if got := h.serve(t); got != waiting[0] {
			t.Errorf("%s was served before %s", got, waiting[0])
		}
		waiting = waiting[1:]
	}
	if n := h.Int(t, `select count(*) from request r where (select count(*) from offer o where o.request_id = r.id and o.accepted) <> 1`); n != 0 {
		t.Errorf("%d requests were not taken once", n)
	}
}

// TestWhoWaitsOutlivesRedis: two nodes serve a queue while Redis is emptied, lost and brought back. Whoever waits is rung for within five
// seconds, in their places, at each of these moments; nobody is taken twice.
func TestWhoWaitsOutlivesRedis(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	h.node(t, "n1", h.AppURL())
	h.node(t, "n2", h.AppURL())
	waiting := h.place(t, 6)
	h.until(t, "with Redis", waiting[:2])
	for _, loss := range []struct {
		what string
		do   func() error
	}{
		{"emptied", func() error { _, err := h.redis.Ask(t.Context(), "FLUSHALL"); return err }},
		{"lost", h.redis.Kill},
		{"back", func() error { return h.redis.Restart(t.Context()) }},
	} {
		if err := loss.do(); err != nil {
			t.Fatalf("Redis is not %s: %v", loss.what, err)
		}
		h.takeBack(t)
		h.until(t, "Redis "+loss.what, waiting[:2])
		if got := h.serve(t); got != waiting[0] {
			t.Errorf("%s was served before %s", got, waiting[0])
		}
		waiting = waiting[1:]
	}
	h.rest(t, waiting)
}

// TestWhoWaitsOutlivesTheirNode: of two processes the one that owns the queue is killed with SIGKILL at random points of what it says to
// PostgreSQL and hears from it. Within five seconds the other rings for whoever waits, in their places.
func TestWhoWaitsOutlivesTheirNode(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	seed := uint64(time.Now().UnixNano())
	dice := rand.New(rand.NewPCG(seed, 1))
	t.Logf("seed %d", seed)
	for range 4 {
		proxy := devtest.NewProxy(t, h.AppURL())
		owner := h.node(t, "owner", proxy.URL(h.AppURL()))
		h.rest(t, h.place(t, 1)) // makes it the owner
		next := h.node(t, "next", h.AppURL())
		dead := make(chan struct{})
		at := proxy.Pieces() + 1 + dice.Int64N(60)
		proxy.After(func(i int64) {
			if i == at {
				_ = owner.Process.Kill() // SIGKILL
				<-dead                   // nothing more is forwarded
			}
		})
		waiting := h.place(t, 5)
		_ = owner.Wait() // what it does by itself brings it there
		close(dead)
		h.rest(t, waiting)
		_ = next.Process.Kill()
		_ = next.Wait()
		h.Exec(t, `update queue_owner set expires_at = clock_timestamp()`)
	}
}
