package billing_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing"
	"github.com/waymeet/waymeet/billing/advice"
	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/billing/payment"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store"
)

// asker is somebody who sets money aside before anybody is known: 9.00 MAD a minute at most, ten minutes.
type asker struct {
	*cardholder
	queue uuid.UUID
}

func newAsker(t *testing.T) *asker {
	t.Helper()
	x := newCardholder(t)
	return &asker{x, x.db.Advice(t, x.db.A, 1, 1).Queue}
}

func (x *asker) fund(t *testing.T, funds uuid.UUID, with store.With) (billing.Held, error) {
	t.Helper()
	return x.payments.Authorise(context.Background(), x.db.A.ID, x.claim("requests.fund"), billing.Advice{Session: funds, Client: x.db.A.Rider,
		Terms: advice.Terms{Price: ledger.Of(900, "MAD"), FeeBP: 2000}, Minutes: 10, ByCard: true, With: with})
}

func (x *asker) aside(t *testing.T, funds uuid.UUID) billing.SetAside {
	t.Helper()
	s, err := x.payments.SetAside(context.Background(), x.db.A.ID, x.db.A.Rider, funds)
	if err != nil || s.Step == nil {
		t.Fatalf("%+v, %v", s, err)
	}
	return s
}

// waits places a request with the money.
func (x *asker) waits(t *testing.T, funds uuid.UUID) uuid.UUID {
	t.Helper()
	id := ident.New()
	x.db.Exec(t, `insert into request (tenant_id, id, queue_id, client_id, modality, ceiling, currency, funding) values ($1, $2, $3, $4, 'audio', 900, 'MAD', $5)`,
		x.db.A.ID.UUID(), id, x.queue, x.db.A.Rider, store.FundingOf(funds))
	return id
}

// left is what the gateway could still take.
func (x *asker) left(t *testing.T) (n int) {
	t.Helper()
	for _, o := range x.emu.Objects("sk_test_alpha", "payment_intent") {
		if o["status"] != "succeeded" && o["status"] != "canceled" {
			n++
		}
	}
	return n
}

// A saved card sets money aside at once; one whose bank wants to see its owner when they have been there; one that is declined says why, and
// another may be typed in its place. Whichever it was is asked for more while they talk, without them.
func TestACardSetsMoneyAside(t *testing.T) {
	t.Parallel()
	x, ctx := newAsker(t), context.Background()
	good, asked, broke := x.save(t, goodCard), x.save(t, seenAlways), x.save(t, brokeLater)

	funds := ident.New()
	if h, err := x.fund(t, funds, store.With{Method: good.ID}); err != nil || h.Payment.Status != payment.Authorised || h.Funds.Authorised.Amount != 9000 {
		t.Fatalf("%+v, %v", h, err)
	}
	if s := x.aside(t, funds); s.Step.Payment.Status != payment.Authorised || !s.Step.Next.ClientSecret.IsZero() || s.Ceiling.Amount != 900 || s.Funds.Until != 10*time.Minute {
		t.Errorf("%+v", s)
	}
	if _, err := x.payments.SetAside(ctx, x.db.A.ID, x.db.A.Rider2, funds); !fault.Is(err, "not_found") {
		t.Errorf("somebody else's: %v", err)
	}
	if h, err := x.payments.Extend(ctx, x.db.A.ID, x.claim("extend"), funds, 5); err != nil || h.Funds.Authorised.Amount != 13500 {
		t.Errorf("more of a saved card: %+v, %v", h, err)
	}

	seen := ident.New()
	h, err := x.fund(t, seen, store.With{Method: asked.ID})
	if err != nil || h.Payment.Status != payment.Open || h.Next.ClientSecret.IsZero() || !h.Next.Approve {
		t.Fatalf("%+v, %v", h, err)
	}
	if s := x.aside(t, seen); !s.Step.Next.Approve || s.Funds.Authorised.Amount != 0 || s.Step.Form.Script == "" {
		t.Errorf("the page was loaded again: %+v", s)
	}
	x.approve(t, x.see(t, h.Payment.ID).Ref)
	x.settle(t)
	if s := x.aside(t, seen); s.Step.Payment.Status != payment.Authorised || s.Funds.Authorised.Amount != 9000 {
		t.Errorf("after their bank has seen them: %+v", s)
	}

	no := ident.New()
	h, err = x.fund(t, no, store.With{Method: broke.ID})
	if err != nil || h.Payment.Status != payment.Open || h.Funds.Authorised.Amount != 0 {
		t.Fatalf("%+v, %v", h, err)
	}
	s := x.aside(t, no)
	if s.Step.Payment.Decline == "" || s.Step.Next.ClientSecret.IsZero() || s.Step.Next.Approve {
		t.Fatalf("declined: %+v", s.Step)
	}
	if status, body := x.pay(t, s.Step.Next.ClientSecret, goodCard); status != 200 {
		t.Fatalf("%d %s", status, body)
	}
	x.settle(t)
	if s := x.aside(t, no); s.Funds.Authorised.Amount != 9000 {
		t.Errorf("another card: %+v", s)
	}
	if h, err := x.payments.Extend(ctx, x.db.A.ID, x.claim("extend"), no, 5); err != nil || h.Funds.Authorised.Amount != 13500 {
		t.Errorf("more of the other card: %+v, %v", h, err)
	}

	theirs := store.With{Method: ident.New()}
	if _, err := x.fund(t, ident.New(), theirs); !fault.Is(err, "not_found") {
		t.Errorf("a card that is not theirs: %v", err)
	}
	if n := x.db.Int(t, `select count(*) from saved_method where state = 'kept'`); n != 3 {
		t.Errorf("%d cards are kept", n)
	}
}

