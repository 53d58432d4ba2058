package ledger

import "testing"

func TestRatesAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	for want, r := range map[string]Rate{"20%": 200_000, "5.5%": 55_000, "0%": 0, "2.9%": 29_000, "100%": million} {
		if r.String() != want {
			t.Errorf("%q, want %q", r, want)
		}
	}
}
