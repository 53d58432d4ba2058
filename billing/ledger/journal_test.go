package ledger

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/internal/fault"
)

func TestJournalsAreChecked(t *testing.T) {
	t.Parallel()
	w, r := Wallet(uuid.New(), "MAD"), Revenue("seats", "MAD")
	m := Of(10, "MAD")
	good := Post("k", "sale", Debit(w, m), Credit(r, m))
	for _, j := range []Journal{good, Hold("k", "hold", time.Minute, good.Entries...), PostHold("k", "post", uuid.New()), PostHold("k", "post", uuid.New(), good.Entries...), Void("k", "void", uuid.New())} {
		if err := j.Check(); err != nil {
			t.Errorf("%+v: %v", j, err)
		}
	}
	with := func(change func(*Journal)) Journal { j := good; change(&j); return j }
	for name, x := range map[string]struct {
		Journal
		code string
	}{
		"no key":           {with(func(j *Journal) { j.Key = "" }), "internal"},
		"no kind":          {with(func(j *Journal) { j.Kind = "Sale!" }), "internal"},
		"one entry":        {Post("k", "sale", Debit(w, m)), "internal"},
		"unbalanced":       {Post("k", "sale", Debit(w, m), Credit(r, Of(9, "MAD"))), "internal"},
		"two currencies":   {Post("k", "sale", Debit(w, m), Credit(Revenue("seats", "EUR"), Of(10, "EUR"))), "internal"},
		"nothing":          {Post("k", "sale", Debit(w, Of(0, "MAD")), Credit(r, Of(0, "MAD"))), "amount_invalid"},
		"negative":         {Post("k", "sale", Debit(w, Of(-5, "MAD")), Credit(r, Of(-5, "MAD"))), "amount_invalid"},
		"too much":         {Post("k", "sale", Debit(w, Of(1e12, "MAD")), Credit(r, Of(1e12, "MAD"))), "amount_invalid"},
		"other currency":   {Post("k", "sale", Debit(w, Of(5, "EUR")), Credit(r, Of(5, "EUR"))), "currency_mismatch"},
		"no account":       {Post("k", "sale", Debit(Account{}, m), Credit(r, m)), "internal"},
		"a strange name":   {Post("k", "sale", Debit(Bank("my bank", "MAD"), m), Credit(r, m)), "internal"},
		"a hold for ever":  {Hold("k", "hold", 0, good.Entries...), "internal"},
		"a hold backwards": {Hold("k", "hold", -time.Second, good.Entries...), "internal"},
		"a void of none":   {Void("k", "void", uuid.Nil), "internal"},
		"a void that pays": {with(func(j *Journal) { j.Phase, j.Hold = PhaseVoid, uuid.New() }), "internal"},
		"a post of none":   {PostHold("k", "post", uuid.Nil, good.Entries...), "internal"},
	} {
		if err := x.Check(); err == nil || fault.As(err).Code != x.code {
			t.Errorf("%s: %v, want %s", name, err, x.code)
		}
	}
}

// Every part of a request is in its hash, and no two parts run into each other.
func TestTheHashTellsJournalsApart(t *testing.T) {
	t.Parallel()
	w, r := Wallet(uuid.New(), "MAD"), Revenue("seats", "MAD")
	m := Of(10, "MAD")
	base := Post("k", "sale", Debit(w, m), Credit(r, m)).About("a").Because("b")
	hold := uuid.New()
	all := []Journal{base, base.About("ab").Because(""), base.Because("c"), base.On(time.Unix(5, 0)), Post("k", "sal", base.Entries...).About("a").Because("b"),
		Post("k", "sale", Credit(w, m), Debit(r, m)).About("a").Because("b"), Post("k", "sale", Debit(w, Of(11, "MAD")), Credit(r, Of(11, "MAD"))).About("a").Because("b"),
		Hold("k", "sale", time.Minute, base.Entries...).About("a").Because("b"), Hold("k", "sale", time.Hour, base.Entries...).About("a").Because("b"),
		PostHold("k", "sale", hold, base.Entries...), PostHold("k", "sale", hold), Void("k", "sale", hold), Void("k", "sale", uuid.New())}
	seen := map[[32]byte]int{}
	for i, j := range all {
		if other, ok := seen[j.Hash()]; ok {
			t.Errorf("%d and %d have one hash", i, other)
		}
		seen[j.Hash()] = i
	}
	again := base
	again.Key = "other" // a key is not part of what is asked under it
	if again.Hash() != base.Hash() {
		t.Error("the same request has two hashes")
	}
}

