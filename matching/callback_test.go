package matching_test

import (
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/matching"
	"github.com/waymeet/waymeet/store"
)

func (l *lounge) sees(t *testing.T, sql, want string, args ...any) {
	t.Helper()
	if got := l.Texts(t, sql, args...); len(got) != 1 || got[0] != want {
		t.Fatalf("%s: %v, want %s", sql, got, want)
	}
}

// patient lets clients be called after the shortest of waits.
func (l *lounge) patient(t *testing.T) { l.Exec(t, `update queue set callback_after_s = 1`) }

// waited is whether callbacks are offered to a request by PostgreSQL's clock.
const waited = `select (clock_timestamp() > placed_at + interval '1 second')::text from request where id = $1`

// goes has a client go, who will be called.
func (l *lounge) goes(t *testing.T, s *matching.Service, client int, r uuid.UUID) {
	t.Helper()
	l.until(t, waited, "true", r)
	if err := s.CallMe(t.Context(), l.by(l.Clients[client]), r); err != nil {
		t.Fatal(err)
	}
}

// Somebody who goes keeps their place and nobody waits for them: an expert who is free is rung for the next, and they are called. Once they come they
// are served from their place.
func TestWhoGoesKeepsTheirPlace(t *testing.T) {
	t.Parallel()
	l := newLounge(t, 1, 3)
	l.patient(t)
	l.Exec(t, `update expert set intent = 'break'`)
	s, _ := l.node(t, matching.Config{})
	first := l.ask(t, s, 0, 3)
	if err := s.CallMe(t.Context(), l.by(l.Clients[1]), first); !fault.Is(err, "request_not_found") {
		t.Fatalf("of somebody else: %v", err)
	}
	l.goes(t, s, 0, first)
	l.goes(t, s, 0, first) // again is the same
	placed := l.Texts(t, `select placed_at::text from request where id = $1`, first)[0]
	second := l.ask(t, s, 1, 3)
	if err := s.Intend(t.Context(), l.by(l.Experts[0]), "available"); err != nil {
		t.Fatal(err)
	}
	offer, expert := l.rung(t, second)
	l.until(t, `select calls::text from request where id = $1`, "1", first)
	l.sees(t, `select count(*)::text from offer where request_id = $1`, "0", first)
	l.until(t, `select count(*)::text from river_job where kind = 'push' and args ->> 'what' = 'call' and args ->> 'about' = $1::text`, "1", first)
	if _, err := s.Accept(t.Context(), l.by(expert), offer); err != nil {
		t.Fatal(err)
	}
	third := l.ask(t, s, 2, 3)
	if err := s.Here(t.Context(), l.by(l.Clients[0]), first); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Done(t.Context(), l.A.ID, offer); err != nil {
		t.Fatal(err)
	}
	l.rung(t, first) // before who came after them, though they had gone
	l.sees(t, `select count(*)::text from offer where request_id = $1`, "0", third)
	l.sees(t, `select placed_at::text from request where id = $1`, placed, first)
}

// Nobody is called for an expert whom somebody before them takes.
func TestNobodyIsCalledForAnotherOnesExpert(t *testing.T) {
	t.Parallel()
	l := newLounge(t, 1, 2)
	l.patient(t)
	l.Exec(t, `update expert set intent = 'break'`)
	s, _ := l.node(t, matching.Config{})
	stays, goes := l.ask(t, s, 0, 3), l.ask(t, s, 1, 3)
	l.goes(t, s, 1, goes)
	if err := s.Intend(t.Context(), l.by(l.Experts[0]), "available"); err != nil {
		t.Fatal(err)
	}
	offer, expert := l.rung(t, stays)
	if _, err := s.Accept(t.Context(), l.by(expert), offer); err != nil {
		t.Fatal(err)
	}
	l.sees(t, `select calls::text from request where id = $1`, "0", goes)
	if _, err := s.Done(t.Context(), l.A.ID, offer); err != nil {
		t.Fatal(err)
	}
	l.until(t, `select calls::text from request where id = $1`, "1", goes)
}

// Who does not come is called once more after a pause, and then waits no longer: decided by PostgreSQL's clock, whoever looks.
func TestWhoDoesNotComeIsDropped(t *testing.T) {
	t.Parallel()
	l := newLounge(t, 1, 1)
	l.patient(t)
	l.Exec(t, `update expert set intent = 'break'`)
	s, _ := l.node(t, matching.Config{})
	r := l.ask(t, s, 0, 3)
	l.goes(t, s, 0, r)
	if err := s.Intend(t.Context(), l.by(l.Experts[0]), "available"); err != nil {
		t.Fatal(err)
	}
	l.until(t, `select calls::text from request where id = $1`, "1", r)
	l.Exec(t, `update request set call_until = clock_timestamp() - interval '1 second' where id = $1`, r)
	if err := s.SettleDue(t.Context()); err != nil {
		t.Fatal(err)
	}
	l.sees(t, `select state || calls from request where id = $1`, "waiting1", r)
	l.Exec(t, `update request set call_until = clock_timestamp() - interval '121 seconds' where id = $1`, r)
	l.until(t, `select calls::text from request where id = $1`, "2", r)
	l.until(t, `select count(*)::text from river_job where kind = 'push' and args ->> 'about' = $1::text`, "2", r)
	l.Exec(t, `update request set call_until = clock_timestamp() where id = $1`, r)
	l.until(t, `select state from request where id = $1`, "cancelled", r)
	if err := s.Here(t.Context(), l.by(l.Clients[0]), r); !fault.Is(err, "request_over") {
		t.Errorf("after the last call: %v", err)
	}
	if err := s.CallMe(t.Context(), l.by(l.Clients[0]), r); !fault.Is(err, "request_over") {
		t.Errorf("after the last call: %v", err)
	}
}

