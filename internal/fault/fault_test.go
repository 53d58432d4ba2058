package fault

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
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

// No French line begins with a mark that belongs to the word before it.
func TestFrenchMarksStayWithTheirWord(t *testing.T) {
	loose := regexp.MustCompile(` [;:?!»]|« `)
	for _, all := range []map[string]string{sentences["fr"], words["fr"]} {
		for code, s := range all {
			if loose.MatchString(s) {
				t.Errorf("%s: %q", code, s)
			}
		}
	}
}

// A word that a sentence is filled with is said in the sentence's language.
func TestWordsAreTranslated(t *testing.T) {
	for w := range words["en"] {
		for _, l := range Languages {
			if words[l][w] == "" || len(words[l]) != len(words["en"]) {
				t.Errorf("%s: no word in %s", w, l)
			}
		}
	}
	for _, l := range Languages {
		s := New("not_boardable", Params{"state": Word("cancelled")}).Sentence(l)
		if !strings.Contains(s, words[l]["cancelled"]) || strings.Contains(s, "{") {
			t.Errorf("%s: %q", l, s)
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

type away struct{ error }

func (away) Away() bool { return true }

// What decides was not there: the caller may try again, and is told when.
func TestAwayIsUnavailable(t *testing.T) {
	for _, err := range []error{away{errors.New("refused")}, fmt.Errorf("trip: get: %w", away{errors.New("refused")})} {
		if f := As(err); f.Kind != Unavailable || f.Code != "unavailable" || f.RetryAfter == 0 {
			t.Errorf("%v: %+v", err, f)
		}
	}
	if f := As(errors.New("refused")); f.Kind != Internal {
		t.Errorf("%+v", f)
	}
}
