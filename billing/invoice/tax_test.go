package invoice

import (
	"errors"
	"testing"

	"pgregory.net/rapid"

	"github.com/waymeet/waymeet/dispatch/servicedate"
)

func TestStartingTable(t *testing.T) {
	t.Parallel()
	table := Starting()
	if err := table.Check(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		country string
		what    Supply
		day     servicedate.Date
		want    string
	}{
		{"MA", UrbanTransport, servicedate.Of(2026, 1, 1), "MA-10"},
		{"MA", UrbanTransport, servicedate.Of(2030, 6, 1), "MA-10"},
		{"MA", UrbanTransport, servicedate.Of(2025, 12, 31), ""}, // other rates held before: not guessed
		{"MA", Advice, servicedate.Of(2026, 5, 1), "MA-20"},
		{"AE", Advice, servicedate.Of(2026, 5, 1), "AE-5"},
		{"AE", UrbanTransport, servicedate.Of(2026, 5, 1), "AE-EX"},
		{"AE", Advice, servicedate.Of(2017, 12, 31), ""},
		{"KE", Advice, servicedate.Of(2026, 5, 1), ""},
		{"MA", Advice, 0, ""},
	} {
		got, err := table.Find(c.country, c.what, c.day)
		if got.Tax.Code != c.want || (c.want == "") != errors.Is(err, ErrNoTax) {
			t.Errorf("%s %s %v: %+v %v, want %q", c.country, c.what, c.day, got, err, c.want)
		}
		if c.want != "" && got.Source == "" {
			t.Errorf("%s: nobody says so", c.want)
		}
	}
}

func TestCheckTable(t *testing.T) {
	t.Parallel()
	tax := Tax{"T", 1000, Taxed}
	for name, bad := range map[string]TaxTable{
		"overlap":         {{"MA", General, 10, 20, tax, ""}, {"MA", General, 20, 30, tax, ""}},
		"open end":        {{"MA", General, 10, 0, tax, ""}, {"MA", General, 20, 30, tax, ""}},
		"one code":        {{"MA", General, 10, 20, tax, ""}, {"MA", General, 21, 30, Tax{"T", 2000, Taxed}, ""}},
		"exempt at 10 %":  {{"MA", General, 10, 20, Tax{"E", 1000, Exempt}, ""}},
		"taxed at 0":      {{"MA", General, 10, 20, Tax{"Z", 0, Taxed}, ""}},
		"above the whole": {{"MA", General, 10, 20, Tax{"Z", 10001, Taxed}, ""}},
		"no code":         {{"MA", General, 10, 20, Tax{"", 10, Taxed}, ""}},
	} {
		if bad.Check() == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if err := (TaxTable{{"MA", General, 10, 20, tax, ""}, {"MA", General, 21, 0, tax, ""}, {"MA", Advice, 10, 0, tax, ""}}).Check(); err != nil {
		t.Error(err)
	}
}

// TestRateChanges: a rate holds on its last day, the next one from the day after.
func TestRateChanges(t *testing.T) {
	t.Parallel()
	table := TaxTable{{"MA", General, 10, 20, taxes[0], ""}, {"MA", General, 21, 0, taxes[1], ""}}
	for day, want := range map[servicedate.Date]Tax{9: {}, 10: taxes[0], 20: taxes[0], 21: taxes[1]} {
		if r, err := table.Find("MA", Advice, day); r.Tax != want || (err == nil) != (want != Tax{}) {
			t.Errorf("day %d: %+v %v", day, r.Tax, err)
		}
	}
}

// TestOneRuleHolds: in a table that passes Check, at most one rule holds for a supply on a day, in whatever order.
func TestOneRuleHolds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var table TaxTable
		for range rapid.IntRange(1, 6).Draw(t, "rules") {
			from := servicedate.Date(rapid.Int32Range(0, 40).Draw(t, "from"))
			table = append(table, TaxRule{"MA", General, from, from + servicedate.Date(rapid.Int32Range(0, 10).Draw(t, "days")), taxes[0], ""})
		}
		ok := table.Check() == nil
		for day := servicedate.Date(1); day < 60; day++ {
			holding := 0
			for _, r := range table {
				if r.holds(day) {
					holding++
				}
			}
			if holding > 1 && ok {
				t.Fatalf("%d rules hold on day %d of %+v", holding, day, table)
			}
			if r, err := table.Find("MA", Advice, day); (err == nil) != (holding > 0) || err == nil && !r.holds(day) {
				t.Fatalf("day %d: %+v %v", day, r, err)
			}
		}
	})
}
