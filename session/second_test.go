package session_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/advice"
	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/session"
	"github.com/waymeet/waymeet/session/meter"
	"github.com/waymeet/waymeet/store"
)

// beside is an expert in somebody else's conversation.
type beside struct {
	by    session.By
	epoch int64
	offer uuid.UUID
}

// asks has its expert ask for a second, and the request wait for them, as the job does.
func (k *talk) asks(t testing.TB, only ...uuid.UUID) uuid.UUID {
	t.Helper()
	ok(t, k.bring(only...))
	h := k.row(t).Second.ID
	k.tx(t, func(ctx context.Context, tx *store.Tx) error {
		if asked, err := tx.SessionAsks(ctx, k.id, h); err != nil || !asked {
			t.Fatal(asked, err)
		}
		return tx.AddRequests(ctx, store.NewRequest{Request: k.waiting(h, only...)})
	})
	return h
}

func (k *talk) bring(only ...uuid.UUID) error {
	return k.s.BringIn(context.Background(), k.expert, k.claim(k.expert, "bringIn"), k.id, session.HandOver{Expert: slices.Concat(only, []uuid.UUID{uuid.Nil})[0]})
}

func (k *talk) waiting(h uuid.UUID, only ...uuid.UUID) store.Request {
	r := k.following(h)
	r.Funding, r.Only = store.BesideOf(h), slices.Concat(only, []uuid.UUID{uuid.Nil})[0]
	return r
}

// takes has an expert accept, and the job give them their part.
func (k *talk) takes(t testing.TB, h, expert uuid.UUID) *beside {
	t.Helper()
	b := &beside{by: session.By{Tenant: k.A.ID, User: expert}, offer: k.accepted(t, h, expert)}
	k.open(t, k.s, h, b.offer)
	return b
}

func (k *talk) comes(t testing.TB, b *beside) *beside {
	t.Helper()
	b.epoch = k.join(t, k.s, b.by).Epoch
	return b
}

// three lets all talk for so long, the second with what comes in, or without.
func (k *talk) three(t testing.TB, seconds int, b *beside, media bool) {
	t.Helper()
	for range seconds {
		k.time += time.Second
		for by, epoch := range map[session.By]int64{k.client: k.clientEpoch, k.expert: k.expertEpoch, b.by: b.epoch} {
			ok(t, k.s.Beat(context.Background(), by, k.id, epoch, media || by != b.by))
		}
		ok(t, k.s.Flush(context.Background()))
	}
}

func (k *talk) second(t testing.TB) string {
	t.Helper()
	h := k.row(t).Second
	return strings.TrimSpace(fmt.Sprint(h.State, " ", h.Reason))
}

// lets does what seconds have asked for, but paying, until there is nothing left.
func (w *world) lets(t testing.TB, s *session.Service) {
	t.Helper()
	ctx := context.Background()
	for {
		jobs := w.Texts(t, `delete from river_job where kind in ('session_close', 'session_second', 'session_open') returning kind || ' ' || args::text`)
		if len(jobs) == 0 {
			return
		}
		for _, j := range jobs {
			kind, args, _ := strings.Cut(j, " ")
			var e struct {
				Session, Second, Offer, Request uuid.UUID
				State                           string
			}
			ok(t, json.Unmarshal([]byte(args), &e))
			switch {
			case kind == "session_open":
				ok(t, s.Open(ctx, w.A.ID, e.Request, e.Offer))
			case kind == "session_close":
				ok(t, s.Close(ctx, w.A.ID, e.Session))
			case e.State == string(store.RequestCancelled):
				ok(t, s.Unasked(ctx, w.A.ID, e.Second))
			case e.Offer != uuid.Nil:
				ok(t, s.FreeSecond(ctx, w.A.ID, e.Offer))
			case e.State == string(store.TransferOff):
				w.tx(t, func(ctx context.Context, tx *store.Tx) error {
					_, err := tx.DecideOffers(ctx, []store.OfferDeed{{Verb: store.RequestCancel, Request: e.Second}})
					return err
				})
			}
		}
	}
}

// earned is what was kept of seconds: seconds, cost and fee.
func (w *world) earned(t testing.TB) string {
	t.Helper()
	return fmt.Sprint(w.Texts(t, `select concat(seconds, ' at ', price, ' is ', cost, ' less ', fee) from session_second order by ended_at`))
}

