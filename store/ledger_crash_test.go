package store_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store"
)

// model is what the ledger should hold, kept by the simplest means.
type model struct {
	posted, held map[string]int64 // of wallets, as their owners count
	holds        []modelHold
}

type modelHold struct {
	id     uuid.UUID
	wallet string
	n      int64
}

// plan is one journal that the model means, and what it answers.
type plan struct {
	journal ledger.Journal
	code    string // of the refusal; empty: it is written
	apply   func(store.Recorded)
}

// TestTenThousandRandomJournals: batches of random journals, on wallets with little in them, with connections that are killed
// at any moment: between two pieces of a transaction, and while its COMMIT is on the way. Whoever does not know what became of a
// batch sends it again under the same keys. In the end the ledger holds what the model does and every invariant.
func TestTenThousandRandomJournals(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	b.Brief = true
	const want = 10_000
	var journals, crashes, unknown, written atomic.Int64
	killer := newKiller(t, b)
	rapid.Check(t, func(t *rapid.T) {
		if journals.Load() >= want {
			return
		}
		run := newCrashRun(t, b, killer, &crashes, &unknown)
		for run.planned < 110 {
			run.batch(rapid.IntRange(1, 24).Draw(t, "size"))
		}
		journals.Add(int64(run.planned))
		written.Add(int64(run.written))
		run.compare()
	})
	n, err := b.VerifyLedger(t.Context(), b.id)
	if err != nil {
		t.Error(err)
	}
	t.Logf("%d journals meant, %d written, %d crashes, %d of them with an unknown end; verified %+v", journals.Load(), written.Load(), crashes.Load(), unknown.Load(), n)
	if !t.Failed() && journals.Load() >= want && (crashes.Load() < 30 || unknown.Load() == 0) {
		t.Error("this attacked little")
	}
}

type crashRun struct {
	t                *rapid.T
	b                *book
	m                model
	wallets          []ledger.Account
	killer           *killer
	crashes, unknown *atomic.Int64
	planned, written int
	name             string
}

func newCrashRun(t *rapid.T, b *book, k *killer, crashes, unknown *atomic.Int64) *crashRun {
	r := &crashRun{t: t, b: b, killer: k, crashes: crashes, unknown: unknown, name: uuid.NewString(),
		m: model{posted: map[string]int64{}, held: map[string]int64{}}}
	for range 4 {
		w := ledger.Wallet(uuid.New(), mad)
		r.wallets = append(r.wallets, w)
		r.m.posted[w.Code()] = 0
	}
	open := func() error {
		return b.InTx(context.Background(), b.id, func(tx *store.Tx) error { return tx.OpenAccounts(context.Background(), r.wallets...) })
	}
	err := open()
	for store.Broken(err) { // a late crash of the run before
		err = open()
	}
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *crashRun) free(code string) int64 { return r.m.posted[code] - r.m.held[code] }

// next draws one journal and says what it must answer if those before it are written.
func (r *crashRun) next() plan {
	t, m := r.t, &r.m
	r.planned++
	key := fmt.Sprintf("%s:%d", r.name, r.planned)
	w := rapid.SampledFrom(r.wallets).Draw(t, "wallet")
	n := rapid.Int64Range(1, 300).Draw(t, "amount")
	code, revenue := w.Code(), ledger.Revenue("seats", mad)
	switch rapid.IntRange(0, 9).Draw(t, "kind") {
	case 0, 1, 2:
		m.posted[code] += n
		return plan{topUp(key, w, n), "", nil}
	case 3, 4:
		j := ledger.Post(key, "seat_sold", ledger.Debit(w, dirhams(n)), ledger.Credit(revenue, dirhams(n)))
		if r.free(code) < n {
			return plan{j, "insufficient_funds", nil}
		}
		m.posted[code] -= n
		return plan{j, "", nil}
	case 5:
		to := rapid.SampledFrom(r.wallets).Draw(t, "to")
		j := ledger.Post(key, "transfer", ledger.Debit(w, dirhams(n)), ledger.Credit(to, dirhams(n)))
		if to != w && r.free(code) < n {
			return plan{j, "insufficient_funds", nil}
		}
		m.posted[code] -= n
		m.posted[to.Code()] += n
		return plan{j, "", nil}
	case 6, 7:
		j := ledger.Hold(key, "hold", time.Hour, ledger.Debit(w, dirhams(n)), ledger.Credit(revenue, dirhams(n)))
		if r.free(code) < n {
			return plan{j, "insufficient_funds", nil}
		}
		m.held[code] += n
		return plan{j, "", func(x store.Recorded) { m.holds = append(m.holds, modelHold{x.ID, code, n}) }}
	}
	if len(m.holds) == 0 {
		return plan{ledger.Void(key, "void", uuid.New()), "funds_hold_not_found", nil}
	}
	i := rapid.IntRange(0, len(m.holds)-1).Draw(t, "hold")
	h := m.holds[i]
	part := rapid.Int64Range(1, h.n+2).Draw(t, "part")
	j := ledger.PostHold(key, "post", h.id, ledger.Debit(r.owner(h.wallet), dirhams(part)), ledger.Credit(revenue, dirhams(part)))
	switch {
	case part == h.n+1:
		return plan{j, "more_than_held", nil}
	case part > h.n:
		j = ledger.Void(key, "void", h.id)
	default:
		m.posted[h.wallet] -= part
	}
	m.holds = slices.Delete(m.holds, i, i+1)
	m.held[h.wallet] -= h.n
	return plan{j, "", nil}
}

