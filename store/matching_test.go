package store_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/store/storetest"
)

// advice is a queue with an owner.
type advice struct {
	*storetest.DB
	storetest.Advice
	owned store.Owned
	node  uuid.UUID
}

func newAdvice(t *testing.T, experts, clients int) *advice {
	t.Helper()
	db := storetest.New(t)
	a := &advice{DB: db, Advice: db.Advice(t, db.A, experts, clients), node: ident.New()}
	a.tx(t, func(ctx context.Context, tx *store.Tx) (err error) {
		var taken bool
		if a.owned, taken, err = tx.TakeQueue(ctx, a.Queue, a.node, time.Hour); !taken {
			t.Error("nobody owns the queue, and it cannot be taken")
		}
		return err
	})
	return a
}

func (a *advice) tx(t *testing.T, f func(ctx context.Context, tx *store.Tx) error) {
	t.Helper()
	if err := a.InTx(context.Background(), a.A.ID, func(tx *store.Tx) error { return f(context.Background(), tx) }); err != nil {
		t.Fatal(err)
	}
}

func (a *advice) request(t *testing.T, client int) uuid.UUID {
	t.Helper()
	id := ident.New()
	a.tx(t, func(ctx context.Context, tx *store.Tx) error {
		return tx.AddRequests(ctx, store.NewRequest{Request: store.Request{ID: id, Queue: a.Queue, Client: a.Clients[client], Modality: "audio", Ceiling: ledger.Of(900, "MAD"), Funding: "test/" + id.String(),
			Languages: []string{"fr", "en"}, Priority: 2, About: "a lease"},
			Needs: []store.Wanted{{Need: store.Need{Skill: a.Skill, Level: 3}, Own: 3}}})
	})
	return id
}

// ring makes one offer and answers its id and why not.
func (a *advice) ring(t *testing.T, request uuid.UUID, expert int) (offer uuid.UUID, refused string) {
	t.Helper()
	offer = ident.New()
	return offer, a.ringAs(t, a.owned, offer, request, expert)
}

func (a *advice) ringAs(t *testing.T, o store.Owned, offer, request uuid.UUID, expert int) (refused string) {
	t.Helper()
	return a.ringWide(t, o, offer, request, expert, 0)
}

// ringWide is a ring for a request that is relaxed so far.
func (a *advice) ringWide(t *testing.T, o store.Owned, offer, request uuid.UUID, expert, wide int) (refused string) {
	t.Helper()
	a.tx(t, func(ctx context.Context, tx *store.Tx) error {
		made, err := tx.MakeOffers(ctx, store.OffersAsk{Owned: o, Request: request, Ring: wide, Who: []store.OfferAsk{{ID: offer, Expert: a.Experts[expert], Score: json.RawMessage(`{"level":1}`)}}})
		if err == nil {
			refused = made[0][0].Refused
		}
		return err
	})
	return refused
}

func (a *advice) decide(t *testing.T, verb store.OfferVerb, offer, by uuid.UUID) (d store.Decision) {
	t.Helper()
	a.tx(t, func(ctx context.Context, tx *store.Tx) (err error) {
		d, err = tx.DecideOffer(ctx, verb, offer, by)
		return err
	})
	return d
}

// cancel is the first client's.
func (a *advice) cancel(t *testing.T, request uuid.UUID) (d store.Decision) {
	t.Helper()
	a.tx(t, func(ctx context.Context, tx *store.Tx) error {
		all, err := tx.DecideOffers(ctx, []store.OfferDeed{{Verb: store.RequestCancel, Request: request, By: a.Clients[0]}})
		if err == nil {
			d = all[0]
		}
		return err
	})
	return d
}

func (a *advice) due(t *testing.T, offer uuid.UUID) {
	t.Helper()
	a.Exec(t, `update offer set deadline = clock_timestamp() - interval '1 second' where id = $1 and state = 'open'`, offer)
}

func want(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}

