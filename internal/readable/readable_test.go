package readable_test

import (
	"testing"

	"github.com/waymeet/waymeet/internal/readable"
)

func TestNames(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", "Atlas Textiles", "Société d'Été", "نادية الفاسي", "\u200fنادية\u200f", "می\u200cخواهم", "王", "🚌 12", "a  b"} {
		if !readable.Name(s) || !readable.Text(s) {
			t.Errorf("%q is refused", s)
		}
	}
	for _, s := range []string{"a\x00", "a\x07", "\x1b[2J", "a\u007f", "\u009b", "Atlas \u202eLRS", "\u202d", "a\u0085"} {
		if readable.Name(s) || readable.Text(s) {
			t.Errorf("%q is taken", s)
		}
	}
	for _, s := range []string{"two\nlines", "a\tb", "a\rb", "\u2066x\u2069", "\u202ax\u202c", "a\u2028b"} {
		if readable.Name(s) || !readable.Text(s) {
			t.Errorf("%q is a name, or no text", s)
		}
	}
}
