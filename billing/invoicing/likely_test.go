package invoicing_test

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/invoice"
	"github.com/waymeet/waymeet/store"
)

// TestLikelyInvoices: what a page of lines may pay is the same as if each were compared with all that is open; and of many that are alike few are read.
func TestLikelyInvoices(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ctx := context.Background()
	o.add(o.ride(november, 10000))
	d := o.finalise("2026-11")
	r := rand.New(rand.NewPCG(1, 2))
	var bills []bill
	for range 300 {
		bills = append(bills, bill{r.IntN(60), int64(1+r.IntN(30)) * 100, []string{"MAD", "MAD", "EUR"}[r.IntN(3)], d.Issued.AddDays(r.IntN(60))})
	}
	const alike = 150
	for i := range alike {
		bills = append(bills, bill{1000 + i, 7777, "MAD", d.Issued})
	}
	o.owe(d, bills)
	o.Exec(t, `with r as (select set_config('session_replication_role', 'replica', true)), part as (update invoice set paid = 50 from r where seq % 5 = 0 returning organisation_id, currency)
		update account set posted = posted - 50 * p.n from (select organisation_id, currency, count(*) as n from part group by 1, 2) p
		where code = 'receivable:' || p.organisation_id and account.currency = p.currency`) // some are paid in part
	open, err := o.Read(o.id).Outstanding(ctx)
	if err != nil || len(open) != len(bills)+1 {
		t.Fatalf("%d are open: %v", len(open), err)
	}
	all := make([]invoice.Outstanding, len(open))
	for i := range open {
		all[i] = open[i].Outstanding
	}
	matcher := invoice.NewMatcher(all)
	var lines []store.BankLine
	for range 400 {
		a, b := r.IntN(300), r.IntN(300)
		text := []string{"merci", fmt.Sprintf("VIR FA-2026-%06d", a+2), fmt.Sprintf("fa2026%06d et FA 2026 %d", a+2, b+2), fmt.Sprintf("%d", a+2)}[r.IntN(4)]
		payer := []string{"", fmt.Sprintf("STE FIRM N%d", bills[a].firm), "CABLAGES DU DETROIT"}[r.IntN(3)]
		amount := []int64{bills[a].amount, bills[a].amount + bills[b].amount, int64(1+r.IntN(90)) * 100}[r.IntN(3)]
		lines = append(lines, store.BankLine{ID: uuid.New(), Matched: 5, Transfer: invoice.Transfer{Booked: d.Issued.AddDays(40), Amount: amount + 5, Currency: bills[a].currency, Payer: payer, Text: text}})
	}
	owed := map[string][]invoice.Outstanding{}
	for _, x := range all {
		owed[x.Account+x.Currency] = append(owed[x.Account+x.Currency], x)
	}
	pay := func(amount int64, currency string) {
		lines = append(lines, store.BankLine{ID: uuid.New(), Transfer: invoice.Transfer{Booked: d.Issued.AddDays(70), Amount: amount, Currency: currency, Text: "merci"}})
	}
	for _, x := range owed {
		if len(x) < 4 {
			continue
		}
		slices.SortFunc(x, func(a, b invoice.Outstanding) int {
			return cmp.Or(cmp.Compare(a.Issued, b.Issued), cmp.Compare(a.Number.Seq, b.Number.Seq))
		})
		last, before := x[len(x)-1], x[len(x)-2]
		pay(x[0].Open+x[1].Open, x[0].Currency) // the oldest
		pay(before.Open, x[0].Currency)         // and beside each other two, and as much as the two: they are not all that is open
		pay(last.Open, x[0].Currency)
		pay(before.Open+last.Open, x[0].Currency)
		all := int64(0)
		for _, x := range x {
			all += x.Open
		}
		pay(all, x[0].Currency)
	}
	for at := 0; at < len(lines); at += 20 {
		found, err := o.MatchesOf(ctx, o.id, lines[at:min(at+20, len(lines))])
		if err != nil {
			t.Fatal(err)
		}
		for i, l := range lines[at:min(at+20, len(lines))] {
			transfer := l.Transfer
			transfer.Amount -= l.Matched
			want := matcher.Match(transfer)
			want = want[:min(len(want), 10)]
			got := make([]invoice.Candidate, len(found[i]))
			for k, c := range found[i] {
				got[k] = c.Candidate
			}
			if len(got)+len(want) > 0 && !reflect.DeepEqual(got, want) {
				t.Fatalf("%+v:\ngot  %+v\nwant %+v", transfer, got, want)
			}
		}
	}
	some, err := o.Read(o.id).OutstandingLike(ctx, store.PaidBy{Currencies: []string{"MAD"}, Amounts: []int64{7777}}, 50)
	if err != nil || len(some) != 50 {
		t.Errorf("of %d that are alike %d are read (%v)", alike, len(some), err)
	}
}