// What an offer comes to, and what is said to whoever comes again or too late.
func TestOffersAreDecidedOnce(t *testing.T) {
	t.Parallel()
	a := newAdvice(t, 2, 1)
	e0, e1 := a.Experts[0], a.Experts[1]
	r := a.request(t, 0)

	first, refused := a.ring(t, r, 0)
	want(t, "ring", refused, "")
	want(t, "the same offer again", a.ringAs(t, a.owned, first, r, 0), "")
	want(t, "the same offer to somebody else", a.ringAs(t, a.owned, first, r, 1), "offer_not_found")
	_, refused = a.ring(t, r, 1)
	want(t, "a second at once", refused, "request_rung")
	want(t, "answered by another", a.decide(t, store.OfferAccept, first, e1).Refused, "offer_not_found")
	want(t, "timed out early", a.decide(t, store.OfferTimeOut, first, uuid.Nil).Refused, "offer_not_due")
	want(t, "dropped while there", a.decide(t, store.OfferDrop, first, uuid.Nil).Refused, "expert_present")

	// A late answer is refused, however late anybody looks, and its expert is asked whether they are there.
	a.due(t, first)
	d := a.decide(t, store.OfferAccept, first, e0)
	want(t, "late", d.Refused, "offer_expired")
	want(t, "late again", a.decide(t, store.OfferAccept, first, e0).Refused, "offer_expired")
	want(t, "missed", d.State, "missed")
	_, refused = a.ring(t, r, 0)
	want(t, "not back in the ring", refused, "expert_unavailable")
	a.tx(t, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.ExpertIntent(ctx, e0, "available")
		return err
	})

	// Accepted; again; and too late for everything else.
	_, refused = a.ring(t, r, 0)
	want(t, "there again, as the request stands", refused, "expert_asked")
	second := ident.New()
	want(t, "there again, for less", a.ringWide(t, a.owned, second, r, 0, 1), "")
	d = a.decide(t, store.OfferAccept, second, e0)
	if d.Refused != "" || d.Repeated || d.RequestState != store.RequestMatched || d.State != "accepted" {
		t.Errorf("accept: %+v", d)
	}
	d = a.decide(t, store.OfferAccept, second, e0)
	if d.Refused != "" || !d.Repeated || d.Request != r {
		t.Errorf("accept again: %+v", d)
	}
	for _, verb := range []store.OfferVerb{store.OfferDecline, store.OfferTimeOut, store.OfferRescind, store.OfferDrop} {
		want(t, string(verb), a.decide(t, verb, second, uuid.Nil).Refused, "offer_taken")
	}
	want(t, "cancel", a.cancel(t, r).Refused, "request_matched")

	// It came to nothing: the request waits again where it was, and the first answer stays what it was.
	before, err := a.Read(a.A.ID).Request(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	d = a.decide(t, store.OfferRequeue, second, uuid.Nil)
	if d.Refused != "" || d.RequestState != store.RequestWaiting || !slices.Contains(d.Freed, e0) {
		t.Errorf("requeue: %+v", d)
	}
	after, err := a.Read(a.A.ID).Request(t.Context(), r)
	if err != nil || !after.PlacedAt.Equal(before.PlacedAt) || after.Version <= before.Version {
		t.Errorf("requeued from %+v to %+v (%v)", before, after, err)
	}
	want(t, "accept after all", a.decide(t, store.OfferAccept, second, e0).Refused, "")

	// Cancelled: who is rung may stop.
	declined, refused := a.ring(t, r, 1)
	want(t, "ring another", refused, "")
	want(t, "decline", a.decide(t, store.OfferDecline, declined, e1).Refused, "")
	_, refused = a.ring(t, r, 1)
	want(t, "who declined", refused, "expert_asked")
	third := ident.New()
	want(t, "who declined, for less", a.ringWide(t, a.owned, third, r, 1, 1), "")
	for _, again := range []bool{false, true} {
		if d := a.cancel(t, r); d.Refused != "" || d.Repeated != again {
			t.Errorf("cancel: %+v", d)
		}
	}
	want(t, "accept of a cancelled", a.decide(t, store.OfferAccept, third, e1).Refused, "offer_withdrawn")
	_, refused = a.ring(t, r, 0)
	want(t, "ring for a cancelled", refused, "request_over")
}

