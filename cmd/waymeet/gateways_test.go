package main

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/waymeet/waymeet/store/storetest"
)

// An operator's account is added and changed by hand: sealed, audited, its hooks told, and nothing that was typed is
// ever printed.
func TestGatewayByHand(t *testing.T) {
	t.Parallel()
	d := storetest.New(t)
	environment := map[string]string{"WAYMEET_DATABASE_URL": d.AppURL(), "WAYMEET_SYSTEM_DATABASE_URL": d.SystemURL(),
		"WAYMEET_SECRET": worldSecret, "WAYMEET_PUBLIC_URL": "https://go.example.org/"}
	const good = "secret_key=sk_test_hush\npublishable_key=pk_test_1\nwebhook_secret=whsec_hush\n# a note\nconnect_webhook_secret=whsec_hush2\n"
	for _, step := range []struct {
		line, in string
		code     int
		want     string
	}{
		{"gateway show --tenant alpha", "", 1, "alpha has no account"},
		{"gateway set --tenant alpha", good, 1, "alpha has no account"},
		{"gateway add --tenant alpha", good, 2, "usage"},
		{"gateway add --tenant alpha --merchant Alpha", "sk_test_hush\n", 1, "line 1 is no NAME=VALUE"},
		{"gateway add --tenant alpha --merchant Alpha", "sk_test_hush=1\n", 1, "line 1 has a name that is not known"},
		{"gateway add --tenant alpha --merchant Alpha", "secret_key=pk_hush\n", 1, "sk_"},
		{"gateway add --tenant alpha --kind barter --merchant Alpha", good, 1, "no gateway of the kind barter"},
		{"gateway add --tenant nobody --merchant Alpha", good, 1, `no tenant "nobody"`},
		{"gateway add --tenant alpha --merchant Alpha", good, 0, "https://go.example.org/v1/hooks/"},
		{"gateway add --tenant alpha --merchant Alpha", good, 1, "waymeet gateway set"},
		{"gateway show --tenant alpha", "", 0, "https://go.example.org/v1/hooks/"},
		{"gateway show --tenant alpha", "", 0, "merchant of record                     Alpha"},
		{"gateway show --tenant bravo", "", 1, "bravo has no account"},
		{"gateway set --tenant alpha", "webhook_secret=whsec_hush\nwebhook_secret=whsec_hush_new\n", 0, "/v1/hooks/"},
		{"gateway set --tenant alpha", "secret_key=hush\n", 1, "sk_"},
	} {
		var out bytes.Buffer
		tty := &terminal{in: strings.NewReader(step.in), out: &out, err: &out, environment: func(n string) string { return environment[n] }}
		code := run(context.Background(), tty, strings.Fields(step.line))
		if code != step.code || !strings.Contains(out.String(), step.want) {
			t.Errorf("%s: %d %q", step.line, code, out.String())
		}
		if strings.Contains(out.String(), "hush") {
			t.Errorf("%s says what was typed: %q", step.line, out.String())
		}
	}
	if n := d.Int(t, `select count(*) from audit where action in ('gateway.add', 'gateway.change') and tenant_id = $1`, d.A.ID.UUID()); n != 2 {
		t.Errorf("%d audit rows", n)
	}
	if n := d.Int(t, `select count(*) from gateway_account where position('hush' in encode(sealed_credentials, 'escape')) > 0`); n != 0 {
		t.Error("credentials lie open")
	}
}
