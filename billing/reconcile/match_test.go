package reconcile

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestMatch(t *testing.T) {
	ours := func(about string) bool { return about != "ch_stranger" && about != "po_1" }
	for name, c := range map[string]struct {
		moved, booked []Line
		want          []Difference
	}{
		"the same":        {[]Line{{"p", Charge, "MAD", 500}}, []Line{{"p", Charge, "MAD", 500}}, nil},
		"in two parts":    {[]Line{{"p", Refund, "MAD", -200}, {"p", Refund, "MAD", -100}}, []Line{{"p", Refund, "MAD", -300}}, nil},
		"nothing, twice":  {[]Line{{"p", Fee, "MAD", 0}}, nil, nil},
		"not booked":      {[]Line{{"p", Charge, "MAD", 500}}, nil, []Difference{{Unbooked, "p", Charge, "MAD", 500, 0}}},
		"not moved":       {nil, []Line{{"p", Charge, "MAD", 500}}, []Difference{{Unmoved, "p", Charge, "MAD", 0, 500}}},
		"less":            {[]Line{{"p", Charge, "MAD", 499}}, []Line{{"p", Charge, "MAD", 500}}, []Difference{{Differs, "p", Charge, "MAD", 499, 500}}},
		"nobody's charge": {[]Line{{"ch_stranger", Charge, "MAD", 5}}, nil, []Difference{{Stranger, "ch_stranger", Charge, "MAD", 5, 0}}},
		"a payout":        {[]Line{{"po_1", Payout, "MAD", -5}}, nil, []Difference{{NewPayout, "po_1", Payout, "MAD", -5, 0}}},
		"another currency": {[]Line{{"p", Charge, "MAD", 500}}, []Line{{"p", Charge, "EUR", 500}},
			[]Difference{{Unmoved, "p", Charge, "EUR", 0, 500}, {Unbooked, "p", Charge, "MAD", 500, 0}}},
		// Charged and given back, and neither is in the books: nothing in all, and still two differences.
		"there and back": {[]Line{{"p", Charge, "MAD", 500}, {"p", Refund, "MAD", -500}}, nil,
			[]Difference{{Unbooked, "p", Charge, "MAD", 500, 0}, {Unbooked, "p", Refund, "MAD", -500, 0}}},
	} {
		if got := Match(c.moved, c.booked, ours); !slices.Equal(got, c.want) {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

// Whatever there is, in whatever order and parts: two equal sides have no difference, and one unit more on one of them has.
func TestMatchSeesOneUnit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line := rapid.Custom(func(t *rapid.T) Line {
			return Line{rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "about"), rapid.SampledFrom([]What{Charge, Refund, Fee}).Draw(t, "what"),
				rapid.SampledFrom([]string{"MAD", "EUR"}).Draw(t, "currency"), rapid.Int64Range(-1000, 1000).Draw(t, "amount")}
		})
		moved := rapid.SliceOfN(line, 1, 20).Draw(t, "moved")
		booked := slices.Clone(moved)
		slices.Reverse(booked)
		all := func(string) bool { return true }
		if got := Match(moved, booked, all); len(got) > 0 {
			t.Fatalf("equal sides: %+v", got)
		}
		booked[rapid.IntRange(0, len(booked)-1).Draw(t, "which")].Amount++
		if got := Match(moved, booked, all); len(got) == 0 {
			t.Fatal("one unit more was not seen")
		}
	})
}
