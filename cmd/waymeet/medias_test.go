package main

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/waymeet/waymeet/store/storetest"
)

// What carries an operator's media is chosen by hand, audited, and nothing that was typed is ever printed.
func TestMediaByHand(t *testing.T) {
	t.Parallel()
	d := storetest.New(t)
	environment := map[string]string{"WAYMEET_DATABASE_URL": d.AppURL(), "WAYMEET_SYSTEM_DATABASE_URL": d.SystemURL(), "WAYMEET_SECRET": worldSecret}
	for _, step := range []struct {
		line, in string
		code     int
		want     string
	}{
		{"media show --tenant alpha", "", 0, "provider    peer\nrelay only  false\n"},
		{"media set --tenant alpha", "", 2, "usage"},
		{"media change --tenant alpha --provider peer", "", 2, "usage"},
		{"media set --tenant alpha --provider zoom", "key=hush\n", 1, "peer, livekit and daily"},
		{"media set --tenant alpha --provider livekit", "hush\n", 1, "line 1 is no NAME=VALUE"},
		{"media set --tenant alpha --provider livekit", "hush=1\n", 1, "line 1 has a name that is not known"},
		{"media set --tenant nobody --provider peer", "", 1, `no tenant "nobody"`},
		{"media set --tenant alpha --provider peer --relay-only", "", 0, "relay only  true"},
		{"media show --tenant alpha", "", 0, "relay only  true"},
		{"media set --tenant alpha --provider livekit", "url=wss://media.example\n", 1, "LiveKit needs url, key_id and key"},
		{"media set --tenant alpha --provider livekit", "url=wss://media.example\nkey_id=API1\nkey=hush-hush-hush-hush-hush-hush-hush\n", 0, "sealed under secret"},
		{"media change --tenant alpha", "url=ws://media.example\n", 1, "by wss"},
		{"media change --tenant alpha", "key=hush-hush-hush-hush-hush-hush-anew\n", 0, "provider     livekit"},
		{"media set --tenant alpha --provider daily", "url=https://evil.example\nkey=hush\n", 1, "DOMAIN.daily.co"},
		{"media set --tenant alpha --provider daily", "url=https://acme.daily.co\nkey=hush\n", 0, "provider     daily"},
		{"gateway rotate --tenant alpha", "", 0, "alpha   0      1"},
		{"media show --tenant bravo", "", 0, "relay only  false"},
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
	if n := d.Int(t, `select count(*) from audit where action = 'media.set' and tenant_id = $1`, d.A.ID.UUID()); n != 4 {
		t.Errorf("%d audit rows", n)
	}
}
