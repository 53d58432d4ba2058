package invoice

import (
	"cmp"
	"math"
	"slices"
)

// What speaks for one transfer for several invoices of a customer that it does not name.
const (
	AllOpenEqual MatchReason = "sum_of_all_open"
	OldestEqual  MatchReason = "sum_of_oldest"
	SomeEqual    MatchReason = "sum_of_some"
)

const (
	maxTogether = 200    // invoices that one transfer pays at once
	maxSteps    = 50_000 // of looking for some of a customer's invoices, over all customers: some milliseconds
)

// debts is what one customer owes in one currency, the oldest first.
type debts struct {
	customer []string // their name's words
	all      []Outstanding
}

// debtsOf is that of each customer who owes more than one, in the order that they came, so that the answer is always the same.
func debtsOf(open []Outstanding) (out []debts) {
	type key struct{ account, currency string }
	at := map[key]int{}
	for _, o := range open {
		if o.Account == "" {
			continue
		}
		k := key{o.Account, o.Currency}
		i, there := at[k]
		if !there {
			i = len(out)
			at[k], out = i, append(out, debts{})
		}
		out[i].all = append(out[i].all, o)
	}
	out = slices.DeleteFunc(out, func(d debts) bool { return len(d.all) < 2 })
	for i := range out {
		slices.SortFunc(out[i].all, func(a, b Outstanding) int {
			return cmp.Or(cmp.Compare(a.Issued, b.Issued), compareNumbers(a.Number, b.Number))
		})
		out[i].customer = tokens(out[i].all[0].Customer)
	}
	return out
}

// combined is transfers for several invoices of one customer: all that is open, or, where the payer's name is the customer's, the oldest
// ones or some. They never reach Certain, for sums meet by chance.
func combined(t Transfer, owed []debts) (out []Candidate) {
	payer, steps := tokens(t.Payer), maxSteps
	for _, d := range owed {
		all := d.all
		if all[0].Currency != t.Currency {
			continue
		}
		known := sharesName(payer, d.customer)
		picks, shared := oldest(t.Amount, all), false
		points, why := 35, OldestEqual
		switch {
		case len(picks) == len(all):
			points, why = 45, AllOpenEqual
		case !known:
			continue
		case picks == nil:
			points, why = 20, SomeEqual
			picks, shared = some(t.Amount, all, &steps)
		}
		if len(picks) < 2 || len(picks) > maxTogether {
			continue
		}
		x := Candidate{Score: points, Why: []MatchReason{why}}
		if known {
			x.Score, x.Why = x.Score+30, append(x.Why, PayerNamed)
		}
		if shared {
			x.Score, x.Why = x.Score-20, append(x.Why, AmountShared)
		}
		late := false
		for _, i := range picks {
			x.Invoices = append(x.Invoices, all[i].Number)
			late = late || t.Booked < all[i].Issued
		}
		if late {
			x.Score, x.Why = max(x.Score-15, 0), append(x.Why, BeforeInvoice)
		}
		slices.SortFunc(x.Invoices, compareNumbers)
		out = append(out, x)
	}
	return out
}

// oldest is how many of the first make the amount, as their places; nil when none do.
func oldest(amount int64, open []Outstanding) (picks []int) {
	for i, o := range open {
		if picks = append(picks, i); o.Open >= amount {
			if o.Open > amount {
				return nil
			}
			return picks
		}
		amount -= o.Open
	}
	return nil
}

// some is places that make the amount, those of the oldest that do, and whether others would do too. It looks no further than steps,
// which it counts down: what it does not find then it does not offer.
func some(amount int64, open []Outstanding, steps *int) (picks []int, shared bool) {
	rest := make([]int64, len(open)+1) // what all from a place on make, or the most that there is
	for i := len(open) - 1; i >= 0; i-- {
		if rest[i] = rest[i+1]; open[i].Open > math.MaxInt64-rest[i] {
			rest[i] = math.MaxInt64
		} else {
			rest[i] += open[i].Open
		}
	}
	var path []int
	var look func(i int, left int64) (enough bool)
	look = func(i int, left int64) bool {
		if left == 0 {
			if picks != nil {
				shared = true
				return true
			}
			picks = slices.Clone(path)
			return false
		}
		if *steps--; *steps < 0 || left > rest[i] {
			return *steps < 0
		}
		if open[i].Open <= left {
			path = append(path, i)
			if look(i+1, left-open[i].Open) {
				return true
			}
			path = path[:len(path)-1]
		}
		return look(i+1, left)
	}
	look(0, amount)
	return picks, shared
}
