package billing_test

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing"
	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/store/storetest"
)

const mad = ledger.Currency("MAD")

func dirhams(n int64) ledger.Money { return ledger.Of(n, mad) }

// office is two nodes on one ledger.
type office struct {
	*storetest.DB
	nodes [2]*billing.Service
}

func newOffice(t *testing.T) *office {
	db := storetest.New(t)
	return &office{db, [2]*billing.Service{billing.New(billing.Config{DB: db.DB}), billing.New(billing.Config{DB: db.DB})}}
}

func (o *office) wallet(t *testing.T, amount int64) ledger.Account {
	t.Helper()
	w := ledger.Wallet(uuid.New(), mad)
	ctx := t.Context()
	if err := o.InTx(ctx, o.A.ID, func(tx *store.Tx) error { return tx.OpenAccounts(ctx, w) }); err != nil {
		t.Fatal(err)
	}
	if amount > 0 {
		j := ledger.Post("fund:"+w.Code(), "wallet_topup", ledger.Debit(ledger.Clearing("cash", mad), dirhams(amount)), ledger.Credit(w, dirhams(amount)))
		if _, err := o.nodes[0].Record(ctx, o.A.ID, j); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

func (o *office) available(t *testing.T, a ledger.Account) int64 {
	t.Helper()
	b, err := o.Read(o.A.ID).Balance(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	return b.Available(a.Class())
}

func (o *office) verified(t *testing.T) {
	t.Helper()
	if _, err := o.VerifyLedger(t.Context(), o.A.ID); err != nil {
		t.Error(err)
	}
}

func sale(key string, w ledger.Account, n int64) ledger.Journal {
	return ledger.Post(key, "seat_sold", ledger.Debit(w, dirhams(n)), ledger.Credit(ledger.Deferred("seats", mad), dirhams(n)))
}

// TestSixteenClientsSpendSixtyThree: 16 clients on two nodes take one unit after the other of an account with 63: exactly 63
// get one, by posting or by holding.
func TestSixteenClientsSpendSixtyThree(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"post", "hold"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			w := o.wallet(t, 63)
			var got, refused atomic.Int64
			var wg sync.WaitGroup
			for i := range 16 {
				wg.Go(func() {
					for n := range 8 {
						j := sale(fmt.Sprintf("%d:%d", i, n), w, 1)
						if how == "hold" {
							j = ledger.Hold(j.Key, "hold", time.Hour, j.Entries...)
						}
						_, err := o.nodes[i%2].Record(context.Background(), o.A.ID, j)
						switch {
						case err == nil:
							got.Add(1)
						case fault.Is(err, "insufficient_funds"):
							refused.Add(1)
						default:
							t.Errorf("client %d: %v", i, err)
						}
					}
				})
			}
			wg.Wait()
			if got.Load() != 63 || refused.Load() != 16*8-63 || o.available(t, w) != 0 {
				t.Errorf("%d got one and %d were refused; %d are left", got.Load(), refused.Load(), o.available(t, w))
			}
			o.verified(t)
		})
	}
}

// TestOneKeyOneJournal: twenty callers on two nodes with one key hear one journal.
func TestOneKeyOneJournal(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	w := o.wallet(t, 1000)
	journals := []ledger.Journal{sale("a", w, 10)} // meets at the wallet's row
	for i := range 10 {                            // meets at the key's index alone
		journals = append(journals, ledger.Post(fmt.Sprint("b", i), "x", ledger.Debit(ledger.Opening(mad), dirhams(5)), ledger.Credit(ledger.Revenue("seats", mad), dirhams(5))))
	}
	for round, j := range journals {
		ids := make([]uuid.UUID, 20)
		var wg sync.WaitGroup
		for i := range ids {
			wg.Go(func() {
				r, err := o.nodes[i%2].Record(context.Background(), o.A.ID, j)
				if err != nil {
					t.Errorf("round %d: %v", round, err)
				}
				ids[i] = r.ID
			})
		}
		wg.Wait()
		for _, id := range ids {
			if id != ids[0] {
				t.Fatalf("round %d: two journals, %v and %v", round, id, ids[0])
			}
		}
	}
	if n := o.Int(t, `select count(*) from journal`); n != 12 {
		t.Errorf("%d journals", n)
	}
	o.verified(t)
}

