package main

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/waymeet/waymeet/internal/ident"
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
