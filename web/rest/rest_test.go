package rest

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/mux"

	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
)

var (
	home  = tenant.ID(uuid.New())
	amal  = uuid.New()
	table = []Route{
		{ID: "things.make", Method: "POST", Path: "/v1/things", On: Own, Action: policy.BookingHold, Key: true},
		{ID: "things.get", Method: "GET", Path: "/v1/things/{id}", On: Thing, Action: policy.BookingRead},
		{ID: "things.keep", Method: "POST", Path: "/v1/things/{id}/keep", On: Own, Action: policy.BookingHold},
		{ID: "things.leak", Method: "GET", Path: "/v1/leaks/{id}", On: Thing, Action: policy.BookingRead},
		{ID: "things.board", Method: "GET", Path: "/v1/board", On: Tenant, Action: policy.BoardRead},
		{ID: "things.open", Method: "POST", Path: "/v1/open", On: Public, Why: "a test"},
	}
)

type thing struct {
	Trip  uuid.UUID `json:"trip" format:"uuid"`
	Party int       `json:"party" minimum:"1" maximum:"60"`
	Note  string    `json:"note,omitempty" maxLength:"5"`
	Tags  []string  `json:"tags,omitempty"`
	More  *struct {
		Date string `json:"date" format:"date"`
	} `json:"more,omitempty"`
}

func serve(t *testing.T) *httptest.Server {
	t.Helper()
	router := mux.NewRouter()
	a := New(router, Config{Routes: table, Version: "test", Authenticate: func(_ context.Context, r *http.Request) (policy.Actor, error) {
		if r.Header.Get("Authorization") != "Bearer amal" {
			return policy.Actor{}, fault.New("unauthenticated")
		}
		return policy.Actor{Tenant: home, User: amal, Locale: "ar", Grants: []policy.Grant{{Permission: policy.BookingHoldPermission}, {Permission: policy.BookingReadPermission}}}, nil
	}})
	Handle(a, "things.make", Doc{Status: 201}, func(ctx context.Context, in *struct{ Body thing }) (*Answer[map[string]any], error) {
		if in.Body.Party == 13 {
			return nil, fault.New("trip_full", fault.Params{"free": 2})
		}
		return Say(map[string]any{"party": in.Body.Party, "key": ClaimOf(ctx).Key}), nil
	})
	type byID struct {
		ID    uuid.UUID `path:"id" format:"uuid"`
		Limit int       `query:"limit" minimum:"1" maximum:"100" default:"20"`
		Date  string    `query:"date" format:"date"`
	}
	Handle(a, "things.get", Doc{}, func(ctx context.Context, in *byID) (*Answer[string], error) {
		return Say("ok"), policy.Can(ctx, policy.BookingRead, policy.Resource{Tenant: home, Kind: "thing", ID: in.ID, Owner: amal})
	})
	Handle(a, "things.keep", Doc{}, func(context.Context, *byID) (*Answer[string], error) { return Say("kept"), nil })
	Handle(a, "things.leak", Doc{}, func(context.Context, *byID) (*Answer[string], error) { return Say("SECRET"), nil })
	Handle(a, "things.board", Doc{}, func(context.Context, *struct{}) (*Answer[string], error) { return Say("SECRET"), nil })
	Handle(a, "things.open", Doc{}, func(_ context.Context, in *struct {
		Body struct {
			Password string `json:"password" minLength:"8"`
		}
	}) (*Nothing, error) {
		return nil, io.ErrUnexpectedEOF
	})
	s := httptest.NewServer(router)
	t.Cleanup(s.Close)
	return s
}

type answer struct {
	Status int
	Header http.Header
	Body   string
	Problem
}

func send(t *testing.T, s *httptest.Server, method, path, body string, headers ...string) answer {
	t.Helper()
	r, err := http.NewRequest(method, s.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer amal")
	r.Header.Set("Accept-Language", "en")
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		if r.Header.Del(headers[i]); headers[i+1] != "" {
			r.Header.Set(headers[i], headers[i+1])
		}
	}
	res, err := s.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	out := answer{Status: res.StatusCode, Header: res.Header, Body: string(b)}
	_ = json.Unmarshal(b, &out.Problem)
	return out
}

const trip = `"trip":"0190b7a6-1111-7abc-8def-0123456789ab"`

