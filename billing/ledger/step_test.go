package ledger

import (
	"testing"

	"pgregory.net/rapid"
)

func anyCurrency() *rapid.Generator[Currency] {
	return rapid.SampledFrom([]Currency{"KWD", "TND", "BHD", "MAD", "EUR", "JPY"})
}

// What goes by card and what is below a step are the whole, and the card is asked for steps.
func TestByCard(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c, n := anyCurrency().Draw(t, "currency"), rapid.Int64Range(0, 1e12).Draw(t, "amount")
		card, below := c.ByCard(n)
		if card+below != n || card%c.ChargeStep() != 0 || below < 0 || below >= c.ChargeStep() {
			t.Fatalf("%d %s is %d and %d", n, c, card, below)
		}
		if again, none := c.ByCard(card); again != card || none != 0 {
			t.Fatalf("%d is %d and %d", card, again, none)
		}
	})
	if card, below := Currency("KWD").ByCard(625); card != 620 || below != 5 {
		t.Errorf("half of 1.250 is %d and %d", card, below)
	}
}

// A price that is steps is shared in steps: the shares are the price, nobody's moves by a step or more, whoever pays a part never pays more than
// they have room for, and who pays nothing goes on paying nothing.
func TestShares(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := anyCurrency().Draw(t, "currency")
		price := rapid.Int64Range(0, 100_000).Draw(t, "steps") * c.ChargeStep()
		part := rapid.Int64Range(0, price).Draw(t, "part")
		room := rapid.Int64Range(part, price).Draw(t, "room")
		got := c.Shares(price, part, room)
		if moved := max(got-part, part-got); moved >= c.ChargeStep() {
			t.Fatalf("%d of %d %s moves by %d", part, price, c, moved)
		}
		if got < 0 || got > room || part == 0 && got != 0 {
			t.Fatalf("%d of %d, with room for %d: %d", part, price, room, got)
		}
		if rider := price - got; rider%c.ChargeStep() != 0 {
			t.Fatalf("a card is asked for %d %s", rider, c)
		}
		if up := (price - part) % c.ChargeStep(); got < part && part+up <= room {
			t.Fatalf("the payer bears %d where there is room", part-got)
		}
	})
	for _, x := range [][4]int64{{1250, 625, 1250, 630}, {1250, 625, 629, 620}, {1250, 0, 1250, 0}, {1250, 3, 3, 0}, {1255, 628, 1255, 635}, {1255, 2, 2, 2}, {1255, 0, 1255, 0}} {
		if got := Currency("KWD").Shares(x[0], x[1], x[2]); got != x[3] {
			t.Errorf("%v: %d", x, got)
		}
	}
}