// Three talk: the client pays to the unit what they pay without the second, whose seconds are counted beside, at their price, through a reconnect of theirs and one of the client's; when the
// conversation ends they have no part, and their slot comes back.
func TestASecondExpertIsPaidByTheOperator(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 4, 1)
	w.Exec(t, `update tenant set settings = settings || '{"session":{"minimum_s":20,"free_s":5}}'`)
	w.Exec(t, `update expert set price = 400 where id = $1`, w.Experts[1])
	w.Exec(t, `update expert set price = 501 where id = $1`, w.Experts[2]) // more than the client pays
	k, ctx := w.talk(t, 60), context.Background()
	wants(t, k.bring(), "transfer_early")
	k.both(t)
	k.talks(t, 9) // 8 are billed
	h := k.asks(t)
	wants(t, k.bring(), "second_under_way")
	wants(t, k.s.Transfer(ctx, k.expert, k.claim(k.expert, "transfer"), k.id, session.HandOver{}), "second_under_way")
	if refused := k.rings(t, h, w.Experts[0]); refused != "expert_unfit" {
		t.Errorf("the first expert is rung: %q", refused)
	}
	if refused := k.rings(t, h, w.Experts[2]); refused != "expert_too_dear" {
		t.Errorf("one who asks for more is rung: %q", refused)
	}
	generation := k.row(t).Generation
	b := k.takes(t, h, w.Experts[1])
	if got := k.second(t); got != "taken" || w.Int(t, `select count(*) from session`) != 1 {
		t.Errorf("%s, and there are %d conversations", got, w.Int(t, `select count(*) from session`))
	}
	k.open(t, k.s, h, b.offer) // the job, again
	stranger := session.By{Tenant: k.A.ID, User: w.Experts[3]}
	_, err := k.s.Join(ctx, stranger, k.claim(stranger, "join"), k.id)
	wants(t, err, "session_not_found")
	k.comes(t, b)
	if x := k.row(t); x.Generation != generation || k.second(t) != "here" {
		t.Errorf("generation %d, was %d; %s", x.Generation, generation, k.second(t))
	}
	k.three(t, 11, b, true) // 10: the first heartbeat of each covers nothing
	ok(t, k.s.Say(ctx, b.by, k.claim(b.by, "say"), k.id, "clause 4"))
	k.talks(t, 20) // they are quiet
	wants(t, k.s.End(ctx, b.by, k.claim(b.by, "end"), k.id), "session_not_found")
	k.three(t, 3, k.comes(t, b), true) // 2
	k.three(t, 7, b, false)            // and hear nobody
	ok(t, k.s.Leave(ctx, k.client, k.claim(k.client, "leave"), k.id, k.clientEpoch))
	for range 6 { // the meter stands
		k.time += time.Second
		ok(t, k.s.Beat(ctx, b.by, k.id, b.epoch, true))
		ok(t, k.s.Beat(ctx, k.expert, k.id, k.expertEpoch, false))
		ok(t, k.s.Flush(ctx))
	}
	k.clientEpoch = k.join(t, k.s, k.client).Epoch
	k.three(t, 5, b, true) // 4
	x := k.row(t)
	seconds, billed := x.Second.Seconds(x.Meter.Meter.Seconds()), x.Meter.Meter.Seconds()
	if billed != 8+11+20+3+7+4 || seconds != 10+2+4 {
		t.Errorf("%d seconds are billed, %d theirs", billed, seconds)
	}
	ok(t, k.s.End(ctx, k.client, k.claim(k.client, "end"), k.id))
	x = k.row(t)
	if *x.Charged != billed-5 || *x.Cost != (billed-5)*500/60 || x.Price != ledger.Of(500, "MAD") {
		t.Errorf("%d charged, for %d at %s", *x.Charged, *x.Cost, x.Price)
	}
	terms := advice.Terms{Price: ledger.Of(400, "MAD"), FeeBP: 2000}
	cost, _ := terms.Cost(seconds)
	if got, want := w.earned(t), fmt.Sprintf("[%d at 400 is %d less %d]", seconds, cost, terms.Whose(cost).Fee); got != want || k.second(t) != "done ended" {
		t.Errorf("%s: %s, want %s", k.second(t), got, want)
	}
	wants(t, k.s.Say(ctx, b.by, k.claim(b.by, "say"), k.id, "and"), "session_not_found")
	w.lets(t, k.s)
	if got := w.Texts(t, `select state from offer where id = $1`, b.offer); got[0] != "done" {
		t.Errorf("the second's slot: %v", got)
	}
	if got := w.Texts(t, `select action from audit where action like 'session.second%' order by at`); fmt.Sprint(got) != "[session.second session.second_taken session.second_over]" {
		t.Errorf("%v", got)
	}
}

