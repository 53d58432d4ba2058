package store_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store"
)

// What an account held at any past instant is what a replay of its journals up to then makes, holds included; its statement
// has each posting once, whatever the pages, and runs from one balance to the other.
func TestAStatementIsTheReplay(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	ctx := t.Context()
	dice := rand.New(rand.NewPCG(7, 7))
	w, revenue := b.wallet(0), ledger.Revenue("sessions", mad)
	type step struct {
		at                       time.Time
		posted, heldDr, revenues int64
	}
	replay := []step{{}}
	now := step{}
	var open []struct {
		id uuid.UUID
		n  int64
	}
	for i := range 120 {
		n, key := 1+dice.Int64N(500), fmt.Sprint("k", i)
		var r store.Recorded
		switch free := -now.posted - now.heldDr; {
		case len(open) > 0 && dice.IntN(3) == 0:
			h := open[0]
			open = open[1:]
			now.heldDr -= h.n
			if dice.IntN(2) == 0 {
				r = b.must(ledger.Void(key, "void", h.id))
				break
			}
			part := 1 + dice.Int64N(h.n)
			r = b.must(ledger.PostHold(key, "post", h.id, ledger.Debit(w, dirhams(part)), ledger.Credit(revenue, dirhams(part))))
			now.posted += part
			now.revenues -= part
		case free < 500:
			r = b.must(topUp(key, w, n+500))
			now.posted -= n + 500
		case dice.IntN(2) == 0:
			r = b.must(ledger.Hold(key, "hold", time.Hour, ledger.Debit(w, dirhams(n)), ledger.Credit(revenue, dirhams(n))))
			open = append(open, struct {
				id uuid.UUID
				n  int64
			}{r.ID, n})
			now.heldDr += n
		default:
			r = b.must(ledger.Post(key, "sale", ledger.Debit(w, dirhams(n)), ledger.Credit(revenue, dirhams(n))))
			now.posted += n
			now.revenues -= n
		}
		now.at = r.At
		replay = append(replay, now)
	}
	b.has(w, -now.posted, -now.posted-now.heldDr)
	for i, s := range replay {
		if i == 0 {
			s.at = replay[1].at.Add(-time.Hour)
		}
		instants := []time.Time{s.at}
		if i+1 < len(replay) { // and just before the next one
			instants = append(instants, replay[i+1].at.Add(-time.Microsecond))
		}
		for _, at := range instants {
			got, err := b.Read(b.id).BalanceAt(ctx, w, at)
			if err != nil || got.Posted != s.posted || got.HeldDebit != s.heldDr {
				t.Fatalf("step %d: the wallet was %+v at %v (%v), replay %+v", i, got, at, err, s)
			}
			if got, err := b.Read(b.id).BalanceAt(ctx, revenue, at); err != nil || got.Posted != s.revenues {
				t.Fatalf("step %d: revenue was %+v at %v (%v), replay %+v", i, got, at, err, s)
			}
		}
	}
	for _, limit := range []int{1, 7, 1000} {
		for range 12 {
			from, to := dice.IntN(len(replay)), dice.IntN(len(replay))
			if from > to {
				from, to = to, from
			}
			b.statement(w, replay[from].at, replay[to].at, limit, replay[from].posted, replay[to].posted)
		}
	}
	b.statement(w, time.Time{}, time.Time{}, 50, 0, now.posted)
	if _, err := b.Read(b.id).Statement(ctx, store.StatementAsk{Account: ledger.Wallet(uuid.New(), mad), Limit: 5}); !fault.Is(err, "account_not_found") {
		t.Errorf("nobody's wallet: %v", err)
	}
}

// statement reads all pages and wants them to lead from one balance to the other.
func (b *book) statement(a ledger.Account, from, to time.Time, limit int, opening, closing int64) {
	b.t.Helper()
	ask := store.StatementAsk{Account: a, From: from, To: to, Limit: limit}
	balance, seen := opening, map[store.Place]bool{}
	for page := 0; ; page++ {
		s, err := b.Read(b.id).Statement(b.t.Context(), ask)
		if err != nil || s.Opening != balance || len(s.Lines) > limit {
			b.t.Fatalf("page %d opens with %d, %d lines (%v); want %d", page, s.Opening, len(s.Lines), err, balance)
		}
		for _, l := range s.Lines {
			balance += l.Debit - l.Credit
			if l.Balance != balance || seen[l.Place] || l.At.Before(from) || (!to.IsZero() && l.At.After(to)) {
				b.t.Fatalf("line %+v, balance %d", l, balance)
			}
			seen[l.Place], ask.After = true, l.Place
		}
		if len(s.Lines) < limit {
			break
		}
	}
	if balance != closing {
		b.t.Errorf("the statement ends with %d, want %d", balance, closing)
	}
}
