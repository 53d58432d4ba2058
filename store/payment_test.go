package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/store/storetest"
)

// What is there already is an answer only where that was the question: an id, or a cause, that stands twice is a mistake and is
// heard as one.
func TestOnlyTheConflictThatIsMeantIsAnAnswer(t *testing.T) {
	t.Parallel()
	db, ctx, account := storetest.New(t), context.Background(), ident.New()
	in := func(do func(tx *store.Tx) error) error { return db.InTx(ctx, db.A.ID, do) }
	if err := in(func(tx *store.Tx) error {
		return tx.AddGatewayAccount(ctx, store.GatewayAccount{ID: account, Kind: "stripe", Merchant: "Alpha", Sealed: store.Sealed{KeyID: "k1", Key: []byte("w"), Data: []byte("s")}})
	}); err != nil {
		t.Fatal(err)
	}
	add := func(id uuid.UUID, subject string) error {
		return in(func(tx *store.Tx) error {
			return tx.AddPayment(ctx, store.Payment{ID: id, Account: account, Payer: db.A.Rider, Subject: subject, Amount: 500, Currency: "MAD", ClosesAt: time.Now().Add(time.Hour)})
		})
	}
	id, wallet, session := ident.New(), "wallet/"+db.A.Rider.String(), "session/"+ident.New().String()
	if err := add(id, wallet); err != nil {
		t.Fatal(err)
	}
	if err := add(ident.New(), wallet); !errors.Is(err, store.ErrTaken) {
		t.Errorf("a second one under way: %v", err)
	}
	if err := add(id, "booking/"+ident.New().String()); err == nil || errors.Is(err, store.ErrTaken) {
		t.Errorf("the same id for something else: %v", err)
	}
	for range 2 { // a chain
		if err := add(ident.New(), session); err != nil {
			t.Errorf("a session's: %v", err)
		}
	}
	ask := func(n int, cause string) (added bool, err error) {
		err = in(func(tx *store.Tx) error {
			added, err = tx.AddOperation(ctx, store.Operation{Payment: id, Op: store.OpRefund, N: n, Amount: 5, Cause: cause})
			return err
		})
		return added, err
	}
	for _, c := range []struct {
		n     int
		cause string
		added bool
		fails bool
	}{{1, "case/1", true, false}, {1, "case/1", false, false}, {2, "case/1", false, true}, {2, "case/2", true, false}, {3, "", true, false}, {4, "", true, false}} {
		if added, err := ask(c.n, c.cause); added != c.added || (err != nil) != c.fails {
			t.Errorf("refund %d for %q: %v, %v", c.n, c.cause, added, err)
		}
	}
	run := func(id uuid.UUID, rail string) error {
		return in(func(tx *store.Tx) error {
			return tx.AddPayoutRun(ctx, store.PayoutRun{ID: id, Rail: rail, Currency: "MAD", Minimum: 1, MadeBy: db.A.Users["finance"]}, nil)
		})
	}
	first := ident.New()
	if err := run(first, "bank-file"); err != nil {
		t.Fatal(err)
	}
	if err := run(ident.New(), "bank-file"); !errors.Is(err, store.ErrTaken) {
		t.Errorf("a second open run: %v", err)
	}
	if err := run(first, "connect"); err == nil || errors.Is(err, store.ErrTaken) {
		t.Errorf("the same id on another rail: %v", err)
	}
}
