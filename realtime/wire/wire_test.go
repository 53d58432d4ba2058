package wire

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

func TestCanonical(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{` { "b" : 1 , "a" : [ 1.0 , 1e3, -0, 1E-7, 1e21, 0.1 ] } `, `{"a":[1,1000,0,1e-7,1e+21,0.1],"b":1}`},
		{`"\u00e9\/\u0001\n\ud83d\ude00"`, "\"é/\\u0001\\n😀\""},
		{`12345678901234567890`, `12345678901234567890`},
		{"{\"\ufb33\":1,\"😀\":2,\"\\r\":3}", "{\"\\r\":3,\"😀\":2,\"\ufb33\":1}"}, // by UTF-16 units, not by bytes
		{`{"a":null,"b":[null]}`, `{"a":null,"b":[null]}`},
		{`{}`, `{}`},
	} {
		got, err := Canonical(nil, []byte(c.in))
		if err != nil || string(got) != c.want {
			t.Errorf("%s: %s %v, want %s", c.in, got, err, c.want)
		}
	}
	for _, bad := range []string{``, ` `, `{`, `{"a":1,}`, `[1,]`, `01`, `1.`, `.5`, `-`, `1e`, `"\x"`, `"\ud800"`, `"\ud800\u0041"`, "\"\x01\"", "\"\xff\"",
		`{"a":1,"a":2}`, `{"a":1,"\u0061":2}`, `nul`, `{"a" 1}`, `{"a":1}x`, `1e999`, strings.Repeat("[", 40) + strings.Repeat("]", 40)} {
		if got, err := Canonical(nil, []byte(bad)); err == nil {
			t.Errorf("%q accepted as %s", bad, got)
		}
	}
}

func TestDocumentDropsNull(t *testing.T) {
	got, err := Document(nil, []byte(`{"z":{"x":null,"y":1},"a":null,"l":[{"n":null}]}`))
	if err != nil || string(got) != `{"l":[{}],"z":{"y":1}}` {
		t.Fatalf("%s %v", got, err)
	}
	if _, err := Document(nil, []byte(`[1]`)); err == nil {
		t.Fatal("a document must be an object")
	}
}

func TestApplyIsRFC7396(t *testing.T) { // the examples of the RFC's appendix, canonical
	for _, c := range [][3]string{
		{`{"a":"b"}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":"b"}`, `{"b":"c"}`, `{"a":"b","b":"c"}`},
		{`{"a":"b"}`, `{"a":null}`, `{}`},
		{`{"a":"b","b":"c"}`, `{"a":null}`, `{"b":"c"}`},
		{`{"a":["b"]}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":"c"}`, `{"a":["b"]}`, `{"a":["b"]}`},
		{`{"a":{"b":"c"}}`, `{"a":{"b":"d","c":null}}`, `{"a":{"b":"d"}}`},
		{`{"a":[{"b":"c"}]}`, `{"a":[1]}`, `{"a":[1]}`},
		{`["a","b"]`, `["c","d"]`, `["c","d"]`},
		{`{"a":"b"}`, `["c"]`, `["c"]`},
		{`{"a":"foo"}`, `null`, `null`},
		{`{"e":null}`, `{"a":1}`, `{"a":1,"e":null}`},
		{`[1,2]`, `{"a":"b","c":null}`, `{"a":"b"}`},
		{`{}`, `{"a":{"bb":{"ccc":null}}}`, `{"a":{"bb":{}}}`},
	} {
		if got := Apply(nil, []byte(c[0]), []byte(c[1])); string(got) != c[2] {
			t.Errorf("%s + %s = %s, want %s", c[0], c[1], got, c[2])
		}
	}
}

func TestComposeRefusesWhatWouldReviveMembers(t *testing.T) {
	for _, c := range [][2]string{
		{`{"x":null}`, `{"x":{"b":1}}`},
		{`{"x":5}`, `{"x":{"b":1}}`},
		{`{"k":{"x":null}}`, `{"k":{"x":{}}}`},
	} {
		if got, ok := Compose(nil, []byte(c[0]), []byte(c[1])); ok {
			t.Errorf("%s then %s composed to %s", c[0], c[1], got)
		}
	}
	got, ok := Compose(nil, []byte(`{"a":1,"x":{"b":1}}`), []byte(`{"a":null,"x":{"c":{"d":1}}}`))
	if !ok || string(got) != `{"a":null,"x":{"b":1,"c":{"d":1}}}` {
		t.Errorf("%s %v", got, ok)
	}
}

