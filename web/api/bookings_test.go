package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/booking"
	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/internal/pace"
	"github.com/waymeet/waymeet/internal/seal"
	"github.com/waymeet/waymeet/store/storetest"
	"github.com/waymeet/waymeet/web"
	"github.com/waymeet/waymeet/web/api"
	"github.com/waymeet/waymeet/web/rest"
)

// counter is the booking part of the API before a real database; a bearer is "TENANT ROLE".
type counter struct {
	*storetest.DB
	day storetest.Day
	url string
}

func open(t *testing.T) *counter {
	t.Helper()
	db := storetest.New(t)
	box, err := seal.Parse("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")
	if err != nil {
		t.Fatal(err)
	}
	s := booking.New(booking.Config{DB: db.DB, Secret: box})
	server := httptest.NewServer(web.New(web.Config{
		Version: "test", PerIP: pace.Rate{Burst: 10000, Every: time.Millisecond}, PerUser: pace.Rate{Burst: 10000, Every: time.Millisecond},
		Mount: []func(*rest.API){api.Bookings(s, nil), api.Boardings(s), api.Tickets(s), api.Offers(s)},
		Authenticate: func(_ context.Context, bearer string) (policy.Actor, error) {
			slug, role, ok := strings.Cut(bearer, " ")
			x := db.A
			if slug == "bravo" {
				x = db.B
			}
			if role == "rider2" {
				a := x.Actor("rider")
				a.User = x.Rider2
				return a, nil
			}
			if !ok || x.Users[role] == uuid.Nil {
				return policy.Actor{}, fault.New("unauthenticated")
			}
			return x.Actor(role), nil
		},
	}))
	t.Cleanup(server.Close)
	return &counter{DB: db, day: db.Day(t, db.A, servicedate.On(time.Now(), time.UTC).AddDays(3), 2), url: server.URL}
}

type heard struct {
	status int
	body   string
	json   map[string]any
}

