package gatewaytest

import (
	"testing"

	"github.com/waymeet/waymeet/billing/gateway"
)

func notOffered(t *testing.T, r Rig) {
	g, ctx, p := r.Gateway, t.Context(), r.Gateway.Profile()
	verbs := map[gateway.Capability]map[string]func() error{
		gateway.PreAuthorise: {
			"capture": func() error {
				_, err := g.Capture(ctx, gateway.CaptureOrder{Key: "k", ID: "x", Amount: r.amount(100)})
				return err
			},
			"pay, manual": func() error { o := r.order(100); o.Manual = true; _, err := g.Pay(ctx, o); return err },
		},
		gateway.Splits: {
			"pay, split": func() error {
				o := r.order(100)
				o.Split = &gateway.Split{Destination: "acct_1", Fee: r.amount(10)}
				_, err := g.Pay(ctx, o)
				return err
			},
			"open account":     func() error { _, err := g.OpenAccount(ctx, gateway.AccountOrder{Key: "k"}); return err },
			"look up account":  func() error { _, err := g.LookUpAccount(ctx, gateway.Lookup{ID: "x"}); return err },
			"account link":     func() error { _, err := g.AccountLink(ctx, gateway.LinkOrder{Key: "k"}); return err },
			"transfer":         func() error { _, err := g.Transfer(ctx, gateway.TransferOrder{Key: "k"}); return err },
			"look up transfer": func() error { _, err := g.LookUpTransfer(ctx, gateway.Lookup{ID: "x"}); return err },
			"look up reversal": func() error { _, err := g.LookUpReversal(ctx, gateway.Lookup{ID: "x"}); return err },
			"reverse":          func() error { _, err := g.ReverseTransfer(ctx, gateway.ReverseOrder{Key: "k"}); return err },
		},
		gateway.Payouts: {
			"payout":         func() error { _, err := g.Payout(ctx, gateway.PayoutOrder{Key: "k"}); return err },
			"look up payout": func() error { _, err := g.LookUpPayout(ctx, gateway.Lookup{ID: "x"}); return err },
		},
		gateway.Refunds: {
			"refund": func() error {
				_, err := g.Refund(ctx, gateway.RefundOrder{Key: "k", ID: "x", Amount: r.amount(1)})
				return err
			},
			"look up refund": func() error { _, err := g.LookUpRefund(ctx, gateway.Lookup{ID: "x"}); return err },
		},
		gateway.OffSession: {
			"pay, away": func() error {
				o := r.order(100)
				o.Away, o.Method = true, "pm_1"
				_, err := g.Pay(ctx, o)
				return err
			},
			"customer":     func() error { _, err := g.Customer(ctx, gateway.CustomerOrder{Key: "k"}); return err },
			"save method":  func() error { _, err := g.SaveMethod(ctx, gateway.SaveOrder{Key: "k"}); return err },
			"list methods": func() error { _, err := g.ListMethods(ctx, "x"); return err },
			"forget":       func() error { return g.ForgetMethod(ctx, "x", "k") },
		},
		gateway.StatusQuery: {"look up": func() error { _, err := g.LookUp(ctx, gateway.Lookup{ID: "x"}); return err }},
		gateway.DisputeNews: {
			"dispute":  func() error { _, err := g.Dispute(ctx, "x"); return err },
			"disputes": func() error { _, err := g.ListDisputes(ctx, gateway.Page{}); return err },
		},
		gateway.EventList: {
			"events":    func() error { _, err := g.ListEvents(ctx, gateway.EventQuery{}); return err },
			"movements": func() error { _, err := g.ListMovements(ctx, gateway.Page{}); return err },
		},
		gateway.Webhooks: {"webhook": func() error { _, err := g.ReadWebhook(gateway.Delivery{}); return err }},
	}
	for c, set := range verbs {
		if p.Can(c) {
			continue
		}
		for name, do := range set {
			if e := is[*gateway.NotSupported](t, do()); e.Kind != p.Kind {
				t.Errorf("%s: %v", name, e)
			}
		}
	}
}

func merchant(t *testing.T, r Rig) {
	p := r.Gateway.Profile()
	if p.Merchant.Role == "" || p.Kind == "" || p.Live {
		t.Fatalf("%+v", p)
	}
}

func badAmounts(t *testing.T, r Rig) {
	for _, a := range []gateway.Amount{{}, {Minor: 0, Currency: r.Currency}, {Minor: -5, Currency: r.Currency}, {Minor: 5, Currency: "xx"}, {Minor: 5, Currency: "mad"}} {
		o := r.order(1)
		o.Amount = a
		_, err := r.Gateway.Pay(t.Context(), o)
		is[*gateway.Refused](t, err)
	}
	if r.Taken != nil && r.Taken(t) != 0 {
		t.Fatal("something was taken")
	}
	o := r.order(100)
	o.Key = ""
	_, err := r.Gateway.Pay(t.Context(), o)
	is[*gateway.Refused](t, err)
}

func unknownIDs(t *testing.T, r Rig) {
	r.can(t, gateway.StatusQuery)
	_, err := r.Gateway.LookUp(t.Context(), gateway.Lookup{ID: "pi_nowhere", Amount: r.amount(100)})
	is[*gateway.NotFound](t, err)
	_, err = r.Gateway.LookUp(t.Context(), gateway.Lookup{Key: "never:pay:1", Payment: "never", Since: ago(), Amount: r.amount(100)})
	is[*gateway.NotFound](t, err)
}

func wrongKey(t *testing.T, r Rig) {
	if r.WrongKey == nil {
		t.Skip("nobody checks credentials")
	}
	g := r.WrongKey(t)
	o := r.order(100)
	_, err := g.LookUp(t.Context(), gateway.Lookup{ID: "pi_1", Key: o.Key, Payment: o.Payment, Amount: o.Amount, Since: ago()})
	is[*gateway.Misconfigured](t, err)
}