// The second reads what it is about by the document and their own me, and neither once they are gone.
func TestASecondExpertSeesTheConversation(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2, 1)
	k := w.talk(t, 60).both(t)
	k.talks(t, 3)
	b := k.comes(t, k.takes(t, k.asks(t), w.Experts[1]))
	shown := func() (out event.Session, talks bool) {
		x, _, err := k.Read(k.A.ID).LiveSession(context.Background(), k.id)
		ok(t, err)
		mine := w.Texts(t, `select count(*)::text from session_party p where p.user_id = $1 and p.role = 'second' and p.ended_at is null`, b.by.User)
		party, _ := x.Sides()
		return x, mine[0] == "1" && slices.Contains(party, b.by.User)
	}
	x, talks := shown()
	c := x.Change()
	if me := "me:" + b.by.User.String(); !talks || !slices.Contains(c.Channels, me) || slices.Contains(c.Left, me) || !strings.Contains(string(x.Doc()), `"role":"second"`) {
		t.Errorf("%v %v %s", talks, c.Channels, x.Doc())
	}
	ok(t, k.s.Withdraw(context.Background(), b.by, k.claim(b.by, "withdraw"), k.id))
	x, talks = shown()
	c = x.Change()
	if me := "me:" + b.by.User.String(); talks || slices.Contains(c.Channels, me) || !slices.Contains(c.Left, me) || strings.Contains(string(x.Doc()), `"role":"second"`) {
		t.Errorf("%v %v %s", talks, c.Left, x.Doc())
	}
	if k.second(t) != "done left" || k.row(t).Meter.State != meter.Live {
		t.Errorf("%s", k.second(t))
	}
	w.lets(t, k.s)
	k.comes(t, k.takes(t, k.asks(t), w.Experts[1])) // and once more
	if k.second(t) != "here" {
		t.Errorf("%s", k.second(t))
	}
}

// What becomes of a second who is not wanted, does not come, or goes, at each step: the two talk on, nobody's slot is kept.
func TestASecondExpertWhoComesToNothing(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for what, c := range map[string]struct {
		alone, taken, here, late bool // late: the job that gives them a part comes after
		does                     func(t *testing.T, k *talk, b *beside)
		stands, request          string
		paid                     bool
	}{
		"taken back while they are asked": {does: func(t *testing.T, k *talk, _ *beside) {
			ok(t, k.s.CallOffSecond(ctx, k.client, k.claim(k.client, "off"), k.id))
		}, stands: "off said", request: "cancelled"},
		"taken back when they are there": {taken: true, here: true, does: func(t *testing.T, k *talk, b *beside) {
			k.three(t, 3, b, true)
			ok(t, k.s.CallOffSecond(ctx, k.client, k.claim(k.client, "off"), k.id))
		}, stands: "done said", request: "matched", paid: true},
		"taken back before they have a part": {late: true, does: func(t *testing.T, k *talk, _ *beside) {
			ok(t, k.s.CallOffSecond(ctx, k.expert, k.claim(k.expert, "off"), k.id))
		}, stands: "off said", request: "matched"},
		"the client hangs up before they have a part": {late: true, does: func(t *testing.T, k *talk, _ *beside) {
			ok(t, k.s.End(ctx, k.client, k.claim(k.client, "end"), k.id))
		}, stands: "off ended", request: "matched"},
		"nobody of the queue comes": {taken: true, does: func(t *testing.T, k *talk, _ *beside) {
			k.talks(t, 59)
			ok(t, k.s.Watch(ctx))
			if k.second(t) != "taken" {
				t.Errorf("let go early: %s", k.second(t))
			}
			k.talks(t, 2)
			ok(t, k.s.Watch(ctx))
		}, stands: "asked", request: "waiting"},
		"a colleague does not come": {alone: true, taken: true, does: func(t *testing.T, k *talk, _ *beside) {
			k.talks(t, 61)
			ok(t, k.s.Watch(ctx))
		}, stands: "off no_show", request: "matched"},
		"their page is gone": {taken: true, here: true, does: func(t *testing.T, k *talk, b *beside) {
			k.three(t, 3, b, true)
			k.talks(t, 10)
			ok(t, k.s.Watch(ctx))
			if k.second(t) != "here" {
				t.Errorf("let go early: %s", k.second(t))
			}
			k.talks(t, 9)
			ok(t, k.s.Watch(ctx))
		}, stands: "done gone", request: "matched", paid: true},
		"the client hangs up": {taken: true, does: func(t *testing.T, k *talk, _ *beside) {
			ok(t, k.s.End(ctx, k.client, k.claim(k.client, "end"), k.id))
		}, stands: "off ended", request: "matched"},
		"nobody beats but they": {taken: true, here: true, does: func(t *testing.T, k *talk, b *beside) {
			for range 60 {
				k.time += time.Second
				if err := k.s.Beat(ctx, b.by, k.id, b.epoch, true); err != nil {
					wants(t, err, "session_not_found") // their part ended with it
				}
				ok(t, k.s.Flush(ctx))
			}
			k.stands(t, "wrap_up lost 4")
		}, stands: "done ended", request: "matched"},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 2, 1)
			k := w.talk(t, 60).both(t)
			k.talks(t, 5)
			var only []uuid.UUID
			if c.alone {
				only = w.Experts[1:2]
				w.Exec(t, `insert into expert_presence (tenant_id, expert_id, node, until) values ($1, $2, $2, now() + interval '1 day') on conflict do nothing`, w.A.ID.UUID(), only[0])
			}
			h := k.asks(t, only...)
			var b *beside
			if c.taken {
				b = k.takes(t, h, w.Experts[1])
			}
			if c.here {
				k.comes(t, b)
			}
			if c.late {
				b = &beside{offer: k.accepted(t, h, w.Experts[1])}
			}
			if c.does(t, k, b); c.late {
				k.open(t, k.s, h, b.offer)
			}
			if n := w.Int(t, `select count(*) from session_party where role = 'second' and ended_at is null`); n != 0 {
				t.Errorf("%d have a part", n)
			}
			w.lets(t, k.s)
			if got := k.second(t); got != c.stands {
				t.Errorf("%q, want %q", got, c.stands)
			}
			if got := w.Texts(t, `select state from request where id = $1`, h); got[0] != c.request {
				t.Errorf("the request: %v", got)
			}
			if n := w.Int(t, `select count(*) from offer where state in ('open', 'accepted') and id <> $1`, k.id); n != 0 {
				t.Errorf("%d slots are kept", n)
			}
			if n := w.Int(t, `select count(*) from session_second`); n != 0 != c.paid {
				t.Errorf("earned: %s", w.earned(t))
			}
		})
	}
}

