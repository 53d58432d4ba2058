package gatewaytest

import (
	"slices"
	"testing"
	"time"

	"github.com/waymeet/waymeet/billing/gateway"
)

func seller(t *testing.T, r Rig) {
	r.can(t, gateway.Splits, gateway.OffSession)
	g, ctx, id := r.Gateway, t.Context(), r.order(1).Payment
	ao := gateway.AccountOrder{Key: gateway.Key(id, "account", 1), Seller: "expert-1", Country: "AE", Email: "expert@example.org", Business: gateway.Individual, Currency: r.Currency}
	a := must[gateway.Account](t)(g.OpenAccount(ctx, ao))
	if a.ID == "" || a.Transfers == gateway.CapabilityActive || len(a.Due) == 0 || a.CanPayOut || a.Submitted {
		t.Fatalf("%+v", a)
	}
	if got := must[gateway.Account](t)(g.LookUpAccount(ctx, gateway.Lookup{Key: ao.Key, Since: ago()})); got.ID != a.ID || got.Seller != "expert-1" {
		t.Fatalf("%+v", got)
	}
	plain := must[gateway.Payment](t)(g.Pay(ctx, r.charge(t)))
	to := gateway.TransferOrder{Key: gateway.Key(id, "transfer", 1), Destination: a.ID, Amount: r.amount(500), Source: plain.Charge, Group: "g1", Description: "session"}
	_, err := g.Transfer(ctx, to) // without an active capability it is a liability, to be sent later
	is[*gateway.Refused](t, err)
	link := must[gateway.Link](t)(g.AccountLink(ctx, gateway.LinkOrder{Key: gateway.Key(id, "link", 1), Account: a.ID, ReturnURL: "http://127.0.0.1/return", RefreshURL: "http://127.0.0.1/again"}))
	if link.URL == "" || !link.Until.After(time.Now()) {
		t.Fatalf("%+v", link)
	}
	r.Complete(t, a.ID)
	if a = must[gateway.Account](t)(g.LookUpAccount(ctx, gateway.Lookup{ID: a.ID})); a.Transfers != gateway.CapabilityActive || !a.CanPayOut || len(a.Due) != 0 {
		t.Fatalf("%+v", a)
	}
	to.Key = gateway.Key(id, "transfer", 2)
	tr := must[gateway.Transfer](t)(g.Transfer(ctx, to))
	if again := must[gateway.Transfer](t)(g.Transfer(ctx, to)); again.ID != tr.ID || tr.Source != plain.Charge || tr.Destination != a.ID {
		t.Fatalf("%+v %+v", tr, again)
	}
	to.Key, to.Amount = gateway.Key(id, "transfer", 3), r.amount(300)
	_, err = g.Transfer(ctx, to) // 500 and 300 of a charge of 700
	is[*gateway.Refused](t, err)
	must[gateway.Reversal](t)(g.ReverseTransfer(ctx, gateway.ReverseOrder{Key: gateway.Key(id, "reverse", 1), Transfer: tr.ID, Amount: r.amount(100)}))
	po := gateway.PayoutOrder{Key: gateway.Key(id, "payout", 1), Account: a.ID, Amount: r.amount(400), Statement: "Atlas"}
	_, err = g.Payout(ctx, po) // not available yet
	is[*gateway.Refused](t, err)
	r.Advance(t, 3*24*time.Hour)
	po.Key = gateway.Key(id, "payout", 2)
	out := must[gateway.Payout](t)(g.Payout(ctx, po))
	if out.Status != gateway.PayoutPending || out.Amount != r.amount(400) {
		t.Fatalf("%+v", out)
	}
	r.Advance(t, 2*24*time.Hour)
	if got := must[gateway.Payout](t)(g.LookUpPayout(ctx, gateway.Lookup{Key: po.Key, Account: a.ID, Since: ago()})); got.ID != out.ID || got.Status != gateway.PayoutPaid {
		t.Fatalf("%+v", got)
	}
	_, err = g.LookUpAccount(ctx, gateway.Lookup{ID: "acct_nowhere"})
	is[*gateway.NotFound](t, err)
	po.Key, po.Account = gateway.Key(id, "payout", 3), "acct_nowhere" // another tenant's, say
	_, err = g.Payout(ctx, po)
	is[*gateway.NotFound](t, err)
	_, err = g.LookUpPayout(ctx, gateway.Lookup{ID: out.ID}) // another account does not see it
	is[*gateway.NotFound](t, err)
}

func disputed(t *testing.T, r Rig) {
	r.can(t, gateway.DisputeNews, gateway.OffSession)
	o := r.order(1500)
	o.Method = r.Method(t, Disputed)
	p := must[gateway.Payment](t)(r.Gateway.Pay(t.Context(), o))
	all := must[[]gateway.Dispute](t)(r.Gateway.ListDisputes(t.Context(), gateway.Page{Since: ago()}))
	if len(all) != 1 || all[0].PaymentID != p.ID || all[0].Amount != o.Amount || all[0].Status != gateway.DisputeOpen || all[0].Respond.IsZero() {
		t.Fatalf("%+v", all)
	}
	if d := must[gateway.Dispute](t)(r.Gateway.Dispute(t.Context(), all[0].ID)); d != all[0] {
		t.Fatalf("%+v", d)
	}
	if !r.found(t, p, o).Disputed {
		t.Fatal("the payment does not know")
	}
	_, err := r.Gateway.Dispute(t.Context(), "dp_nowhere")
	is[*gateway.NotFound](t, err)
}

func listed(t *testing.T, r Rig) {
	r.can(t, gateway.EventList, gateway.OffSession)
	g, ctx := r.Gateway, t.Context()
	var want []string
	for range 5 {
		want = append(want, must[gateway.Payment](t)(g.Pay(ctx, r.charge(t))).ID)
	}
	slices.Reverse(want)
	var got []string
	q := gateway.EventQuery{Page: gateway.Page{Since: ago(), Limit: 2}, Types: []string{"payment_intent.succeeded"}, Undelivered: true}
	for {
		page := must[[]gateway.Event](t)(g.ListEvents(ctx, q))
		if len(page) == 0 {
			break
		}
		for _, e := range page {
			got = append(got, e.Of)
			if e.Object != "payment_intent" || len(e.Body) == 0 || e.At.IsZero() {
				t.Fatalf("%+v", e)
			}
		}
		q.After = page[len(page)-1].ID
	}
	if !slices.Equal(got, want) {
		t.Fatalf("%v, want %v", got, want)
	}
	sum := r.amount(0)
	for _, m := range must[[]gateway.Movement](t)(g.ListMovements(ctx, gateway.Page{Since: ago()})) {
		sum.Minor += m.Amount.Minor
		if m.Net.Minor != m.Amount.Minor-m.Fee.Minor || m.Source == "" {
			t.Fatalf("%+v", m)
		}
	}
	if sum != r.amount(5*700) {
		t.Fatalf("%v moved", sum)
	}
}
