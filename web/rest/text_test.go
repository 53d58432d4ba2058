package rest

import (
	"testing"

	"github.com/waymeet/waymeet/internal/fault"
)

// What would be shown as something else than it is, is refused wherever it is typed; a name holds not even a new line, and the joiners and
// marks that scripts need stay.
func TestTextIsReadable(t *testing.T) {
	for _, c := range []struct{ body, code string }{
		{`{"name":"Ring\u0007"}`, "text_unreadable"},
		{`{"legal_name":"Atlas \u202eLRS"}`, "text_unreadable"},
		{`{"legal_name":"Atlas \u2066x\u2069"}`, "text_unreadable"},
		{`{"name":"two\nlines"}`, "text_unreadable"},
		{`{"holder":"a\tb"}`, "text_unreadable"},
		{`{"units":[{"name":"\u009b"}]}`, "text_unreadable"},
		{`{"reason":"\u202d"}`, "text_unreadable"},
		{`{"reason":"\u001b[2J"}`, "text_unreadable"},
		{`{"na\u0007me":"x"}`, "text_unreadable"},
		{`{"name":"\u0000"}`, "bad_value"},
		{`{"name":"شركة الأطلس\u200f"}`, ""},
		{`{"name":"می\u200cخواهم"}`, ""},
		{`{"csv":"a,b\r\n1\t,2\n"}`, ""},
		{`{"reason":"call \u202a+212 6\u202c, two\nlines"}`, ""},
	} {
		if err := checkJSON([]byte(c.body)); err == nil && c.code != "" || err != nil && fault.As(err).Code != c.code {
			t.Errorf("%s: %v, want %q", c.body, err, c.code)
		}
	}
}
