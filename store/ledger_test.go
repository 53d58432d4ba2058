package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/store/storetest"
)

const mad = ledger.Currency("MAD")

func dirhams(centimes int64) ledger.Money { return ledger.Of(centimes, mad) }

// book is a tenant's ledger in a test.
type book struct {
	*storetest.DB
	t  *testing.T
	id tenant.ID
}

func newBook(t *testing.T) *book {
	db := storetest.New(t)
	return &book{db, t, db.A.ID}
}

// record writes journals and wants the transaction to commit.
func (b *book) record(js ...ledger.Journal) (out []store.Recorded) {
	b.t.Helper()
	if err := b.InTx(context.Background(), b.id, func(tx *store.Tx) (err error) {
		out, err = tx.Record(context.Background(), js...)
		return err
	}); err != nil {
		b.t.Fatal(err)
	}
	return out
}

// must is record of one that is not refused.
func (b *book) must(j ledger.Journal) store.Recorded {
	b.t.Helper()
	r := b.record(j)[0]
	if r.Err != nil {
		b.t.Fatalf("%s: %v", j.Key, r.Err)
	}
	return r
}

// refused wants a journal to be refused with a code, and nothing written.
func (b *book) refused(j ledger.Journal, code string) {
	b.t.Helper()
	before := b.Int(b.t, `select count(*) from journal`)
	if r := b.record(j)[0]; !fault.Is(r.Err, code) {
		b.t.Errorf("%s: %+v, want %s", j.Key, r, code)
	}
	if after := b.Int(b.t, `select count(*) from journal`); after != before {
		b.t.Errorf("%s: refused and written", j.Key)
	}
}

// wallet is one with so much in it.
func (b *book) wallet(amount int64) ledger.Account {
	b.t.Helper()
	w := ledger.Wallet(uuid.New(), mad)
	if err := b.InTx(context.Background(), b.id, func(tx *store.Tx) error { return tx.OpenAccounts(context.Background(), w) }); err != nil {
		b.t.Fatal(err)
	}
	if amount > 0 {
		b.must(topUp("fund:"+w.Code(), w, amount))
	}
	return w
}

func topUp(key string, w ledger.Account, amount int64) ledger.Journal {
	return ledger.Post(key, "wallet_topup", ledger.Debit(ledger.Clearing("stripe", mad), dirhams(amount)), ledger.Credit(w, dirhams(amount)))
}

func spend(key string, w ledger.Account, amount int64) ledger.Journal {
	return ledger.Post(key, "seat_sold", ledger.Debit(w, dirhams(amount)), ledger.Credit(ledger.Deferred("seats", mad), dirhams(amount)))
}

func (b *book) has(a ledger.Account, amount, available int64) {
	b.t.Helper()
	got, err := b.Read(b.id).Balance(context.Background(), a)
	if err != nil {
		b.t.Fatal(err)
	}
	if got.Amount(a.Class()) != amount || got.Available(a.Class()) != available {
		b.t.Errorf("%s holds %d, %d of it available; want %d and %d", a, got.Amount(a.Class()), got.Available(a.Class()), amount, available)
	}
}

func (b *book) verified() {
	b.t.Helper()
	if _, err := b.VerifyLedger(context.Background(), b.id); err != nil {
		b.t.Error(err)
	}
}

// A wallet is topped up and spent; a repeat hears the first answer, another request under its key is a fault.
func TestAJournalIsWrittenOnce(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	w := b.wallet(1000)
	first := b.must(spend("booking:1:pay", w, 300).About("booking/1"))
	again := b.must(spend("booking:1:pay", w, 300).About("booking/1"))
	if !again.Repeated || again.ID != first.ID || !again.At.Equal(first.At) || first.Repeated {
		t.Errorf("first %+v, repeat %+v", first, again)
	}
	b.refused(spend("booking:1:pay", w, 301).About("booking/1"), "idempotency_conflict")
	b.refused(spend("booking:2:pay", w, 701), "insufficient_funds")
	b.has(w, 700, 700)
	b.has(ledger.Deferred("seats", mad), 300, 300)
	b.has(ledger.Clearing("stripe", mad), 1000, 1000)
	if about, err := b.Read(b.id).JournalsAbout(t.Context(), "booking/1", 10); err != nil || len(about) != 1 || about[0].ID != first.ID {
		t.Errorf("about the booking: %+v %v", about, err)
	}
	if j, lines, err := b.Read(b.id).Journal(t.Context(), first.ID); err != nil || len(lines) != 2 || j.Key != "booking:1:pay" || lines[0].Debit != 300 {
		t.Errorf("%+v %+v %v", j, lines, err)
	}
	b.verified()
}

// Each journal of a batch has its own answer, and what one leaves the next one sees.
func TestABatchRefusesOneByOne(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	w, v := b.wallet(100), b.wallet(0)
	out := b.record(
		spend("a", w, 60), spend("b", w, 60), spend("c", w, 40), spend("a", w, 60), spend("c", w, 41),
		topUp("d", v, 5), spend("e", v, 5), spend("f", ledger.Wallet(uuid.New(), mad), 1), spend("g", w, -1),
		ledger.Post("h", "x", ledger.Debit(w, ledger.Of(1, "EUR")), ledger.Credit(v, ledger.Of(1, "EUR"))),
		ledger.Post("i", "x", ledger.Debit(w, dirhams(1)), ledger.Credit(v, dirhams(2))))
	want := []string{"", "insufficient_funds", "", "", "idempotency_conflict", "", "", "account_not_found", "amount_invalid", "currency_mismatch", "internal"}
	for i, r := range out {
		code := ""
		if r.Err != nil {
			code = fault.As(r.Err).Code
		}
		if code != want[i] {
			t.Errorf("%d: %v, want %q", i, r.Err, want[i])
		}
	}
	if !out[3].Repeated || out[3].ID != out[0].ID {
		t.Errorf("a repeat within the batch: %+v", out[3])
	}
	b.has(w, 0, 0)
	b.has(v, 0, 0)
	b.verified()
}

