package session_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/session"
	"github.com/waymeet/waymeet/session/meter"
	"github.com/waymeet/waymeet/store"
)

// From the accepted offer to the receipt: opened once, live when both hear each other, more money asked for at three minutes,
// ended by one of them, charged by the second at the expert's price, the slot back when the expert is done.
func TestAConversation(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, 1)
	k := w.talk(t, 3) // 27.00 at the expert's 5.00 a minute: 324 seconds
	w.open(t, k.s, k.request, k.id)
	ctx := context.Background()
	if x := k.stands(t, "connecting  0"); x.Meter.Funded != 324 || x.Price.Amount != 500 || w.Int(t, `select count(*) from session`) != 1 {
		t.Fatalf("%+v", x)
	}
	if m, err := w.Read(w.A.ID).Metered(ctx, k.funds); err != nil || m.Expert != k.expert.User || m.Terms.Price.Amount != 500 {
		t.Errorf("the money does not know who takes it: %+v, %v", m, err)
	}
	k.both(t)
	k.talks(t, 3)
	if x := k.stands(t, "live  2"); x.RunningSince.IsZero() {
		t.Error("nobody is told that the meter runs")
	}
	k.talks(t, 143)
	if got := k.asked(t); got != "[session_extend]" {
		t.Errorf("with 179 seconds left: %s", got)
	}
	if err := k.s.Fund(ctx, w.A.ID, k.id, 10*time.Minute); err != nil {
		t.Fatal(err)
	}
	if err := k.s.Fund(ctx, w.A.ID, k.id, time.Minute); err != nil || k.row(t).Meter.Funded != 600 {
		t.Errorf("funded for less than before: %d, %v", k.row(t).Meter.Funded, err)
	}
	wants(t, k.s.Done(ctx, k.expert, w.claim(k.expert, "done"), k.id), "session_goes_on")
	wants(t, k.s.Rate(ctx, k.client, w.claim(k.client, "rate"), k.id, 5, ""), "session_goes_on")
	for range 2 {
		if err := k.s.End(ctx, k.client, w.claim(k.client, "end"), k.id); err != nil {
			t.Fatal(err)
		}
	}
	x := k.stands(t, "wrap_up said 145")
	if *x.Charged != 145 || *x.Cost != 1208 || !x.RunningSince.IsZero() || k.asked(t) != "[session_extend session_settle]" {
		t.Errorf("charged %d seconds, %d, asked for %s", *x.Charged, *x.Cost, k.asked(t))
	}
	if n := w.Int(t, `select count(*) from offer where state = 'accepted'`); n != 1 {
		t.Error("the slot came back before the expert is done")
	}
	wants(t, k.s.Done(ctx, k.client, w.claim(k.client, "done"), k.id), "session_not_yours")
	if err := k.s.Done(ctx, k.expert, w.claim(k.expert, "done"), k.id); err != nil {
		t.Fatal(err)
	}
	k.stands(t, "completed said 145")
	for range 2 {
		if err := k.s.Close(ctx, w.A.ID, k.id); err != nil {
			t.Fatal(err)
		}
	}
	if n := w.Int(t, `select count(*) from offer where state = 'done'`); n != 1 || k.asked(t) != "[session_extend session_settle session_close]" {
		t.Errorf("%d done, asked for %s", n, k.asked(t))
	}
	if err := k.s.Rate(ctx, k.client, w.claim(k.client, "rate"), k.id, 4, "clear"); err != nil {
		t.Fatal(err)
	}
	wants(t, k.s.Rate(ctx, k.client, w.claim(k.client, "rate"), k.id, 1, ""), "session_rated")
	if err := k.s.Rate(ctx, k.expert, w.claim(k.expert, "rate"), k.id, 5, ""); err != nil {
		t.Fatal(err)
	}
	if n := w.Int(t, `select rating from expert`); n != 400 || w.Int(t, `select rated from expert`) != 1 {
		t.Errorf("the expert is rated %d", n)
	}
	_, err := k.s.Join(ctx, k.client, w.claim(k.client, "join"), k.id)
	wants(t, err, "session_over")
}

