package matching_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/matching"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/store/storetest"
)

type funded struct{}

func (funded) Funded(context.Context, matching.By, string) (ledger.Money, bool, error) {
	return ledger.Of(900, "MAD"), true, nil
}

// lounge is a queue of a tenant, and nodes that serve it.
type lounge struct {
	*storetest.DB
	storetest.Advice
}

func newLounge(t *testing.T, experts, clients int) *lounge {
	t.Helper()
	db := storetest.New(t)
	return &lounge{db, db.Advice(t, db.A, experts, clients)}
}

// node serves until the test ends, or end is called: then it has given its queues up.
func (l *lounge) node(t *testing.T, c matching.Config) (s *matching.Service, end func()) {
	t.Helper()
	c.DB, c.Funds, c.Logger = l.DB.DB, funded{}, quiet
	s = matching.New(c)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	end = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
	t.Cleanup(end)
	return s, end
}

func (l *lounge) ask(t *testing.T, s *matching.Service, client, level int) uuid.UUID {
	t.Helper()
	key := ident.New().String()
	by := matching.By{Tenant: l.A.ID, User: l.Clients[client]}
	p, err := s.Request(t.Context(), by, idem.Claim{Actor: by.User, Key: key, Operation: "requests.place", Hash: sha256.Sum256([]byte(key))}, matching.Ask{Queue: l.Queue,
		Needs: []store.Need{{Skill: l.Skill, Level: level}}, Modality: "audio", Ceiling: ledger.Of(900, "MAD"), Funding: key})
	if err != nil {
		t.Fatal(err)
	}
	return p.Request
}

// until waits for PostgreSQL to say something, and fails after so long.
// patience is how long what must come may take: no test passes or fails by how fast a machine is.
const patience = time.Minute

func (l *lounge) until(t *testing.T, sql, want string, args ...any) {
	t.Helper()
	var got []string
	comes(t, func() bool {
		got = l.Texts(t, sql, args...)
		return len(got) == 1 && got[0] == want
	}, func() string { return fmt.Sprintf("%s: %v, want %s", sql, got, want) })
}

// comes waits until something holds.
func comes(t *testing.T, holds func() bool, instead func() string) {
	t.Helper()
	for late := time.Now().Add(patience); !holds(); time.Sleep(5 * time.Millisecond) { // nobody tells
		if time.Now().After(late) {
			t.Fatalf("%s, after %s", instead(), patience)
		}
	}
}

func (l *lounge) rung(t *testing.T, request uuid.UUID) (offer, expert uuid.UUID) {
	t.Helper()
	l.until(t, `select count(*)::text from offer where request_id = $1 and state = 'open'`, "1", request)
	return uuid.MustParse(l.Texts(t, `select id::text from offer where request_id = $1 and state = 'open'`, request)[0]),
		uuid.MustParse(l.Texts(t, `select expert_id::text from offer where request_id = $1 and state = 'open'`, request)[0])
}

func (l *lounge) by(user uuid.UUID) matching.By { return matching.By{Tenant: l.A.ID, User: user} }

// A request rings somebody; declined, it rings another; whom it has asked is asked again only when nobody else is left, and for less;
// and everybody who is freed is rung for who waits next.
func TestWhoWaitsIsRungFor(t *testing.T) {
	t.Parallel()
	l := newLounge(t, 2, 2)
	s, _ := l.node(t, matching.Config{})
	l.Exec(t, `update queue set rings = '[{"after_s":0,"lower":0,"drop":0},{"after_s":1,"lower":1,"drop":0}]'`)
	r := l.ask(t, s, 0, 3)
	offer, first := l.rung(t, r)
	if _, err := s.Decline(t.Context(), l.by(first), offer); err != nil {
		t.Fatal(err)
	}
	offer, second := l.rung(t, r)
	if second == first {
		t.Error("who declined is rung again while there is another")
	}
	if _, err := s.Decline(t.Context(), l.by(second), offer); err != nil {
		t.Fatal(err)
	}
	offer, third := l.rung(t, r)
	if n := l.Int(t, `select ring from offer where id = $1`, offer); n == 0 {
		t.Error("who declined is asked again in the same ring")
	}
	if _, err := s.Accept(t.Context(), l.by(third), offer); err != nil {
		t.Fatal(err)
	}
	l.until(t, `select state from request where id = $1`, "matched", r)
	why := l.Texts(t, `select (score ? 'proficiency' and (score ->> 'candidates')::int > 0 and (score ->> 'minute')::int = 500)::text from offer where id = $1`, offer)
	if why[0] != "true" {
		t.Errorf("the reason is not kept: %v", l.Texts(t, `select score::text from offer`))
	}

	// The other one is rung for whoever comes; nobody is left for the next, until one is done.
	other := l.ask(t, s, 1, 3)
	_, fourth := l.rung(t, other)
	if fourth == third {
		t.Error("an expert in a conversation is rung")
	}
	last := l.ask(t, s, 0, 3)
	l.until(t, `select count(*)::text from offer where request_id = $1`, "0", last)
	if _, err := s.Done(t.Context(), l.A.ID, offer); err != nil {
		t.Fatal(err)
	}
	if _, again := l.rung(t, last); again != third {
		t.Errorf("%s is rung, not %s who was freed", again, third)
	}
	var st matching.Stats
	comes(t, func() bool { // what is committed is counted a moment later
		st = s.Stats()
		return st.Queues == 1 && st.Rung >= 5 && st.Ended["accepted"] == 1 && st.Ended["declined"] == 2 && st.Decisions.Count >= 5
	}, func() string { return fmt.Sprintf("%+v", st) })
}

