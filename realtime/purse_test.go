package realtime_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store"
)

const mad = ledger.Currency("MAD")

// post records a journal as its writers do.
func (n *node) post(s *scene, last bool, journals ...ledger.Journal) error {
	return n.db.InTx(context.Background(), s.db.A.ID, func(tx *store.Tx) error {
		record := tx.Record
		if last {
			record = tx.RecordLast
		}
		out, err := record(context.Background(), journals...)
		if err != nil {
			return err
		}
		return out[0].Err
	})
}

// opened gives somebody a wallet, and an account for what they owe.
func (s *scene) opened(t *testing.T, user uuid.UUID) (wallet, owes ledger.Account) {
	t.Helper()
	wallet, owes = ledger.Wallet(user, mad), ledger.Recovery(user, mad)
	err := s.db.InTx(t.Context(), s.db.A.ID, func(tx *store.Tx) error { return tx.OpenAccounts(t.Context(), wallet, owes) })
	if err != nil {
		t.Fatal(err)
	}
	return wallet, owes
}

// A wallet on me is what PostgreSQL holds however many write it at once, on both nodes: money in and out, held, released, taken for
// what is owed. Each commit is a version of its own, none is told twice or late, and nobody else is told any.
func TestWalletsConverge(t *testing.T) {
	s := newScene(t, 1)
	one, two := s.node(t), s.node(t)
	wallet, owes := s.opened(t, s.db.A.Rider)
	clearing, revenue := ledger.Clearing("stripe", mad), ledger.Revenue("seats", mad)
	m := func(n int64) ledger.Money { return ledger.Of(n, mad) }
	rider, other, dispatcher := s.doors.token(s.db.A, "rider"), s.doors.token(s.db.A, "agent"), s.doors.token(s.db.A, "dispatcher")
	watch := []*client{dial(t, one, rider), dial(t, two, rider)}
	apart := []*client{dial(t, one, other), dial(t, two, dispatcher)}
	for _, c := range append(apart, watch...) {
		if err := c.sub("me"); err != nil {
			t.Fatal(err)
		}
		if _, there := c.sets["me"]["wallet/MAD"]; there {
			t.Fatal("a wallet that nothing has moved is shown")
		}
	}
	if err := one.post(s, false, ledger.Post("seed", "top_up", ledger.Debit(clearing, m(100_00)), ledger.Credit(wallet, m(100_00)))); err != nil {
		t.Fatal(err)
	}
	for _, c := range watch {
		c.await("the money", func() bool { return c.sets["me"]["wallet/MAD"].v == 2 })
	}

	// in one transaction, in two pieces
	twice := func(n *node, key string) error {
		return n.db.InTx(context.Background(), s.db.A.ID, func(tx *store.Tx) error {
			for _, part := range []string{".a", ".b"} {
				if err := tx.RecordAll(context.Background(), ledger.Post(key+part, "sale", ledger.Debit(wallet, m(1)), ledger.Credit(revenue, m(1)))); err != nil {
					return err
				}
			}
			return nil
		})
	}
	var all sync.WaitGroup
	const each = 25
	for w, n := range []*node{one, two, one, two} {
		all.Go(func() {
			for i := range each {
				key := fmt.Sprintf("%d.%d", w, i)
				var err error
				switch (w + i) % 5 {
				case 0:
					err = n.post(s, i%2 == 0, ledger.Post(key, "top_up", ledger.Debit(clearing, m(7)), ledger.Credit(wallet, m(7))))
				case 1:
					err = n.post(s, i%2 == 0, ledger.Post(key, "sale", ledger.Debit(wallet, m(3)), ledger.Credit(revenue, m(3))))
				case 2:
					err = twice(n, key)
				case 3:
					err = n.post(s, false, ledger.Post(key, "lost", ledger.Debit(owes, m(5)), ledger.Credit(clearing, m(5))),
						ledger.Post(key+".back", "recovered", ledger.Debit(wallet, m(2)), ledger.Credit(owes, m(2))))
				case 4:
					err = n.post(s, i%2 == 0, ledger.Hold(key, "hold", time.Hour, ledger.Debit(wallet, m(4)), ledger.Credit(revenue, m(4))))
				}
				if err != nil {
					t.Errorf("%s: %v", key, err)
				}
			}
		})
	}
	all.Wait()
	if err := twice(two, "last"); err != nil { // which no later one mends
		t.Error(err)
	}
	if err := one.post(s, false, ledger.Post("too much", "sale", ledger.Debit(wallet, m(1_000_000)), ledger.Credit(revenue, m(1_000_000)))); !fault.Is(err, "insufficient_funds") {
		t.Errorf("spent what is not there: %v", err)
	}
	for _, c := range watch {
		c.converges(s, "me")
		got := string(c.sets["me"]["wallet/MAD"].d)
		if !strings.Contains(got, `"held":{"amount":80,`) {
			t.Errorf("twenty times 4 are held: %s", got)
		}
		if got := string(c.sets["me"]["owed/MAD"].d); !strings.Contains(got, `{"amount":60,`) {
			t.Errorf("twenty times 3 are owed: %s", got)
		}
	}
	// One seed, and of each hundred: 20 tops, 20 sales, 20 of two pieces, 20 that are taken back, 20 holds.
	if got := watch[0].sets["me"]["wallet/MAD"].v; got != 1+1+20+20+40+20+20+2 {
		t.Errorf("version %d", got)
	}
	for _, c := range apart {
		c.converges(s, "me")
		for _, f := range c.frames {
			if strings.Contains(f, "wallet/") || strings.Contains(f, "owed/") {
				t.Errorf("%s was told of another's money: %s", c.token, f)
			}
		}
	}
}
