package invoice_test

import (
	"fmt"

	"github.com/waymeet/waymeet/billing/invoice"
	"github.com/waymeet/waymeet/dispatch/servicedate"
)

// A month of one employer in Casablanca: two rides and an hour of advice, a ride disputed and credited, the rest paid.
func Example() {
	draft := invoice.Draft{
		Month: invoice.MonthOf(servicedate.Of(2026, 11, 1)), Currency: "MAD", Prices: invoice.GrossPrices, Terms: "eom_30", PO: "4500018872",
		Lines: []invoice.Line{
			{ID: "1", Usage: "ride:71", Date: servicedate.Of(2026, 11, 2), Supply: invoice.UrbanTransport, Country: "MA", Text: "L12, 07:10", CostCentre: "CC-410", Quantity: 1, Unit: "ride", Amount: 1200},
			{ID: "2", Usage: "ride:84", Date: servicedate.Of(2026, 11, 3), Supply: invoice.UrbanTransport, Country: "MA", Text: "L12, 07:10", CostCentre: "CC-220", Quantity: 1, Unit: "ride", Amount: 1550},
			{ID: "3", Usage: "session:9", Date: servicedate.Of(2026, 11, 9), Supply: invoice.Advice, Country: "MA", Text: "Droit du travail", CostCentre: "CC-220", Quantity: 60, Unit: "minute", Amount: 90000},
		},
	}
	draft, err := draft.Price(invoice.Starting())
	check(err)
	bill, err := draft.Finalise(invoice.Number{Series: "FA", Year: 2026, Seq: 42}, servicedate.Of(2026, 12, 1))
	check(err)
	for _, t := range bill.Taxes {
		fmt.Println(t.Tax.Code, t.Sum.Net, t.Sum.Tax, t.Sum.Gross)
	}
	fmt.Println(bill.Number, "due", bill.Due, invoice.Decimal(bill.Total.Gross, bill.Currency), bill.Currency)

	// The employer disputes the second ride; the case is decided in their favour.
	note, err := invoice.Credit(bill, nil, []invoice.Pick{{Line: "2", Amount: 1550}}, invoice.Number{Series: "AV", Year: 2026, Seq: 3}, servicedate.Of(2026, 12, 10))
	check(err)
	fmt.Println(note.Number, "corrects", note.Corrects, note.Total.Net, note.Total.Tax, note.Total.Gross)

	standing := invoice.Standing{Finalised: true, Gross: bill.Total.Gross, Due: bill.Due, Credited: -note.Total.Gross}
	transfer := invoice.Transfer{Booked: servicedate.Of(2027, 1, 20), Amount: 91200, Currency: "MAD", Payer: "CABLAGES DU DETROIT", Text: "VIR FA 2026 42"}
	match := invoice.NewMatcher([]invoice.Outstanding{{Number: bill.Number, Customer: "Câblages du Détroit SA", Currency: "MAD", Open: standing.Open(), Issued: bill.Issued}}).Match(transfer)[0]
	standing.Paid = transfer.Amount
	fmt.Println(match.Invoices[0], match.Score, match.Why, standing.State(servicedate.Of(2027, 2, 1)))

	rows, err := note.Entries("Câblages du Détroit SA", invoice.Accounts{Journal: "VT", Customer: "3421", Revenue: map[invoice.Supply]string{invoice.General: "7124"}, Tax: map[string]string{"": "4455"}})
	check(err)
	for _, r := range rows {
		fmt.Println(r.Date, r.Account, r.Piece, r.Debit, r.Credit)
	}
	// Output:
	// MA-20 75000 15000 90000
	// MA-10 2500 250 2750
	// FA-2026-000042 due 2027-01-30 927.50 MAD
	// AV-2026-000003 corrects FA-2026-000042 -1409 -141 -1550
	// FA-2026-000042 100 [number_in_reference amount_equal payer_is_customer] paid
	// 2026-12-10 3421 AV-2026-000003 0 1550
	// 2026-12-10 7124 AV-2026-000003 1409 0
	// 2026-12-10 4455 AV-2026-000003 141 0
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