// TestAHoldIsResolvedByOne: of those who post it and those who void it, one does.
func TestAHoldIsResolvedByOne(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	w := o.wallet(t, 1000)
	for round := range 5 {
		h, err := o.nodes[0].Record(t.Context(), o.A.ID, ledger.Hold(fmt.Sprint("h", round), "hold", time.Hour, sale("", w, 100).Entries...))
		if err != nil {
			t.Fatal(err)
		}
		var done atomic.Int64
		var wg sync.WaitGroup
		for i := range 12 {
			wg.Go(func() {
				j := ledger.Void(fmt.Sprintf("v%d:%d", round, i), "void", h.ID)
				if i%2 == 0 {
					j = ledger.PostHold(j.Key, "post", h.ID)
				}
				switch _, err := o.nodes[i%3%2].Record(context.Background(), o.A.ID, j); {
				case err == nil:
					done.Add(1)
				case !fault.Is(err, "already_resolved"):
					t.Errorf("%v", err)
				}
			})
		}
		wg.Wait()
		if done.Load() != 1 {
			t.Errorf("%d resolved it", done.Load())
		}
	}
	o.verified(t)
}

// TestOneSpoilsNobody: a journal that the database itself throws out takes nobody along.
func TestOneSpoilsNobody(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	w := o.wallet(t, 1000)
	o.Exec(t, `alter table journal add constraint spoilt check (kind <> 'spoilt')`)
	errs := make([]error, 24)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() {
			j := sale(strconv.Itoa(i), w, 10)
			if i%6 == 5 {
				j.Kind = "spoilt"
			}
			_, errs[i] = o.nodes[0].Record(context.Background(), o.A.ID, j)
		})
	}
	wg.Wait()
	for i, err := range errs {
		if (i%6 == 5) != (err != nil) || (err != nil && fault.As(err).Code != "internal") {
			t.Errorf("journal %d: %v", i, err)
		}
	}
	if left := o.available(t, w); left != 800 {
		t.Errorf("%d are left", left)
	}
	o.verified(t)
}

// TestDueHoldsAreVoided, once, however many nodes look; and Run does it by itself.
func TestDueHoldsAreVoided(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	w := o.wallet(t, 1000)
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for i := range 20 {
		if _, err := o.nodes[0].Record(ctx, o.A.ID, ledger.Hold(fmt.Sprint("h", i), "hold", 200*time.Millisecond, sale("", w, 50).Entries...)); err != nil {
			t.Fatal(err)
		}
	}
	for _, n := range o.nodes {
		wg.Go(func() {
			if err := n.Run(ctx); err != nil {
				t.Error(err)
			}
		})
	}
	for end := time.Now().Add(20 * time.Second); o.available(t, w) != 1000 && time.Now().Before(end); {
		time.Sleep(50 * time.Millisecond)
	}
	stop()
	wg.Wait()
	if n := o.Int(t, `select count(*) from journal where kind = 'hold_expired'`); n != 20 || o.available(t, w) != 1000 {
		t.Errorf("%d were voided, %d are available", n, o.available(t, w))
	}
	o.verified(t)
}

// TestACallerGoesAway: who leads a batch hangs up; nobody waits for ever, and nothing is half done.
func TestACallerGoesAway(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	w := o.wallet(t, 100_000)
	gone, hangUp := context.WithCancel(context.Background())
	hangUp()
	for i := range 50 { // chosen to lead while they hang up: half of them see that first
		_, _ = o.nodes[0].Record(gone, o.A.ID, sale(fmt.Sprint("gone", i), w, 1))
	}
	var wg sync.WaitGroup
	for i := range 200 {
		wg.Go(func() {
			ctx, cancel := context.WithCancel(context.Background())
			if i%3 == 0 {
				time.AfterFunc(time.Duration(i%7)*time.Millisecond, cancel)
			}
			defer cancel()
			ctx, end := context.WithTimeout(ctx, 30*time.Second)
			defer end()
			if _, err := o.nodes[0].Record(ctx, o.A.ID, sale(strconv.Itoa(i), w, 1)); err != nil && i%3 != 0 {
				t.Errorf("%d: %v", i, err)
			}
		})
	}
	wg.Wait()
	if got, n := o.available(t, w), o.Int(t, `select count(*) from journal where kind = 'seat_sold'`); got != 100_000-n || n < 133 {
		t.Errorf("%d journals, %d are left", n, got)
	}
	o.verified(t)
}