// How a conversation ends in which nobody, or only one, was heard: what becomes of the request, the slot and the money.
func TestWhoNeverMet(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, stands, request, offer, asked string
		joins                               func(k *talk, t *testing.T)
	}{
		{"nobody came", "no_show no_client 0", "matched", "done", "[session_close session_settle]", func(*talk, *testing.T) {}},
		{"the expert did not come", "no_show no_expert 0", "waiting", "dropped", "[session_close]", func(k *talk, t *testing.T) { k.alone(t, k.client) }},
		{"the client did not come", "no_show no_client 0", "matched", "done", "[session_close session_settle]", func(k *talk, t *testing.T) { k.alone(t, k.expert) }},
		{"no media", "connect_failed no_media 0", "waiting", "dropped", "[session_close]", func(k *talk, t *testing.T) { k.alone(t, k.client); k.alone(t, k.expert) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			k := newWorld(t, 2, 1).talk(t, 3)
			c.joins(k, t)
			k.passes(t, 62)
			x := k.stands(t, c.stands)
			if *x.Charged != 0 || *x.Cost != 0 || k.asked(t) != c.asked {
				t.Errorf("charged %d, asked for %s", *x.Charged, k.asked(t))
			}
			for range 2 {
				if err := k.s.Close(t.Context(), k.A.ID, k.id); err != nil {
					t.Fatal(err)
				}
			}
			if got := fmt.Sprint(k.Texts(t, `select state from request`), k.Texts(t, `select state from offer`)); got != fmt.Sprintf("[%s] [%s]", c.request, c.offer) && got != fmt.Sprintf("[%s][%s]", c.request, c.offer) {
				t.Errorf("request and offer are %s", got)
			}
			if c.request != "waiting" {
				return
			}
			// The same money pays for whoever takes it next, at their price.
			k.Exec(t, `update expert set price = 700 where id = $1`, k.Experts[1])
			next := k.accepted(t, k.request, k.Experts[1])
			k.open(t, k.s, k.request, next)
			if got := k.Texts(t, `select price || ' ' || funded_s from session where id = $1`, next); fmt.Sprint(got) != "[500 324]" {
				t.Errorf("the next is at %s: a price that was agreed on does not rise", got)
			}
		})
	}
}

// alone is somebody who beats and hears nothing.
func (k *talk) alone(t testing.TB, by session.By) {
	t.Helper()
	epoch := k.join(t, k.s, by).Epoch
	for range 3 {
		k.time += time.Second
		if err := k.s.Beat(context.Background(), by, k.id, epoch, false); err != nil {
			t.Fatal(err)
		}
		if err := k.s.Flush(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
}

// An offer whose money is gone opens a conversation that is over; one that is not accepted any more opens none.
func TestNothingOpensWithoutMoney(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2, 2)
	k := w.talk(t, 0)
	k.stands(t, "cancelled funds 0")
	if got := k.asked(t); got != "[session_close session_settle]" {
		t.Errorf("asked for %s", got)
	}
	if err := k.s.Close(t.Context(), w.A.ID, k.id); err != nil {
		t.Fatal(err)
	}
	// Another request names the same money, and one names none.
	other := w.request(t, w.Clients[0], k.funds)
	offer := w.accepted(t, other, w.Experts[0])
	w.open(t, k.s, other, offer)
	nothing := ident.New()
	w.tx(t, func(ctx context.Context, tx *store.Tx) error {
		return tx.AddRequests(ctx, store.NewRequest{Request: store.Request{ID: nothing, Queue: w.Queue, Client: w.Clients[1], Modality: "audio", Ceiling: k.row(t).Price, Funding: "a promise"}})
	})
	promised := w.accepted(t, nothing, w.Experts[1])
	w.open(t, k.s, nothing, promised)
	if n := w.Int(t, `select count(*) from session`); n != 1 {
		t.Errorf("%d sessions", n)
	}
	for _, id := range []uuid.UUID{offer, promised} {
		if err := k.s.Close(t.Context(), w.A.ID, id); err != nil {
			t.Fatal(err)
		}
	}
	if n := w.Int(t, `select count(*) from offer where state = 'done'`); n != 3 {
		t.Errorf("%d slots came back of 3", n)
	}
	// Requeued before the job came.
	again := w.request(t, w.Clients[1], w.funded(t, w.Clients[1], 3))
	gone := w.accepted(t, again, w.Experts[1])
	w.tx(t, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.DecideOffer(ctx, store.OfferRequeue, gone, uuid.Nil)
		return err
	})
	w.open(t, k.s, again, gone)
	if n := w.Int(t, `select count(*) from session`); n != 1 {
		t.Errorf("%d sessions after one that was taken back", n)
	}
}

