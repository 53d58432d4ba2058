package invoicing_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/invoicing"
	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/store"
)

// billed is three finalised months of the employer, of 100.00, 200.00 and 300.00.
func (o *office) billed() (docs []store.Document) {
	for i, m := range []string{"2026-11", "2026-12", "2027-01"} {
		o.today = time.Date(2026, time.Month(12+i), 2, 9, 0, 0, 0, time.UTC)
		o.add(o.ride(november.AddDays(31*i), int64(10_000*(i+1))))
		docs = append(docs, o.finalise(m))
	}
	o.today = time.Date(2027, 2, 20, 9, 0, 0, 0, time.UTC)
	return docs
}

// year is a statement of so many lines of 1.00, with some of other text among them.
func year(n int, among map[int]string) []byte {
	var b strings.Builder
	b.WriteString(heading)
	for i := range n {
		if line, there := among[i]; there {
			b.WriteString(line + "\n")
			continue
		}
		fmt.Fprintf(&b, "2027-02-%02d,1.00,MAD,PAYER %d,VIR %d,R%d\n", 1+i%19, i%300, i, i)
	}
	return []byte(b.String())
}

// TestStatementOfAYear: a file of twenty thousand lines is read as it is imported and written in commits of a thousand; what names an invoice pays it wherever in
// the file it stands, the first of two that name one alone; the same file again, in two at once, changes nothing.
func TestStatementOfAYear(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ctx := context.Background()
	docs := o.billed()
	pays := func(i int, amount string) string {
		return "2027-02-10," + amount + ",MAD,CABLAGES,VIR " + docs[i].Number.String() + ","
	}
	file := year(20_000, map[int]string{0: pays(0, "100.00"), 9_999: pays(1, "199.00"), 10_000: pays(1, "200.00"), 19_998: pays(0, "100.00"), 19_999: pays(2, "300.00")})
	read, err := o.ReadStatement(ctx, o.id, "main", file, invoicing.How{})
	if err != nil || read.Lines != 20_000 || read.Fresh != 20_000 || read.Certain != 3 || len(read.First) != 200 || !read.First[0].Certain {
		t.Fatalf("%d %d %d %v", read.Lines, read.Fresh, read.Certain, err)
	}
	began := time.Now()
	got, err := o.Import(ctx, o.id, o.by, idem.Claim{}, "main", "year.csv", file, invoicing.How{})
	if err != nil || got.Fresh != 20_000 || got.Matched != 3 {
		t.Fatalf("%+v %v", got, err)
	}
	t.Logf("20,000 lines in %v", time.Since(began))
	for i, want := range []int64{10_000, 20_000, 30_000} {
		if d := o.document(docs[i].ID); d.Paid != want || d.Open() != 0 {
			t.Errorf("%s: %d is paid", d.Number, d.Paid)
		}
	}
	if commits := o.Int(t, `select count(distinct xmin::text) from bank_line`); commits != 20 {
		t.Errorf("%d commits", commits)
	}
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			if got, err := o.Import(ctx, o.id, o.by, idem.Claim{}, "main", "again.csv", file, invoicing.How{}); err != nil || got.Fresh != 0 || got.Matched != 0 || got.Lines != 20_000 {
				t.Errorf("%+v %v", got, err)
			}
		})
	}
	wg.Wait()
	o.holds(map[ledger.Account]int64{ledger.Bank("main", "MAD"): 19_995*100 + 10_000 + 19_900 + 20_000 + 10_000 + 30_000, ledger.Suspense("bank", "MAD"): 19_995*100 + 19_900 + 10_000, ledger.Receivable(o.employer, "MAD"): 0})
	o.verified()
}