func TestNext(t *testing.T) {
	msg := []byte(`{"id":1,"sub":["trip:a","me"],"have":{"trip/a":7},"epoch":"e"}` + "\n" +
		` {"id":-2,"signal":"trip:a","d":{"lat":1},"key":"k","to":"user/x"}` + "\n" + `{"id":3,"call":"x","args":{"path":{}},"future":[1]}` + "\n")
	var got []Request
	for !Blank(msg) {
		r, rest, err := Next(msg)
		if err != nil {
			t.Fatal(err)
		}
		got, msg = append(got, r), rest
	}
	want := []Request{
		{ID: 1, HasID: true, Verb: Sub, Channels: []string{"trip:a", "me"}, List: true, Have: map[string]uint64{"trip/a": 7}, Epoch: "e"},
		{ID: -2, HasID: true, Verb: Signal, Channels: []string{"trip:a"}, Key: "k", To: "user/x", Data: []byte(`{"lat":1}`)},
		{ID: 3, HasID: true, Verb: Call, Op: "x", Args: []byte(`{"path":{}}`)},
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("%+v", got)
	}
	if r, _, err := Next([]byte(`{"id":1,"sub":"x","have":null,"epoch": null }`)); err != nil || r.Have != nil || r.Epoch != "" {
		t.Errorf("null is not as good as absent: %+v %v", r, err)
	}
	for _, bad := range []string{`{"id":1}`, `{"sub":"x"}`, `{"id":1.5,"sub":"x"}`, `{"id":1,"sub":[]}`, `{"id":1,"sub":5}`, `{"id":1,"sub":"x","unsub":"y"}`,
		`{"id":1,"id":2,"sub":"x"}`, `{"id":1,"signal":["x"],"d":1}`, `{"id":1,"signal":"x"}`, `{"id":1,"call":"x","args":[]}`, `{"id":1,"sub":"x","have":{"a":-1}}`,
		`{"id":1,"auth":{}}`, `{"id":"1","sub":"x"}`, `{"id":1,"sub":"\ud800"}`, `[]`, `5`} {
		if r, _, err := Next([]byte(bad)); err == nil {
			t.Errorf("%s accepted: %+v", bad, r)
		}
	}
}

// What is broken ends where its line does, and is known by its id where that can be read.
func TestNextBehindWhatIsBroken(t *testing.T) {
	const good = `{"id":2,"unsub":"a"}`
	for bad, id := range map[string]int64{
		`GARBAGE`: 0, `[1]`: 0, `{`: 0, `"`: 0, `{"id":`: 0, `{"id"`: 0, `{"id":7`: 7, `{"id":7,"sub":x}`: 7, `{"unsub":5,"id":7}`: 7, `{"sub":"a","sub":"b","id":7}`: 7,
		`{"sub":"\ud800","id":7}`: 7, `{"id":7,"nope":1}`: 7, `{"unsub":x,"id":7}`: 0, `{"id":"7","sub":5}`: 0, `{"d":{"id":7}}`: 0, strings.Repeat("[", 100): 0,
		`{"id":7} {`: 7, // two
	} {
		var ids []int64
		var last Request
		for msg := []byte(bad + "\n" + good); !Blank(msg); {
			r, rest, err := Next(msg)
			if len(rest) >= len(msg) {
				t.Fatalf("%s: it stands still", bad)
			}
			if err != nil && (r.HasID || r.ID != 0) {
				ids = append(ids, r.ID)
			}
			msg, last = rest, r
		}
		if want := id != 0; last.ID != 2 || last.Verb != Unsub || want != (len(ids) == 1) || want && ids[0] != id {
			t.Errorf("%s: ids %v, and then %+v", bad, ids, last)
		}
	}
}

func TestPushesAreJSON(t *testing.T) {
	awkward := "a\"\\\n\x00\xff😀"
	for _, b := range [][]byte{
		AppendHello(nil, Hello{Conn: awkward, Node: "n", User: "u", Epoch: "e", PingMS: 1, MaxFrame: 2, AuthExp: 3}),
		PatchTail(AppendHead(nil, awkward), awkward, 57, 58, []byte(`{}`)), PatchTail(AppendHead(nil, "c"), "e", 3, 58, []byte(`{}`)),
		DocumentTail(AppendHead(nil, "c"), "e", 1, []byte(`{}`)), GoneTail(AppendHead(nil, "c"), "e", 1),
		AppendSetPart(nil, "c", SetPatch(append(SetDocument(nil, awkward, 1, []byte(`{}`)), ','), "e", 1, 2, []byte(`{}`)), true),
		SignalTail(AppendHead(nil, "c"), SignalPush{Sig: "s", Key: awkward, From: "f", At: "t", Data: []byte(`1`)}),
		AppendClosed(nil, "c", "forbidden", awkward), AppendBye(nil, "drain", 200, 4000), AppendOK(nil, -1, []byte(`{}`)),
		AppendErr(nil, 0, false, Refusal{Code: "c", Message: awkward, Problem: []byte(`{}`)}),
	} {
		if !json.Valid(b) {
			t.Errorf("not JSON: %s", b)
		}
	}
	if got := PatchTail(AppendHead(nil, "trip:a"), "trip/a", 57, 60, []byte(`{"x":1}`)); string(got) != `{"ch":"trip:a","e":"trip/a","v":60,"from":57,"p":{"x":1}}` {
		t.Errorf("%s", got)
	}
}

func TestFrames(t *testing.T) {
	for _, n := range []int{0, 1, 125, 126, 65535, 65536} {
		f := AppendFrame(nil, bytes.Repeat([]byte{'x'}, n))
		if head := len(f) - n; head != 2 && n < 126 || head != 4 && n >= 126 && n < 65536 || head != 10 && n >= 65536 || payloadLen(f) != n {
			t.Errorf("a frame for %d bytes begins with %x", n, f[:head])
		}
	}
	if f := CloseFrame(CloseDead, strings.Repeat("r", 200)); len(f) != 127 || !IsClose(f) {
		t.Errorf("close frame of %d", len(f))
	}
}
