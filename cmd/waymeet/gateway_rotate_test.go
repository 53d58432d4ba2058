package main

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/waymeet/waymeet/store/storetest"
)

// Credentials move from key to key, each once and audited, and open before, in between and after; without their key nothing opens,
// and nothing is written.
func TestCredentialsAreRotated(t *testing.T) {
	t.Parallel()
	d := storetest.New(t)
	k1, k2 := "k1="+strings.Repeat("B", 42)+"E=", "k2="+strings.Repeat("C", 42)+"I="
	keys := ""
	command := func(line, in string) (int, string) {
		var out bytes.Buffer
		environment := map[string]string{"WAYMEET_DATABASE_URL": d.AppURL(), "WAYMEET_SYSTEM_DATABASE_URL": d.SystemURL(), "WAYMEET_SECRET": worldSecret, credentialKeys: keys}
		tty := &terminal{in: strings.NewReader(in), out: &out, err: &out, environment: func(n string) string { return environment[n] }}
		return run(context.Background(), tty, strings.Fields(line)), out.String()
	}
	for _, slug := range []string{"alpha", "bravo"} {
		if code, out := command("gateway add --tenant "+slug+" --merchant M", "secret_key=sk_test_hush\n"); code != 0 {
			t.Fatal(out)
		}
	}
	under := func() string {
		return strings.Join(d.Texts(t, `select t.slug || ':' || g.kms_key from gateway_account g join tenant t on t.id = g.tenant_id order by t.slug`), " ")
	}
	opens := func() bool {
		code, _ := command("gateway set --tenant alpha", "publishable_key=pk_test_1\n")
		return code == 0
	}
	for _, step := range []struct {
		keys, line string
		code       int
		says, then string
	}{
		{"", "gateway rotate", 0, "alpha   0      1", "alpha:secret bravo:secret"},
		{k1, "gateway rotate --tenant alpha", 0, "alpha   1      0", "alpha:k1 bravo:secret"}, // and then it was cut off
		{k1, "gateway rotate", 0, "bravo   1      0", "alpha:k1 bravo:k1"},
		{k1, "gateway rotate", 0, "alpha   0      1", "alpha:k1 bravo:k1"},
		{k2, "gateway rotate", 1, "k1", "alpha:k1 bravo:k1"}, // the older key is gone too soon
		{"", "gateway rotate", 1, "k1", "alpha:k1 bravo:k1"},
		{k2 + "," + k1, "gateway rotate", 0, "alpha   1      0", "alpha:k2 bravo:k2"},
		{k2, "gateway rotate --tenant nobody", 1, "no tenant", "alpha:k2 bravo:k2"},
		{"k2=hush", "gateway rotate", 1, credentialKeys, "alpha:k2 bravo:k2"},
		{"secret=" + k1[3:], "gateway rotate", 1, credentialKeys, "alpha:k2 bravo:k2"},
	} {
		keys = step.keys
		code, out := command(step.line, "")
		if code != step.code || !strings.Contains(out, step.says) || strings.Contains(out, "hush") || strings.Contains(out, k1[3:]) {
			t.Errorf("%s with %q: %d %q", step.line, step.keys, code, out)
		}
		if got := under(); got != step.then {
			t.Errorf("%s with %q: %s", step.line, step.keys, got)
		}
	}
	if keys = k2; !opens() {
		t.Error("it does not open with its new key")
	}
	if keys = k1; opens() {
		t.Error("it opens without its key")
	}
	if n := d.Int(t, `select count(*) from audit where action = 'gateway.rotate'`); n != 4 {
		t.Errorf("%d audit rows", n)
	}
}