// Of those who are rung at once the first has it; a slot comes back with done, and not before.
func TestTheFirstToAnswerHasIt(t *testing.T) {
	t.Parallel()
	a := newAdvice(t, 3, 2)
	a.Exec(t, `update queue set fan_out = 3`)
	r := a.request(t, 0)
	var offers []uuid.UUID
	for i := range 3 {
		o, refused := a.ring(t, r, i)
		want(t, "ring", refused, "")
		offers = append(offers, o)
	}
	a.due(t, offers[2])
	d := a.decide(t, store.OfferAccept, offers[1], a.Experts[1])
	if d.Refused != "" || !slices.Contains(d.Freed, a.Experts[0]) || !slices.Contains(d.Freed, a.Experts[2]) {
		t.Errorf("accept: %+v", d)
	}
	want(t, "second", a.decide(t, store.OfferAccept, offers[0], a.Experts[0]).Refused, "offer_taken")
	want(t, "third, who let it pass", a.decide(t, store.OfferAccept, offers[2], a.Experts[2]).Refused, "offer_expired")
	other := a.request(t, 1)
	_, refused := a.ring(t, other, 1)
	want(t, "in a conversation", refused, "expert_busy")
	want(t, "done", a.decide(t, store.OfferDone, offers[1], uuid.Nil).Refused, "")
	_, refused = a.ring(t, other, 1)
	want(t, "free again", refused, "")
	a.Exec(t, `update offer set state = 'rescinded', answered_at = clock_timestamp() where state = 'open'`)
	_, refused = a.ring(t, r, 0)
	want(t, "over", refused, "request_over")
}

// Whom nobody may ring, each for a reason of its own.
func TestWhoCannotBeRung(t *testing.T) {
	t.Parallel()
	a := newAdvice(t, 1, 1)
	r := a.request(t, 0)
	for _, c := range []struct{ code, plant, mend string }{
		{"expert_suspended", `update expert set suspended_at = now(), suspended_by = id`, `update expert set suspended_at = null, suspended_by = null`},
		{"expert_not_found", `update expert set state = 'applied'`, `update expert set state = 'approved'`},
		{"expert_unavailable", `update expert set intent = 'break'`, `update expert set intent = 'available'`},
		{"expert_unavailable", `update expert set asked_at = now()`, `update expert set asked_at = null`},
		{"expert_unreachable", `update expert_presence set until = now() - interval '1 s'`, `update expert_presence set until = now() + interval '1 h'`},
		{"expert_unreachable", `update expert_presence set closed_at = now()`, `update expert_presence set closed_at = null`},
		{"expert_unfit", `update expert set modalities = '{chat}'`, `update expert set modalities = '{audio}'`},
		{"expert_too_dear", `update expert set price = 901`, `update expert set price = 900`},
		{"expert_too_dear", `update expert set currency = 'AED'`, `update expert set currency = 'MAD'`},
		{"expert_blocked", `insert into person_block (tenant_id, user_id, other_id) select r.tenant_id, r.client_id, e.id from request r, expert e`, `delete from person_block`},
		{"expert_blocked", `insert into person_block (tenant_id, user_id, other_id) select r.tenant_id, e.id, r.client_id from request r, expert e`, `delete from person_block`},
		{"expert_unlicensed", `update skill set licensed = true`, `insert into expert_document (tenant_id, id, expert_id, skill_id, number, state, expires_at, decided_at, decided_by)
			select e.tenant_id, gen_random_uuid(), e.id, k.id, 'L-1', 'accepted', now() + interval '1 h', now(), r.client_id from expert e, skill k, request r`},
		{"expert_unlicensed", `update expert_document set expires_at = now() - interval '1 s'`, `update expert_document set expires_at = now() + interval '1 h'`},
		{"request_moved", `update request set queue_id = (select id from queue where name = 'other')`, `update request set queue_id = (select id from queue where name <> 'other')`},
	} {
		if c.code == "request_moved" {
			a.Exec(t, `insert into queue (tenant_id, id, name, time_zone) select tenant_id, gen_random_uuid(), 'other', 'UTC' from request`)
		}
		a.Exec(t, c.plant)
		_, refused := a.ring(t, r, 0)
		want(t, c.plant, refused, c.code)
		a.Exec(t, c.mend)
		o, refused := a.ring(t, r, 0)
		want(t, c.mend, refused, "")
		want(t, "rescind", a.decide(t, store.OfferRescind, o, uuid.Nil).Refused, "")
	}
	// Push-only rings, and longer.
	a.Exec(t, `update expert_presence set until = now() - interval '1 s', push_until = now() + interval '1 h'`)
	o, refused := a.ring(t, r, 0)
	want(t, "push", refused, "")
	if n := a.Int(t, `select extract(epoch from deadline - made_at)::int from offer where id = $1`, o); n != 600 {
		t.Errorf("a push rings %d s", n)
	}
}