func TestBooksRefuseAndStay(t *testing.T) {
	t.Parallel()
	w, r := Wallet(uuid.New(), "MAD"), Revenue("seats", "MAD")
	books := Books{w.Ref(): {Class: Liability, Running: true, Balance: Balance{Posted: -100}}, r.Ref(): {Class: Income, Overdraw: true}}
	try := func(j Journal, held []Line) error {
		lines, err := j.Lines(held)
		if err != nil {
			return err
		}
		return books.Try(lines)
	}
	entries := func(n int64) []Entry { return []Entry{Debit(w, Of(n, "MAD")), Credit(r, Of(n, "MAD"))} }
	if err := try(Hold("k", "hold", time.Minute, entries(70)...), nil); err != nil {
		t.Fatal(err)
	}
	if err := try(Post("k", "sale", entries(31)...), nil); !fault.Is(err, "insufficient_funds") {
		t.Errorf("held money was spent: %v", err)
	}
	if b := books[w.Ref()].Balance; b != (Balance{-100, 70, 0}) || b.Available(Liability) != 30 || b.Amount(Liability) != 100 {
		t.Errorf("after a refusal: %+v", b)
	}
	held, _ := Hold("k", "hold", time.Minute, entries(70)...).Lines(nil)
	if err := try(PostHold("k", "post", uuid.New(), entries(71)...), held); !fault.Is(err, "more_than_held") {
		t.Errorf("more than held: %v", err)
	}
	if err := try(PostHold("k", "post", uuid.New(), entries(50)...), held); err != nil || books[w.Ref()].Balance != (Balance{-50, 0, 0}) {
		t.Errorf("%v, %+v", err, books[w.Ref()].Balance)
	}
	if err := try(Post("k", "sale", Debit(w, Of(1, "MAD")), Credit(Revenue("x", "MAD"), Of(1, "MAD"))), nil); !fault.Is(err, "account_not_found") {
		t.Errorf("an account out of nowhere: %v", err)
	}
}

func TestTheChartIsClosed(t *testing.T) {
	t.Parallel()
	id := uuid.New()
	for _, a := range []Account{Clearing("stripe", "MAD"), Bank("main", "MAD"), Transit("bank-file", "MAD"), Float(id, "MAD"), Receivable(id, "MAD"), Programme(id, "MAD"),
		Dispute("stripe", "MAD"), Recovery(id, "MAD"), Wallet(id, "MAD"), Pass(id, "MAD"), Payable(id, "MAD"), Deferred("seats", "MAD"), TaxPayable("MA", 55_000, "MAD"),
		Suspense("stripe", "MAD"), Revenue("seats", "MAD"), Fees("stripe", "MAD"), Loss("dispute", "MAD"), Difference("MAD"), Opening("MAD")} {
		back, err := Parse(a.Code(), a.Currency())
		if err != nil || back != a || chart[a.Kind()].says == "" {
			t.Errorf("%v reads as %+v, %v", a, back, err)
		}
		if !a.MayOverdraw() && !a.Running() {
			t.Errorf("%v is guarded and keeps no balance", a)
		}
	}
	for _, code := range []string{"", "wallet", "wallet:", "opening:x", "gold:1", "Wallet:1", "bank:my bank"} {
		if a, err := Parse(code, "MAD"); err == nil {
			t.Errorf("%q is %v", code, a)
		}
	}
}
