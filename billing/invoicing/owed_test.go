package invoicing_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store"
)

// TestFindOwed: each open invoice of an organisation is reached, a page at a time and the oldest due first; one is found by its number however it is typed, and
// by whose it is; what is paid is not among them.
func TestFindOwed(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ctx := context.Background()
	o.add(o.ride(november, 10000))
	d := o.finalise("2026-11")
	bills := make([]bill, 90) // 2 to 91: sixty of them the employer's, thirty of others
	for i := range bills {
		bills[i] = bill{max(0, i-59), 100, "MAD", d.Issued.AddDays(90 - i)}
	}
	bills[50].currency = "EUR"
	o.owe(d, bills)
	o.Exec(t, `with r as (select set_config('session_replication_role', 'replica', true)) update invoice set paid = gross from r where seq = 42`)
	seqs := func(page store.OwedPage, of uuid.UUID, typed string) (out []int64) {
		t.Helper()
		docs, err := o.Owed(ctx, o.id, page, of, typed, 0)
		if err != nil {
			t.Fatalf("%q: %v", typed, err)
		}
		for i, x := range docs {
			if i > 0 && x.Due < docs[i-1].Due {
				t.Errorf("%q: %v is before %v", typed, docs[i-1].Number, x.Number)
			}
			out = append(out, x.Number.Seq)
		}
		return out
	}
	for _, c := range []struct {
		of    uuid.UUID
		typed string
		want  int
	}{{o.employer, "", 60}, {uuid.Nil, "", 90}, {uuid.Nil, "câblages", 60}, {uuid.Nil, "FIRM N", 30}, {o.employer, "firm", 0}} {
		got, page := []int64(nil), store.OwedPage{Limit: 7}
		for {
			docs, err := o.Owed(ctx, o.id, page, c.of, c.typed, 0)
			if err != nil {
				t.Fatal(err)
			}
			for _, x := range docs {
				got = append(got, x.Number.Seq)
			}
			if len(docs) < page.Limit || len(got) > 200 {
				break
			}
			page.After = docs[len(docs)-1].ID
		}
		slices.Sort(got)
		if len(got) != c.want || len(slices.Compact(got)) != c.want || slices.Contains(got, 42) {
			t.Errorf("%q: %d invoices in pages, want %d: %v", c.typed, len(got), c.want, got)
		}
	}
	page := store.OwedPage{Limit: 20}
	for typed, want := range map[string]string{"7": "[7 68 78 88]" /* and Firms N7, N17, N27 */, "000007": "[7]", "FA 2026 7": "[7]", "fa-2026-000007": "[7]", "2025-7": "[]", "AV-2026-000007": "[]", "42": "[]", "61": "[61]", "Firm N1": "[62 71 72 73 74 75 76 77 78 79 80]", "nobody": "[]", "%": "[]"} {
		got := seqs(page, uuid.Nil, typed)
		if slices.Sort(got); fmt.Sprint(got) != want {
			t.Errorf("%q: %v, want %s", typed, got, want)
		}
	}
	for typed, want := range map[string]int{"FA-2026": 90, "fa-2026-00001": 11 /* 10 to 19, and 1 */, "FA-2026-0": 90, "FA-2025": 0} { // the beginning of a number
		if docs, err := o.Owed(ctx, o.id, store.OwedPage{Limit: 200}, uuid.Nil, typed, 0); err != nil || len(docs) != want {
			t.Errorf("%q: %d, want %d (%v)", typed, len(docs), want, err)
		}
	}
	for amount, want := range map[int64]int{100: 88, 10000: 1, 99: 0} { // what is open; of MAD alone
		if docs, err := o.Owed(ctx, o.id, store.OwedPage{Limit: 200, Currency: "MAD"}, uuid.Nil, "nobody", amount); err != nil || len(docs) != want {
			t.Errorf("%d: %d, want %d (%v)", amount, len(docs), want, err)
		}
	}
	if got := seqs(page, o.employer, "70"); got != nil {
		t.Errorf("another's invoice: %v", got)
	}
	if got := seqs(store.OwedPage{Limit: 20, Currency: "EUR"}, o.employer, ""); !slices.Equal(got, []int64{52}) {
		t.Errorf("in EUR: %v", got)
	}
	if _, err := o.Owed(ctx, o.id, store.OwedPage{Limit: 20, After: uuid.New()}, uuid.Nil, "", 0); !fault.Is(err, "invoice_not_found") {
		t.Errorf("after one that nobody has: %v", err)
	}
	if got, err := o.Owed(ctx, o.B.ID, page, o.employer, "", 0); err != nil || len(got) != 0 {
		t.Errorf("another operator: %v %v", got, err)
	}
	if _, err := o.Owed(ctx, o.B.ID, store.OwedPage{Limit: 20, After: d.ID}, uuid.Nil, "", 0); !fault.Is(err, "invoice_not_found") {
		t.Errorf("another operator, after one of this: %v", err)
	}
}