// Who waits is rung for when an expert says that they are there.
func TestAnExpertWhoComesIsRung(t *testing.T) {
	t.Parallel()
	l := newLounge(t, 1, 1)
	l.Exec(t, `update expert set intent = 'off'`)
	s, _ := l.node(t, matching.Config{})
	r := l.ask(t, s, 0, 3)
	l.until(t, `select count(*)::text from queue_owner where expires_at > clock_timestamp()`, "1")
	if err := s.Intend(t.Context(), l.by(l.Experts[0]), matching.Available); err != nil {
		t.Fatal(err)
	}
	l.rung(t, r)
}

// Somebody whom the client does not want to meet is not rung, however long they wait; nor is the client for themselves.
func TestBlockedPeopleAreNotRung(t *testing.T) {
	t.Parallel()
	l := newLounge(t, 2, 1)
	l.Exec(t, `insert into person_block (tenant_id, user_id, other_id) values ($1, $2, $3)`, l.A.ID.UUID(), l.Experts[0], l.Clients[0])
	s, _ := l.node(t, matching.Config{})
	r := l.ask(t, s, 0, 3)
	if _, e := l.rung(t, r); e != l.Experts[1] {
		t.Error("who blocked the client is rung")
	}
}

// Those who let it pass are missed, and the next is rung; nobody answers a ring that is over.
func TestARingThatIsLetPassGoesOn(t *testing.T) {
	t.Parallel()
	l := newLounge(t, 2, 1)
	l.Exec(t, `update queue set ring_s = 1`)
	s, _ := l.node(t, matching.Config{})
	r := l.ask(t, s, 0, 3)
	_, first := l.rung(t, r)
	l.until(t, `select state from offer where expert_id = $1`, "missed", first)
	if _, second := l.rung(t, r); second == first {
		t.Error("who let it pass is rung again")
	}
}

// What nobody can serve goes on to the overflow queue after the last ring, in its place, and is served by its rules.
func TestOverflowIsServed(t *testing.T) {
	t.Parallel()
	l := newLounge(t, 1, 1)
	l.Exec(t, `update expert_skill set level = 1`)
	l.Exec(t, `insert into queue (tenant_id, id, name, time_zone, rings) values ($1, $2, 'overflow', 'UTC', '[{"after_s":0,"lower":4,"drop":0}]')`, l.A.ID.UUID(), ident.New())
	l.Exec(t, `update queue set ring_s = 1, rings = '[{"after_s":0,"lower":0,"drop":0}]', overflow_id = (select id from queue where name = 'overflow') where name <> 'overflow'`)
	s, _ := l.node(t, matching.Config{})
	r := l.ask(t, s, 0, 5)
	l.rung(t, r)
	l.until(t, `select q.name from offer o join queue q on q.id = o.queue_id`, "overflow")
}