// What no request waits with is let go, whoever asks for it and however far it has come; what one waits with stays until that is given up.
func TestUnusedFundsAreLetGo(t *testing.T) {
	t.Parallel()
	x, ctx := newAsker(t), context.Background()
	good, asked := x.save(t, goodCard), x.save(t, seenAlways)
	give := func(who, funds uuid.UUID) error {
		_, err := x.payments.GiveBackFunds(ctx, x.db.A.ID, who, funds)
		return err
	}

	held, open, used, left := ident.New(), ident.New(), ident.New(), ident.New()
	for funds, card := range map[uuid.UUID]uuid.UUID{held: good.ID, open: asked.ID, used: good.ID, left: good.ID} {
		if _, err := x.fund(t, funds, store.With{Method: card}); err != nil {
			t.Fatal(err)
		}
	}
	if n := x.db.Int(t, `select count(*) from river_job where kind = 'funds_unused' and state = 'scheduled' and scheduled_at > now() + interval '35 minutes'`); n != 4 {
		t.Errorf("%d will be looked at", n)
	}
	request := x.waits(t, used)
	if err := give(x.db.A.Rider2, held); !fault.Is(err, "not_found") {
		t.Errorf("somebody else's: %v", err)
	}
	if err := give(x.db.A.Rider, used); !fault.Is(err, "request_funds_used") {
		t.Errorf("a request waits with it: %v", err)
	}
	for range 2 {
		for _, funds := range []uuid.UUID{held, open} {
			if err := give(x.db.A.Rider, funds); err != nil {
				t.Errorf("%v", err)
			}
		}
	}
	if err := x.payments.Unused(ctx, x.db.A.ID, used); err != nil {
		t.Fatal(err)
	}
	if err := x.payments.Unused(ctx, x.db.A.ID, left); err != nil {
		t.Fatal(err)
	}
	x.settle(t)
	if n := x.left(t); n != 1 {
		t.Errorf("the gateway could take %d", n)
	}
	if s := x.aside(t, used); s.Funds.Authorised.Amount != 9000 {
		t.Errorf("what is needed was let go: %+v", s)
	}
	if s := x.aside(t, held); s.Funds.Authorised.Amount != 0 || !s.Funds.Ended || s.Step.Payment.Status != payment.Cancelled {
		t.Errorf("%+v", s)
	}
	x.db.Exec(t, `update request set state = 'cancelled', ended_at = now() where id = $1`, request)
	for range 2 {
		if err := x.payments.Unused(ctx, x.db.A.ID, used); err != nil {
			t.Fatal(err)
		}
	}
	x.settle(t)
	if n := x.left(t); n != 0 {
		t.Errorf("the gateway could take %d", n)
	}
	x.verify(t)
}
