package invoice

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestCountsMissNothing: whatever number a text is found to name, however it was cut, its count is among those that are looked for.
func TestCountsMissNothing(t *testing.T) {
	t.Parallel()
	named := 0
	rapid.Check(t, func(t *rapid.T) {
		n := Number{rapid.SampledFrom([]string{"FA", "F2", "FA-CASA", "1"}).Draw(t, "series"), 2026, rapid.OneOf(rapid.Int64Range(1, 999), rapid.Int64Range(1, 20_000_000)).Draw(t, "seq")}
		cut := func(s string) string { // somewhere, by a bank
			for range rapid.IntRange(0, 3).Draw(t, "cuts") {
				at := rapid.IntRange(0, len(s)).Draw(t, "at")
				s = s[:at] + rapid.SampledFrom([]string{" ", "-", "/", ""}).Draw(t, "with") + s[at:]
			}
			return s
		}
		full := n.String()
		at := strings.LastIndex(full, "-")
		text := rapid.SampledFrom([]string{full, strings.ReplaceAll(full, "-", ""), full[:at] + " " + strings.TrimLeft(full[at+1:], "0")}).Draw(t, "as")
		text = rapid.SampledFrom([]string{"", "VIR ", "12 ", "1 2 3 4 5 6 "}).Draw(t, "before") + cut(text) + rapid.SampledFrom([]string{"", " merci", " 7"}).Draw(t, "after")
		if len(NewMatcher([]Outstanding{{Number: n, Currency: "MAD", Open: 1}}).mentions(text)) == 0 {
			return
		}
		if named++; !slices.Contains(Counts(text), n.Seq) {
			t.Fatalf("%q names %v, which %v would not find", text, n, Counts(text))
		}
	})
	if named == 0 {
		t.Error("no text named its number")
	}
}
