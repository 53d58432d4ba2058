package invoicing_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/waymeet/waymeet/billing/invoice"
	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store"
)

// export is a month's, all of it or an error.
func (o *office) export(m invoice.Month, to *bytes.Buffer) error {
	return o.Export(context.Background(), o.id, m, invoice.Plain, func(int) (io.Writer, error) { return to, nil })
}

// crowd plants n balanced journals of three entries in a month, many at the same instant, as the owner: through the ledger it would
// take minutes.
func (o *office) crowd(from time.Time, n int) {
	o.t.Helper()
	if err := o.InTx(context.Background(), o.id, func(tx *store.Tx) error { // its three accounts
		one := ledger.Of(1, "MAD")
		_, err := tx.RecordOne(context.Background(), ledger.Post("crowd", "test", ledger.Debit(ledger.Bank("main", "MAD"), ledger.Of(2, "MAD")), ledger.Credit(ledger.Revenue("seats", "MAD"), one),
			ledger.Credit(ledger.Revenue("sessions", "MAD"), one)))
		return err
	}); err != nil {
		o.t.Fatal(err)
	}
	o.Exec(o.t, `do $$ begin
		set local session_replication_role = replica;
		create temp table crowd on commit drop as select gen_random_uuid() as id, n, '`+from.Format(time.RFC3339)+`'::timestamptz + (n / 50) * interval '1 minute' as happened,
			clock_timestamp() as at from generate_series(1, `+strconv.Itoa(n)+`) n;
		insert into journal (tenant_id, id, key, request_hash, kind, phase, effective_at, at)
			select '`+o.id.String()+`', id, 'crowd:' || n, sha256('x'), 'test', 'posted', happened, at from crowd;
		insert into entry (tenant_id, journal_id, seq, account_id, currency, layer, dr, cr, at)
			select a.tenant_id, c.id, case a.code when 'bank:main' then 1 when 'revenue:seats' then 2 else 3 end, a.id, 'MAD', 'P',
				case a.code when 'bank:main' then c.n + 7 else 0 end, case a.code when 'bank:main' then 0 when 'revenue:seats' then c.n else 7 end, c.at
			from crowd c join account a on a.tenant_id = '`+o.id.String()+`' and a.code in ('bank:main', 'revenue:seats', 'revenue:sessions');
		end $$`)
	o.Exec(o.t, `analyze journal, entry`)
}

// slowly takes what is written and runs something meanwhile, once a write.
type slowly struct {
	io.Writer
	meanwhile func()
}

func (s slowly) Write(b []byte) (int, error) {
	s.meanwhile()
	return s.Writer.Write(b)
}

