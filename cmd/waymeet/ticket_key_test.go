package main

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/waymeet/waymeet/store/storetest"
)

// TestTicketKeysByHand: rotating makes the next key, which alone signs, and says nothing of the secret halves.
func TestTicketKeysByHand(t *testing.T) {
	t.Parallel()
	d := storetest.New(t)
	environment := map[string]string{"WAYMEET_DATABASE_URL": d.AppURL(), "WAYMEET_SYSTEM_DATABASE_URL": d.SystemURL(),
		"WAYMEET_SECRET": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}
	say := func(line string) (int, string) {
		var out bytes.Buffer
		tty := &terminal{out: &out, err: &out, environment: func(n string) string { return environment[n] }}
		return run(context.Background(), tty, strings.Fields(line)), out.String()
	}
	for _, step := range []struct {
		line  string
		code  int
		lines int
		want  string
	}{
		{"ticket-key list --tenant alpha", 0, 1, "  1  "},
		{"ticket-key rotate --tenant alpha", 0, 2, "  2  "},
		{"ticket-key list --tenant alpha", 0, 2, "signs"},
		{"ticket-key rotate --tenant nobody", 1, 1, `no tenant "nobody"`},
		{"ticket-key burn --tenant alpha", 2, -1, "usage"},
	} {
		code, out := say(step.line)
		if code != step.code || !strings.Contains(out, step.want) || (step.lines >= 0 && strings.Count(out, "\n") != step.lines) || strings.Count(out, "signs\n") > 1 {
			t.Errorf("%s: %d %q", step.line, code, out)
		}
	}
}
