package billing_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing"
	"github.com/waymeet/waymeet/billing/gateway"
	"github.com/waymeet/waymeet/internal/stripeemu"
	"github.com/waymeet/waymeet/store"
)

// Who has the secret and says what no gateway says is not believed: nothing is kept that could not be shown.
func TestEventsThatNoGatewaySends(t *testing.T) {
	t.Parallel()
	x, ctx := newTill(t), context.Background()
	account := uuid.MustParse(x.db.Texts(t, `select id::text from gateway_account`)[0])
	address := x.inbox.Address(billing.Hook{Tenant: x.db.A.ID, Account: account})
	hear := func(id, object string, created int64) string {
		body := fmt.Appendf(nil, `{"id":"%s","object":"event","type":"payment_intent.succeeded","created":%d,"data":{"object":{"id":"%s","object":"payment_intent"}}}`, id, created, object)
		_, err := x.inbox.Receive(ctx, address, gateway.Delivery{Body: body, Header: http.Header{"Stripe-Signature": {stripeemu.Signature("whsec_1", time.Now(), body)}}, At: time.Now()})
		return codeOf(err)
	}
	now := time.Now().Unix()
	for i, c := range []struct {
		id, object string
		created    int64
	}{
		{"evt_1", "pi_1", 1e18}, {"evt_2", "pi_1", -1e18}, {"evt_3", "pi_1", 1}, {"evt_4", "pi_1", now + 400*86400}, {"evt_5", "pi_1", 300_000_000_000},
		{`evt_\u0000`, "pi_1", now}, {"evt_6", `pi_\u0000`, now}, {"evt_7", `pi_\u0007`, now},
	} {
		if got := hear(c.id, c.object, c.created); got != "bad_request" {
			t.Errorf("%d: %q", i, got)
		}
	}
	if n := x.inbox.Counts().Refused; n != 8 {
		t.Errorf("%d are counted", n)
	}
	if got := hear("evt_8", "pi_1", now-29*86400); got != "" {
		t.Errorf("a month late: %q", got)
	}
	if all := x.db.Texts(t, `select gateway_ref from webhook_event`); len(all) != 1 {
		t.Errorf("kept: %q", all)
	}
	// One that is in the database all the same is shown.
	x.db.Texts(t, `update webhook_event set happened_at = '200000-01-01' returning 'so'`)
	events, _, err := billing.NewFinance(x.db.DB).Events(ctx, x.db.A.ID, []store.WebhookState{store.WebhookWaiting}, "", 10)
	if err != nil || len(events) != 1 {
		t.Fatalf("%d, %v", len(events), err)
	}
	if _, err := events[0].HappenedAt.MarshalJSON(); err != nil {
		t.Error(err)
	}
}