// TestExportOfAGreatMonth writes 126,000 entries while journals of the same month are recorded before and behind the page that is
// being written: what comes out is the state of one instant, each entry once, to the unit, and memory stays where it is.
func TestExportOfAGreatMonth(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ctx := context.Background()
	o.Brief = true
	last := invoice.MonthOf(november) - 3
	zone, err := time.LoadLocation("Africa/Casablanca")
	if err != nil {
		t.Fatal(err)
	}
	from, until := last.Bounds(zone)
	const journals = 42_000
	o.crowd(from, journals)

	recorded := 0
	late := func() { // one at the month's beginning, one at its end
		for _, at := range []time.Time{from.Add(time.Second), until.Add(-time.Second)} {
			recorded++
			m := ledger.Of(1_000_000, "MAD")
			j := ledger.Post("late:"+strconv.Itoa(recorded), "test", ledger.Debit(ledger.Bank("main", "MAD"), m), ledger.Credit(ledger.Revenue("seats", "MAD"), m)).On(at)
			if err := o.InTx(ctx, o.id, func(tx *store.Tx) error { _, err := tx.RecordOne(ctx, j); return err }); err != nil {
				t.Error(err)
			}
		}
	}
	var file bytes.Buffer
	file.Grow(64 << 20)
	var writes, most int
	var before, now runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	said := 0
	started := time.Now()
	err = o.Export(ctx, o.id, last, invoice.Plain, func(n int) (io.Writer, error) {
		said = n
		late() // behind what was counted
		return slowly{&file, func() {
			if writes++; writes%500 == 0 {
				late()
				runtime.GC()
				runtime.ReadMemStats(&now)
				most = max(most, int(now.HeapAlloc)-int(before.HeapAlloc))
			}
		}}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d entries, %d bytes, %v, %d journals recorded meanwhile, heap at most %d MB above", said, file.Len(), time.Since(started).Round(time.Millisecond), recorded, most>>20)
	if recorded < 8 {
		t.Errorf("only %d were recorded meanwhile", recorded)
	}
	if most > 8<<20 {
		t.Errorf("the heap grew by %d MB", most>>20)
	}

	rows, err := csv.NewReader(&file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	rows = rows[1:]
	seen, debit, credit, previous := map[string]bool{}, int64(0), int64(0), ""
	for i, r := range rows {
		id := r[1] + " " + r[4]
		if seen[id] {
			t.Fatalf("row %d: %s stands twice", i, id)
		}
		seen[id] = true
		if r[0] < previous {
			t.Fatalf("row %d: %s after %s", i, r[0], previous)
		}
		previous = r[0]
		debit, credit = debit+minor(t, r[5]), credit+minor(t, r[6])
	}
	scope := ` from journal j join entry e on e.tenant_id = j.tenant_id and e.journal_id = j.id and e.layer = 'P' where j.tenant_id = $1 and j.key not like 'late:%'
		and j.effective_at >= $2 and j.effective_at < $3`
	if n := o.Int(t, `select count(*)`+scope, o.id.UUID(), from, until); int(n) != len(rows) || said != len(rows) || n != 3*journals {
		t.Errorf("%d rows were written and %d announced, there are %d", len(rows), said, n)
	}
	if dr := o.Int(t, `select sum(e.dr)::bigint`+scope, o.id.UUID(), from, until); dr != debit || dr != credit {
		t.Errorf("wrote %d and %d, there are %d", debit, credit, dr)
	}

	// The next one has them all.
	file.Reset()
	if err := o.export(last, &file); err != nil || bytes.Count(file.Bytes(), []byte("\n")) != 1+3*journals+2*recorded {
		t.Errorf("%v, %d lines", err, bytes.Count(file.Bytes(), []byte("\n")))
	}

	// Whoever hangs up ends it at the next page, and gives its place back: more of them than there are places.
	gone := errors.New("gone")
	for range 5 {
		var n atomic.Int64
		err := o.Export(ctx, o.id, last, invoice.Plain, func(int) (io.Writer, error) {
			return writer(func(b []byte) (int, error) {
				if n.Add(1) > 3 {
					return 0, gone
				}
				return len(b), nil
			}), nil
		})
		if !errors.Is(err, gone) || n.Load() != 4 {
			t.Fatalf("%v after %d writes", err, n.Load())
		}
	}
	if n := o.Int(t, `select count(*) from pg_stat_activity where datname = $1 and state like 'idle in transaction%'`, o.Name); n != 0 {
		t.Errorf("%d snapshots are left open", n)
	}
}

// TestExportsAtOnce are bounded: each keeps a connection that everybody else needs.
func TestExportsAtOnce(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	last := invoice.MonthOf(november) - 3
	in, out := make(chan struct{}), make(chan struct{})
	ends := make(chan error, 2)
	for range 2 {
		go func() {
			ends <- o.Export(context.Background(), o.id, last, invoice.Plain, func(int) (io.Writer, error) {
				in <- struct{}{}
				<-out
				return io.Discard, nil
			})
		}()
	}
	<-in
	<-in
	var b bytes.Buffer
	if err := o.export(last, &b); !fault.Is(err, "export_busy") || b.Len() > 0 {
		t.Errorf("a third: %v, %d bytes", err, b.Len())
	}
	close(out)
	for range 2 {
		if err := <-ends; err != nil {
			t.Error(err)
		}
	}
	if err := o.export(last, &b); err != nil {
		t.Error(err)
	}
}

type writer func([]byte) (int, error)

func (w writer) Write(b []byte) (int, error) { return w(b) }

func minor(t *testing.T, s string) int64 {
	if s == "" {
		return 0
	}
	whole, cents, _ := strings.Cut(s, ".")
	n, err := strconv.ParseInt(whole+cents, 10, 64)
	if err != nil || len(cents) != 2 {
		t.Fatal(fmt.Errorf("%q: %w", s, err))
	}
	return n
}