// Several who want the same few are decided together: as many are served as can be, though who came first could take what only the
// other can have.
func TestThoseWhoCompeteAreDecidedTogether(t *testing.T) {
	t.Parallel()
	l := newLounge(t, 2, 2)
	l.Exec(t, `update expert_skill set level = 5 where expert_id = $1`, l.Experts[1])
	l.Exec(t, `update queue set rings = '[{"after_s":0,"lower":0,"drop":0}]', weights = '{"proficiency":1000}'`)
	l.Exec(t, `update expert set intent = 'off'`)
	s, _ := l.node(t, matching.Config{})
	easy, hard := l.ask(t, s, 0, 3), l.ask(t, s, 1, 5) // the first would rather have the one whom the second needs
	l.until(t, `select count(*)::text from queue_owner`, "1")
	l.Exec(t, `update expert set intent = 'available'`) // both at once, found by the next whole reading
	_, e := l.rung(t, easy)
	_, h := l.rung(t, hard)
	if e != l.Experts[0] || h != l.Experts[1] {
		t.Error("who came first took what only the second could have")
	}
}

// Somebody who waits is shown their position; and a range once enough waits have ended, which is judged when theirs has.
func TestWaitsAreShown(t *testing.T) {
	t.Parallel()
	l := newLounge(t, 1, 2)
	l.Exec(t, `update expert set intent = 'off'`)
	for i := range 6 {
		id := ident.New()
		l.Exec(t, `insert into request (tenant_id, id, queue_id, client_id, modality, ceiling, currency, funding, placed_at) values ($1, $2, $3, $4, 'audio', 900, 'MAD', 'test', clock_timestamp() - $5 * interval '1 s')`,
			l.A.ID.UUID(), id, l.Queue, l.Clients[0], 60+i)
		l.Exec(t, `insert into offer (tenant_id, id, request_id, queue_id, expert_id, slot, epoch, ring, score, reach, deadline, state, accepted, answered_at, ended_at)
			values ($1, $2, $2, $3, $4, 1, 1, 0, '{}', 'connected', now(), 'done', true, now(), now())`, l.A.ID.UUID(), id, l.Queue, l.Experts[0])
		l.Exec(t, `update request set state = 'matched', offer_id = id, expert_id = $2, matched_at = clock_timestamp() - interval '30 s' where id = $1`, id, l.Experts[0])
	}
	var mu sync.Mutex
	told := map[uuid.UUID]matching.Wait{}
	heard := make(chan struct{}, 100)
	s, _ := l.node(t, matching.Config{Tell: func(_ tenant.ID, r uuid.UUID, w matching.Wait) {
		mu.Lock()
		told[r] = w
		mu.Unlock()
		heard <- struct{}{}
	}})
	first, second := l.ask(t, s, 0, 3), l.ask(t, s, 1, 3)
	late := time.After(20 * time.Second)
	for {
		select {
		case <-heard:
		case <-late:
			t.Fatalf("nobody is shown where they are: %v", told)
		}
		mu.Lock()
		a, b := told[first], told[second]
		mu.Unlock()
		if b.Position == 2 && a.Position == 1 && a.LowS != nil && *a.LowS >= 20 && *a.HighS <= 50 && b.HighS != nil {
			break
		}
	}
	if err := s.Intend(t.Context(), l.by(l.Experts[0]), matching.Available); err != nil {
		t.Fatal(err)
	}
	offer, e := l.rung(t, first)
	if _, err := s.Accept(t.Context(), l.by(e), offer); err != nil {
		t.Fatal(err)
	}
	for late := time.Now().Add(10 * time.Second); s.Stats().Shown != 1; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(late) {
			t.Fatalf("the range was not judged: %+v", s.Stats())
		}
	}
	if s.Stats().Inside != 0 { // half a minute was shown, and it took seconds
		t.Error("a wait of seconds is said to be inside half a minute")
	}
}

// A node that stops gives its queues up: another goes on at once, and not when a lease has run out.
func TestANodeThatStopsLeavesItsQueues(t *testing.T) {
	t.Parallel()
	l := newLounge(t, 1, 1)
	one, end := l.node(t, matching.Config{Lease: time.Hour})
	r := l.ask(t, one, 0, 3)
	offer, e := l.rung(t, r)
	end()
	two, _ := l.node(t, matching.Config{Lease: time.Hour})
	if _, err := two.Decline(t.Context(), l.by(e), offer); err != nil {
		t.Fatal(err)
	}
	l.until(t, `select epoch::text from queue_owner`, "2")
	l.Exec(t, `update request set placed_at = placed_at`) // nothing of it has moved
	if places := l.Texts(t, `select id::text from request where state = 'waiting'`); !slices.Equal(places, []string{r.String()}) {
		t.Errorf("%v wait", places)
	}
}
