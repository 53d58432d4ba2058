package tenant

import (
	"strings"
	"testing"
	_ "time/tzdata"
)

func TestCheckNamesEveryFault(t *testing.T) {
	good := Tenant{Slug: "atlas-commute", Name: "Atlas", TimeZone: "Africa/Casablanca", Currency: "MAD", DefaultLocale: "fr", Map: Map{33.57, -7.6, 11, ""}}
	if err := good.Check(); err != nil {
		t.Fatal(err)
	}
	bad := Tenant{Slug: "-A", Name: " ", TimeZone: "Local", Currency: "mad", DefaultLocale: "de", Map: Map{Lat: 91}}
	err := bad.Check()
	for _, w := range []string{"slug", "name", "time zone", "currency", "locale", "map"} {
		if err == nil || !strings.Contains(err.Error(), w) {
			t.Errorf("%s is not named in %v", w, err)
		}
	}
}

func TestALiveSettingThatCannotBeReadIsTheDefault(t *testing.T) {
	for raw, want := range map[string]struct {
		live   Live
		unread string
	}{
		``:        {},
		`null`:    {},
		`{}`:      {},
		`"nope"`:  {unread: "live"},
		`[1]`:     {unread: "live"},
		`{"a":1}`: {},
		`{"burst":7,"requests_per_s":"x","deflate":true}`:                      {live: Live{Burst: 7, Deflate: true}, unread: "live.requests_per_s"},
		`{"all_bytes_per_s":1e300,"burst":1.5,"connections":3,"windows":null}`: {live: Live{Connections: 3}, unread: "live.all_bytes_per_s live.burst"},
	} {
		live, unread := ReadLive([]byte(raw))
		if live != want.live || strings.Join(unread, " ") != want.unread {
			t.Errorf("%s: %+v, %v", raw, live, unread)
		}
	}
}
