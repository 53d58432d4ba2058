package session_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/internal/errand"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/session"
	"github.com/waymeet/waymeet/session/meter"
	"github.com/waymeet/waymeet/store"
)

// transfer has the expert ask for another, and the client's request wait for them, as the job does.
func (k *talk) transfer(t testing.TB) uuid.UUID {
	t.Helper()
	if err := k.s.Transfer(context.Background(), k.expert, k.claim(k.expert, "transfer"), k.id, session.HandOver{}); err != nil {
		t.Fatal(err)
	}
	h := k.row(t).Transfer.ID
	k.fund(t, h, k.client.User, 5)
	k.tx(t, func(ctx context.Context, tx *store.Tx) error {
		if asked, err := tx.SessionAsks(ctx, k.id, h); err != nil || !asked {
			t.Fatal(asked, err)
		}
		return tx.AddRequests(ctx, store.NewRequest{Request: k.following(h)})
	})
	return h
}

func (k *talk) following(h uuid.UUID) store.Request {
	return store.Request{ID: h, Queue: k.Queue, Client: k.client.User, Modality: "audio", Ceiling: k.price(), Funding: store.FundingOf(h), Follows: k.id}
}

func (k *talk) price() ledger.Money {
	x, err := k.Read(k.A.ID).Session(context.Background(), k.id)
	if err != nil {
		panic(err)
	}
	return x.Price
}

// next is the conversation that another expert has taken over.
func (k *talk) next(t testing.TB, transfer, expert uuid.UUID) *talk {
	t.Helper()
	n := &talk{world: k.world, s: k.s, client: k.client, expert: session.By{Tenant: k.A.ID, User: expert}, funds: transfer, request: transfer}
	n.id = k.accepted(t, transfer, expert)
	k.open(t, k.s, transfer, n.id)
	return n
}

