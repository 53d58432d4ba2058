package invoicing_test

import (
	"context"
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/invoicing"
	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store"
)

// One person alone decides on goodwill: however many cases there are about a ride, and however many are decided at once, all of
// it is at most what the ride cost (12.00), in the ride's own currency.
func TestGoodwillIsBounded(t *testing.T) {
	t.Parallel()
	o, ctx := newOffice(t), context.Background()
	day := o.Day(t, o.A, november, 1)
	ride := o.Booking(t, day, day.Trips[0], o.A.Rider)
	about := func(of uuid.UUID) uuid.UUID {
		id, err := o.OpenCase(ctx, o.id, store.Case{Subject: "booking/" + of.String(), User: o.A.Rider, OpenedBy: o.A.Rider, Reason: "late", Says: "An hour."}, idem.Claim{})
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	give := func(c uuid.UUID, m ledger.Money) string {
		err := o.Decide(ctx, o.id, o.by, idem.Claim{}, c, invoicing.Decision{As: invoicing.Goodwill, Amount: m, Answer: "Sorry."})
		if err == nil {
			return ""
		}
		return fault.As(err).Code
	}
	one := about(ride)
	for want, m := range map[string]ledger.Money{"currency_mismatch": ledger.Of(100, "EUR"), "goodwill_too_much": ledger.Of(1201, "MAD"), "amount_invalid": ledger.Of(-1, "MAD")} {
		if got := give(one, m); got != want {
			t.Errorf("%v: %q", m, got)
		}
	}
	if got := give(about(ident.New()), ledger.Of(1, "MAD")); got != "decision_not_apply" {
		t.Errorf("about no ride: %q", got)
	}
	if n := o.Int(t, `select count(*) from account where tenant_id = $1`, o.id.UUID()); n != 0 {
		t.Errorf("%d accounts were opened", n)
	}

	cases, answers := make([]uuid.UUID, 6), make([]string, 6)
	for i := range cases {
		cases[i] = about(ride)
	}
	var wg sync.WaitGroup
	for i, c := range cases {
		wg.Go(func() { answers[i] = give(c, ledger.Of(500, "MAD")) })
	}
	wg.Wait()
	given := int64(0)
	for _, a := range answers {
		if a == "" {
			given += 500
		} else if a != "goodwill_too_much" {
			t.Errorf("%q", a)
		}
	}
	if given != 1000 {
		t.Errorf("%d was given", given)
	}
	if got := give(one, ledger.Of(200, "MAD")); got != "" {
		t.Errorf("the rest: %q", got)
	}
	o.holds(map[ledger.Account]int64{ledger.Wallet(o.A.Rider, "MAD"): 1200, ledger.Loss("goodwill", "MAD"): 1200})
	o.verified()
}
