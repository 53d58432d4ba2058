package main

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/internal/stripeemu"
	"github.com/waymeet/waymeet/store/storetest"
)

// A finding is seen and explained by hand: with a reason, and only its own tenant's. A day without gateways has none.
func TestFindingsByHand(t *testing.T) {
	t.Parallel()
	d := storetest.New(t)
	id := ident.New()
	d.Exec(t, `insert into finding (tenant_id, id, kind, subject, severity) values ($1, $2, 'amount_differs', 'payment/x', 'serious')`, d.A.ID.UUID(), id)
	environment := map[string]string{"WAYMEET_DATABASE_URL": d.AppURL(), "WAYMEET_SYSTEM_DATABASE_URL": d.SystemURL(), "WAYMEET_SECRET": worldSecret}
	for _, step := range []struct {
		line string
		code int
		want string
	}{
		{"findings list --tenant alpha", 0, "amount_differs"},
		{"findings list --tenant bravo", 0, ""},
		{"findings list --tenant alpha --state lost", 1, `no state "lost"`},
		{"findings explain " + id.String() + " --tenant bravo --reason x", 1, "bravo has no finding"},
		{"findings explain " + id.String() + " --tenant alpha", 1, "--reason"},
		{"findings explain x --tenant alpha --reason x", 1, "no finding's id"},
		{"findings explain --tenant alpha", 2, "usage"},
		{"reconcile --tenant alpha --day 2026-11-22", 0, "amount_differs"},
		{"reconcile --tenant alpha --day tomorrow", 1, "no day"},
		{"reconcile --tenant nobody", 1, `no tenant "nobody"`},
		{"findings explain " + id.String() + " --tenant alpha --reason rounding", 0, "is explained"},
		{"findings list --tenant alpha --state explained", 0, "rounding"},
	} {
		var out bytes.Buffer
		tty := &terminal{out: &out, err: &out, environment: func(n string) string { return environment[n] }}
		code := run(context.Background(), tty, strings.Fields(step.line))
		if code != step.code || !strings.Contains(out.String(), step.want) || step.want == "" && out.Len() > 0 {
			t.Errorf("%s: %d %q", step.line, code, out.String())
		}
	}
}

// TestByHandOnTheEmulator: a day is reconciled, and an event replayed, against the Stripe that WAYMEET_STRIPE_URL names, as serve has it: a
// development's key never goes to Stripe itself.
func TestByHandOnTheEmulator(t *testing.T) {
	t.Parallel()
	d := storetest.New(t)
	emu, err := stripeemu.Start(stripeemu.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = emu.Close() })
	environment := map[string]string{"WAYMEET_DATABASE_URL": d.AppURL(), "WAYMEET_SYSTEM_DATABASE_URL": d.SystemURL(), "WAYMEET_SECRET": worldSecret,
		"WAYMEET_PUBLIC_URL": "https://go.example.org/", "WAYMEET_STRIPE_URL": emu.URL()}
	say := func(line, in string) (int, string) {
		var out bytes.Buffer
		tty := &terminal{in: strings.NewReader(in), out: &out, err: &out, environment: func(n string) string { return environment[n] }}
		return run(t.Context(), tty, strings.Fields(line)), out.String()
	}
	if code, out := say("gateway add --tenant alpha --merchant Alpha", "secret_key=sk_test_byhand\npublishable_key=pk_test_byhand\nwebhook_secret=whsec_1\n"); code != 0 {
		t.Fatalf("%d %q", code, out)
	}
	emu.Move("sk_test_byhand", "charge", "", "mad", 5000, 0) // nobody's
	called := len(emu.Calls())
	today := time.Now().UTC().Format(time.DateOnly)
	if code, out := say("reconcile --tenant alpha --day "+today, ""); code != 0 {
		t.Fatalf("%d %q", code, out)
	}
	if n := len(emu.Calls()); n == called {
		t.Error("reconcile did not ask the emulator")
	}
	if n := d.Int(t, `select count(*) from gateway_movement where tenant_id = $1`, d.A.ID.UUID()); n != 1 {
		t.Errorf("%d movements are kept", n)
	}
	event := ident.New()
	d.Exec(t, `insert into webhook_event (tenant_id, id, gateway_account_id, gateway_ref, endpoint, kind, object_kind, object_id, happened_at, state, settled_at)
		select tenant_id, $1, id, 'evt_1', 'platform', 'payment_intent.succeeded', 'payment_intent', 'pi_1', now(), 'dead', now() from gateway_account`, event)
	if code, out := say("webhooks replay "+event.String()+" --tenant alpha", ""); code != 0 || !strings.Contains(out, "applied once more") {
		t.Errorf("%d %q", code, out)
	}
	environment["WAYMEET_STRIPE_URL"] = "http://127.0.0.1:1" // nobody listens there: it is really asked
	if code, out := say("reconcile --tenant alpha --day "+today, ""); code != 1 || !strings.Contains(out, "127.0.0.1:1") {
		t.Errorf("%d %q", code, out)
	}
}
