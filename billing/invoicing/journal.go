package invoicing

import (
	"fmt"
	"slices"
	"strings"

	"github.com/waymeet/waymeet/billing/invoice"
	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/store"
)

// business is whose revenue a supply is.
func business(s invoice.Supply) string {
	switch s {
	case invoice.UrbanTransport, invoice.Transport:
		return "seats"
	case invoice.Advice:
		return "sessions"
	}
	return "services"
}

// journalOf is what a document moves (docs/money.md): what the organisation owes, against revenue and tax. What a
// programme holds was earned when the ride was settled, and leaves the programme's account instead. A credit note takes
// revenue and tax back; the ride stays settled.
func journalOf(d store.Document, earlier []invoice.Invoice) (j ledger.Journal, opens []ledger.Account, err error) {
	c := ledger.Currency(d.Currency)
	books := invoice.Accounts{Customer: "owed", Revenue: map[invoice.Supply]string{}, Tax: map[string]string{}}
	named := map[string]ledger.Account{"owed": ledger.Receivable(d.Organisation, c)}
	for _, l := range d.Lines {
		books.Revenue[l.Supply] = business(l.Supply)
		named[business(l.Supply)] = ledger.Revenue(business(l.Supply), c)
		books.Tax[l.Tax.Code] = "tax " + l.Tax.Code
		named["tax "+l.Tax.Code] = ledger.TaxPayable(strings.ToLower(l.Country), ledger.Rate(l.Tax.Rate)*100, c)
	}
	for _, e := range earlier { // a note's shares are reckoned over the supplies of all
		for _, l := range e.Lines {
			books.Revenue[l.Supply] = business(l.Supply)
			named[business(l.Supply)] = ledger.Revenue(business(l.Supply), c)
		}
	}
	rows, err := d.Entries(d.Buyer.Name, books, earlier...)
	if err != nil {
		return j, nil, fmt.Errorf("invoicing: journal of %s: %w", d.Number, err)
	}
	sums := map[ledger.Account]int64{} // debits
	for _, r := range rows {
		sums[named[r.Account]] += r.Debit - r.Credit
	}
	opens = append(opens, named["owed"])
	if d.Kind == invoice.Bill {
		for i, l := range d.Lines {
			if p := d.Refs[i].Programme; p != [16]byte{} {
				of := ledger.Programme(p, c)
				if _, there := sums[of]; !there {
					opens = append(opens, of)
				}
				sums[of] -= l.Amount
				sums[named[business(l.Supply)]] += l.Amount
			}
		}
	}
	var entries []ledger.Entry
	for account, sum := range sums {
		switch {
		case sum > 0:
			entries = append(entries, ledger.Debit(account, ledger.Of(sum, c)))
		case sum < 0:
			entries = append(entries, ledger.Credit(account, ledger.Of(-sum, c)))
		}
	}
	slices.SortFunc(entries, func(a, b ledger.Entry) int { return strings.Compare(a.Account.Code(), b.Account.Code()) })
	kind := "invoice_finalised"
	if d.Kind == invoice.CreditNote {
		kind = "invoice_credited"
	}
	return ledger.Post(store.JournalKey(d.ID), kind, entries...).About("invoice/" + d.ID.String()), opens, nil
}
