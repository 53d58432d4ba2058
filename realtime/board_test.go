package realtime_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/session/meter"
	"github.com/waymeet/waymeet/store"
)

// place has somebody wait in a queue.
func (s *scene) place(t *testing.T, db *store.DB, queue, client uuid.UUID) uuid.UUID {
	t.Helper()
	id := ident.New()
	s.in(t, db, func(tx *store.Tx) error {
		return tx.AddRequests(t.Context(), store.NewRequest{Request: store.Request{ID: id, Queue: queue, Client: client, Modality: "audio", Ceiling: ledger.Of(900, "MAD"), Funding: "test"}})
	})
	return id
}

func (s *scene) in(t *testing.T, db *store.DB, do func(*store.Tx) error) {
	t.Helper()
	if err := db.InTx(t.Context(), s.db.A.ID, do); err != nil {
		t.Fatal(err)
	}
}

// A board shows its queue wherever it changes: who waits, who is rung, who talks, what experts want and whether they can be reached; and experts' slots, whichever queue
// takes them. Whoever runs one queue is shown that one, also when somebody is moved out of it or into it.
func TestABoardShowsItsQueue(t *testing.T) {
	s := newScene(t, 1)
	one, two := s.node(t), s.node(t)
	a := s.db.Advice(t, s.db.A, 2, 3)
	other, expert := ident.New(), a.Experts[0]
	s.db.Exec(t, `insert into queue (tenant_id, id, name, time_zone) values ($1, $2, 'Another', 'UTC')`, s.db.A.ID.UUID(), other)
	supervisor := func(name string, scope policy.Scope) string {
		token := s.person(name, s.db.A.Rider2)
		s.doors.change(token, func(who *policy.Actor) {
			who.Grants = []policy.Grant{{Permission: policy.QueueReadPermission, Scope: scope}}
		})
		return token
	}
	ours, theirs := "queue:"+a.Queue.String(), "queue:"+other.String()
	mine, all := dial(t, one, supervisor("mine", policy.Scope{Queue: a.Queue})), dial(t, one, supervisor("all", policy.Scope{}))
	for _, c := range []struct {
		*client
		channel string
	}{{mine, ours}, {all, ours}, {all, theirs}} {
		if err := c.sub(c.channel); err != nil {
			t.Fatalf("%s: %+v", c.channel, err)
		}
	}
	for _, c := range []*client{mine, dial(t, one, supervisor("line", policy.Scope{Line: a.Queue}))} {
		if err := c.sub(theirs); err == nil || err.Code != "not_found" {
			t.Fatalf("another queue: %+v", err)
		}
	}
	shows := func(c *client, channel, entity, part string) {
		t.Helper()
		c.await(entity+" "+part, func() bool {
			d, there := c.sets[channel][entity]
			return there == (part != "") && strings.Contains(string(d.d), part)
		})
		c.converges(s, channel)
	}

	r := s.place(t, two.db, a.Queue, a.Clients[0])
	request, offer := "request/"+r.String(), ident.New()
	shows(mine, ours, request, `"client_name":"client0-`)
	var owned store.Owned
	s.in(t, two.db, func(tx *store.Tx) (err error) {
		owned, _, err = tx.TakeQueue(t.Context(), a.Queue, uuid.New(), time.Hour)
		return err
	})
	s.in(t, two.db, func(tx *store.Tx) error {
		made, err := tx.MakeOffers(t.Context(), store.OffersAsk{Owned: owned, Request: r, Who: []store.OfferAsk{{ID: offer, Expert: expert, Score: json.RawMessage(`{}`)}}})
		if err == nil && made[0][0].Refused != "" {
			t.Fatal(made[0][0].Refused)
		}
		return err
	})
	taken := "offer/" + offer.String()
	shows(mine, ours, request, `"deadline"`)
	shows(all, theirs, taken, `"state":"open"`)
	decide := func(verb store.OfferVerb, by uuid.UUID) {
		s.in(t, two.db, func(tx *store.Tx) error {
			_, err := tx.DecideOffers(t.Context(), []store.OfferDeed{{Verb: verb, Offer: offer, By: by}})
			return err
		})
	}
	decide(store.OfferAccept, expert)
	shows(mine, ours, request, "")
	shows(all, theirs, taken, `"state":"accepted"`)
	decide(store.OfferDone, uuid.Nil)
	shows(mine, ours, taken, "")

	someone := "expert/" + expert.String()
	var epoch int64
	intend := func(i string) {
		s.in(t, two.db, func(tx *store.Tx) error {
			_, err := tx.ExpertIntent(t.Context(), expert, i)
			return err
		})
	}
	intend("break")
	shows(all, theirs, someone, `"intent":"break"`)
	s.in(t, two.db, func(tx *store.Tx) (err error) {
		epoch, err = tx.ConnectExpert(t.Context(), expert, uuid.New(), time.Hour)
		return err
	})
	shows(mine, ours, someone, `"reach":"connected"`)
	s.in(t, two.db, func(tx *store.Tx) error {
		_, err := tx.CloseExpert(t.Context(), expert, epoch)
		return err
	})
	shows(mine, ours, someone, `"reach":"suspect"`)
	intend("off")
	s.db.Exec(t, `update expert_presence set until = clock_timestamp() - interval '1 second' where expert_id = $1`, expert)
	lapsed, err := two.db.System().Lapsed(t.Context(), 10)
	if err != nil || len(lapsed[s.db.A.ID]) == 0 {
		t.Fatalf("nobody lapsed: %v %v", lapsed, err)
	}
	for range 2 { // two nodes that find the same
		s.in(t, two.db, func(tx *store.Tx) error { return tx.TellLapsed(t.Context(), lapsed[s.db.A.ID]...) })
	}
	shows(mine, ours, someone, "")
	s.in(t, two.db, func(tx *store.Tx) error {
		u, err := tx.LockUser(t.Context(), a.Experts[1])
		if err == nil {
			u.Name = "Dr Layla Haddad"
			_, err = tx.UpdateUser(t.Context(), u)
		}
		return err
	})
	shows(mine, ours, "expert/"+a.Experts[1].String(), `"name":"Dr Layla Haddad"`)

	move := func(r, into uuid.UUID) {
		s.in(t, two.db, func(tx *store.Tx) error {
			refused, err := tx.Supervise(t.Context(), r, nil, into)
			if refused != "" {
				t.Fatal(refused)
			}
			return err
		})
	}
	r = s.place(t, two.db, other, a.Clients[1])
	request = "request/" + r.String()
	shows(all, theirs, request, `"queue"`)
	move(r, a.Queue)
	shows(mine, ours, request, `"queue"`)
	shows(all, theirs, request, "")
	move(r, other)
	shows(mine, ours, request, "")
	priority := 4
	s.in(t, two.db, func(tx *store.Tx) error {
		_, err := tx.Supervise(t.Context(), r, &priority, uuid.Nil)
		return err
	})
	shows(all, theirs, request, `"priority":4`)
	mine.mu.Lock()
	defer mine.mu.Unlock()
	for _, f := range mine.frames {
		if strings.Contains(f, other.String()) {
			t.Errorf("who runs one queue was told of another: %s", f)
		}
	}
}