// Money that is set aside is spent by nobody else; what is not posted comes back.
func TestAHoldResolvesOnce(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	w, seats := b.wallet(1000), ledger.Deferred("seats", mad)
	hold := func(key string, n int64) ledger.Journal {
		return ledger.Hold(key, "session_hold", time.Hour, ledger.Debit(w, dirhams(n)), ledger.Credit(seats, dirhams(n)))
	}
	h := b.must(hold("h1", 800))
	b.has(w, 1000, 200)
	b.refused(spend("s1", w, 201), "insufficient_funds")
	b.refused(ledger.PostHold("p1", "session_paid", h.ID, ledger.Debit(w, dirhams(801)), ledger.Credit(seats, dirhams(801))), "more_than_held")
	b.refused(ledger.PostHold("p1", "session_paid", uuid.New()), "funds_hold_not_found")
	b.must(ledger.PostHold("p1", "session_paid", h.ID, ledger.Debit(w, dirhams(500)), ledger.Credit(ledger.Revenue("sessions", mad), dirhams(450)),
		ledger.Credit(ledger.TaxPayable("ma", ledger.Rate(200_000), mad), dirhams(50))))
	b.has(w, 500, 500)
	b.refused(ledger.Void("v1", "session_released", h.ID), "already_resolved")
	b.refused(ledger.PostHold("p2", "session_paid", h.ID), "already_resolved")
	whole, none := b.must(hold("h2", 100)), b.must(hold("h3", 400))
	b.must(ledger.PostHold("p3", "session_paid", whole.ID))
	b.must(ledger.Void("v3", "session_released", none.ID))
	b.has(w, 400, 400)
	out := b.record(hold("h4", 50), ledger.Void("v3", "session_released", none.ID))
	if out[0].Err != nil || !out[1].Repeated {
		t.Errorf("%+v", out)
	}
	if n := b.Int(t, `select count(*) from open_hold`); n != 1 {
		t.Errorf("%d holds are open", n)
	}
	b.verified()
}

// A hold whose time is over posts nothing; it is found and voided; one that was extended lives on.
func TestAHoldExpires(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	ctx := context.Background()
	w := b.wallet(1000)
	hold := func(key string) store.Recorded {
		return b.must(ledger.Hold(key, "session_hold", 300*time.Millisecond, ledger.Debit(w, dirhams(100)), ledger.Credit(ledger.Deferred("sessions", mad), dirhams(100))))
	}
	gone, kept := hold("h1"), hold("h2")
	if err := b.InTx(ctx, b.id, func(tx *store.Tx) error { return tx.ExtendHold(ctx, kept.ID, time.Now().Add(time.Hour)) }); err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Until(gone.Expires) + 50*time.Millisecond)
	due, err := b.System().HoldsDue(ctx, 10)
	if err != nil || len(due) != 1 || due[0].Hold != gone.ID || due[0].Tenant != b.id {
		t.Fatalf("%+v %v", due, err)
	}
	b.refused(ledger.PostHold("p1", "session_paid", gone.ID), "funds_hold_expired")
	b.must(ledger.PostHold("p2", "session_paid", kept.ID))
	b.must(ledger.Void("hold:"+gone.ID.String()+":expired", "hold_expired", gone.ID))
	if err := b.InTx(ctx, b.id, func(tx *store.Tx) error { return tx.ExtendHold(ctx, gone.ID, time.Now().Add(time.Hour)) }); !fault.Is(err, "already_resolved") {
		t.Errorf("extended: %v", err)
	}
	b.has(w, 900, 900)
	b.verified()
}

// The books stand still for whoever asked, until the transaction ends.
func TestBooksStayLocked(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	ctx := context.Background()
	w, revenue := b.wallet(100), ledger.Revenue("seats", mad)
	done := make(chan error, 1)
	if err := b.InTx(ctx, b.id, func(tx *store.Tx) error {
		books, err := tx.Books(ctx, w, revenue, ledger.Wallet(uuid.New(), mad))
		if err != nil {
			return err
		}
		if p := books[w.Ref()]; len(books) != 1 || p.Available(p.Class) != 100 {
			t.Errorf("%+v", books)
		}
		go func() { // another one wants the same money
			done <- b.InTx(ctx, b.id, func(tx *store.Tx) error {
				_, err := tx.RecordOne(ctx, spend("other", w, 100))
				return err
			})
		}()
		select {
		case err := <-done:
			t.Errorf("it did not wait: %v", err)
		case <-time.After(100 * time.Millisecond):
		}
		if _, err := tx.RecordOne(ctx, spend("mine", w, 60)); err != nil {
			return err
		}
		return tx.LabelAccount(ctx, w, "Amina's wallet")
	}); err != nil {
		t.Fatal(err)
	}
	if err := <-done; !fault.Is(err, "insufficient_funds") {
		t.Errorf("the other one: %v", err)
	}
	if list, err := b.Read(b.id).Accounts(ctx, "wallet", ledger.Ref{}, 10); err != nil || len(list) != 1 || list[0].Label != "Amina's wallet" || list[0].Account != w || list[0].Available(w.Class()) != 40 {
		t.Errorf("%+v %v", list, err)
	}
	b.verified()
}