// call asks as somebody; a key of "-" sends none.
func (c *counter) call(t *testing.T, who, method, path, key string, body any) heard {
	t.Helper()
	var raw []byte
	switch b := body.(type) {
	case nil:
	case string:
		raw = []byte(b)
	default:
		raw, _ = json.Marshal(b)
	}
	r, err := http.NewRequest(method, c.url+path, bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+who)
	r.Header.Set("Content-Type", "application/json")
	if key == "" {
		key = ident.Token(9)
	}
	if key != "-" && method == http.MethodPost {
		r.Header.Set("Idempotency-Key", key)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	h := heard{status: res.StatusCode, body: string(text)}
	_ = json.Unmarshal(text, &h.json)
	return h
}

func (h heard) code() string { s, _ := h.json["code"].(string); return s }

func (h heard) at() string {
	list, _ := h.json["errors"].([]any)
	if len(list) == 0 {
		return ""
	}
	s, _ := list[0].(map[string]any)["pointer"].(string)
	return s
}

func (h heard) id() string { s, _ := h.json["id"].(string); return s }

func (c *counter) body(party any) map[string]any {
	return map[string]any{"trip": c.day.Trips[0], "from": c.day.Stops[0], "to": c.day.Stops[2], "party": party}
}

// TestBookingOverHTTP walks a ride as the screens do.
func TestBookingOverHTTP(t *testing.T) {
	t.Parallel()
	c := open(t)
	found := c.call(t, "alpha rider", "GET", fmt.Sprintf("/v1/trips?from=%s&to=%s&date=%s&party=2", c.day.Stops[0], c.day.Stops[2], c.day.Date), "-", nil)
	if found.status != 200 || len(found.json["items"].([]any)) != 2 {
		t.Fatalf("%d %s", found.status, found.body)
	}
	held := c.call(t, "alpha rider", "POST", "/v1/bookings", "", c.body(2))
	if held.status != 201 || held.json["state"] != "held" || held.json["expires_at"] == nil || held.json["v"] != 1.0 {
		t.Fatalf("%d %s", held.status, held.body)
	}
	one := "/v1/bookings/" + held.id()
	if h := c.call(t, "alpha rider", "POST", one+"/confirm", "", map[string]string{"pay": "cash"}); h.status != 200 || h.json["state"] != "confirmed" {
		t.Fatalf("%d %s", h.status, h.body)
	}
	ticket := c.call(t, "alpha rider", "GET", one+"/ticket", "-", nil)
	token, _ := ticket.json["token"].(string)
	if ticket.status != 200 || len(token) == 0 || len(token) > 200 {
		t.Fatalf("%d %s", ticket.status, ticket.body)
	}
	if h := c.call(t, "alpha driver", "GET", "/v1/ticket-keys", "-", nil); h.status != 200 || !strings.Contains(h.body, `"kid":"1"`) {
		t.Errorf("%d %s", h.status, h.body)
	}
	scan := map[string]any{"token": token, "trip": c.day.Trips[0]}
	first := c.call(t, "alpha driver", "POST", "/v1/boardings", "", scan)
	if first.status != 201 || first.json["already"] != false || first.json["name"] != "rider "+c.A.Canary {
		t.Errorf("%d %s", first.status, first.body)
	}
	again := c.call(t, "alpha driver", "POST", "/v1/boardings", "", map[string]any{"booking": held.id()})
	if again.json["already"] != true || again.json["boarded_at"] != first.json["boarded_at"] {
		t.Errorf("%d %s", again.status, again.body)
	}
	m := c.call(t, "alpha driver", "GET", "/v1/trips/"+c.day.Trips[0].String()+"/manifest", "-", nil)
	if m.status != 200 || len(m.json["items"].([]any)) != 1 || len(m.json["stops"].([]any)) != 4 {
		t.Errorf("%d %s", m.status, m.body)
	}
	if l := c.call(t, "alpha rider", "GET", "/v1/bookings?state=boarded", "-", nil); len(l.json["items"].([]any)) != 1 {
		t.Errorf("%s", l.body)
	}
}

// TestBadInputOverHTTP: every line of it is a problem with its code and pointer, and nothing is booked.
func TestBadInputOverHTTP(t *testing.T) {
	t.Parallel()
	c := open(t)
	mine := c.call(t, "alpha rider", "POST", "/v1/bookings", "", c.body(1)).id()
	swap := func(field string, v any) map[string]any { b := c.body(1); b[field] = v; return b }
	raw := func(party string) string {
		return fmt.Sprintf(`{"trip":%q,"from":%q,"to":%q,"party":%s}`, c.day.Trips[0], c.day.Stops[0], c.day.Stops[2], party)
	}
	before := c.Int(t, "select count(*) from booking")
	for name, q := range map[string]struct {
		who, method, path, key string
		body                   any
		status                 int
		code, at               string
	}{
		"party 0":             {"alpha rider", "POST", "/v1/bookings", "", c.body(0), 422, "party_invalid", "/party"},
		"party -1":            {"alpha rider", "POST", "/v1/bookings", "", c.body(-1), 422, "party_invalid", "/party"},
		"party 1000":          {"alpha rider", "POST", "/v1/bookings", "", c.body(1000), 422, "party_invalid", "/party"},
		"party 1.5":           {"alpha rider", "POST", "/v1/bookings", "", raw("1.5"), 422, "bad_value", "/party"},
		"party beyond int":    {"alpha rider", "POST", "/v1/bookings", "", raw("99999999999999999999"), 422, "bad_value", "/party"},
		"from = to":           {"alpha rider", "POST", "/v1/bookings", "", swap("to", c.day.Stops[0]), 422, "same_stop", "/to"},
		"from after to":       {"alpha rider", "POST", "/v1/bookings", "", swap("from", c.day.Stops[3]), 422, "stops_reversed", ""},
		"stop not on trip":    {"alpha rider", "POST", "/v1/bookings", "", swap("from", uuid.New()), 422, "stop_not_on_trip", "/from"},
		"bad UUID":            {"alpha rider", "POST", "/v1/bookings", "", swap("trip", "not-one"), 422, "bad_uuid", "/trip"},
		"bad UUID in path":    {"alpha rider", "GET", "/v1/bookings/not-one", "-", nil, 422, "bad_uuid", "path/id"},
		"no trip":             {"alpha rider", "POST", "/v1/bookings", "", map[string]any{"from": c.day.Stops[0], "to": c.day.Stops[1], "party": 1}, 422, "required", "/trip"},
		"unknown field":       {"alpha rider", "POST", "/v1/bookings", "", swap("gift", "secret-value"), 422, "unknown_field", "/gift"},
		"duplicate key":       {"alpha rider", "POST", "/v1/bookings", "", `{"party":1,"party":2}`, 400, "duplicate_key", "/party"},
		"bad JSON":            {"alpha rider", "POST", "/v1/bookings", "", `{"party":`, 400, "bad_json", ""},
		"invalid UTF-8":       {"alpha rider", "POST", "/v1/bookings", "", "{\"party\":\"\xff\"}", 400, "invalid_utf8", ""},
		"10 MiB":              {"alpha rider", "POST", "/v1/bookings", "", `{"x":"` + strings.Repeat("a", 10<<20) + `"}`, 413, "body_too_large", ""},
		"no key":              {"alpha rider", "POST", "/v1/bookings", "-", c.body(1), 400, "idempotency_key_required", "header/Idempotency-Key"},
		"nobody":              {"alpha ghost", "POST", "/v1/bookings", "", c.body(1), 401, "unauthenticated", ""},
		"a driver books":      {"alpha driver", "POST", "/v1/bookings", "", c.body(1), 403, "forbidden", ""},
		"someone else's":      {"alpha rider2", "GET", "/v1/bookings/" + mine, "-", nil, 404, "", ""},
		"confirm another's":   {"alpha rider2", "POST", "/v1/bookings/" + mine + "/confirm", "", map[string]string{"pay": "cash"}, 404, "", ""},
		"cancel another's":    {"alpha rider2", "POST", "/v1/bookings/" + mine + "/cancel", "", nil, 404, "", ""},
		"another tenant's":    {"bravo rider", "GET", "/v1/bookings/" + mine, "-", nil, 404, "", ""},
		"another's manifest":  {"bravo driver", "GET", "/v1/trips/" + c.day.Trips[0].String() + "/manifest", "-", nil, 404, "", ""},
		"a rider's manifest":  {"alpha rider", "GET", "/v1/trips/" + c.day.Trips[0].String() + "/manifest", "-", nil, 403, "forbidden", ""},
		"board nothing":       {"alpha driver", "POST", "/v1/boardings", "", map[string]any{}, 422, "required", "/token"},
		"board both":          {"alpha driver", "POST", "/v1/boardings", "", map[string]any{"token": "x", "booking": mine}, 422, "required", "/token"},
		"board rubbish":       {"alpha driver", "POST", "/v1/boardings", "", map[string]any{"token": "rubbish-that-is-not-echoed"}, 422, "ticket_invalid", "/token"},
		"board a hold":        {"alpha driver", "POST", "/v1/boardings", "", map[string]any{"booking": mine}, 409, "not_boardable", ""},
		"board at wrong trip": {"alpha driver", "POST", "/v1/boardings", "", map[string]any{"booking": mine, "trip": c.day.Trips[1]}, 409, "ticket_other_trip", "/trip"},
		"a hold's ticket":     {"alpha rider", "GET", "/v1/bookings/" + mine + "/ticket", "-", nil, 409, "not_confirmed", ""},
		"bad date":            {"alpha rider", "GET", fmt.Sprintf("/v1/trips?from=%s&to=%s&date=2026-02-30", c.day.Stops[0], c.day.Stops[1]), "-", nil, 422, "bad_date", "query/date"},
		"a date too far":      {"alpha rider", "GET", fmt.Sprintf("/v1/trips?from=%s&to=%s&date=2999-01-01", c.day.Stops[0], c.day.Stops[1]), "-", nil, 422, "date_invalid", "query/date"},
		"search for nobody":   {"alpha rider", "GET", fmt.Sprintf("/v1/trips?from=%s&to=%s&party=0", c.day.Stops[0], c.day.Stops[1]), "-", nil, 422, "party_invalid", "query/party"},
		"search with no stop": {"alpha rider", "GET", "/v1/trips", "-", nil, 422, "", ""},
		"a state nobody has":  {"alpha rider", "GET", "/v1/bookings?state=lost", "-", nil, 422, "bad_value", "query/state"},
		"a forged cursor":     {"alpha rider", "GET", "/v1/bookings?cursor=zzz", "-", nil, 422, "bad_value", "query/cursor"},
	} {
		h := c.call(t, q.who, q.method, q.path, q.key, q.body)
		if h.status != q.status || (q.code != "" && h.code() != q.code) || (q.at != "" && !strings.HasPrefix(h.at(), q.at)) {
			t.Errorf("%s: %d %s at %q, want %d %s at %q: %.300s", name, h.status, h.code(), h.at(), q.status, q.code, q.at, h.body)
		}
		for _, leak := range []string{"secret-value", "not-echoed", "SQLSTATE", ".go:", c.A.Canary} {
			if strings.Contains(h.body, leak) {
				t.Errorf("%s: the answer holds %q: %.300s", name, leak, h.body)
			}
		}
	}
	if after := c.Int(t, "select count(*) from booking"); after != before {
		t.Errorf("%d bookings came of bad input", after-before)
	}
}

// TestKeysOverHTTP: the same key gives the same answer, with another body 409, and is another user's to use.
func TestKeysOverHTTP(t *testing.T) {
	t.Parallel()
	c := open(t)
	first := c.call(t, "alpha rider", "POST", "/v1/bookings", "k-1", c.body(1))
	again := c.call(t, "alpha rider", "POST", "/v1/bookings", "k-1", c.body(1))
	if first.status != 201 || again.status != 201 || first.body != again.body {
		t.Errorf("first %d %s\nagain %d %s", first.status, first.body, again.status, again.body)
	}
	shuffled := fmt.Sprintf(`{ "party": 1, "to": %q, "from": %q, "trip": %q }`, c.day.Stops[2], c.day.Stops[0], c.day.Trips[0])
	if h := c.call(t, "alpha rider", "POST", "/v1/bookings", "k-1", shuffled); h.status != 201 || h.body != first.body {
		t.Errorf("the same, written in another order: %d %s", h.status, h.body)
	}
	if h := c.call(t, "alpha rider", "POST", "/v1/bookings", "k-1", c.body(2)); h.status != 409 || h.code() != "idempotency_conflict" {
		t.Errorf("%d %s", h.status, h.body)
	}
	theirs := c.call(t, "alpha rider2", "POST", "/v1/bookings", "k-1", c.body(2))
	if theirs.status != 201 || theirs.id() == first.id() || strings.Contains(theirs.body, first.id()) {
		t.Errorf("%d %s", theirs.status, theirs.body)
	}
	if n := c.Int(t, "select count(*) from booking"); n != 2 {
		t.Errorf("%d bookings", n)
	}
}