func (r *crashRun) owner(code string) ledger.Account {
	for _, w := range r.wallets {
		if w.Code() == code {
			return w
		}
	}
	panic(code)
}

// batch writes some, in one transaction, with a crash now and then, and repeats until it knows what became of them.
func (r *crashRun) batch(size int) {
	plans := make([]plan, size)
	journals := make([]ledger.Journal, size)
	for i := range plans {
		plans[i] = r.next()
		journals[i] = plans[i].journal
	}
	crash := rapid.IntRange(0, 14).Draw(r.t, "crash")
	last := rapid.Bool().Draw(r.t, "last")
	var out []store.Recorded
	for {
		err := r.try(journals, crash, last, &out)
		if err == nil && crash == 4 { // all of it was done, and the answer was lost
			err = errLost
		}
		if err == nil {
			break
		}
		if !store.Broken(err) && err != errLost {
			r.t.Fatalf("not a crash: %v", err)
		}
		r.crashes.Add(1)
		crash = none // once is enough
		if store.Unknown(err) || err == errLost {
			r.unknown.Add(1)
			if r.repeat(plans) {
				return
			}
		}
	}
	r.heard(plans, out)
}

// repeat sends what should have been written again, if the first of it was: all of it must be there then, once. (What was
// refused has left no trace and may be possible now.)
func (r *crashRun) repeat(plans []plan) (done bool) {
	var sent []plan
	var journals []ledger.Journal
	for _, p := range plans {
		if p.code == "" {
			sent, journals = append(sent, p), append(journals, p.journal)
		}
	}
	if len(sent) == 0 {
		return false
	}
	var out []store.Recorded
	for {
		_, err := r.b.Read(r.b.id).JournalByKey(context.Background(), journals[0].Key)
		if store.IsNotFound(err) {
			return false
		}
		if err == nil {
			err = r.try(journals, none, false, &out)
		}
		if err == nil {
			break
		}
		if !store.Broken(err) {
			r.t.Fatal(err)
		}
	}
	for i, x := range out {
		if !x.Repeated {
			r.t.Fatalf("half a batch was there: %+v", sent[i].journal)
		}
	}
	r.heard(sent, out)
	return true
}

const none = -1 // no crash

var errLost = errors.New("the answer was lost")

// heard wants the answers that were planned.
func (r *crashRun) heard(plans []plan, out []store.Recorded) {
	for i, x := range out {
		code := ""
		if x.Err != nil {
			code = fault.As(x.Err).Code
		} else {
			r.written++
		}
		if code != plans[i].code {
			r.t.Fatalf("journal %d of %d, %s %s, answers %q (%v), want %q", i, len(plans), plans[i].journal.Kind, plans[i].journal.Phase, code, x.Err, plans[i].code)
		}
		if plans[i].apply != nil {
			plans[i].apply(x)
		}
	}
}

// try is one attempt. crash 0: killed before anything is recorded; 1: after it was written and before COMMIT; 2 and 3: at some
// moment of its own, which may be within the COMMIT. (4: see batch.)
func (r *crashRun) try(journals []ledger.Journal, crash int, last bool, out *[]store.Recorded) error {
	ctx := context.Background()
	if crash == 2 || crash == 3 {
		r.killer.soon(rand.N(4 * time.Millisecond))
	}
	return r.b.InTx(ctx, r.b.id, func(tx *store.Tx) (err error) {
		if crash == 0 {
			if _, err := tx.TenantRow(ctx); err != nil { // the transaction has begun
				return err
			}
			r.killer.kill()
		}
		if last {
			*out, err = tx.RecordLast(ctx, journals...)
		} else {
			*out, err = tx.Record(ctx, journals...)
		}
		if err == nil && crash == 1 {
			r.killer.kill()
		}
		return err
	})
}

func (r *crashRun) compare() {
	for _, w := range r.wallets {
		got, err := r.b.Read(r.b.id).Balance(context.Background(), w)
		for store.Broken(err) { // a late crash
			got, err = r.b.Read(r.b.id).Balance(context.Background(), w)
		}
		if err != nil {
			r.t.Fatal(err)
		}
		if got.Amount(w.Class()) != r.m.posted[w.Code()] || got.HeldDebit != r.m.held[w.Code()] {
			r.t.Fatalf("%s holds %+v, the model %d and %d held", w, got, r.m.posted[w.Code()], r.m.held[w.Code()])
		}
	}
}

// killer ends the connections that the app role has to this test's database, as a crash of either side would.
type killer struct {
	mu   sync.Mutex
	conn *pgx.Conn
	name string
}

func newKiller(t *testing.T, b *book) *killer {
	c, err := pgx.Connect(context.Background(), b.SuperURL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close(context.Background()) })
	return &killer{conn: c, name: b.Name}
}

func (k *killer) kill() {
	k.mu.Lock()
	defer k.mu.Unlock()
	_, _ = k.conn.Exec(context.Background(), `select pg_terminate_backend(pid) from pg_stat_activity where usename = 'waymeet_app' and datname = $1`, k.name)
}

func (k *killer) soon(d time.Duration) { time.AfterFunc(d, k.kill) }
