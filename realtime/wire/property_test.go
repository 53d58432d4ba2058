package wire

import (
	"bytes"
	"encoding/json"
	"testing"

	"pgregory.net/rapid"
)

// values draws JSON of few names, so that documents and patches meet often.
func values(null bool, depth int) *rapid.Generator[any] {
	return rapid.Custom(func(t *rapid.T) any {
		kinds := []string{"number", "text", "list", "object", "object"}
		if null {
			kinds = append(kinds, "null")
		}
		if depth == 0 {
			kinds = kinds[:2]
		}
		switch rapid.SampledFrom(kinds).Draw(t, "kind") {
		case "number":
			return rapid.IntRange(0, 3).Draw(t, "n")
		case "text":
			return rapid.SampledFrom([]string{"", "é", "a\"\\", "😀"}).Draw(t, "s")
		case "list":
			return rapid.SliceOfN(values(false, depth-1), 0, 2).Draw(t, "list")
		case "null":
			return nil
		}
		return objects(null, depth-1).Draw(t, "object")
	})
}

func objects(null bool, depth int) *rapid.Generator[map[string]any] {
	return rapid.MapOfN(rapid.SampledFrom([]string{"a", "b", "\"", "é", "😀", "\ufb33"}), values(null, depth), 0, 4)
}

func encoded(t *rapid.T, v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	out, err := Canonical(nil, b)
	if err != nil {
		t.Fatalf("%s: %v", b, err)
	}
	return out
}

func document(t *rapid.T, name string) []byte {
	return encoded(t, objects(false, 3).Draw(t, name))
}

func patch(t *rapid.T, name string) []byte { return encoded(t, objects(true, 3).Draw(t, name)) }

// reference is RFC 7396's own pseudo-code over decoded values.
func reference(target, patch any) any {
	p, ok := patch.(map[string]any)
	if !ok {
		return patch
	}
	out := map[string]any{}
	if o, ok := target.(map[string]any); ok {
		for k, v := range o {
			out[k] = v
		}
	}
	for k, v := range p {
		if v == nil {
			delete(out, k)
		} else {
			out[k] = reference(out[k], v)
		}
	}
	return out
}

func TestPropertyApplyIsTheReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, p := objects(false, 3).Draw(t, "a"), objects(true, 3).Draw(t, "p")
		got, want := Apply(nil, encoded(t, a), encoded(t, p)), encoded(t, reference(a, p))
		if !bytes.Equal(got, want) {
			t.Fatalf("%s, want %s", got, want)
		}
	})
}

func TestPropertyDiffLeadsThere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := document(t, "a"), document(t, "b")
		d := Diff(nil, a, b)
		if got := Apply(nil, a, d); !bytes.Equal(got, b) {
			t.Fatalf("%s + %s = %s, want %s", a, d, got, b)
		}
		if again, err := Canonical(nil, d); err != nil || !bytes.Equal(again, d) {
			t.Fatalf("a patch that is not canonical: %s", d)
		}
		if bytes.Equal(a, b) != (string(d) == "{}") {
			t.Fatalf("%s and %s differ by %s", a, b, d)
		}
	})
}

func TestPropertyComposeIsOneAfterTheOther(t *testing.T) {
	composed := 0
	rapid.Check(t, func(t *rapid.T) {
		p, q := patch(t, "p"), patch(t, "q")
		r, ok := Compose(nil, p, q)
		if !ok {
			return
		}
		composed++
		for range 4 {
			a := document(t, "a")
			want := Apply(nil, Apply(nil, a, p), q)
			if got := Apply(nil, a, r); !bytes.Equal(got, want) {
				t.Fatalf("on %s: %s, want %s (composed %s)", a, got, want, r)
			}
		}
	})
	if composed == 0 {
		t.Fatal("nothing composed: the property was not tested")
	}
}

func TestPropertyCanonicalIsAFixedPoint(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := values(true, 3).Draw(t, "v")
		indented, err := json.MarshalIndent(v, " ", "\t")
		if err != nil {
			t.Fatal(err)
		}
		if a, b := encoded(t, v), encoded(t, json.RawMessage(indented)); !bytes.Equal(a, b) {
			t.Fatalf("%s and %s", a, b)
		}
		again := encoded(t, json.RawMessage(encoded(t, v)))
		if !bytes.Equal(again, encoded(t, v)) {
			t.Fatalf("not a fixed point: %s", again)
		}
	})
}
