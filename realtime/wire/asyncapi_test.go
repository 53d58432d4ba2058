package wire

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// published is docs/realtime/asyncapi.yaml.
type published struct {
	t    *testing.T
	tree map[string]any
}

func readPublished(t *testing.T) published {
	t.Helper()
	raw, err := os.ReadFile("../../docs/realtime/asyncapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	p := published{t: t}
	if err := yaml.Unmarshal(raw, &p.tree); err != nil {
		t.Fatal(err)
	}
	return p
}

// at finds what a reference names.
func (p published) at(ref string) map[string]any {
	var v any = p.tree
	for _, name := range strings.Split(strings.TrimPrefix(ref, "#/"), "/") {
		m, _ := v.(map[string]any)
		if v = m[name]; v == nil {
			p.t.Fatalf("%s leads nowhere", ref)
		}
	}
	return v.(map[string]any)
}

// silent are keywords that say nothing about what is valid.
var silent = []string{"description", "default", "format"}

// fits checks a decoded value against a schema. A keyword that it does not know is an error: it must not pass for fitting.
func (p published) fits(schema map[string]any, v any) error {
	if ref, ok := schema["$ref"].(string); ok {
		return p.fits(p.at(ref), v)
	}
	object, _ := v.(map[string]any)
	list, _ := v.([]any)
	text, isText := v.(string)
	for keyword, x := range schema {
		var err error
		switch keyword {
		case "type":
			err = isOf(x, v)
		case "required":
			for _, name := range x.([]any) {
				if _, there := object[name.(string)]; object != nil && !there {
					err = fmt.Errorf("%v is missing", name)
				}
			}
		case "properties":
			for name, s := range x.(map[string]any) {
				if member, there := object[name]; there && err == nil {
					err = p.fits(s.(map[string]any), member)
				}
			}
		case "additionalProperties":
			for name, member := range object {
				if _, known := schema["properties"]; !known && err == nil {
					if err = p.fits(x.(map[string]any), member); err != nil {
						err = fmt.Errorf("%s: %w", name, err)
					}
				}
			}
		case "items":
			for _, item := range list {
				if err == nil {
					err = p.fits(x.(map[string]any), item)
				}
			}
		case "minItems", "maxItems":
			if n := x.(int); list != nil && (keyword == "minItems" && len(list) < n || keyword == "maxItems" && len(list) > n) {
				err = fmt.Errorf("%d items", len(list))
			}
		case "maxLength":
			if isText && len([]rune(text)) > x.(int) {
				err = fmt.Errorf("%d characters", len([]rune(text)))
			}
		case "const":
			if !reflect.DeepEqual(x, v) {
				err = fmt.Errorf("%v is not %v", v, x)
			}
		case "enum":
			if !slices.ContainsFunc(x.([]any), func(e any) bool { return reflect.DeepEqual(e, v) }) {
				err = fmt.Errorf("%v is none of %v", v, x)
			}
		case "oneOf":
			n := 0
			var all []error
			for _, s := range x.([]any) {
				if e := p.fits(s.(map[string]any), v); e != nil {
					all = append(all, e)
				} else {
					n++
				}
			}
			if n != 1 {
				err = fmt.Errorf("fits %d of one: %v", n, all)
			}
		default:
			if !slices.Contains(silent, keyword) && !strings.HasPrefix(keyword, "x-") {
				err = fmt.Errorf("this test does not know %q", keyword)
			}
		}
		if err != nil {
			return fmt.Errorf("%s: %w", keyword, err)
		}
	}
	return nil
}

func isOf(kinds, v any) error {
	list, many := kinds.([]any)
	if !many {
		list = []any{kinds}
	}
	kind := "null"
	switch x := v.(type) {
	case map[string]any:
		kind = "object"
	case []any:
		kind = "array"
	case string:
		kind = "string"
	case bool:
		kind = "boolean"
	case float64:
		if kind = "number"; x == float64(int64(x)) {
			kind = "integer"
		}
	}
	if !slices.Contains(list, any(kind)) {
		return fmt.Errorf("%s, want %v", kind, kinds)
	}
	return nil
}

func decoded(t *testing.T, frame []byte) (v any) {
	t.Helper()
	if err := json.Unmarshal(frame, &v); err != nil {
		t.Fatalf("%s: %v", frame, err)
	}
	return v
}

// What this package writes is what the document says, and each kind of message is written by something here.
func TestFramesAreAsPublished(t *testing.T) {
	p := readPublished(t)
	set := append(SetDocument(nil, "trip/a", 1, []byte(`{"x":1}`)), ',')
	set = SetPatch(set, "trip/b", 1, 3, []byte(`{"x":null}`))
	sub := []byte(`{"set":{` + string(set) + `},"gone":["trip/c"],"sig":{` + string(AppendSignalMember(nil, SignalPush{Sig: "position", Key: "k", From: "user/u", Data: []byte(`{}`), At: "2026-01-01T00:00:00.000Z"})) + `},"more":true}`)
	if err := p.fits(p.at("#/components/schemas/SubOK"), decoded(t, sub)); err != nil {
		t.Errorf("%s: %v", sub, err)
	}
	refusal := Refusal{Code: CodeForbidden, Message: "no", Retry: true, Problem: []byte(`{"status":403}`)}
	for message, frames := range map[string][][]byte{
		"hello":   {AppendHello(nil, Hello{Conn: "c", Node: "n", User: "user/u", Epoch: "e", PingMS: 25000, MaxFrame: 65536, AuthExp: 1790000000})},
		"answer":  {AppendOK(nil, 1, sub), AppendOK(nil, -1, []byte(`{}`)), AppendErr(nil, 1, true, refusal), AppendErr(nil, 0, false, Refusal{Code: CodeBadRequest})},
		"entity":  {PatchTail(AppendHead(nil, "trip:a"), "trip/a", 1, 2, []byte(`{}`)), PatchTail(AppendHead(nil, "trip:a"), "trip/a", 1, 5, []byte(`{}`)), DocumentTail(AppendHead(nil, "trip:a"), "trip/a", 2, []byte(`{}`)), GoneTail(AppendHead(nil, "trip:a"), "trip/a", 2)},
		"setPart": {AppendSetPart(nil, "board:x", set, true), AppendSetPart(nil, "board:x", nil, false)},
		"signal":  {SignalTail(AppendHead(nil, "trip:a"), SignalPush{Sig: "stale", Key: "node", Data: []byte(`{}`), At: "2026-01-01T00:00:00.000Z"}), SignalTail(AppendHead(nil, "trip:a"), SignalPush{Sig: "s", From: "user/u", Data: []byte(`[1]`), At: "x"})},
		"closed":  {AppendClosed(nil, "trip:a", CodeForbidden, "no"), AppendClosed(nil, "trip:a", CodeTooMany, ""), AppendClosed(nil, "trip:a", CodeNotFound, "")},
		"bye":     {AppendBye(nil, "drain", 200, 4000)},
	} {
		schema := p.at("#/components/messages/" + message + "/payload")
		for _, f := range frames {
			if err := p.fits(schema, decoded(t, f)); err != nil {
				t.Errorf("%s: %s: %v", message, f, err)
			}
			for other := range p.at("#/components/messages") { // and nothing else would pass for it
				if other != message && p.fits(p.at("#/components/messages/"+other+"/payload"), decoded(t, f)) == nil {
					t.Errorf("%s could be a %s: %s", message, other, f)
				}
			}
		}
	}
	if n := len(p.at("#/components/messages")); n != 8 {
		t.Errorf("%d kinds of messages are published: this test knows 7, and requests", n)
	}
}

// The document's examples are requests to the decoder, and every verb is published.
func TestRequestsAreAsPublished(t *testing.T) {
	p := readPublished(t)
	request := p.at("#/components/messages/request")
	schema := request["payload"].(map[string]any)
	var all []string
	for _, e := range request["examples"].([]any) {
		raw, err := json.Marshal(e.(map[string]any)["payload"])
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, string(raw))
	}
	all = append(all, `{"id":1,"sub":["a","b"]}`, `{"id":1,"unsub":"a"}`, `{"id":1,"unsub":["a","b"]}`, `{"id":1,"sub":"a","have":null,"epoch":null}`,
		`{"id":1,"call":"x","key":null,"args":null}`, `{"id":1,"signal":"a","sig":null,"key":null,"to":null,"d":null}`, `{"id":1,"call":"x"}`, `{"id":1,"signal":"a","d":1}`, `{"id":1,"auth":"t"}`)
	verbs := map[Verb]bool{}
	for _, text := range all {
		if err := p.fits(schema, decoded(t, []byte(text))); err != nil {
			t.Errorf("%s: %v", text, err)
		}
		r, _, err := Next([]byte(text))
		if err != nil {
			t.Errorf("%s: %v", text, err)
		}
		verbs[r.Verb] = true
	}
	if n := len(schema["oneOf"].([]any)); n != len(Verbs()) || len(verbs) != len(Verbs()) {
		t.Errorf("%d verbs are published, %d were tried, there are %d", n, len(verbs), len(Verbs()))
	}
	for _, bad := range []string{`{"id":1}`, `{"sub":"a"}`, `{"id":"1","sub":"a"}`, `{"id":1,"sub":[]}`, `{"id":1,"signal":"a"}`, `{"id":1,"call":5}`,
		`{"id":1,"sub":null}`, `{"id":1,"unsub":[]}`, `{"id":1,"sub":[null]}`, `{"id":null,"sub":"a"}`, `{"id":1,"auth":null}`, `{"id":1,"sub":"a","have":[]}`, `{"id":1,"sub":"a","have":{"x":null}}`, `{"id":1,"sub":"a","epoch":1}`} {
		if p.fits(schema, decoded(t, []byte(bad))) == nil {
			t.Errorf("%s is as published", bad)
		}
		if _, _, err := Next([]byte(bad)); err == nil {
			t.Errorf("%s is accepted", bad)
		}
	}
}

// How many channels a connection may open is as published, and its tenant is charged by them.
func TestCostIsAsPublished(t *testing.T) {
	sub := readPublished(t).at("#/components/schemas/Sub")
	if once, perS := sub["x-channels-at-once"], sub["x-channels-per-s"]; once != ChannelsAtOnce || perS != ChannelsPerS {
		t.Errorf("%v at once and %v a second are published", once, perS)
	}
	for n, want := range map[int]int{1: 1, 15: 1, 16: 2, 50: 4, 256: 17} {
		r := Request{Verb: Sub, Channels: make([]string, n)}
		if got := r.Weight(); got != want {
			t.Errorf("%d channels weigh %d, want %d", n, got, want)
		}
	}
	for _, r := range []Request{{Verb: Unsub, Channels: make([]string, 256)}, {Verb: Call}, {Verb: Signal, Channels: []string{"a"}}, {}} {
		if got := r.Weight(); got != 1 {
			t.Errorf("%+v weighs %d", r, got)
		}
	}
}