// A connection speaks until a newer one does. Neither an old epoch, nor one that nobody was given, nor somebody else is heard.
func TestAnOldSocketDoesNotSpeak(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, 2)
	k := w.talk(t, 3).both(t)
	ctx := context.Background()
	k.talks(t, 5)
	old := k.clientEpoch
	k.clientEpoch = k.join(t, k.s, k.client).Epoch
	if k.clientEpoch <= old {
		t.Fatalf("epoch %d after %d", k.clientEpoch, old)
	}
	k.time += time.Second
	_ = k.s.Beat(ctx, k.client, k.id, old, true) // this node has not heard of the new one yet
	if err := k.s.Flush(ctx); err != nil {
		t.Fatal(err)
	}
	wants(t, k.s.Beat(ctx, k.client, k.id, old, true), "session_superseded")
	wants(t, k.s.Beat(ctx, k.client, k.id, old, true), "session_superseded")
	wants(t, k.s.Beat(ctx, k.client, k.id, k.clientEpoch+7, true), "session_superseded")
	wants(t, k.s.Beat(ctx, session.By{Tenant: w.A.ID, User: w.Clients[1]}, k.id, 1, true), "session_not_found")
	wants(t, k.s.Beat(ctx, session.By{Tenant: w.B.ID, User: w.B.Rider}, k.id, 1, true), "session_not_found")
	wants(t, k.s.Leave(ctx, k.client, w.claim(k.client, "leave"), k.id, old), "session_superseded")
	k.talks(t, 4)
	if x := k.row(t); x.Meter.State != meter.Live {
		t.Errorf("the new connection talks, and it is %s", x.Meter.State)
	}
	if err := k.s.Leave(ctx, k.client, w.claim(k.client, "leave"), k.id, k.clientEpoch); err != nil {
		t.Fatal(err)
	}
	if x := k.row(t); x.Meter.State != meter.Reconnecting {
		t.Errorf("after a goodbye it is %s", x.Meter.State)
	}
	k.time += time.Second
	_ = k.s.Beat(ctx, k.client, k.id, k.clientEpoch, true)
	if err := k.s.Flush(ctx); err != nil {
		t.Fatal(err)
	}
	wants(t, k.s.Beat(ctx, k.client, k.id, k.clientEpoch, true), "session_superseded")
	k.passes(t, 50)
	x := k.row(t)
	if x.Meter.State != meter.WrapUp || x.Meter.Reason != meter.Lost {
		t.Errorf("nobody came back, and it is %s, %s", x.Meter.State, x.Meter.Reason)
	}
}

// The funded second is the last, whoever talks on; the row itself refuses more.
func TestTheFundedSecondIsTheLast(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, 1)
	k := w.talk(t, 1).both(t) // 108 seconds
	k.talks(t, 130)
	x := k.stands(t, "wrap_up funds 108")
	if *x.Charged != 108 || *x.Cost != 900 {
		t.Errorf("charged %d, %d", *x.Charged, *x.Cost)
	}
	wants(t, k.s.Say(t.Context(), k.client, w.claim(k.client, "say"), k.id, ""), "bad_value")
	if err := k.s.Say(t.Context(), k.client, w.claim(k.client, "say"), k.id, "thank you"); err != nil {
		t.Error(err)
	}
	for sql, stands := range map[string]string{
		`update session set billed_s = billed_s - 1`:                                        "session_keeps",
		`update session set billed_s = billed_s + 1`:                                        "session_",
		`update session set funded_s = funded_s - 1`:                                        "session_",
		`update session set state = 'live', charged_s = null, cost = null, ended_at = null`: "session_keeps",
		`update session set charged_s = 1`:                                                  "session_keeps",
		`update session set cost = 1`:                                                       "session_keeps",
		`update session set price = 1`:                                                      "session_keeps",
		`update session set state = 'cancelled'`:                                            "session_keeps",
		`update metered_session set price = price + 1`:                                      "metered_session_keeps",
		`update metered_session set fee_bp = 0`:                                             "metered_session_keeps",
	} {
		if err := w.Try(sql); err == nil || !strings.Contains(err.Error(), stands) && !strings.Contains(fmt.Sprintf("%+v", err), stands) {
			t.Errorf("%s: %v", sql, err)
		}
	}
	for _, sql := range []string{`update session_message set body = 'no'`, `delete from session`, `delete from session_party`, `update session_rating set stars = 5`} {
		if err := w.TryAs(w.AppURL(), sql); err == nil || !strings.Contains(err.Error(), "permission denied") {
			t.Errorf("%s: %v", sql, err)
		}
	}
}
