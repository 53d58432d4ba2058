package matching_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/matching"
	"github.com/waymeet/waymeet/store"
)

// talked gives two a conversation that is over.
func (l *lounge) talked(t *testing.T, client, expert uuid.UUID) uuid.UUID {
	t.Helper()
	x, request, offer, funds := l.A.ID.UUID(), ident.New(), ident.New(), ident.New()
	l.Exec(t, `insert into request (tenant_id, id, queue_id, client_id, modality, ceiling, currency, funding, state, ended_at) values ($1, $2, $3, $4, 'audio', 900, 'MAD', $5, 'cancelled', now())`, x, request, l.Queue, client, funds.String())
	l.Exec(t, `insert into offer (tenant_id, id, request_id, queue_id, expert_id, slot, epoch, ring, score, reach, deadline, state, accepted, answered_at, ended_at)
		values ($1, $2, $3, $4, $5, 1, 1, 0, '{}', 'connected', now(), 'done', true, now(), now())`, x, offer, request, l.Queue, expert)
	l.Exec(t, `insert into metered_session (tenant_id, id, client_id, expert_id, price, fee_bp, currency) values ($1, $2, $3, $4, 500, 0, 'MAD')`, x, funds, client, expert)
	l.Exec(t, `insert into session (tenant_id, id, request_id, funds_id, client_id, expert_id, modality, price, currency, policy, state, meter, billed_s, funded_s, free_s, charged_s, cost, ended_at, messages)
		values ($1, $2, $3, $4, $5, $6, 'audio', 500, 'MAD', '{}', 'completed', '{}', 10, 600, 0, 0, 0, now(), 1)`, x, offer, request, funds, client, expert)
	l.Exec(t, `insert into session_party (tenant_id, session_id, user_id, role) values ($1, $2, $3, 'client'), ($1, $2, $4, 'expert')`, x, offer, client, expert)
	l.Exec(t, `insert into session_message (tenant_id, session_id, n, by_user, body) values ($1, $2, 1, $3, 'what was said')`, x, offer, expert)
	return offer
}

// Whoever of two blocks the other, and whatever rings between them at that moment: they do not meet again. While both are rung and blocked by
// several at once, nothing is left ringing.
func TestABlockIsForEverAndBothWays(t *testing.T) {
	t.Parallel()
	l := newLounge(t, 1, 2)
	s, _ := l.node(t, matching.Config{})
	expert, client := l.Experts[0], l.Clients[0]
	r := l.ask(t, s, 0, 3)
	offer, _ := l.rung(t, r)
	if err := s.Block(t.Context(), l.by(expert), client); err != nil {
		t.Fatal(err)
	}
	l.until(t, `select state from offer where id = $1`, "rescinded", offer)
	if _, err := s.Accept(t.Context(), l.by(expert), offer); code(err) != "offer_withdrawn" {
		t.Error("what rang when they were blocked is accepted:", err)
	}
	free, _ := l.rung(t, l.ask(t, s, 1, 3)) // somebody else is rung for: the floor has looked, and the first stays unserved
	if _, err := s.Decline(t.Context(), l.by(expert), free); err != nil {
		t.Fatal(err)
	}
	if n := l.Int(t, `select count(*) from offer where request_id = $1 and state <> 'rescinded'`, r); n != 0 {
		t.Errorf("%d offers between two who are blocked", n)
	}
	// PostgreSQL refuses a node that does not know.
	l.Exec(t, `update queue_owner set node = $1, expires_at = clock_timestamp() + interval '1 hour', epoch = epoch + 1`, ident.New())
	epoch := l.Int(t, `select epoch from queue_owner`)
	made, err := s.Offer(t.Context(), store.Owned{Tenant: l.A.ID, Queue: l.Queue, Epoch: epoch}, r, 5, []store.OfferAsk{{ID: ident.New(), Expert: expert, Score: []byte(`{}`)}})
	if err != nil || len(made) != 1 || made[0].Refused != "expert_blocked" {
		t.Errorf("%+v, %v", made, err)
	}
	// The client takes back what they never said: the expert's word stands.
	if err := s.Unblock(t.Context(), l.by(client), expert); err != nil || l.Int(t, `select count(*) from person_block`) != 1 {
		t.Error(err)
	}
	if err := s.Unblock(t.Context(), l.by(expert), client); err != nil || l.Int(t, `select count(*) from person_block`) != 0 {
		t.Error(err)
	}
}

