package main

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/advice"
	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/matching"
	"github.com/waymeet/waymeet/session"
	"github.com/waymeet/waymeet/store"
)

// A second expert is asked, taken by jobs alone, and paid by the operator what their minutes come to; the client's card pays the conversation and nothing else, and the first expert's share
// is of that. One who declines is asked no more, and a client who cancels what waits for them is left with the first.
func TestASecondExpertIsTheOperatorsToPay(t *testing.T) {
	t.Parallel()
	c, ctx := newCounter(t), t.Context()
	second := session.By{Tenant: c.A.ID, User: c.MoreExperts(t, c.A, 1)[0]}
	c.Exec(t, `update expert set currency = 'AED', price = 30000`)
	c.Exec(t, `update expert set price = 18000 where id = $1`, second.User)
	client, first := session.By{Tenant: c.A.ID, User: c.Clients[0]}, session.By{Tenant: c.A.ID, User: c.Experts[0]}
	owned, funds, one := c.paidTalk(t, client, first)
	stands := func(want store.TransferState, why string) func() bool {
		return func() bool {
			x, err := c.Read(c.A.ID).Session(ctx, one)
			return err == nil && x.Second.State == want && x.Second.Reason == why && x.Meter.State.Talking()
		}
	}
	ask := func(to uuid.UUID) uuid.UUID {
		if err := c.talks.BringIn(ctx, first, asks(first, "bringIn"), one, session.HandOver{Expert: to, Note: "about the deposit"}); err != nil {
			t.Fatal(err)
		}
		x, err := c.Read(c.A.ID).Session(ctx, one)
		if err != nil {
			t.Fatal(err)
		}
		c.until(t, "waits", func() bool {
			r, err := c.Read(c.A.ID).Request(ctx, x.Second.ID)
			return err == nil && r.Priority == 9 && r.About == "about the deposit" && r.Follows == one
		})
		return x.Second.ID
	}
	accepts := func(request uuid.UUID, verb func(by matching.By, offer uuid.UUID) error) uuid.UUID {
		offer := ident.New()
		if refused := c.rung(t, owned, request, second.User, offer); refused != "" {
			t.Fatal(refused)
		}
		if at := c.Texts(t, `select coalesce(doc ->> 'beside', '') from offer_doc where id = $1`, offer); at[0] != one.String() {
			t.Errorf("rung for %q, which is not the conversation", at)
		}
		if err := verb(matching.By{Tenant: c.A.ID, User: second.User}, offer); err != nil {
			t.Fatal(err)
		}
		return offer
	}

	accepts(ask(second.User), func(by matching.By, offer uuid.UUID) error { _, err := c.match.Decline(ctx, by, offer); return err })
	c.until(t, "declined", stands(store.TransferOff, "declined"))
	if _, err := c.match.Cancel(ctx, matching.By{Tenant: c.A.ID, User: client.User}, ask(uuid.Nil)); err != nil {
		t.Fatal(err)
	}
	c.until(t, "refused", stands(store.TransferOff, "said"))

	offer := accepts(ask(uuid.Nil), func(by matching.By, offer uuid.UUID) error { _, err := c.match.Accept(ctx, by, offer); return err })
	c.until(t, "taken", stands(store.TransferTaken, ""))
	epochs := map[session.By]int64{client: c.joins(t, client, one), first: c.joins(t, first, one), second: c.joins(t, second, one)}
	c.talk(t, one, epochs, func(x store.Session) bool { return x.Second.Seconds(x.Meter.Meter.Seconds()) >= 3 })
	if err := c.talks.End(ctx, client, asks(client, "end"), one); err != nil {
		t.Fatal(err)
	}
	x, err := c.Read(c.A.ID).Session(ctx, one)
	if err != nil || x.Second.State != store.TransferDone || *x.Cost != 30000*(*x.Charged)/60 {
		t.Fatalf("%+v, %v", x, err)
	}
	seconds := x.Second.Seconds(x.Meter.Meter.Seconds())
	cost, _ := advice.Terms{Price: ledger.Of(18000, "AED")}.Cost(seconds)
	part := cost - cost/5
	holds := func(a ledger.Account) int64 {
		b, err := c.Read(c.A.ID).Balance(ctx, a)
		if err != nil {
			return 0
		}
		return b.Amount(a.Class())
	}
	c.until(t, "paid", func() bool {
		f, err := c.payments.Funds(ctx, c.A.ID, funds)
		return err == nil && f.Ended && f.Taken == *x.Cost && f.Coming == 0 && holds(ledger.Payable(second.User, "AED")) == part &&
			c.Int(t, `select count(*) from offer where id = $1 and state = 'done'`, offer) == 1
	})
	for range 2 { // the job, again
		if err := c.payments.PaySecond(ctx, c.A.ID, offer); err != nil {
			t.Fatal(err)
		}
	}
	if first, bears, got := holds(ledger.Payable(first.User, "AED")), holds(ledger.Fees("second-expert", "AED")), holds(ledger.Payable(second.User, "AED")); first != *x.Cost-*x.Cost/5 || bears != part || got != part {
		t.Errorf("the first has %d of %d, the second %d, the operator bears %d: want %d", first, *x.Cost, got, bears, part)
	}
	sums, each, err := c.match.Earned(ctx, c.A.ID, second.User, uuid.Nil, 10)
	if err != nil || len(each) != 1 || !each[0].Beside || each[0].Charged != seconds || each[0].Part.Amount != part || sums.Today.Amount != part || sums.TodayTalk != time.Duration(seconds)*time.Second {
		t.Errorf("%+v, %+v, %v", sums, each, err)
	}
	if n := c.Int(t, `select count(*) from journal where kind = 'second_earned'`); n != 1 {
		t.Errorf("%d journals", n)
	}
	if _, err := c.VerifyLedger(ctx, c.A.ID); err != nil {
		t.Error(err)
	}
}