func TestBadBodies(t *testing.T) {
	s := serve(t)
	const canary = "sEcReT-42"
	for name, c := range map[string]struct {
		body    string
		status  int
		code    string
		pointer string
	}{
		"party 0":            {`{` + trip + `,"party":0}`, 422, "out_of_range", "/party"},
		"party -1":           {`{` + trip + `,"party":-1}`, 422, "out_of_range", "/party"},
		"party 1000":         {`{` + trip + `,"party":1000}`, 422, "out_of_range", "/party"},
		"party 1.5":          {`{` + trip + `,"party":1.5}`, 422, "bad_value", "/party"},
		"party of letters":   {`{` + trip + `,"party":"` + canary + `"}`, 422, "bad_value", "/party"},
		"party huge":         {`{` + trip + `,"party":1e400}`, 422, "bad_value", ""},
		"no party":           {`{` + trip + `}`, 422, "required", "/party"},
		"null party":         {`{` + trip + `,"party":null}`, 422, "bad_value", "/party"},
		"bad uuid":           {`{"trip":"` + canary + `","party":1}`, 422, "bad_uuid", "/trip"},
		"bad date":           {`{` + trip + `,"party":1,"more":{"date":"2026-02-30"}}`, 422, "bad_date", "/more/date"},
		"bad tag":            {`{` + trip + `,"party":1,"tags":["a",7]}`, 422, "bad_value", "/tags/1"},
		"too long":           {`{` + trip + `,"party":1,"note":"` + canary + `"}`, 422, "too_long", "/note"},
		"unknown field":      {`{` + trip + `,"party":1,"colour":"` + canary + `"}`, 422, "unknown_field", "/colour"},
		"other case":         {`{` + trip + `,"party":1,"Party":2}`, 422, "unknown_field", "/Party"},
		"duplicate key":      {`{` + trip + `,"party":1,"party":2}`, 400, "duplicate_key", "/party"},
		"duplicate inside":   {`{"more":{"date":"a","date":"b"}}`, 400, "duplicate_key", "/more/date"},
		"bad json":           {`{"party":`, 400, "bad_json", ""},
		"two values":         {`{} {}`, 400, "bad_json", ""},
		"trailing comma":     {`{"party":1,}`, 400, "bad_json", ""},
		"an array":           {`[]`, 422, "bad_value", ""},
		"nothing":            {``, 400, "bad_json", ""},
		"invalid utf8":       {"{\"note\":\"\xff\xfe\"}", 400, "invalid_utf8", ""},
		"half a surrogate":   {`{"note":"\ud800"}`, 400, "invalid_utf8", "/note"},
		"the zero character": {`{"note":"a\u0000b"}`, 422, "bad_value", "/note"},
		"too large":          {`{"note":"` + strings.Repeat("x", 10<<20) + `"}`, 413, "body_too_large", ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := send(t, s, "POST", "/v1/things", c.body, "Idempotency-Key", "k1")
			if got.Status != c.status || got.Code != c.code {
				t.Fatalf("%d %s, want %d %s\n%s", got.Status, got.Code, c.status, c.code, got.Body)
			}
			if c.pointer != "" && (len(got.Errors) != 1 || got.Errors[0].Pointer != c.pointer || got.Errors[0].Code != c.code) {
				t.Fatalf("points at %+v, want %s", got.Errors, c.pointer)
			}
			if strings.Contains(got.Body, canary) || got.Detail == "" || got.Header.Get("Content-Type") != "application/problem+json" {
				t.Fatalf("%s %s", got.Header.Get("Content-Type"), got.Body)
			}
		})
	}
	many := send(t, s, "POST", "/v1/things", `{"trip":"x","party":0}`, "Idempotency-Key", "k1")
	if many.Code != "invalid" || len(many.Errors) != 2 {
		t.Fatal(many.Body)
	}
	if ok := send(t, s, "POST", "/v1/things", `{`+trip+`,"party":2}`, "Idempotency-Key", "k1"); ok.Status != 201 || !strings.Contains(ok.Body, `"key":"k1"`) {
		t.Fatal(ok.Status, ok.Body)
	}
}