// A room that is full takes no second, and keeps the place of one who is asked for.
func TestASecondExpertNeedsRoom(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 3, 3)
	k := w.talk(t, 60).both(t)
	k.talks(t, 3)
	for i, c := range w.Clients[1:] { // a room of four
		by := session.By{Tenant: k.A.ID, User: c}
		if err := k.s.Supervise(context.Background(), by, k.claim(by, "barge"), k.id, "session.barge"); err != nil {
			t.Fatal(i, err)
		}
	}
	wants(t, k.bring(), "session_crowded")
	by := session.By{Tenant: k.A.ID, User: w.Clients[2]}
	ok(t, k.s.Withdraw(context.Background(), by, k.claim(by, "withdraw"), k.id))
	b := k.asks(t)
	wants(t, k.s.Supervise(context.Background(), by, k.claim(by, "barge"), k.id, "session.barge"), "session_crowded")
	k.comes(t, k.takes(t, b, w.Experts[1]))
}

// PostgreSQL takes no request for a second whom nobody asked for, none of another conversation's, and no seconds that the conversation has not.
func TestNobodyIsBroughtInUnasked(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2, 2)
	k := w.talk(t, 60).both(t)
	k.talks(t, 3)
	h := k.asks(t)
	for what, r := range map[string]func(*store.Request){
		"another":          func(r *store.Request) { r.ID = uuid.New(); r.Funding = store.BesideOf(r.ID) },
		"another client":   func(r *store.Request) { r.ID, r.Client = h, w.Clients[1] },
		"a higher price":   func(r *store.Request) { r.Ceiling.Amount++ },
		"as if handed on":  func(r *store.Request) { r.Funding = store.FundingOf(h) },
		"the first's part": func(r *store.Request) { r.Funding = store.BesideOf(uuid.New()) },
	} {
		x := k.waiting(h)
		r(&x)
		err := w.InTx(context.Background(), w.A.ID, func(tx *store.Tx) error { return tx.AddRequests(context.Background(), store.NewRequest{Request: x}) })
		if err == nil || !strings.Contains(err.Error(), "request_follows") {
			t.Errorf("%s: %v", what, err)
		}
	}
	b := k.comes(t, k.takes(t, h, w.Experts[1]))
	k.three(t, 4, b, true)
	billed := k.billed(t)
	insert := `insert into session_second (tenant_id, offer_id, session_id, expert_id, price, currency, seconds, cost, fee) values ($1, $2, $3, $4, 1, 'MAD', $5, 0, 0)`
	if err := w.Try(insert, w.A.ID.UUID(), b.offer, k.id, b.by.User, billed+1); err == nil || !strings.Contains(err.Error(), "session_second_counts") {
		t.Errorf("more seconds than the conversation: %v", err)
	}
	if err := w.Try(`insert into session_party (tenant_id, session_id, user_id, role) values ($1, $2, $3, 'second')`, w.A.ID.UUID(), k.id, w.Clients[1]); err == nil || !strings.Contains(err.Error(), "session_party_second") {
		t.Errorf("two at a time: %v", err)
	}
}

