package wire

import (
	"bytes"
	"encoding/json"
	"testing"
)

// FuzzCanonical: nothing crashes, what is accepted is JSON for encoding/json too, and
// canonical bytes stay as they are.
func FuzzCanonical(f *testing.F) {
	for _, s := range []string{`{"b":1,"a":[1.5e-9,null,"\u00e9"]}`, `{"a":1,"a":2}`, "\"\xff\"", `[[[[`, `{"\ud83d\ude00":-0.0}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) { checkCanonical(t, in, &tally{}) })
}

func checkCanonical(t *testing.T, in []byte, n *tally) bool {
	out, err := Canonical(nil, in)
	if err != nil {
		return true
	}
	n.Accepted++
	if !json.Valid(in) || !json.Valid(out) {
		t.Errorf("%q became %q", in, out)
		return false
	}
	if again, err := Canonical(nil, out); err != nil || !bytes.Equal(again, out) {
		t.Errorf("%q became %q (%v)", out, again, err)
		return false
	}
	if doc, err := Document(nil, in); err == nil {
		if got := Apply(nil, []byte("{}"), Diff(nil, []byte("{}"), doc)); !bytes.Equal(got, doc) {
			t.Errorf("%q from nothing became %q", doc, got)
			return false
		}
	}
	return true
}

// FuzzNext: no message crashes the decoder or makes it stand still.
func FuzzNext(f *testing.F) {
	for _, s := range []string{`{"id":1,"sub":["a","b"],"have":{"x":1}}` + "\n" + `{"id":2,"auth":"t"}`, `{"id":1,"sub":[`, `{}{}`, `{"id":9,"signal":"a","d":{}}`, "x\n{\"id\":1,\"unsub\":\"a\"}", `{"sub":5,"id":7,`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, msg []byte) { checkNext(t, msg, &tally{}) })
}

func checkNext(t *testing.T, msg []byte, n *tally) bool {
	for first := true; !Blank(msg); first = false {
		r, rest, err := Next(msg)
		if len(rest) >= len(msg) {
			t.Errorf("no progress with %q", msg)
			return false
		}
		if err == nil && (!r.HasID || r.Verb == NoVerb) {
			t.Errorf("%q is no request: %+v", msg, r)
			return false
		}
		if err == nil && first {
			n.Understood++
		}
		msg = rest
	}
	return true
}

// FuzzPatch: patches of foreign shape apply, compose and diff without a crash, and agree.
func FuzzPatch(f *testing.F) {
	f.Add([]byte(`{"a":{"b":1}}`), []byte(`{"a":null}`), []byte(`{"a":{"c":1}}`))
	f.Add([]byte(`{"a":{"b":1}}`), []byte(`{"a":{"b":null}}`), []byte(`{"b":[null]}`))
	f.Fuzz(func(t *testing.T, doc, p, q []byte) { checkPatch(t, doc, p, q, &tally{}) })
}

func checkPatch(t *testing.T, doc, p, q []byte, n *tally) bool {
	a, err := Document(nil, doc)
	if err != nil {
		return true
	}
	p, err1 := Canonical(nil, p)
	q, err2 := Canonical(nil, q)
	if err1 != nil || err2 != nil || !isObject(p) || !isObject(q) {
		return true
	}
	n.Applied++
	want := Apply(nil, Apply(nil, a, p), q)
	if r, ok := Compose(nil, p, q); ok {
		n.Composed++
		if got := Apply(nil, a, r); !bytes.Equal(got, want) {
			t.Errorf("%s + %s + %s: composed %s gives %s, want %s", a, p, q, r, got, want)
			return false
		}
	}
	if got := Apply(nil, a, Diff(nil, a, want)); !bytes.Equal(got, want) {
		t.Errorf("diff of %s and %s leads to %s", a, want, got)
		return false
	}
	return true
}
