package main

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing"
	"github.com/waymeet/waymeet/billing/advice"
	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/internal/errand"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/matching"
	"github.com/waymeet/waymeet/session"
	"github.com/waymeet/waymeet/session/meter"
	"github.com/waymeet/waymeet/store"
)

// rung rings an expert, or says why not.
func (c *counter) rung(t *testing.T, owned store.Owned, request, expert, offer uuid.UUID) (refused string) {
	t.Helper()
	c.inTx(t, func(tx *store.Tx) error {
		made, err := tx.MakeOffers(t.Context(), store.OffersAsk{Owned: owned, Request: request, Who: []store.OfferAsk{{ID: offer, Expert: expert, Score: json.RawMessage(`{}`)}}})
		if err == nil {
			refused = made[0][0].Refused
		}
		return err
	})
	return refused
}

// take rings an expert for a request and has them accept it; the job opens their conversation.
func (c *counter) take(t *testing.T, owned store.Owned, request, expert uuid.UUID) (offer uuid.UUID) {
	t.Helper()
	offer = ident.New()
	if refused := c.rung(t, owned, request, expert, offer); refused != "" {
		t.Fatal(refused)
	}
	c.inTx(t, func(tx *store.Tx) error {
		d, err := tx.DecideOffer(t.Context(), store.OfferAccept, offer, expert)
		if err != nil || d.Refused != "" {
			t.Fatalf("%+v, %v", d, err)
		}
		e := errand.SessionOpen{Request: request, Offer: offer}
		return tx.AddJob(t.Context(), e, e.Key())
	})
	c.until(t, "open", func() bool {
		_, err := c.Read(c.A.ID).Session(t.Context(), offer)
		return err == nil
	})
	return offer
}

func asks(by session.By, op string) idem.Claim {
	return idem.Claim{Actor: by.User, Operation: op, Key: ident.New().String()}
}

func (c *counter) joins(t *testing.T, by session.By, id uuid.UUID) int64 {
	t.Helper()
	j, err := c.talks.Join(t.Context(), by, asks(by, "join"), id)
	if err != nil {
		t.Fatal(err)
	}
	return j.Epoch
}

// talk has them beat each second until it is enough.
func (c *counter) talk(t *testing.T, id uuid.UUID, epochs map[session.By]int64, enough func(store.Session) bool) {
	t.Helper()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for late := time.Now().Add(time.Minute); ; <-tick.C {
		for by, epoch := range epochs {
			if err := c.talks.Beat(t.Context(), by, id, epoch, true); err != nil {
				t.Fatal(err)
			}
		}
		x, err := c.Read(c.A.ID).Session(t.Context(), id)
		if err != nil || time.Now().After(late) {
			t.Fatalf("%+v, %v", x.Meter, err)
		}
		if enough(x) {
			return
		}
	}
}

// paidTalk has a client talk with an expert for 300.00 AED a minute, by a card that they confirmed.
func (c *counter) paidTalk(t *testing.T, client, expert session.By) (owned store.Owned, funds, id uuid.UUID) {
	t.Helper()
	ctx := t.Context()
	funds, request := ident.New(), ident.New()
	held, err := c.payments.Authorise(ctx, c.A.ID, asks(client, "authorise"), billing.Advice{Session: funds, Client: client.User, Terms: advice.Terms{Price: ledger.Of(30000, "AED"), FeeBP: 2000}, Minutes: 10})
	if err != nil {
		t.Fatal(err)
	}
	c.confirm(t, held.Next.ClientSecret)
	c.until(t, "funded", func() bool {
		f, err := c.payments.Funds(ctx, c.A.ID, funds)
		return err == nil && f.Authorised.Amount == 300000
	})
	c.inTx(t, func(tx *store.Tx) (err error) {
		if owned, _, err = tx.TakeQueue(ctx, c.Queue, ident.New(), time.Hour); err != nil {
			return err
		}
		return tx.AddRequests(ctx, store.NewRequest{Request: store.Request{ID: request, Queue: c.Queue, Client: client.User, Modality: "audio", Ceiling: ledger.Of(30000, "AED"), Funding: store.FundingOf(funds)}})
	})
	id = c.take(t, owned, request, expert.User)
	c.talk(t, id, map[session.By]int64{client: c.joins(t, client, id), expert: c.joins(t, expert, id)}, func(x store.Session) bool {
		return x.Meter.State == meter.Live && x.Meter.Meter.Billed >= 2*time.Second
	})
	return owned, funds, id
}