// Constraints stand behind the functions: what they would never write cannot be written.
func TestNothingIsTakenTwiceByConstraint(t *testing.T) {
	t.Parallel()
	a := newAdvice(t, 2, 2)
	r0, r1 := a.request(t, 0), a.request(t, 1)
	o, refused := a.ring(t, r0, 0)
	want(t, "ring", refused, "")
	a.decide(t, store.OfferAccept, o, a.Experts[0])
	for _, c := range []struct{ name, sql string }{
		{"offer_slot", `insert into offer (tenant_id, id, request_id, queue_id, expert_id, slot, epoch, ring, score, reach, deadline)
			select tenant_id, gen_random_uuid(), '` + r1.String() + `', queue_id, expert_id, slot, epoch, 0, '{}', 'connected', now() from offer`},
		{"offer_taken", `insert into offer (tenant_id, id, request_id, queue_id, expert_id, slot, epoch, ring, score, reach, deadline, state, accepted, answered_at)
			select tenant_id, gen_random_uuid(), request_id, queue_id, '` + a.Experts[1].String() + `', 1, epoch, 0, '{}', 'connected', now(), 'accepted', true, now() from offer`},
		{"keeps its place", `update request set placed_at = placed_at - interval '1 s'`},
	} {
		found := ""
		if err := a.Try(c.sql); err != nil {
			found = err.Error()
		}
		if !strings.Contains(found, c.name) {
			t.Errorf("%s does not stand in the way: %q", c.name, found)
		}
	}
	// And the app role writes no offer past the functions.
	for _, sql := range []string{`update offer set state = 'done'`, `delete from offer`, `update request set placed_at = now()`, `update request set state = 'matched'`} {
		if err := a.TryAs(a.AppURL(), sql); err == nil || !strings.Contains(err.Error(), "permission denied") {
			t.Errorf("%s: %v", sql, err)
		}
	}
}

// Whoever lost a queue writes nothing more, whether they know it or not.
func TestALostOwnerWritesNothing(t *testing.T) {
	t.Parallel()
	a := newAdvice(t, 2, 1)
	r := a.request(t, 0)
	other := ident.New()
	take := func() (o store.Owned, taken bool) {
		a.tx(t, func(ctx context.Context, tx *store.Tx) (err error) {
			o, taken, err = tx.TakeQueue(ctx, a.Queue, other, time.Hour)
			return err
		})
		return o, taken
	}
	if _, taken := take(); taken {
		t.Error("a queue that is owned was taken")
	}
	// Its time is over, and nobody has come yet.
	a.Exec(t, `update queue_owner set expires_at = clock_timestamp() - interval '1 ms'`)
	_, refused := a.ring(t, r, 0)
	want(t, "an owner whose time is over", refused, store.OwnerLost)
	next, taken := take()
	if !taken || next.Epoch != a.owned.Epoch+1 {
		t.Fatalf("taken %v: %+v after %+v", taken, next, a.owned)
	}
	_, refused = a.ring(t, r, 0)
	want(t, "an owner of before", refused, store.OwnerLost)
	a.tx(t, func(ctx context.Context, tx *store.Tx) error {
		if kept, err := tx.RenewQueue(ctx, a.owned, a.node, time.Hour); kept || err != nil {
			t.Errorf("an owner of before renews: %v", err)
		}
		return nil
	})
	want(t, "the new owner", a.ringAs(t, next, ident.New(), r, 0), "")
}