// Offers are made while people block each other: after a block has answered, nothing rings between the two, whichever came first.
func TestABlockRacesRings(t *testing.T) {
	t.Parallel()
	l := newLounge(t, 4, 8)
	s := matching.New(matching.Config{DB: l.DB.DB, Logger: quiet, Funds: funded{}})
	o, err := s.Take(t.Context(), l.A.ID, l.Queue)
	if err != nil {
		t.Fatal(err)
	}
	for round := range 25 {
		l.Exec(t, `update offer set state = 'rescinded', answered_at = now() where state = 'open'`)
		l.Exec(t, `delete from person_block`)
		l.Exec(t, `update queue_owner set expires_at = clock_timestamp() + interval '1 hour'`)
		if round == 0 {
			for c := range l.Clients {
				l.ask(t, s, c, 3)
			}
		}
		var all sync.WaitGroup
		for c, client := range l.Clients {
			r := uuid.MustParse(l.Texts(t, `select id::text from request where client_id = $1 and state = 'waiting'`, client)[0])
			e := l.Experts[c%len(l.Experts)]
			all.Go(func() {
				if _, err := s.Offer(t.Context(), o, r, round, []store.OfferAsk{{ID: ident.New(), Expert: e, Score: []byte(`{}`)}}); err != nil && !errors.Is(err, context.Canceled) {
					t.Error(err)
				}
			})
			all.Go(func() {
				by, other := l.by(client), e
				if c%2 == 0 {
					by, other = l.by(e), client
				}
				if err := s.Block(t.Context(), by, other); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if n := l.Int(t, `select count(*) from offer where state = 'open'`); n != 0 {
			t.Fatalf("round %d: %d offers ring between people who blocked each other", round, n)
		}
	}
}

// A favourite is rung before somebody who would be, and is none any more once either blocks the other.
func TestAFavouriteIsRungFirst(t *testing.T) {
	t.Parallel()
	l := newLounge(t, 2, 3)
	s, _ := l.node(t, matching.Config{})
	offer, usual := l.rung(t, l.ask(t, s, 0, 3))
	if _, err := s.Decline(t.Context(), l.by(usual), offer); err != nil {
		t.Fatal(err)
	}
	l.Exec(t, `update expert set idle_since = now() - interval '1 hour' where id = $1`, usual) // they would be rung again
	other := l.Experts[0]
	if other == usual {
		other = l.Experts[1]
	}
	client := l.by(l.Clients[1])
	if _, err := s.Cancel(t.Context(), l.by(l.Clients[0]), l.Request(t)); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.Favour(t.Context(), client, other); err != nil {
			t.Fatal(err)
		}
	}
	if all, err := s.Favourites(t.Context(), l.A.ID, client.User); err != nil || len(all) != 1 || !all[0].There {
		t.Fatal(all, err)
	}
	if _, rung := l.rung(t, l.ask(t, s, 1, 3)); rung != other {
		t.Error("somebody else is rung, though the favourite is free")
	}
	if err := s.Block(t.Context(), l.by(other), client.User); err != nil {
		t.Fatal(err)
	}
	if all, err := s.Favourites(t.Context(), l.A.ID, client.User); err != nil || len(all) != 0 {
		t.Error(all, err)
	}
	says(t, "a favourite who does not want to be", s.Favour(t.Context(), client, other), "expert_blocked")
}

// What a client keeps of an expert says no more of who they are than the conversation did; an expert reads their clients' names.
func TestNamesThatAreNotShownAreNotKept(t *testing.T) {
	t.Parallel()
	l := newLounge(t, 2, 1)
	s := matching.New(matching.Config{DB: l.DB.DB, Logger: quiet})
	client, kept, blocked := l.by(l.Clients[0]), l.by(l.Experts[0]), l.by(l.Experts[1])
	if err := errors.Join(s.Favour(t.Context(), client, kept.User), s.Block(t.Context(), client, blocked.User), s.Block(t.Context(), blocked, client.User)); err != nil {
		t.Fatal(err)
	}
	name := func(id uuid.UUID) string { return l.Texts(t, `select name from app_user where id = $1`, id)[0] }
	for _, shown := range []bool{true, false} {
		want := map[uuid.UUID]string{kept.User: "", blocked.User: "", client.User: name(client.User)}
		if shown {
			want[kept.User], want[blocked.User] = name(kept.User), name(blocked.User)
		} else {
			l.Exec(t, `update tenant set settings = jsonb_set(coalesce(settings, '{}'), '{session}', '{"expert_name": "none"}') where id = $1`, l.A.ID.UUID())
		}
		if all, err := s.Favourites(t.Context(), l.A.ID, client.User); err != nil || len(all) != 1 || all[0].Name != want[all[0].Expert] {
			t.Error(shown, all, err)
		}
		for _, by := range []matching.By{client, blocked} {
			if all, err := s.Blocked(t.Context(), by); err != nil || len(all) != 1 || all[0].Name != want[all[0].User] {
				t.Error(shown, all, err)
			}
		}
	}
}

// A report is made once a conversation, is seen with what was said, and is decided once, by nobody whom it is about.
func TestAReportIsDecidedByOthers(t *testing.T) {
	t.Parallel()
	l := newLounge(t, 2, 2)
	s := matching.New(matching.Config{DB: l.DB.DB, Logger: quiet})
	client, expert, boss := l.by(l.Clients[0]), l.by(l.Experts[0]), l.by(l.Experts[1])
	talk := l.talked(t, client.User, expert.User)
	report := func(reason, words string) (uuid.UUID, error) {
		return s.Report(t.Context(), client, claimOf("sessions.report"), store.Report{Session: talk, About: expert.User, Reason: reason, Words: words}, true)
	}
	_, err := report("dislike", "")
	says(t, "an unknown reason", err, "bad_value")
	_, err = report("other", " ")
	says(t, "other, without a word", err, "required")
	id, err := report("abuse", "They shouted")
	if err != nil || l.Int(t, `select count(*) from person_block where user_id = $1 and other_id = $2`, client.User, expert.User) != 1 {
		t.Fatal(err)
	}
	_, err = report("abuse", "Again")
	says(t, "a second time", err, "report_made")
	x, said, err := s.Evidence(t.Context(), boss, id)
	if err != nil || x.Words != "They shouted" || len(said) != 1 || said[0].Body != "what was said" {
		t.Fatal(x, said, err)
	}
	_, err = s.DecideReport(t.Context(), expert, id, "dismissed", "")
	says(t, "about oneself", err, "report_own")
	_, err = s.DecideReport(t.Context(), client, id, "suspended", "x")
	says(t, "one's own", err, "report_own")
	_, err = s.DecideReport(t.Context(), boss, id, "suspended", "")
	says(t, "without a word", err, "required")
	if x, err = s.DecideReport(t.Context(), boss, id, "suspended", "Shouting at clients"); err != nil || x.Outcome != "suspended" {
		t.Fatal(x, err)
	}
	if p, err := s.Profile(t.Context(), l.A.ID, expert.User); err != nil || !p.Suspended || p.Why != "Shouting at clients" {
		t.Error(p, err)
	}
	_, err = s.DecideReport(t.Context(), boss, id, "dismissed", "")
	says(t, "a second time", err, "report_decided")
	if n := l.Int(t, `select count(*) from audit where action in ('report.read', 'report.decide', 'expert.practice')`); n != 3 {
		t.Errorf("%d audit rows", n)
	}
	if open, err := s.Reports(t.Context(), l.A.ID, true, uuid.Nil, 10); err != nil || len(open) != 0 {
		t.Error(open, err)
	}
}
