package main

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/waymeet/waymeet/store/storetest"
)

// A new operator and its people, by hand, from nothing.
func TestPeopleByHand(t *testing.T) {
	t.Parallel()
	d := storetest.Empty(t)
	environment := map[string]string{"WAYMEET_DATABASE_URL": d.AppURL(), "WAYMEET_SYSTEM_DATABASE_URL": d.SystemURL()}
	say := func(in, line string) (int, string) {
		var out bytes.Buffer
		tty := &terminal{in: strings.NewReader(in), out: &out, err: &out, environment: func(n string) string { return environment[n] }}
		return run(context.Background(), tty, strings.Fields(line)), out.String()
	}
	for _, step := range []struct {
		in, line string
		code     int
		want     string
	}{
		{"", "tenant create --slug atlas --name Atlas --time-zone Africa/Casablanca --currency MAD --map 33.57,-7.59,11", 0, "atlas is tenant"},
		{"", "tenant create --slug atlas --name Atlas --time-zone Africa/Casablanca --currency MAD", 1, "is taken"},
		{"", "tenant create --slug b --name B --time-zone Mars/Base --currency MAD", 1, "Mars/Base"},
		{"", "tenant list", 0, "Africa/Casablanca  MAD  active"},
		{"", "tenant suspend atlas", 0, "atlas is suspended\n"},
		{"", "tenant suspend atlas", 0, "atlas is suspended, as it was"},
		{"", "tenant list", 0, "Africa/Casablanca  MAD  suspended"},
		{"", "tenant resume atlas", 0, "atlas is active\n"},
		{"", "tenant resume nobody", 1, `no tenant "nobody"`},
		{"", "tenant suspend", 2, "usage"},
		{"", "user create --tenant atlas --email amal@atlas.example --name Amal", 0, "; password "},
		{"a long sentence\n", "user create --tenant atlas --email badr@atlas.example --name Badr --role driver,dispatcher --password-stdin", 0, "badr@atlas.example is user"},
		{"short\n", "user create --tenant atlas --email c@atlas.example --name C --password-stdin", 1, "password"},
		{"", "user create --tenant atlas --email amal@atlas.example --name Amal", 1, "(email)"},
		{"", "user create --tenant atlas --email d@atlas.example --name D --role king", 1, "(roles)"},
		{"", "user create --tenant nobody --email d@atlas.example --name D", 1, `no tenant "nobody"`},
		{"", "user disable --tenant atlas --email amal@atlas.example", 0, "disabled true"},
		{"", "user roles --tenant atlas --email badr@atlas.example --role admin", 0, "roles admin"},
		{"another long one\n", "user password --tenant atlas --email badr@atlas.example --password-stdin", 0, "roles admin"},
		{"", "user list --tenant atlas --q badr", 0, "active"},
		{"", "user", 2, "usage"},
		{"", "user --help", 0, "usage"},
		{"", "user fly --tenant atlas", 2, "usage"},
	} {
		if code, out := say(step.in, step.line); code != step.code || !strings.Contains(out, step.want) {
			t.Errorf("%s: %d\n%s", step.line, code, out)
		}
	}
	if n := d.Int(t, `select count(*) from audit`); n != 8 {
		t.Errorf("%d audit rows, want the tenant with its two states, two users and three changes", n)
	}
	environment = nil
	if code, out := say("", "user list --tenant atlas"); code != 1 || !strings.Contains(out, "WAYMEET_DATABASE_URL") {
		t.Error(code, out)
	}
}
