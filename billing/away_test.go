package billing_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/advice"
	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/ident"
)

// Money is set aside for who is not there: of a card that they keep, under one key once, and more of the same card while they talk. Where the bank says no, or wants
// to see them, nothing is held and nothing can be taken later.
func TestMoneyIsSetAsideForWhoIsNotThere(t *testing.T) {
	t.Parallel()
	x, ctx := newAsker(t), context.Background()
	a, rider := x.db.A.ID, x.db.A.Rider
	terms := advice.Terms{Price: ledger.Of(900, "MAD"), FeeBP: 2000}
	good := x.save(t, "4242424242424242")
	may := func(user, method uuid.UUID, at time.Time) error {
		return x.payments.MayHold(ctx, a, user, ledger.Of(9000, "MAD"), method, at)
	}
	if err := may(rider, good.ID, time.Now()); err != nil {
		t.Errorf("a good card: %v", err)
	}
	for want, err := range map[string]error{"not_found": may(x.db.A.Rider2, good.ID, time.Now()), "card_expires": may(rider, good.ID, time.Now().AddDate(30, 0, 0)), "insufficient_funds": may(rider, uuid.Nil, time.Now())} {
		if !fault.Is(err, want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	funds, claim := ident.New(), x.claim("appointments.fund")
	for range 2 {
		held, err := x.payments.AuthoriseAway(ctx, a, claim, funds, rider, terms, 10, good.ID)
		if err != nil || held.Funds.Authorised.Amount != 9000 {
			t.Fatalf("%+v, %v", held, err)
		}
	}
	if n := x.left(t); n != 1 {
		t.Errorf("%d payments for one wish", n)
	}
	x.db.Exec(t, `update metered_session set expert_id = $2 where id = $1`, funds, x.db.MoreExperts(t, x.db.A, 1)[0])
	if held, err := x.payments.Extend(ctx, a, x.claim("session.extend"), funds, 5); err != nil || held.Funds.Authorised.Amount != 13500 {
		t.Errorf("more while they talk: %+v, %v", held, err)
	}
	for card, want := range map[string]string{brokeLater: "payment_declined", seenAlways: "payment_needs_authentication"} {
		m, before := x.save(t, card), x.left(t)
		held, err := x.payments.AuthoriseAway(ctx, a, x.claim("appointments.fund"), ident.New(), rider, terms, 10, m.ID)
		if !fault.Is(err, want) || held.Funds.Authorised.Amount != 0 {
			t.Errorf("%s: %+v, %v", card, held, err)
		}
		if x.left(t) != before {
			t.Errorf("%s: something could still be taken", card)
		}
	}
	gone, asked := x.save(t, goodCard), x.db.Int(t, `select count(*) from metered_session`)
	x.db.Exec(t, `update saved_method set state = 'leaving', preferred = false where id = $1`, gone.ID)
	for _, c := range []struct {
		what         string
		user, method uuid.UUID
		want         string
	}{
		{"with somebody else's card", x.db.A.Rider2, good.ID, "not_found"},
		{"with a card that they no longer keep", rider, gone.ID, "not_found"},
		{"of an empty wallet", rider, uuid.Nil, "insufficient_funds"},
	} {
		if _, err := x.payments.AuthoriseAway(ctx, a, x.claim("appointments.fund"), ident.New(), c.user, terms, 10, c.method); !fault.Is(err, c.want) {
			t.Errorf("%s: %v", c.what, err)
		}
		if got := x.db.Int(t, `select count(*) from metered_session`); got != asked {
			t.Errorf("%s: it was asked for all the same", c.what)
		}
	}
}
