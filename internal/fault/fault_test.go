package fault

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"testing"
)

func TestEveryCodeSpeaks(t *testing.T) {
	hole := regexp.MustCompile(`\{[a-z_]+\}`)
	for code := range catalogue {
		want := hole.FindAllString(sentences["en"][code], -1)
		slices.Sort(want)
		for _, l := range Languages {
			s, ok := sentences[l][code]
			if !ok || s == "" {
				t.Errorf("%s: no sentence in %s", code, l)
			}
			got := hole.FindAllString(s, -1)
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Errorf("%s in %s fills %v, English fills %v", code, l, got, want)
			}
		}
	}
	for _, l := range Languages {
		for code := range sentences[l] {
			if _, ok := catalogue[code]; !ok {
				t.Errorf("%s: a sentence in %s for a code that is not in the catalogue", code, l)
			}
		}
	}
}

func TestTheUnknownIsInternalAndSilent(t *testing.T) {
	e := As(fmt.Errorf("pq: duplicate key value (email)=(a@b)"))
	if e.Kind != Internal || e.Sentence("fr") != sentences["fr"]["internal"] {
		t.Fatalf("%+v says %q", e, e.Sentence("fr"))
	}
	if New("no_such_code").Kind != Internal {
		t.Fatal("an unlisted code must be Internal")
	}
	cause := errors.New("x")
	if !errors.Is(fmt.Errorf("wrap: %w", New("trip_full").Because(cause)), cause) {
		t.Fatal("the cause is lost")
	}
}