func TestDoors(t *testing.T) {
	s := serve(t)
	good := `{` + trip + `,"party":2}`
	for name, c := range map[string]struct {
		got    answer
		status int
		code   string
	}{
		"nobody":                  {send(t, s, "POST", "/v1/things", good, "Authorization", ""), 401, "unauthenticated"},
		"no key":                  {send(t, s, "POST", "/v1/things", good), 400, "idempotency_key_required"},
		"a key with a blank":      {send(t, s, "POST", "/v1/things", good, "Idempotency-Key", "a b"), 400, "idempotency_key_invalid"},
		"a long key":              {send(t, s, "POST", "/v1/things", good, "Idempotency-Key", strings.Repeat("k", 129)), 400, "idempotency_key_invalid"},
		"another content type":    {send(t, s, "POST", "/v1/things", good, "Idempotency-Key", "k", "Content-Type", "text/plain"), 415, "unsupported_media"},
		"no permission":           {send(t, s, "GET", "/v1/board", ""), 403, "forbidden"},
		"a handler forgot to ask": {send(t, s, "GET", "/v1/leaks/0190b7a6-1111-7abc-8def-0123456789ab", ""), 500, "internal"},
		"bad uuid in the path":    {send(t, s, "GET", "/v1/things/7", ""), 422, "bad_uuid"},
		"out of range":            {send(t, s, "GET", "/v1/things/0190b7a6-1111-7abc-8def-0123456789ab?limit=101", ""), 422, "out_of_range"},
		"bad number":              {send(t, s, "GET", "/v1/things/0190b7a6-1111-7abc-8def-0123456789ab?limit=x", ""), 422, "bad_value"},
		"bad date":                {send(t, s, "GET", "/v1/things/0190b7a6-1111-7abc-8def-0123456789ab?date=x", ""), 422, "bad_date"},
		"unknown query":           {send(t, s, "GET", "/v1/things/0190b7a6-1111-7abc-8def-0123456789ab?limt=1", ""), 422, "unknown_field"},
		"full":                    {send(t, s, "POST", "/v1/things", `{`+trip+`,"party":13}`, "Idempotency-Key", "k"), 409, "trip_full"},
		"a secret too short":      {send(t, s, "POST", "/v1/open", `{"password":"abc"}`), 422, "too_short"},
		"a surprise":              {send(t, s, "POST", "/v1/open", `{"password":"abcdefgh"}`), 500, "internal"},
	} {
		if c.got.Status != c.status || c.got.Code != c.code || strings.Contains(c.got.Body, "SECRET") || strings.Contains(c.got.Body, "abc") || strings.Contains(c.got.Body, "EOF") {
			t.Errorf("%s: %d %s, want %d %s: %s", name, c.got.Status, c.got.Code, c.status, c.code, c.got.Body)
		}
	}
	if ok := send(t, s, "GET", "/v1/things/0190b7a6-1111-7abc-8def-0123456789ab?limit=3", ""); ok.Status != 200 {
		t.Error(ok.Body)
	}
}

func TestProblemsSpeakTheCallersLanguage(t *testing.T) {
	s := serve(t)
	full := `{` + trip + `,"party":13}`
	for accept, want := range map[string]string{"fr-MA,fr;q=0.9,en;q=0.5": "fr", "de, en;q=0.3": "en", "": "ar", "sw": "en", "not a language!": "ar", "ar-EG": "ar"} {
		r := rawLanguage(t, s, full, accept)
		if r.Detail != fault.Sentence(want, "trip_full", fault.Params{"free": 2}) || r.Header.Get("Content-Language") != want {
			t.Errorf("%q: %s %q", accept, r.Header.Get("Content-Language"), r.Detail)
		}
	}
}

// rawLanguage goes through the same middleware that package web puts in front.
func rawLanguage(t *testing.T, s *httptest.Server, body, accept string) answer {
	t.Helper()
	inner := s.Config.Handler
	outer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		inner.ServeHTTP(w, r.WithContext(WithLanguage(r.Context(), r.Header)))
	}))
	defer outer.Close()
	return send(t, outer, "POST", "/v1/things", body, "Idempotency-Key", "k", "Accept-Language", accept)
}

// deadlines is a connection that remembers until when it was to be read.
type deadlines struct {
	*httptest.ResponseRecorder
	set []time.Time
}

func (d *deadlines) SetReadDeadline(t time.Time) error { d.set = append(d.set, t); return nil }

// A body has its time, and the handler its own: a deadline of the body's that stood on when it is read would have the server's
// look at the connection fail meanwhile, and with it the handler's context.
func TestABodysDeadlineEndsWithIt(t *testing.T) {
	t.Parallel()
	s := serve(t)
	for _, r := range []*http.Request{
		httptest.NewRequest(http.MethodPost, "/v1/things", strings.NewReader(`{"trip":"019abf3e-7c1d-7f44-9d2b-3c5de8a1f001","party":2}`)),
		httptest.NewRequest(http.MethodPost, "/v1/things/019abf3e-7c1d-7f44-9d2b-3c5de8a1f001/keep", strings.NewReader(`{}`)), // which nobody asked for
	} {
		r.Header = http.Header{"Authorization": {"Bearer amal"}, "Content-Type": {"application/json"}, "Idempotency-Key": {"a"}}
		w := &deadlines{ResponseRecorder: httptest.NewRecorder()}
		before := time.Now()
		s.Config.Handler.ServeHTTP(w, r)
		if w.Code >= 300 || len(w.set) == 0 {
			t.Fatalf("%s: %d %s, deadlines %v", r.URL.Path, w.Code, w.Body, w.set)
		}
		if first := w.set[0].Sub(before); first <= 0 || first > bodyTime+time.Minute {
			t.Errorf("%s: the body has %v", r.URL.Path, first)
		}
		if last := w.set[len(w.set)-1]; !last.IsZero() {
			t.Errorf("%s: the handler ends by the body's deadline, %v after it began", r.URL.Path, last.Sub(before))
		}
	}
}
