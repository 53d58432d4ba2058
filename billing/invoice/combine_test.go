package invoice

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/waymeet/waymeet/dispatch/servicedate"
)

func owed(account, customer string, amounts ...int64) (out []Outstanding) {
	for i, a := range amounts {
		out = append(out, Outstanding{Number: Number{"FA", 2026, int64(len(account)*100 + i + 1)}, Account: account, Customer: customer, Currency: "MAD", Open: a, Issued: servicedate.Of(2026, time.October, 1+i)})
	}
	return out
}

// TestSeveralAtOnce offers what one transfer pays together: never as certain, and nothing where the payer is a stranger and the sum
// is not all.
func TestSeveralAtOnce(t *testing.T) {
	t.Parallel()
	open := append(owed("a", "Câblages du Détroit", 30_000, 20_000, 50_000, 7_500), owed("bb", "Atlas Textiles", 40_000, 40_000, 40_000, 11_000)...)
	for name, c := range map[string]struct {
		payer  string
		amount int64
		picks  []int64 // numbers
		score  int
		why    []MatchReason
	}{
		"all":                       {"CABLAGES DU DETROIT SA", 107_500, []int64{101, 102, 103, 104}, 75, []MatchReason{AllOpenEqual, PayerNamed}},
		"all, of a stranger":        {"M. X", 107_500, []int64{101, 102, 103, 104}, 45, []MatchReason{AllOpenEqual}},
		"the oldest":                {"cablages", 100_000, []int64{101, 102, 103}, 65, []MatchReason{OldestEqual, PayerNamed}},
		"the oldest, of a stranger": {"M. X", 100_000, nil, 0, nil},
		"some":                      {"cablages", 37_500, []int64{101, 104}, 50, []MatchReason{SomeEqual, PayerNamed}},
		"some, of a stranger":       {"M. X", 37_500, nil, 0, nil},
		"some, in more ways":        {"ATLAS TEXTILES", 51_000, []int64{201, 204}, 30, []MatchReason{SomeEqual, PayerNamed, AmountShared}},
		"the oldest of equal ones":  {"ATLAS TEXTILES", 80_000, []int64{201, 202}, 65, []MatchReason{OldestEqual, PayerNamed}},
		"one unit too much":         {"cablages", 107_501, nil, 0, nil},
		"of two customers":          {"cablages", 107_500 + 131_000, nil, 0, nil},
	} {
		found := NewMatcher(open).Match(Transfer{Booked: servicedate.Of(2026, time.November, 20), Amount: c.amount, Currency: "MAD", Payer: c.payer})
		if c.picks == nil {
			if len(found) != 0 {
				t.Errorf("%s: %+v", name, found)
			}
			continue
		}
		if len(found) != 1 || found[0].Score != c.score || !slices.Equal(found[0].Why, c.why) {
			t.Errorf("%s: %+v", name, found)
			continue
		}
		var seqs []int64
		for _, n := range found[0].Invoices {
			seqs = append(seqs, n.Seq)
		}
		if !slices.Equal(seqs, c.picks) {
			t.Errorf("%s: %v, want %v", name, seqs, c.picks)
		}
	}
}

// TestSomeAgainstBruteForce: whatever is owed and came, some finds a set exactly when there is one, its parts make the amount to the
// unit, and it says rightly whether there are more.
func TestSomeAgainstBruteForce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		amounts := rapid.SliceOfN(rapid.Int64Range(1, 40), 2, 12).Draw(t, "amounts")
		amount := rapid.Int64Range(1, 200).Draw(t, "amount")
		open := owed("a", "A", amounts...)
		sets, first := 0, []int(nil)
		for mask := 1; mask < 1<<len(amounts); mask++ {
			sum, set := int64(0), []int(nil)
			for i, a := range amounts {
				if mask&(1<<i) != 0 {
					sum, set = sum+a, append(set, i)
				}
			}
			if sum == amount {
				if sets++; first == nil || slices.Compare(set, first) < 0 {
					first = set
				}
			}
		}
		steps := maxSteps
		picks, shared := some(amount, open, &steps)
		if !slices.Equal(picks, first) || shared != (sets > 1) {
			t.Fatalf("%v of %v: found %v (more: %v), there are %d, the oldest %v", amount, amounts, picks, shared, sets, first)
		}
		if p := oldest(amount, open); p != nil && (!slices.Equal(p, seq(len(p))) || sum(open, p) != amount) {
			t.Fatalf("oldest: %v of %v: %v", amount, amounts, p)
		}
	})
}

// TestSomeEnds: a customer with hundreds of invoices of which no few make the amount costs its steps and no more.
func TestSomeEnds(t *testing.T) {
	t.Parallel()
	amounts := make([]int64, 500)
	for i := range amounts {
		amounts[i] = int64(2*i + 1000)
	}
	open := owed("a", "Atlas", amounts...)
	began := time.Now()
	for range 20 {
		if found := NewMatcher(open).Match(Transfer{Amount: 251_001, Currency: "MAD", Payer: "ATLAS", Booked: servicedate.Of(2027, 1, 1)}); len(found) != 0 { // even amounts make no odd one
			t.Fatal(found)
		}
	}
	if took := time.Since(began); took > 4*time.Second {
		t.Errorf("%v", took)
	}
}

func seq(n int) (out []int) {
	for i := range n {
		out = append(out, i)
	}
	return out
}

func sum(open []Outstanding, picks []int) (n int64) {
	for _, i := range picks {
		n += open[i].Open
	}
	return n
}