// beats is one heartbeat of one of the two, written down.
func (k *talk) beats(t testing.TB, by session.By, epoch int64) {
	t.Helper()
	if err := k.s.Beat(context.Background(), by, k.id, epoch, false); err != nil {
		wants(t, err, "session_over")
	}
	if err := k.s.Flush(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func (k *talk) handover(t testing.TB) string {
	t.Helper()
	h := k.row(t).Transfer
	return strings.TrimSpace(fmt.Sprint(h.State, " ", h.Reason))
}

// works does what conversations have asked for, but settling, until there is nothing left.
func (w *world) works(t testing.TB, s *session.Service) {
	t.Helper()
	ctx := context.Background()
	for {
		jobs := w.Texts(t, `delete from river_job where kind in ('session_close', 'session_transfer') returning kind || ' ' || args::text`)
		if len(jobs) == 0 {
			return
		}
		for _, j := range jobs {
			kind, args, _ := strings.Cut(j, " ")
			if kind == "session_close" {
				var e errand.SessionClose
				if err := json.Unmarshal([]byte(args), &e); err != nil {
					t.Fatal(err)
				}
				if err := s.Close(ctx, w.A.ID, e.Session); err != nil {
					t.Fatal(err)
				}
				continue
			}
			var e errand.SessionTransfer
			if err := json.Unmarshal([]byte(args), &e); err != nil {
				t.Fatal(err)
			}
			if e.State != string(store.TransferOff) {
				continue // the test has placed it
			}
			w.tx(t, func(ctx context.Context, tx *store.Tx) error {
				_, err := tx.DecideOffers(ctx, []store.OfferDeed{{Verb: store.RequestCancel, Request: e.Transfer}})
				return err
			})
			if err := s.Uncall(ctx, w.A.ID, e.Transfer); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// A client talks on with the first expert until the second is there, and then with the second: each second is one expert's, at their price, whatever the operator's
// minimum says; and nobody talks with both.
func TestATransferIsTwoConversations(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 3, 1)
	w.Exec(t, `update tenant set settings = settings || '{"session":{"minimum_s":120,"free_s":20}}'`)
	w.Exec(t, `update expert set price = 400 where id = $1`, w.Experts[1])
	w.Exec(t, `update expert set price = 501 where id = $1`, w.Experts[2]) // more than the first
	k, ctx := w.talk(t, 60), context.Background()
	ask := func() error {
		return k.s.Transfer(ctx, k.expert, k.claim(k.expert, "transfer"), k.id, session.HandOver{Note: "the contract"})
	}
	wants(t, ask(), "transfer_early")
	k.both(t)
	k.talks(t, 9)
	h := k.transfer(t)
	wants(t, ask(), "transfer_under_way")
	if refused := k.rings(t, h, w.Experts[0]); refused != "expert_unfit" {
		t.Errorf("the first expert is rung: %q", refused)
	}
	if refused := k.rings(t, h, w.Experts[2]); refused != "expert_too_dear" {
		t.Errorf("one who asks for more is rung: %q", refused)
	}
	n := k.next(t, h, w.Experts[1])
	if got := k.handover(t); got != "taken" || n.row(t).Price != ledger.Of(400, "MAD") {
		t.Errorf("%s at %s", got, n.row(t).Price)
	}
	comes := func() error {
		_, err := n.s.Join(ctx, n.client, n.claim(n.client, "join"), n.id)
		return err
	}
	wants(t, comes(), "transfer_early")
	n.expertEpoch = n.join(t, n.s, n.expert).Epoch
	if wants(t, comes(), "transfer_early"); k.handover(t) != "here" { // their page has not said a word
		t.Errorf("%s", k.handover(t))
	}
	k.talks(t, 21)
	n.beats(t, n.expert, n.expertEpoch)
	k.stands(t, "live  29")
	n.clientEpoch = n.join(t, n.s, n.client).Epoch
	first := k.stands(t, "wrap_up transferred 29")
	if *first.Charged != 9 || *first.Cost != 75 || k.handover(t) != "done" {
		t.Errorf("%d seconds for %d, %s", *first.Charged, *first.Cost, k.handover(t))
	}
	if err := k.s.Beat(ctx, k.client, k.id, k.clientEpoch, true); err != nil {
		wants(t, err, "session_over")
	}
	if err := k.s.CallOff(ctx, k.expert, k.claim(k.expert, "off"), k.id); err != nil || k.handover(t) != "done" {
		t.Errorf("%s, %v", k.handover(t), err)
	}
	n.talks(t, 31)
	if err := n.s.End(ctx, n.client, n.claim(n.client, "end"), n.id); err != nil {
		t.Fatal(err)
	}
	// The 20 free seconds were used with the first, most of them after the second took it: each of the others is paid, once.
	if second := n.stands(t, "wrap_up said 30"); *second.Charged != 30 || *second.Cost != 200 {
		t.Errorf("%d seconds for %d", *second.Charged, *second.Cost)
	}
	if k.stands(t, "wrap_up transferred 29"); k.asked(t) != "[session_extend session_transfer session_settle]" && k.asked(t) != "[session_transfer session_settle]" {
		t.Errorf("%s", k.asked(t))
	}
	for funds, expert := range map[uuid.UUID]uuid.UUID{k.funds: w.Experts[0], n.funds: w.Experts[1]} {
		if m, err := w.Read(w.A.ID).Metered(ctx, funds); err != nil || m.Expert != expert {
			t.Errorf("%+v, %v", m, err)
		}
	}
}

// rings says why an expert is not rung.
func (w *world) rings(t testing.TB, request, expert uuid.UUID) (refused string) {
	t.Helper()
	w.tx(t, func(ctx context.Context, tx *store.Tx) error {
		made, err := tx.MakeOffers(ctx, store.OffersAsk{Owned: w.owned, Request: request, Who: []store.OfferAsk{{ID: uuid.New(), Expert: expert, Score: json.RawMessage(`{}`)}}})
		if err == nil {
			refused = made[0][0].Refused
		}
		return err
	})
	return refused
}

// PostgreSQL takes no request that follows a conversation of which nobody asked for it, of another client, or for more than is paid now; nor one that comes back.
func TestNobodyIsHandedOverUnasked(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2, 2)
	k := w.talk(t, 60).both(t)
	k.talks(t, 3)
	h := k.transfer(t)
	for what, r := range map[string]func(*store.Request){
		"another handover":   func(r *store.Request) { r.ID = uuid.New() },
		"another client":     func(r *store.Request) { r.Client = w.Clients[1] },
		"a higher price":     func(r *store.Request) { r.Ceiling.Amount++ },
		"a foreign currency": func(r *store.Request) { r.Ceiling.Currency = "AED" },
	} {
		x := k.following(h)
		if r(&x); x.ID == h {
			w.Exec(t, `update session set transfer = transfer || jsonb_build_object('id', $2::text) where id = $1`, k.id, uuid.New().String())
			x.ID = uuid.MustParse(w.Texts(t, `select transfer ->> 'id' from session where id = $1`, k.id)[0])
		}
		err := w.InTx(context.Background(), w.A.ID, func(tx *store.Tx) error { return tx.AddRequests(context.Background(), store.NewRequest{Request: x}) })
		if err == nil || !strings.Contains(err.Error(), "request_follows") {
			t.Errorf("%s: %v", what, err)
		}
	}
	w.Exec(t, `update session set transfer = transfer || '{"state":"done"}' where id = $1`, k.id)
	if err := w.Try(`update session set transfer = transfer || '{"state":"asked"}' where id = $1`, k.id); err == nil || !strings.Contains(err.Error(), "session_keeps") {
		t.Errorf("somebody comes back: %v", err)
	}
}

// What becomes of a handover where somebody does not come, hangs up, or drops, at each of its steps. Nobody's slot is kept, and the first conversation goes on as if it had not been asked for.
func TestATransferThatComesToNothing(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		does          func(t *testing.T, k, n *talk)
		off           string
		first, second string // how they stand
		request       string
	}{
		"taken back": {func(t *testing.T, k, n *talk) {
			ok(t, k.s.CallOff(context.Background(), k.client, k.claim(k.client, "off"), k.id))
		}, "off said", "live ", "cancelled called_off", "matched"},
		"the client hangs up": {func(t *testing.T, k, n *talk) {
			ok(t, k.s.End(context.Background(), k.client, k.claim(k.client, "end"), k.id))
		}, "off ended", "wrap_up said", "cancelled called_off", "matched"},
		"the second changes their mind": {func(t *testing.T, k, n *talk) {
			ok(t, n.s.End(context.Background(), n.expert, n.claim(n.expert, "end"), n.id))
		}, "off said", "live ", "cancelled called_off", "matched"},
		"the client does not come": {func(t *testing.T, k, n *talk) {
			for range 62 {
				k.talks(t, 1)
				n.beats(t, n.expert, n.expertEpoch)
			}
		}, "off no_client", "live ", "no_show no_client", "matched"},
		"the second does not come": {func(t *testing.T, k, n *talk) {
			for range 70 {
				k.talks(t, 1)
				n.Exec(t, `update session set said_at = clock_timestamp() - interval '2 seconds' where id = $1 and state = 'connecting'`, n.id)
				ok(t, n.s.Tick(context.Background()))
			}
		}, "asked", "live ", "no_show no_expert", "waiting"},
		"the first hangs up": {func(t *testing.T, k, n *talk) {
			ok(t, k.s.End(context.Background(), k.expert, k.claim(k.expert, "end"), k.id))
			n.clientEpoch = n.join(t, n.s, n.client).Epoch
			n.talks(t, 5)
		}, "done", "wrap_up said", "live ", "matched"},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 2, 1)
			k := w.talk(t, 60).both(t)
			k.talks(t, 5)
			n := k.next(t, k.transfer(t), w.Experts[1])
			if what != "the second does not come" {
				n.expertEpoch = n.join(t, n.s, n.expert).Epoch
				n.beats(t, n.expert, n.expertEpoch)
			}
			c.does(t, k, n)
			w.works(t, k.s)
			stands := func(k *talk) string {
				x := k.row(t)
				return fmt.Sprint(x.Meter.State, " ", x.Meter.Reason)
			}
			if got := fmt.Sprint(k.handover(t), "; ", stands(k), "; ", stands(n)); got != fmt.Sprint(c.off, "; ", c.first, "; ", c.second) {
				t.Error(got)
			}
			if got := w.Texts(t, `select state from request where id = $1`, n.request); got[0] != c.request {
				t.Errorf("the request: %v", got)
			}
			if strings.HasPrefix(c.off, "off") {
				if got := w.Texts(t, `select state from offer where id = $1`, n.id); got[0] != "done" {
					t.Errorf("the second's slot: %v", got)
				}
				_, err := n.s.Join(context.Background(), n.client, n.claim(n.client, "join"), n.id)
				wants(t, err, "session_over")
				if k.row(t).Meter.State != meter.Live {
					return
				}
				m := k.next(t, k.transfer(t), w.Experts[1]) // and once more
				if m.row(t).Meter.State != meter.Connecting || k.handover(t) != "taken" {
					t.Errorf("%s, %s", m.row(t).Meter.State, k.handover(t))
				}
			}
		})
	}
}

