package gatewaytest

import (
	"testing"

	"github.com/waymeet/waymeet/billing/gateway"
)

// found looks a payment up by id and by key; both must say the same.
func (r Rig) found(t *testing.T, p gateway.Payment, o gateway.PayOrder) gateway.Payment {
	t.Helper()
	byID := must[gateway.Payment](t)(r.Gateway.LookUp(t.Context(), gateway.Lookup{ID: p.ID, Payment: o.Payment, Amount: o.Amount}))
	byKey := must[gateway.Payment](t)(r.Gateway.LookUp(t.Context(), gateway.Lookup{Key: o.Key, Payment: o.Payment, Since: ago(), Amount: o.Amount}))
	if byID.ID != byKey.ID || byID.Status != byKey.Status || byKey.Payment != o.Payment {
		t.Fatalf("by id %+v, by key %+v", byID, byKey)
	}
	return byID
}

func pay(t *testing.T, r Rig) {
	o := r.order(2500)
	p := must[gateway.Payment](t)(r.Gateway.Pay(t.Context(), o))
	if p.Status != gateway.Open || p.Amount != o.Amount || p.Payment != o.Payment || p.ID == "" {
		t.Fatalf("%+v", p)
	}
	prof := r.Gateway.Profile()
	switch {
	case prof.Can(gateway.BrowserForm) && p.Next.ClientSecret.IsZero(),
		prof.Can(gateway.HostedPage) && p.Next.URL == "",
		prof.Can(gateway.Declared) && p.Next.Instructions == "":
		t.Fatalf("the payer is not told what to do: %+v", p.Next)
	}
	again := must[gateway.Payment](t)(r.Gateway.Pay(t.Context(), o))
	if again.ID != p.ID {
		t.Fatalf("the same order made %s and %s", p.ID, again.ID)
	}
	r.can(t, gateway.StatusQuery)
	r.Payer(t, p, Good)
	got := r.found(t, p, o)
	if got.Status != gateway.Captured || got.Received != o.Amount || !got.Capturable.IsZero() {
		t.Fatalf("%+v", got)
	}
	for range 2 { // a look-up finds its own among others
		must[gateway.Payment](t)(r.Gateway.Pay(t.Context(), r.order(2500)))
	}
	if later := r.found(t, p, o); later.ID != p.ID || later.Status != gateway.Captured {
		t.Fatalf("%+v", later)
	}
	if n := r.Taken(t); n != 1 {
		t.Fatalf("%d were taken", n)
	}
}

func declines(t *testing.T, r Rig) {
	r.can(t, gateway.OffSession)
	for card, want := range map[Card]gateway.Reason{
		Declines: gateway.DeclinedPlain, Poor: gateway.InsufficientFunds, Expired: gateway.CardExpired, Stolen: gateway.DeclinedPlain,
	} {
		o := r.order(900)
		o.Method = r.Method(t, card)
		p, err := r.Gateway.Pay(t.Context(), o)
		if d := is[*gateway.Declined](t, err); d.Reason != want {
			t.Errorf("%s: %s", card, d.Reason)
		}
		if got := r.found(t, p, o); got.Status != gateway.Open || got.Decline == nil || got.Decline.Reason != want {
			t.Errorf("%s: %+v", card, got)
		}
		_, err = r.Gateway.Pay(t.Context(), o) // the same answer under the same key
		is[*gateway.Declined](t, err)
	}
	if n := r.Taken(t); n != 0 {
		t.Fatalf("%d were taken", n)
	}
}

func (r Rig) challenged(t *testing.T) (gateway.PayOrder, gateway.Payment) {
	t.Helper()
	r.can(t, gateway.OffSession, gateway.BrowserForm)
	o := r.order(900)
	o.Method = r.Method(t, Authenticate)
	p, err := r.Gateway.Pay(t.Context(), o)
	need := is[*gateway.NeedsAuthentication](t, err)
	if p.Status != gateway.NeedsAuth || need.ID != p.ID || need.Next.URL == "" || need.Next.ClientSecret.IsZero() || !need.Next.Approve {
		t.Fatalf("%+v %+v", p, need)
	}
	return o, p
}

func authenticates(t *testing.T, r Rig) {
	o, p := r.challenged(t)
	r.Authenticate(t, p.ID, true)
	if got := r.found(t, p, o); got.Status != gateway.Captured {
		t.Fatalf("%+v", got)
	}
}

