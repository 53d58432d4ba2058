package invoice

import (
	"cmp"
	"errors"
	"slices"

	"github.com/waymeet/waymeet/dispatch/servicedate"
)

// Entry is one row of the sales journal, as accounting programs import it.
type Entry struct {
	Date       servicedate.Date
	Journal    string // "VT"
	Account    string
	Piece      Number
	Label      string
	Debit      int64
	Credit     int64
	Currency   string
	CostCentre string
}

// Accounts says which account of the tenant's books takes what.
type Accounts struct {
	Journal  string
	Customer string            // 3421 in Morocco
	Revenue  map[Supply]string // 7124…; General stands in for what is not named
	Tax      map[string]string // by tax code; "" stands in
}

var (
	errAccount  = errors.New("invoice: the chart of accounts has no account for it")
	errBalance  = errors.New("invoice: the journal would not balance")
	errUnnumber = errors.New("invoice: only a finalised document is exported")
)

// Entries books a document: the customer owes the gross, against revenue by account and cost centre and tax by code.
// A credit note's rows stand on the other side; no row is below zero. With a credit note go the earlier ones of the same
// invoice, in any order: together they must take back from each account what the invoice gave it.
func (i Invoice) Entries(customer string, a Accounts, earlier ...Invoice) ([]Entry, error) {
	if i.Number.check() != nil {
		return nil, errUnnumber
	}
	var out []Entry
	book := func(account, centre string, credit int64) error {
		if account == "" {
			return errAccount
		}
		if credit == 0 {
			return nil
		}
		e := Entry{Date: i.Issued, Journal: a.Journal, Account: account, Piece: i.Number, Label: customer, Currency: i.Currency, CostCentre: centre}
		if credit > 0 {
			e.Credit = credit
		} else {
			e.Debit = -credit
		}
		out = append(out, e)
		return nil
	}
	err := book(a.Customer, "", -i.Total.Gross)
	for _, t := range i.Taxes {
		for _, r := range i.revenue(t, earlier) {
			err = errors.Join(err, book(cmp.Or(a.Revenue[r.supply], a.Revenue[General]), r.centre, r.net))
		}
		if t.Sum.Tax != 0 {
			err = errors.Join(err, book(cmp.Or(a.Tax[t.Tax.Code], a.Tax[""]), "", t.Sum.Tax))
		}
	}
	if err != nil {
		return nil, err
	}
	return out, Balanced(out)
}

// Balanced says whether debits and credits are equal in every currency.
func Balanced(entries []Entry) error {
	sums := map[string]int64{}
	for _, e := range entries {
		sum, err := add(sums[e.Currency], e.Debit, -e.Credit)
		if err != nil {
			return err
		}
		sums[e.Currency] = sum
	}
	for _, sum := range sums {
		if sum != 0 {
			return errBalance
		}
	}
	return nil
}

type revenue struct {
	supply Supply
	centre string
	net    int64
}

// revenue is what the net of one tax is on each supply and cost centre: for a note, what comes to it by all notes so
// far, less what came to it by the earlier ones. Tax is reckoned the same way, so the shares add up to the note's net.
func (i Invoice) revenue(t TaxSum, earlier []Invoice) []revenue {
	var lines []Line
	for _, e := range earlier {
		lines = append(lines, e.Lines...)
	}
	before := i.share(t.Tax, lines)
	out := i.share(t.Tax, append(lines, i.Lines...))
	for k := range out { // who had a share before has one now
		for _, b := range before {
			if b.supply == out[k].supply && b.centre == out[k].centre {
				out[k].net -= b.net
			}
		}
	}
	return out
}

// share is the net of each supply and cost centre. With prices that hold the tax, shares are cut from the net of the
// running sum, so that they add up to the net of the whole, to the unit.
func (i Invoice) share(tax Tax, lines []Line) []revenue {
	amount := map[revenue]int64{}
	for _, l := range lines {
		if l.Tax == tax {
			amount[revenue{supply: l.Supply, centre: l.CostCentre}] += l.Amount // a part of what Totals added, checked
		}
	}
	out := make([]revenue, 0, len(amount))
	for r := range amount {
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b revenue) int {
		return cmp.Or(cmp.Compare(a.supply, b.supply), cmp.Compare(a.centre, b.centre))
	})
	running, shared := int64(0), int64(0)
	for k := range out {
		running += amount[out[k]]
		upTo := running
		if i.Prices == GrossPrices {
			upTo -= portion(running, int64(tax.Rate), 10000+int64(tax.Rate))
		}
		out[k].net, shared = upTo-shared, upTo
	}
	return out
}