// TestStatementIsCutOff: a file that fails in the middle leaves whole thousands, each line with its journal and its match; sent again, by several at once and
// overlapping another, it goes on, each line once.
func TestStatementIsCutOff(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ctx := context.Background()
	docs := o.billed()
	pays := func(i int, amount string) string {
		return "2027-02-10," + amount + ",MAD,CABLAGES,VIR " + docs[i].Number.String() + ","
	}
	file := year(3_000, map[int]string{10: pays(0, "100.00"), 1_500: "2027-02-11,1.00,MAD,POISON,x,", 2_900: pays(1, "200.00")})
	o.Exec(t, `create function poisoned() returns trigger language plpgsql as $f$ begin raise exception 'poison'; end $f$`)
	o.Exec(t, `create trigger poison before insert on bank_line for each row when (new.payer = 'POISON') execute function poisoned()`)
	if _, err := o.Import(ctx, o.id, o.by, idem.Claim{}, "main", "a.csv", file, invoicing.How{}); err == nil {
		t.Fatal("it was not cut off")
	}
	o.holds(map[ledger.Account]int64{ledger.Bank("main", "MAD"): 999*100 + 10_000, ledger.Suspense("bank", "MAD"): 999 * 100})
	o.verified()
	o.Exec(t, `drop trigger poison on bank_line`)
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			body := file
			if i%2 == 1 { // the same in another order
				lines := strings.SplitAfter(strings.TrimSuffix(string(file), "\n"), "\n")
				for a, b := 1, len(lines)-2; a < b; a, b = a+1, b-1 {
					lines[a], lines[b] = lines[b], lines[a]
				}
				body = []byte(strings.Join(lines, ""))
			}
			if _, err := o.Import(ctx, o.id, o.by, idem.Claim{}, "main", "b.csv", body, invoicing.How{}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	o.holds(map[ledger.Account]int64{ledger.Bank("main", "MAD"): 2_998*100 + 30_000, ledger.Suspense("bank", "MAD"): 2_998 * 100, ledger.Receivable(o.employer, "MAD"): 30_000})
	if lines, err := o.Lines(ctx, o.id, invoicing.LinesMatched, uuid.Nil, 10); err != nil || len(lines) != 2 {
		t.Errorf("%d lines pay: %v", len(lines), err)
	}
	o.verified()
}

// TestStatementAndAPerson: what was planned and is not so any more when it is written waits for a person: an invoice that was paid, in part or whole, meanwhile.
func TestStatementAndAPerson(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ctx := context.Background()
	docs := o.billed()
	line := "2027-02-10,100.00,MAD,CABLAGES,VIR " + docs[0].Number.String() + ","
	var wg sync.WaitGroup
	matched := make([]int, 6)
	for i := range matched { // the same payment as six accounts' statements tell it, at once
		wg.Go(func() {
			got, err := o.Import(ctx, o.id, o.by, idem.Claim{}, fmt.Sprintf("bank%d", i), "x.csv", []byte(heading+line+"\n"), invoicing.How{})
			if err != nil || got.Fresh != 1 {
				t.Errorf("%+v %v", got, err)
			}
			matched[i] = got.Matched
		})
	}
	wg.Wait()
	sum := 0
	for _, n := range matched {
		sum += n
	}
	if sum != 1 || o.document(docs[0].ID).Paid != 10_000 {
		t.Errorf("%v", matched)
	}
	o.verified()
}

// TestStatementUnderItsKey: from the first commit on a key stands for its file. A file that was cut off goes on under it, as the import that it was,
// whoever else sends it at once; each is told the same. No other file is taken under it, neither before nor after its end.
func TestStatementUnderItsKey(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	docs := o.billed()
	claim := func(file []byte) idem.Claim {
		return idem.Claim{Actor: o.by, Operation: "bank.import", Key: "a file", Hash: idem.HashOf(file)}
	}
	send := func(file []byte) (invoicing.Imported, error) {
		return o.Import(context.Background(), o.id, o.by, claim(file), "main", "a.csv", file, invoicing.How{})
	}
	file := year(3_000, map[int]string{10: "2027-02-10,100.00,MAD,CABLAGES,VIR " + docs[0].Number.String() + ",", 1_500: "2027-02-11,1.00,MAD,POISON,x,"})
	other := []byte(heading + "2027-02-12,7.00,MAD,SOMEBODY,else,\n")
	refused := func(when string) {
		t.Helper()
		if _, err := send(other); !fault.Is(err, "idempotency_conflict") {
			t.Errorf("another file under its key, %s: %v", when, err)
		}
	}
	o.Exec(t, `create function poisoned() returns trigger language plpgsql as $f$ begin raise exception 'poison'; end $f$`)
	o.Exec(t, `create trigger poison before insert on bank_line for each row when (new.payer = 'POISON') execute function poisoned()`)
	if _, err := send(file); err == nil {
		t.Fatal("it was not cut off")
	}
	refused("which was cut off")
	o.Exec(t, `drop trigger poison on bank_line`)
	var wg sync.WaitGroup
	var told [4]invoicing.Imported
	for i := range told {
		wg.Go(func() {
			var err error
			if told[i], err = send(file); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	refused("which is done")
	for _, got := range told {
		if got != told[0] || got.Lines != 3_000 || got.Fresh != 3_000 || got.Matched != 1 {
			t.Errorf("%+v", got)
		}
	}
	if imports, lines := o.Int(t, `select count(*) from bank_import`), o.Int(t, `select count(*) from bank_line`); imports != 1 || lines != 3_000 {
		t.Errorf("%d imports of %d lines", imports, lines)
	}
	o.verified()
}
