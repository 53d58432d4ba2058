package payment

import (
	"errors"
	"math"
	"testing"

	"pgregory.net/rapid"
)

// life is a payment as a gateway might carry it: what each look would see, in the order of time.
func life(t *rapid.T) (amount int64, looks []Look) {
	amount = rapid.Int64Range(1, 1_000_000).Draw(t, "amount")
	var k Known
	see := func() { looks = append(looks, k) }
	see()
	if rapid.Bool().Draw(t, "abandoned") {
		k.Status = Cancelled
		see()
		return amount, looks
	}
	if rapid.Bool().Draw(t, "manual") {
		k.Status, k.Authorised = Authorised, amount
		see()
		if rapid.Bool().Draw(t, "let go") {
			k.Status = Cancelled
			see()
			return amount, looks
		}
	}
	k.Status, k.Captured = Paid, rapid.Int64Range(1, amount).Draw(t, "captured")
	see()
	for range rapid.IntRange(0, 3).Draw(t, "refunds") {
		k.Refunded = rapid.Int64Range(k.Refunded, k.Captured+k.Returned).Draw(t, "refunded")
		see()
		if rapid.Bool().Draw(t, "sent back") {
			k.Returned = rapid.Int64Range(k.Returned, k.Refunded).Draw(t, "returned")
			see()
		}
	}
	if rapid.Bool().Draw(t, "disputed") {
		k.Disputed = rapid.Int64Range(1, k.Captured).Draw(t, "disputed by")
		see()
		if rapid.Bool().Draw(t, "lost") {
			k.Lost = k.Disputed
		} else {
			k.Won = k.Disputed
		}
		see()
	}
	return amount, looks
}

// The same looks, each any number of times and in any order, end in the last one's truth, and their moves are each told once
// and add up.
func TestAnyOrderComesToTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		amount, looks := life(t)
		want := looks[len(looks)-1]
		deck := append(append([]Look{}, looks...), looks...)
		deck = rapid.Permutation(deck).Draw(t, "order")
		var k Known
		sums, keys := map[Kind]int64{}, map[string]int{}
		for _, l := range deck {
			next, err := k.Join(l, amount)
			if err != nil {
				t.Fatalf("%+v joined with %+v: %v", k, l, err)
			}
			for _, m := range next.Moves(k) {
				sums[m.Kind] += m.Amount
				if keys[m.Key()]++; keys[m.Key()] > 1 {
					t.Fatalf("%s was told twice", m.Key())
				}
			}
			k = next
		}
		if k != want {
			t.Fatalf("came to %+v, want %+v", k, want)
		}
		for kind, total := range map[Kind]int64{MoveAuthorised: want.Authorised, MoveCaptured: want.Captured, MoveRefunded: want.Refunded, MoveReturned: want.Returned,
			MoveDisputed: want.Disputed, MoveLost: want.Lost, MoveWon: want.Won} {
			if sums[kind] != total {
				t.Fatalf("%s moved by %d in all, want %d", kind, sums[kind], total)
			}
		}
		if ended := keys["paid:0"] + keys["cancelled:0"]; want.Status.Over() != (ended == 1) {
			t.Fatalf("%d ends of a payment that is %s", ended, want.Status)
		}
	})
}

func anyKnown(t *rapid.T, label string) Known {
	n := rapid.Int64Range(0, 6)
	return Known{Status(rapid.IntRange(0, 3).Draw(t, label)), n.Draw(t, "a"), n.Draw(t, "c"), n.Draw(t, "r"), n.Draw(t, "b"), n.Draw(t, "d"), n.Draw(t, "l"), n.Draw(t, "w")}
}

// Whatever is seen, what is known stays a payment that can be, and a refused look changes nothing.
func TestNoLookBreaksWhatIsKnown(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var k Known
		for range 6 {
			l := anyKnown(t, "look")
			next, err := k.Join(l, 5)
			if err != nil {
				if !errors.Is(err, ErrContradiction) || next != k {
					t.Fatalf("refused %+v with %v and came to %+v from %+v", l, err, next, k)
				}
				continue
			}
			if next.Status < k.Status || next.Captured < k.Captured || next.Refunded < k.Refunded || next.Returned < k.Returned || next.fits(5) != nil {
				t.Fatalf("%+v joined with %+v is %+v", k, l, next)
			}
			if again, err := next.Join(l, 5); err != nil || again != next {
				t.Fatalf("the same look again: %+v, %v", again, err)
			}
			k = next
		}
	})
}

func TestContradictions(t *testing.T) {
	paid := Known{Status: Paid, Captured: 100}
	for name, l := range map[string]Look{
		"cancelled after paid":      {Status: Cancelled},
		"more than it was":          {Status: Paid, Captured: 101},
		"more back than taken":      {Status: Paid, Captured: 100, Refunded: 101},
		"more came back than went":  {Status: Paid, Captured: 100, Refunded: 50, Returned: 51},
		"more disputed than taken":  {Status: Paid, Disputed: 101},
		"won and lost":              {Status: Paid, Disputed: 60, Lost: 40, Won: 40},
		"lost without a dispute":    {Status: Paid, Lost: 1},
		"a negative total":          {Status: Paid, Refunded: math.MinInt64},
		"totals beyond any integer": {Status: Paid, Disputed: math.MaxInt64, Lost: math.MaxInt64, Won: math.MaxInt64},
	} {
		if next, err := paid.Join(l, 100); !errors.Is(err, ErrContradiction) || next != paid {
			t.Errorf("%s: %+v, %v", name, next, err)
		}
	}
}

func TestStatusesAreNamed(t *testing.T) {
	for s := Open; s <= Cancelled; s++ {
		if got, err := ParseStatus(s.String()); err != nil || got != s {
			t.Errorf("%v is read as %v, %v", s, got, err)
		}
	}
	if _, err := ParseStatus("paid "); err == nil || Status(9).String() != "unknown" {
		t.Error("an unknown status is taken")
	}
}