func failsAuthentication(t *testing.T, r Rig) {
	o, p := r.challenged(t)
	r.Authenticate(t, p.ID, false)
	got := r.found(t, p, o)
	if got.Status != gateway.Open || got.Decline == nil || got.Decline.Reason != gateway.AuthenticationFail || r.Taken(t) != 0 {
		t.Fatalf("%+v", got)
	}
}

func awayNeedsPayer(t *testing.T, r Rig) {
	r.can(t, gateway.OffSession)
	o := r.order(900)
	o.Method, o.Away = r.Method(t, Authenticate), true
	p, err := r.Gateway.Pay(t.Context(), o)
	if need := is[*gateway.NeedsAuthentication](t, err); need.ID == "" || need.ID != p.ID || need.Next.ClientSecret.IsZero() {
		t.Fatalf("%+v", need)
	}
	if p.Status != gateway.Open || p.Next.URL != "" || p.Next.Approve { // nobody is there to be sent to a page
		t.Fatalf("%+v", p)
	}
	if r.Taken(t) != 0 {
		t.Fatal("it was taken all the same")
	}
	o.Key, o.Method = gateway.Key(o.Payment, "pay", 2), ""
	_, err = r.Gateway.Pay(t.Context(), o)
	is[*gateway.Refused](t, err)
}

func savedCard(t *testing.T, r Rig) {
	r.can(t, gateway.OffSession)
	g, ctx, id := r.Gateway, t.Context(), r.order(1).Payment
	co := gateway.CustomerOrder{Key: gateway.Key(id, "customer", 1), User: "user-1", Name: "Salma", Email: "salma@example.org", Language: "fr"}
	c := must[gateway.Customer](t)(g.Customer(ctx, co))
	if again := must[gateway.Customer](t)(g.Customer(ctx, co)); again.ID != c.ID {
		t.Fatal("two customers")
	}
	if got := must[gateway.Customer](t)(g.LookUpCustomer(ctx, gateway.Lookup{Key: co.Key, Since: ago()})); got != c || got.User != "user-1" {
		t.Fatalf("%+v %+v", got, c)
	}
	so := gateway.SaveOrder{Key: gateway.Key(id, "save", 1), Customer: c.ID, ReturnURL: "http://127.0.0.1/return"}
	open := must[gateway.Setup](t)(g.SaveMethod(ctx, so))
	if open.Status != gateway.SetupOpen || open.Next.ClientSecret.IsZero() {
		t.Fatalf("%+v", open)
	}
	so.Key, so.Method = gateway.Key(id, "save", 2), r.Method(t, Authenticate)
	s, err := g.SaveMethod(ctx, so)
	is[*gateway.NeedsAuthentication](t, err)
	r.Authenticate(t, s.ID, true)
	s = must[gateway.Setup](t)(g.LookUpSetup(ctx, gateway.Lookup{Key: so.Key, Customer: c.ID, Since: ago()}))
	if s.Status != gateway.SetupDone || s.Method == "" {
		t.Fatalf("%+v", s)
	}
	so.Key, so.Method = gateway.Key(id, "save", 3), r.Method(t, Declines)
	_, err = g.SaveMethod(ctx, so)
	is[*gateway.Declined](t, err)
	so.Key, so.Method = gateway.Key(id, "save", 4), r.Method(t, Good)
	s = must[gateway.Setup](t)(g.SaveMethod(ctx, so))
	all := must[[]gateway.Method](t)(g.ListMethods(ctx, c.ID))
	if len(all) != 2 || all[0].ID != s.Method && all[1].ID != s.Method || all[0].Card.Last4 == "" {
		t.Fatalf("%+v", all)
	}
	o := r.order(1200)
	o.Customer, o.Method, o.Away = c.ID, s.Method, true
	if p := must[gateway.Payment](t)(g.Pay(ctx, o)); p.Status != gateway.Captured || p.Customer != c.ID || p.Card.Last4 == "" {
		t.Fatalf("%+v", p)
	}
	if err := g.ForgetMethod(ctx, s.Method, gateway.Key(id, "forget", 1)); err != nil {
		t.Fatal(err)
	}
	if all := must[[]gateway.Method](t)(g.ListMethods(ctx, c.ID)); len(all) != 1 {
		t.Fatalf("%+v", all)
	}
}
