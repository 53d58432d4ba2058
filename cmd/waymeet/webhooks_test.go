package main

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store/storetest"
)

// A dead event is seen and replayed by hand: with a job, once, and only its own tenant's.
func TestWebhooksByHand(t *testing.T) {
	t.Parallel()
	d := storetest.New(t)
	account, event := ident.New(), ident.New()
	d.Exec(t, `insert into gateway_account (tenant_id, id, kind, merchant, kms_key, wrapped_key, sealed_credentials) values ($1, $2, 'stripe', 'Alpha', 'k', '', '')`,
		d.A.ID.UUID(), account)
	d.Exec(t, `insert into webhook_event (tenant_id, id, gateway_account_id, gateway_ref, endpoint, kind, object_kind, object_id, happened_at, state, settled_at, problem)
		values ($1, $2, $3, 'evt_1', 'platform', 'payment_intent.succeeded', 'payment_intent', 'pi_1', now(), 'dead', now(), 'the gateway does not have this payment')`,
		d.A.ID.UUID(), event, account)
	environment := map[string]string{"WAYMEET_DATABASE_URL": d.AppURL(), "WAYMEET_SYSTEM_DATABASE_URL": d.SystemURL()}
	for _, step := range []struct {
		line string
		code int
		want string
	}{
		{"webhooks list --tenant alpha", 0, "payment_intent.succeeded"},
		{"webhooks list --tenant alpha --state done", 0, ""},
		{"webhooks list --tenant bravo", 0, ""},
		{"webhooks list --tenant alpha --state late", 1, `no state "late"`},
		{"webhooks replay " + event.String() + " --tenant bravo", 1, "bravo has no event"},
		{"webhooks replay x --tenant alpha", 1, "no event's id"},
		{"webhooks replay --tenant alpha", 2, "usage"},
		{"webhooks replay " + event.String() + " --tenant alpha", 0, "applied once more"},
		{"webhooks replay " + event.String() + " --tenant alpha", 1, "that is over"},
		{"webhooks list --tenant alpha --state waiting", 0, "waiting"},
		{"webhooks list --tenant nobody", 1, `no tenant "nobody"`},
	} {
		var out bytes.Buffer
		tty := &terminal{out: &out, err: &out, environment: func(n string) string { return environment[n] }}
		code := run(context.Background(), tty, strings.Fields(step.line))
		if code != step.code || !strings.Contains(out.String(), step.want) || step.want == "" && out.Len() > 0 {
			t.Errorf("%s: %d %q", step.line, code, out.String())
		}
	}
	if n := d.Int(t, `select count(*) from river_job where kind = 'apply_webhook' and args ->> 'event' = $1`, event.String()); n != 1 {
		t.Errorf("%d jobs", n)
	}
	if n := d.Int(t, `select count(*) from audit where action = 'webhook.replay' and tenant_id = $1`, d.A.ID.UUID()); n != 1 {
		t.Errorf("%d audit rows", n)
	}
}