// A card that its owner confirmed once pays for the conversation and for the one that follows it, without them; a handover that is taken back lets go what was set aside for it, and of the
// other each expert has their share of what was talked with them. Nothing but jobs and heartbeats moves it.
func TestAHandoverIsPaidByTheSameCard(t *testing.T) {
	t.Parallel()
	c, ctx := newCounter(t), t.Context()
	c.Exec(t, `update tenant set settings = settings || '{"session":{"minimum_s":60}}'`)
	others := c.MoreExperts(t, c.A, 2)
	second := session.By{Tenant: c.A.ID, User: others[0]}
	c.Exec(t, `update expert set currency = 'AED', price = 30000`) // 300.00 a minute: some seconds are more than the least of a card
	c.Exec(t, `update expert set price = 18000 where id = $1`, second.User)
	client, first := session.By{Tenant: c.A.ID, User: c.Clients[0]}, session.By{Tenant: c.A.ID, User: c.Experts[0]}
	owned, funds, one := c.paidTalk(t, client, first)

	ask := func(to uuid.UUID) uuid.UUID {
		if err := c.talks.Transfer(ctx, first, asks(first, "transfer"), one, session.HandOver{Expert: to, Note: "about the deposit"}); err != nil {
			t.Fatal(err)
		}
		x, err := c.Read(c.A.ID).Session(ctx, one)
		if err != nil {
			t.Fatal(err)
		}
		c.until(t, "waits", func() bool {
			r, err := c.Read(c.A.ID).Request(ctx, x.Transfer.ID)
			return err == nil && r.Priority == 9 && r.About == "about the deposit" && r.Follows == one
		})
		return x.Transfer.ID
	}
	gone := func(transfer uuid.UUID) func() bool {
		return func() bool {
			f, err := c.payments.Funds(ctx, c.A.ID, transfer)
			return err == nil && f.Ended && f.Authorised.Amount == 0 && c.Int(t, `select count(*) from request where id = $1 and state = 'cancelled'`, transfer) == 1
		}
	}

	// One colleague alone is asked: nobody else is rung, and when they leave it, it is off.
	named := ask(second.User)
	if refused := c.rung(t, owned, named, others[1], ident.New()); refused != "expert_unfit" {
		t.Errorf("another is rung: %q", refused)
	}
	ring := ident.New()
	if refused := c.rung(t, owned, named, second.User, ring); refused != "" {
		t.Fatal(refused)
	}
	if _, err := c.match.Decline(ctx, matching.By{Tenant: c.A.ID, User: second.User}, ring); err != nil {
		t.Fatal(err)
	}
	c.until(t, "declined", gone(named))
	c.until(t, "off", func() bool {
		x, err := c.Read(c.A.ID).Session(ctx, one)
		return err == nil && x.Transfer.State == store.TransferOff && x.Transfer.Reason == "declined" && x.Meter.State.Talking()
	})

	dropped := ask(uuid.Nil)
	if err := c.talks.CallOff(ctx, client, asks(client, "off"), one); err != nil {
		t.Fatal(err)
	}
	c.until(t, "let go", gone(dropped))
	next := ask(uuid.Nil)
	if f, err := c.payments.Funds(ctx, c.A.ID, next); err != nil || f.Authorised.Amount != moreMinutes*30000 {
		t.Fatalf("%+v, %v", f, err)
	}
	two := c.take(t, owned, next, second.User)
	theirs := c.joins(t, second, two)
	c.talk(t, two, map[session.By]int64{second: theirs}, func(x store.Session) bool { return x.Meter.Meter.Heard(meter.Expert) })
	c.talk(t, two, map[session.By]int64{client: c.joins(t, client, two), second: theirs}, func(x store.Session) bool { return x.Meter.Meter.Billed >= 3*time.Second })
	if err := c.talks.End(ctx, client, asks(client, "end"), two); err != nil {
		t.Fatal(err)
	}
	for by, part := range map[session.By]struct{ id, funds uuid.UUID }{first: {one, funds}, second: {two, next}} {
		x, err := c.Read(c.A.ID).Session(ctx, part.id)
		if err != nil || !x.Ended() || *x.Charged != x.Meter.Meter.Seconds() || *x.Cost != x.Price.Amount*(*x.Charged)/60 {
			t.Fatalf("%+v, %v", x, err)
		}
		c.until(t, "captured", func() bool {
			f, err := c.payments.Funds(ctx, c.A.ID, part.funds)
			return err == nil && f.Ended && f.Taken == *x.Cost && f.Coming == 0 && f.Short == 0
		})
		share, err := c.Read(c.A.ID).Balance(ctx, ledger.Payable(by.User, "AED"))
		if got := share.Amount(ledger.Payable(by.User, "AED").Class()); err != nil || got != *x.Cost-*x.Cost/5 {
			t.Errorf("of %d seconds for %d: %d, %v", *x.Charged, *x.Cost, got, err)
		}
	}
	if x, _ := c.Read(c.A.ID).Session(ctx, one); x.Meter.Reason != meter.Handed {
		t.Errorf("%s", x.Meter.Reason)
	}
	if _, err := c.VerifyLedger(ctx, c.A.ID); err != nil {
		t.Error(err)
	}
}