// A conversation is on its queue's board, with how well each of the two hears; on another's it is not, nor is what its supervisors say.
func TestABoardShowsWhoTalksAndHowWell(t *testing.T) {
	s := newScene(t, 1)
	one, two := s.node(t), s.node(t)
	p := s.pair(t, "builtin", false)
	other := ident.New()
	s.db.Exec(t, `insert into queue (tenant_id, id, name, time_zone) values ($1, $2, 'Another', 'UTC')`, s.db.A.ID.UUID(), other)
	token := s.person("boss", s.db.A.Rider2)
	s.doors.change(token, func(a *policy.Actor) { a.Grants = []policy.Grant{{Permission: policy.QueueReadPermission}} })
	ours, theirs, talk := "queue:"+p.queue(t).String(), "queue:"+other.String(), "session/"+p.id.String()
	boss, client := dial(t, one, token), dial(t, two, p.clientToken)
	for _, ch := range []string{ours, theirs} {
		if err := boss.sub(ch); err != nil {
			t.Fatalf("%+v", err)
		}
	}
	p.write(t, two.db, func(x *store.Session) { x.Meter.State = meter.Live })
	boss.await("who talks", func() bool { return strings.Contains(string(boss.sets[ours][talk].d), `"state":"live"`) })
	boss.converges(s, ours)
	boss.converges(s, theirs)

	key := p.queue(t).String() + "/" + p.id.String() + "/client"
	for _, level := range []string{"fair", "fair", "poor"} {
		if code := p.tells(client, "quality", "k", `{"level":"`+level+`","secret":"s"}`); code != "" {
			t.Fatal(code)
		}
	}
	if code := p.tells(client, "quality", "k", `{"level":"<b>"}`); code != "" {
		t.Fatal(code)
	}
	boss.await("how well the client hears", func() bool {
		return string(boss.sigs[ours+" quality "+key].D) == `{"level":"poor","role":"client","session":"`+p.id.String()+`"}`
	})
	boss.mu.Lock()
	if n := boss.heard[ours+" quality "+key]; n != 2 {
		t.Errorf("told %d times, want what changed alone", n)
	}
	for _, f := range boss.frames {
		if strings.Contains(f, theirs) && strings.Contains(f, p.id.String()) && strings.Contains(f, "quality") || strings.Contains(f, "secret") {
			t.Errorf("another board was told: %s", f)
		}
	}
	boss.mu.Unlock()
	none := int64(0)
	p.write(t, two.db, func(x *store.Session) {
		x.Meter.State, x.Meter.Reason, x.Charged, x.Cost = meter.Completed, meter.Said, &none, &none
	})
	boss.await("the end", func() bool { _, there := boss.sets[ours][talk]; return !there })
	boss.converges(s, ours)
}

// However many wait in a queue, and they may be more than most kinds of channel show, its board holds each of them, and goes on from there.
func TestABoardShowsAllWhoWait(t *testing.T) {
	const crowd = 2100
	s := newScene(t, 1)
	a := s.db.Advice(t, s.db.A, 0, 1)
	s.db.Exec(t, `insert into request (tenant_id, id, queue_id, client_id, modality, ceiling, currency, funding)
		select $1, gen_random_uuid(), $2, $3, 'audio', 900, 'MAD', 'test' from generate_series(1, $4)`, s.db.A.ID.UUID(), a.Queue, a.Clients[0], crowd)
	n, board := s.node(t), "queue:"+a.Queue.String()
	token := s.person("boss", s.db.A.Rider2)
	s.doors.change(token, func(who *policy.Actor) { who.Grants = []policy.Grant{{Permission: policy.QueueReadPermission}} })
	boss := dial(t, n, token)
	if err := boss.sub(board); err != nil {
		t.Fatalf("%+v", err)
	}
	holds := func(want int) {
		t.Helper()
		boss.await(fmt.Sprintf("%d wait", want), func() bool { return len(boss.sets[board]) == want })
	}
	holds(crowd)
	s.place(t, n.db, a.Queue, a.Clients[0])
	holds(crowd + 1)
	boss.converges(s, board)
}