// A handover that is called back while its expert accepts: whichever comes first, nobody is left in a conversation that nobody wants, and no slot is kept.
func TestATransferIsCalledBackWhileItIsTaken(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2, 1)
	k := w.talk(t, 60).both(t)
	k.talks(t, 3)
	h := k.transfer(t)
	offer := k.accepted(t, h, w.Experts[1]) // the job that opens it comes later
	ok(t, k.s.CallOff(context.Background(), k.expert, k.claim(k.expert, "off"), k.id))
	w.open(t, k.s, h, offer)
	n := &talk{world: w, s: k.s, id: offer}
	if n.stands(t, "cancelled called_off 0"); n.asked(t) != "[session_close session_settle]" {
		t.Errorf("%s", n.asked(t))
	}
	w.works(t, k.s)
	if got := w.Texts(t, `select state from offer where id = $1`, offer); got[0] != "done" || k.handover(t) != "off said" {
		t.Errorf("%v, %s", got, k.handover(t))
	}
}

// A client hangs up, goes over, and is called back, the first hangs up and the second does, all at once: one after the other they have a conversation with one of the two, or none;
// the seconds of both are those that passed; and every slot comes back.
func TestTransfersRace(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2, 1)
	ends := map[string]int{}
	for i := range 60 {
		k := w.talk(t, 60).both(t)
		k.talks(t, 5)
		n := k.next(t, k.transfer(t), w.Experts[1])
		n.expertEpoch = n.join(t, n.s, n.expert).Epoch
		n.beats(t, n.expert, n.expertEpoch)
		ctx := context.Background()
		deeds := []func() error{
			func() error {
				j, err := n.s.Join(ctx, n.client, n.claim(n.client, "join"), n.id)
				n.clientEpoch = j.Epoch
				return err
			},
			func() error { return k.s.End(ctx, k.client, k.claim(k.client, "end"), k.id) },
			func() error { return k.s.CallOff(ctx, k.expert, k.claim(k.expert, "off"), k.id) },
			func() error { return n.s.End(ctx, n.expert, n.claim(n.expert, "end"), n.id) },
			func() error { return k.s.End(ctx, k.expert, k.claim(k.expert, "end2"), k.id) },
		}
		deeds = []func() error{deeds[0], deeds[1+i%4], deeds[1+(i/4)%4]}
		var all sync.WaitGroup
		for _, do := range deeds {
			all.Go(func() {
				if err := do(); err != nil && fault.As(err).Kind != fault.Conflict {
					t.Error(err)
				}
			})
		}
		all.Wait()
		w.works(t, k.s)
		a, b := k.row(t), n.row(t)
		ends[fmt.Sprint(k.handover(t), " ", a.Meter.Reason, " ", b.Meter.Reason)]++
		done := a.Transfer.State == store.TransferDone
		switch {
		case a.Meter.State == meter.Live && !b.Ended():
			t.Errorf("they talk with both: %+v", a.Transfer)
		case done != (w.Int(t, `select epoch from session_party where session_id = $1 and role = 'client'`, n.id) > 0): // the join is committed before its entry is asked for
			t.Errorf("%s, and the client's epoch is %d", k.handover(t), n.clientEpoch)
		case done && !a.Ended(), a.Transfer.State == store.TransferOff && !b.Ended():
			t.Errorf("%s: %s and %s", k.handover(t), a.Meter.State, b.Meter.State)
		}
		if done && !b.Ended() {
			from := w.time
			n.talks(t, 4)
			if x, got := n.row(t), int64((w.time-from).Seconds())-1; x.Meter.Meter.Seconds() != got {
				t.Errorf("%d seconds, want %d", x.Meter.Meter.Seconds(), got)
			}
		}
		for _, x := range []*talk{k, n} {
			_ = x.s.End(ctx, x.client, x.claim(x.client, "last"), x.id)
			_ = x.s.Done(ctx, x.expert, x.claim(x.expert, "done"), x.id)
		}
		w.works(t, k.s)
		if busy := w.Int(t, `select count(*) from offer where state in ('open', 'accepted')`); busy != 0 {
			t.Fatalf("%d slots are kept after %v", busy, ends)
		}
		if a, b := k.row(t), n.row(t); a.Meter.Meter.Seconds() != 4 || b.Ended() && !a.Ended() && b.Meter.Meter.Seconds() > 0 {
			t.Errorf("%d and %d seconds", a.Meter.Meter.Seconds(), b.Meter.Meter.Seconds())
		}
	}
	t.Log(ends)
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