// A node that believes that somebody is there is refused by PostgreSQL, and one that lost a queue calls nobody.
func TestNobodyIsRungForWhoIsNotThere(t *testing.T) {
	t.Parallel()
	l := newLounge(t, 1, 1)
	s := matching.New(matching.Config{DB: l.DB.DB, Funds: funded{}, Logger: quiet})
	r := l.ask(t, s, 0, 3)
	if err := s.CallMe(t.Context(), l.by(l.Clients[0]), r); !fault.Is(err, "callback_not_offered") {
		t.Fatalf("at once: %v", err)
	}
	l.patient(t)
	l.goes(t, s, 0, r)
	o, err := s.Take(t.Context(), l.A.ID, l.Queue)
	if err != nil {
		t.Fatal(err)
	}
	ask := store.OffersAsk{Owned: o, Request: r, Who: []store.OfferAsk{{ID: ident.New(), Expert: l.Experts[0], Score: []byte(`{}`)}}}
	if made, err := s.Offers(t.Context(), l.A.ID, ask); err != nil || made[0][0].Refused != "request_away" {
		t.Fatalf("%+v, %v", made, err)
	}
	lost := o
	lost.Epoch--
	if err := s.CallClient(t.Context(), lost, r); err == nil {
		t.Error("who lost the queue calls")
	}
	l.sees(t, `select calls::text from request where id = $1`, "0", r)
	var all sync.WaitGroup
	for range 8 { // rounds of two owners that overlap, at the worst
		all.Go(func() {
			if err := s.CallClient(t.Context(), o, r); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	l.sees(t, `select calls::text from request where id = $1`, "1", r)
	if err := s.Here(t.Context(), l.by(l.Clients[0]), r); err != nil {
		t.Fatal(err)
	}
	if made, err := s.Offers(t.Context(), l.A.ID, ask); err != nil || made[0][0].Refused != "" {
		t.Fatalf("%+v, %v", made, err)
	}
	if err := s.CallMe(t.Context(), l.by(l.Clients[0]), r); !fault.Is(err, "request_rung") {
		t.Errorf("while an expert is rung: %v", err)
	}
}

// Two nodes ring while clients go, come and leave at random, and experts answer: whoever goes is rung for by nobody from then on, places
// stand, and everybody who stays is served.
func TestCallbacksRaceRings(t *testing.T) {
	t.Parallel()
	const clients = 24
	l := newLounge(t, 4, clients)
	l.patient(t)
	l.Exec(t, `update queue set ring_s = 5`)
	nodes := make([]*matching.Service, 2)
	for i := range nodes {
		nodes[i], _ = l.node(t, matching.Config{Lease: 700 * time.Millisecond})
	}
	requests := make([]uuid.UUID, clients)
	for i := range requests {
		requests[i] = l.ask(t, nodes[i%2], i, 3)
	}
	places := l.Texts(t, `select id::text from request order by priority desc, placed_at, id`)
	var people, experts sync.WaitGroup
	done := make(chan struct{})
	for _, e := range l.Experts {
		experts.Go(func() {
			for rng := rand.New(rand.NewPCG(1, uint64(e[15]))); ; {
				select {
				case <-done:
					return
				default:
				}
				for _, o := range l.Texts(t, `select id::text from offer where expert_id = $1 and state in ('open', 'accepted')`, e) {
					offer, node := uuid.MustParse(o), nodes[rng.IntN(2)]
					switch rng.IntN(3) {
					case 0:
						_, _ = node.Decline(t.Context(), l.by(e), offer)
					case 1:
						_, _ = node.Accept(t.Context(), l.by(e), offer)
					default:
						_, _ = node.Done(t.Context(), l.A.ID, offer)
					}
				}
				_ = nodes[0].Intend(t.Context(), l.by(e), "available")
			}
		})
	}
	for i, r := range requests {
		people.Go(func() {
			by, rng := l.by(l.Clients[i]), rand.New(rand.NewPCG(2, uint64(i)))
			l.until(t, waited, "true", r)
			for range 12 {
				s := nodes[rng.IntN(2)]
				if err := s.CallMe(t.Context(), by, r); err == nil {
					if n := l.Int(t, `select count(*) from offer o join request r on r.id = o.request_id where r.id = $1 and r.callback_at is not null and o.state = 'open' and o.deadline > clock_timestamp()`, r); n > 0 {
						t.Errorf("%d are rung for somebody who went", n)
					}
				}
				if rng.IntN(12) == 0 {
					_, _ = s.Cancel(t.Context(), by, r)
				}
				if err := s.Here(t.Context(), by, r); err != nil && !fault.Is(err, "request_over") {
					t.Error(err)
				}
			}
		})
	}
	people.Wait()
	l.until(t, `select count(*)::text from request where state = 'waiting'`, "0")
	close(done)
	experts.Wait()
	if now := l.Texts(t, `select id::text from request order by priority desc, placed_at, id`); !slices.Equal(now, places) {
		t.Error("places moved")
	}
	l.sees(t, `select count(*)::text from (select request_id from offer where accepted group by request_id having count(*) > 1) x`, "0")
}