// What nobody took waits on in the overflow queue: in its place, moved by the owner alone, and not while somebody is rung.
func TestOverflowKeepsThePlace(t *testing.T) {
	t.Parallel()
	a := newAdvice(t, 1, 1)
	r := a.request(t, 0)
	move := func(o store.Owned) (refused string) {
		a.tx(t, func(ctx context.Context, tx *store.Tx) (err error) {
			refused, err = tx.MoveRequest(ctx, o, r)
			return err
		})
		return refused
	}
	want(t, "without an overflow", move(a.owned), "queue_not_found")
	a.Exec(t, `insert into queue (tenant_id, id, name, time_zone) select tenant_id, gen_random_uuid(), 'overflow', 'UTC' from request`)
	a.Exec(t, `update queue set overflow_id = (select id from queue where name = 'overflow') where name <> 'overflow'`)
	before := a.Texts(t, `select placed_at::text from request`)
	o, refused := a.ring(t, r, 0)
	want(t, "ring", refused, "")
	want(t, "while somebody is rung", move(a.owned), "request_rung")
	a.decide(t, store.OfferRescind, o, uuid.Nil)
	want(t, "an owner of before", move(store.Owned{Tenant: a.owned.Tenant, Queue: a.Queue, Epoch: a.owned.Epoch - 1}), store.OwnerLost)
	want(t, "moved", move(a.owned), "")
	want(t, "again", move(a.owned), "request_moved")
	if n := a.Int(t, `select count(*) from request join queue q on q.id = queue_id where q.name = 'overflow'`); n != 1 || !slices.Equal(before, a.Texts(t, `select placed_at::text from request`)) {
		t.Errorf("%d moved, placed %v", n, before)
	}
	a.cancel(t, r)
}

// A connection speaks for its expert until another one does; a lease that ran out speaks for nobody.
func TestPresenceIsALeaseWithAFence(t *testing.T) {
	t.Parallel()
	a := newAdvice(t, 1, 1)
	e := a.Experts[0]
	reach := func(wanted string) {
		t.Helper()
		got, err := a.Read(a.A.ID).Reach(t.Context(), e)
		if err != nil || got != wanted {
			t.Errorf("reach %q, want %q (%v)", got, wanted, err)
		}
	}
	connect := func() (epoch int64) {
		a.tx(t, func(ctx context.Context, tx *store.Tx) (err error) {
			epoch, err = tx.ConnectExpert(ctx, e, a.node, time.Hour)
			return err
		})
		return epoch
	}
	beat := func(epoch int64) (ok bool) {
		a.tx(t, func(ctx context.Context, tx *store.Tx) (err error) {
			ok, err = tx.BeatExpert(ctx, e, epoch, time.Hour)
			return err
		})
		return ok
	}
	shut := func(epoch int64) (ok bool) {
		a.tx(t, func(ctx context.Context, tx *store.Tx) (err error) {
			ok, err = tx.CloseExpert(ctx, e, epoch)
			return err
		})
		return ok
	}
	first := connect()
	second := connect()
	if second <= first || beat(first) || shut(first) || !beat(second) {
		t.Errorf("the old connection %d speaks for the new one %d", first, second)
	}
	reach("connected")
	if !shut(second) || beat(second) {
		t.Error("a closed connection speaks")
	}
	reach("suspect")
	a.Exec(t, `update expert_presence set until = clock_timestamp() - interval '1 ms'`)
	reach("gone")
	connect()
	reach("connected")
}
