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