// A second who accepts, is called off, does not come, and a client who hangs up, all at once, with a handover beside: nobody has a part without a slot, no slot is kept without a part, what
// was earned is kept once, and the conversation is billed as if nobody had been asked.
func TestSecondsRace(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2, 1)
	ends := map[string]int{}
	ctx := context.Background()
	for i := range 60 {
		k := w.talk(t, 60).both(t)
		k.talks(t, 5)
		h := k.asks(t)
		b := &beside{by: session.By{Tenant: k.A.ID, User: w.Experts[1]}, offer: k.accepted(t, h, w.Experts[1])}
		if i%2 == 1 {
			k.open(t, k.s, h, b.offer)
			k.three(t, 3, k.comes(t, b), true)
		}
		billed := k.billed(t)
		deeds := []func() error{
			func() error { return k.s.Open(ctx, k.A.ID, h, b.offer) },
			func() error { return k.s.CallOffSecond(ctx, k.client, k.claim(k.client, "off"), k.id) },
			func() error { return k.s.End(ctx, k.client, k.claim(k.client, "end"), k.id) },
			func() error { return k.bring() },
			func() error {
				return k.s.Transfer(ctx, k.expert, k.claim(k.expert, "transfer"), k.id, session.HandOver{})
			},
			func() error {
				_, err := k.s.Join(ctx, b.by, k.claim(b.by, "join"), k.id)
				return err
			},
			func() error { return k.s.Withdraw(ctx, b.by, k.claim(b.by, "withdraw"), k.id) },
		}
		deeds = []func() error{deeds[0], deeds[1+i%6], deeds[1+(i/6)%6], deeds[1+(i/3)%6]}
		var all sync.WaitGroup
		for _, do := range deeds {
			all.Go(func() {
				if err := do(); err != nil && fault.As(err).Kind != fault.Conflict && !fault.Is(err, "session_not_found") {
					t.Error(err)
				}
			})
		}
		all.Wait()
		x := k.row(t)
		ends[k.second(t)]++
		if x.Transfer.Open() && x.Second.Open() {
			t.Errorf("both are asked for: %+v, %+v", x.Transfer, x.Second)
		}
		w.lets(t, k.s)
		if parts, slots := w.Int(t, `select count(*) from session_party where role = 'second' and ended_at is null`), w.Int(t, `select count(*) from offer where state = 'accepted' and expert_id = $1`, b.by.User); parts != slots {
			t.Fatalf("%d parts, %d slots after %v", parts, slots, ends)
		}
		_ = k.s.CallOffSecond(ctx, k.client, k.claim(k.client, "last off"), k.id)
		_ = k.s.End(ctx, k.client, k.claim(k.client, "last"), k.id)
		_ = k.s.Done(ctx, k.expert, k.claim(k.expert, "done"), k.id)
		w.lets(t, k.s)
		w.Exec(t, `delete from river_job where kind = 'session_transfer'`)
		if busy := w.Int(t, `select count(*) from offer where state in ('open', 'accepted')`); busy != 0 {
			t.Fatalf("%d slots are kept after %v", busy, ends)
		}
		if n := w.Int(t, `select count(*) from session_second where session_id = $1`, k.id); n != int64(i%2) {
			t.Errorf("%d times earned: %s", n, w.earned(t))
		}
		if x = k.row(t); x.Meter.Meter.Seconds() != billed || *x.Charged != billed {
			t.Errorf("%d seconds, %d charged, want %d", x.Meter.Meter.Seconds(), *x.Charged, billed)
		}
	}
	t.Log(ends)
}

func (k *talk) billed(t testing.TB) int64 {
	t.Helper()
	x := k.row(t)
	return x.Meter.Meter.Seconds()
}
