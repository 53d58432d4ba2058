package redirect

import (
	"net/url"
	"slices"
	"testing"
)

// A hash that was made by another program, after public integrations of the acquirer.
func TestHashOfAnotherProgram(t *testing.T) {
	f := url.Values{
		"amount": {"10.60"}, "clientid": {"600001"}, "oid": {"A|1"}, "currency": {"504"}, "okUrl": {"https://a.example/ok"},
		"BillToStreet12": {"x"}, "BillToStreet2": {`y\z`}, "encoding": {"UTF-8"}, "rnd": {"r"}, "HASH": {"old"},
	}
	const want = "sVUVq8AqD4hWM9hLBlY3IOnX/9XTQ1f/m7xWlpFwYlmy2F2MQAfPcZHZ8L0w/fMmFJ9nGp5UeJht5iJZmYCGYA=="
	if got := Hash(f, `TEST|12\34`); got != want {
		t.Fatal(got)
	}
}

func TestNaturalOrder(t *testing.T) {
	names := []string{"oid", "a10", "A2", "a02b", "Response", "amount", "a", "EXTRA.x"}
	slices.SortFunc(names, natural)
	if want := []string{"a", "A2", "a02b", "a10", "amount", "EXTRA.x", "oid", "Response"}; !slices.Equal(names, want) {
		t.Fatal(names)
	}
}
