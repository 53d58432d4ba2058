package notify_test

import (
	"os"
	"strings"
	"testing"

	"github.com/waymeet/waymeet/internal/errand"
)

// TestEachKindHasWords: the browsers' worker says each kind of message in each language.
func TestEachKindHasWords(t *testing.T) {
	t.Parallel()
	worker, err := os.ReadFile("../web/ui/public/push.js")
	if err != nil {
		t.Fatal(err)
	}
	for _, what := range []string{errand.PushRing, errand.PushTurn, errand.PushCall, errand.PushDispute, errand.PushDecided} {
		if n := strings.Count(string(worker), " "+what+": ['"); n != 3 {
			t.Errorf("%s is said in %d languages", what, n)
		}
	}
}
