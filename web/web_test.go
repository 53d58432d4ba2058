package web_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/waymeet/waymeet/identity"
	"github.com/waymeet/waymeet/internal/pace"
	"github.com/waymeet/waymeet/internal/seal"
	"github.com/waymeet/waymeet/store/storetest"
	"github.com/waymeet/waymeet/web"
	"github.com/waymeet/waymeet/web/api"
	"github.com/waymeet/waymeet/web/rest"
)

const password = "correct horse battery"

var passwordHash = sync.OnceValue(func() string { return identity.HashPassword(password) })

// edge is the whole HTTP edge over a database of its own.
type edge struct {
	*httptest.Server
	DB  *storetest.DB
	ID  *identity.Service
	Web *web.Server
	Log *lockedBuffer
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}
func (l *lockedBuffer) String() string { l.mu.Lock(); defer l.mu.Unlock(); return l.b.String() }

func newEdge(t *testing.T, more ...func(*web.Config)) *edge {
	t.Helper()
	d := storetest.New(t)
	d.Exec(t, `update app_user set password_hash = $1`, passwordHash())
	box, err := seal.Parse(base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{9}, 32)))
	if err != nil {
		t.Fatal(err)
	}
	e := &edge{DB: d, Log: &lockedBuffer{}}
	log := slog.New(slog.NewJSONHandler(e.Log, nil))
	wide := pace.Rate{Burst: 10_000, Every: time.Millisecond}
	e.ID = identity.New(identity.Config{DB: d.DB, Box: box, Logger: log, PerAddress: wide, PerAccount: wide, PerPair: wide})
	c := web.Config{
		Version: "test", Logger: log, Authenticate: e.ID.Authenticate, Made: e.ID.MadeFor, Holds: e.ID.Holds, ClaimKey: box.Key("claims"), PerIP: wide, PerUser: wide,
		Mount: []func(*rest.API){api.Auth(e.ID, false), api.Profile(e.ID), api.Users(e.ID), api.Realtime(e.ID, nil)},
		UI: fstest.MapFS{
			"index.html":         {Data: []byte("<!doctype html><title>Waymeet</title>")},
			"assets/app-abc.mjs": {Data: []byte("export default 1 // " + strings.Repeat("x", 2000))},
			"manifest.json":      {Data: []byte("{}")},
		},
	}
	for _, f := range more {
		f(&c)
	}
	e.Web = web.New(c)
	e.Server = httptest.NewServer(e.Web)
	t.Cleanup(e.Close)
	return e
}

// reply is an answer, read.
type reply struct {
	Status int
	Header http.Header
	Body   string
}

func (r reply) problem(t *testing.T) rest.Problem {
	t.Helper()
	var p rest.Problem
	if err := json.Unmarshal([]byte(r.Body), &p); err != nil || r.Header.Get("Content-Type") != "application/problem+json" {
		t.Fatalf("%d is no problem: %s", r.Status, r.Body)
	}
	return p
}

func (e *edge) send(t *testing.T, c *http.Client, method, path, body string, headers ...string) reply {
	t.Helper()
	r, err := http.NewRequest(method, e.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	if c == nil {
		c = e.Client()
	}
	res, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{res.StatusCode, res.Header, string(b)}
}

func credentials(x storetest.Tenant, who string) string {
	return `{"tenant":"` + x.Slug + `","email":"` + who + `@` + x.Canary + `.example","password":"` + password + `"}`
}

// bearer signs somebody in and gives the header that says so.
func (e *edge) bearer(t *testing.T, x storetest.Tenant, who string) string {
	t.Helper()
	r := e.send(t, nil, "POST", "/v1/auth/sign-in", credentials(x, who))
	var out struct {
		Token string `json:"access_token"`
	}
	if err := json.Unmarshal([]byte(r.Body), &out); err != nil || out.Token == "" {
		t.Fatalf("%d %s", r.Status, r.Body)
	}
	return "Bearer " + out.Token
}

func TestASessionOverHTTP(t *testing.T) {
	t.Parallel()
	e := newEdge(t)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar}
	in := e.send(t, browser, "POST", "/v1/auth/sign-in", credentials(e.DB.A, "rider"))
	set := in.Header.Get("Set-Cookie")
	for _, want := range []string{"waymeet_refresh=", "HttpOnly", "SameSite=Strict", "Path=/v1/auth"} {
		if in.Status != 200 || !strings.Contains(set, want) {
			t.Fatalf("%d: %s misses %s", in.Status, set, want)
		}
	}
	var session struct {
		Token string `json:"access_token"`
		Secs  int    `json:"expires_in"`
		User  api.Me `json:"user"`
	}
	if err := json.Unmarshal([]byte(in.Body), &session); err != nil || session.Secs != 600 || session.User.Tenant.Slug != e.DB.A.Slug {
		t.Fatal(err, in.Body)
	}
	if strings.Contains(in.Body, "null") {
		t.Errorf("a null: %s", in.Body)
	}
	me := e.send(t, browser, "GET", "/v1/me", "", "Authorization", "Bearer "+session.Token)
	if me.Status != 200 || me.Header.Get("Cache-Control") != "no-store" {
		t.Fatal(me)
	}
	if r := e.send(t, browser, "PATCH", "/v1/me", `{"locale":"ar"}`, "Authorization", "Bearer "+session.Token); r.Status != 200 || !strings.Contains(r.Body, `"locale":"ar"`) {
		t.Fatal(r)
	}
	// The user's choice speaks where the device says nothing; what the device says comes first.
	if r := e.send(t, browser, "GET", "/v1/users", "", "Authorization", "Bearer "+session.Token); r.Status != 403 || r.Header.Get("Content-Language") != "ar" {
		t.Fatal(r)
	}
	if r := e.send(t, browser, "GET", "/v1/users", "", "Authorization", "Bearer "+session.Token, "Accept-Language", "fr"); r.Header.Get("Content-Language") != "fr" {
		t.Fatal(r)
	}
	if r := e.send(t, browser, "POST", "/v1/auth/refresh", ""); r.Status != 200 || r.Header.Get("Set-Cookie") == set {
		t.Fatal(r)
	}
	if r := e.send(t, browser, "POST", "/v1/auth/sign-out", ""); r.Status != 204 || !strings.Contains(r.Header.Get("Set-Cookie"), "Max-Age=0") {
		t.Fatal(r)
	}
	if r := e.send(t, browser, "POST", "/v1/auth/refresh", ""); r.Status != 401 {
		t.Fatal(r)
	}
	if r := e.send(t, nil, "GET", "/v1/me", "", "Authorization", "Bearer "+session.Token); r.Status != 401 || r.Header.Get("WWW-Authenticate") == "" {
		t.Fatal(r)
	}
	log := e.Log.String()
	for _, secret := range []string{password, session.Token, e.DB.A.Canary, "127.0.0.1"} {
		if strings.Contains(log, secret) {
			t.Errorf("%q stands in the log", secret)
		}
	}
	if !strings.Contains(log, `"route":"me.get"`) || !strings.Contains(log, e.DB.A.ID.String()) {
		t.Error("the log does not name routes and tenants")
	}
}

func TestAddressesThatAreNot(t *testing.T) {
	t.Parallel()
	e := newEdge(t)
	for path, c := range map[string]struct {
		method string
		status int
		code   string
		allow  string
	}{
		"/v1/nothing":         {"GET", 404, "not_found", ""},
		"/v1/":                {"GET", 404, "not_found", ""},
		"/v1/me/":             {"GET", 404, "not_found", ""},
		"/v1/me":              {"DELETE", 405, "method_not_allowed", "GET,PATCH"},
		"/v1/auth/sign-in":    {"GET", 405, "method_not_allowed", "POST"},
		"/docs":               {"POST", 405, "method_not_allowed", "GET"},
		"/assets/gone-abc.js": {"GET", 404, "not_found", ""},
		"/v1/me?q=%ff":        {"GET", 400, "invalid_utf8", ""},
		"/v1/%ff":             {"GET", 400, "invalid_utf8", ""},
		"/v1/me?q=%00":        {"GET", 422, "bad_value", ""},
		"/v1/me?q=1&q=2":      {"GET", 400, "duplicate_key", ""},
		"/v1":                 {"GET", 404, "not_found", ""},
		"/.env":               {"GET", 404, "not_found", ""},
		"/v1/stops?q=" + strings.Repeat("a", 20_000): {"GET", 431, "header_too_large", ""},
	} {
		r := e.send(t, nil, c.method, path, "")
		p := r.problem(t)
		if r.Status != c.status || p.Code != c.code || strings.Join(r.Header.Values("Allow"), ",") != c.allow || p.Instance != "urn:uuid:"+r.Header.Get("X-Request-Id") {
			t.Errorf("%s %s: %d %s %v", c.method, path, r.Status, r.Body, r.Header.Values("Allow"))
		}
	}
}

func TestScreens(t *testing.T) {
	t.Parallel()
	e := newEdge(t)
	page := e.send(t, nil, "GET", "/trips/anything?x=1", "")
	if page.Status != 200 || !strings.Contains(page.Body, "<title>Waymeet") || page.Header.Get("Cache-Control") != "no-cache" {
		t.Fatal(page)
	}
	csp := page.Header.Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'self'", "worker-src 'self' blob:", "frame-ancestors 'none'", "object-src 'none'"} {
		if !strings.Contains(csp, want) {
			t.Errorf("%s misses %s", csp, want)
		}
	}
	if strings.Contains(csp, "script-src 'self' '") || page.Header.Get("Access-Control-Allow-Origin") != "" || page.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Error(page.Header)
	}
	script := e.send(t, nil, "GET", "/assets/app-abc.mjs", "")
	if script.Header.Get("Content-Type") != "text/javascript; charset=utf-8" || !strings.Contains(script.Header.Get("Cache-Control"), "immutable") {
		t.Error(script.Header)
	}
	plain := &http.Client{Transport: &http.Transport{DisableCompression: true}}
	packed := e.send(t, plain, "GET", "/assets/app-abc.mjs", "", "Accept-Encoding", "gzip")
	if packed.Header.Get("Content-Encoding") != "gzip" || len(packed.Body) > 500 {
		t.Error(len(packed.Body), packed.Header)
	}
	if r := e.send(t, nil, "GET", "/", "", "If-None-Match", page.Header.Get("ETag")); r.Status != 304 {
		t.Error(r.Status)
	}
	if r := e.send(t, nil, "HEAD", "/v1/auth/jwks.json", ""); r.Status != 200 || r.Body != "" {
		t.Error(r)
	}
	if r := e.send(t, nil, "GET", "/../../etc/passwd", ""); !strings.Contains(r.Body, "<title>Waymeet") {
		t.Error(r)
	}
}

func TestAnswersArePacked(t *testing.T) {
	t.Parallel()
	e := newEdge(t)
	admin := e.bearer(t, e.DB.A, "admin")
	plain := &http.Client{Transport: &http.Transport{DisableCompression: true}}
	whole := e.send(t, plain, "GET", "/v1/openapi.json", "")
	packed := e.send(t, plain, "GET", "/v1/openapi.json", "", "Accept-Encoding", "gzip")
	if packed.Header.Get("Content-Encoding") != "gzip" || len(packed.Body) > len(whole.Body)/3 {
		t.Fatal(len(packed.Body), len(whole.Body), packed.Header)
	}
	z, err := gzip.NewReader(strings.NewReader(packed.Body))
	if err != nil {
		t.Fatal(err)
	}
	unpacked, err := io.ReadAll(z)
	if err != nil || string(unpacked) != whole.Body {
		t.Fatal(err, len(unpacked))
	}
	for path, status := range map[string]int{"/v1/me": 200, "/v1/nothing": 404} {
		if r := e.send(t, plain, "GET", path, "", "Accept-Encoding", "gzip", "Authorization", admin); r.Status != status || r.Header.Get("Content-Encoding") != "" || r.Body == "" {
			t.Error(path, r)
		}
	}
	if r := e.send(t, plain, "POST", "/v1/auth/sign-out", "", "Accept-Encoding", "gzip"); r.Status != 204 || r.Body != "" {
		t.Error(r)
	}
}

func TestHealth(t *testing.T) {
	t.Parallel()
	var missing []string
	ready := func(c *web.Config) { c.Ready = func(context.Context) []string { return missing } }
	e := newEdge(t, ready)
	if r := e.send(t, nil, "GET", "/healthz", ""); r.Status != 200 {
		t.Error(r)
	}
	if r := e.send(t, nil, "GET", "/readyz", ""); r.Status != 200 {
		t.Error(r)
	}
	missing = []string{"postgresql"}
	e = newEdge(t, ready)
	if r := e.send(t, nil, "GET", "/readyz", ""); r.Status != 503 || !strings.Contains(r.Body, "postgresql") {
		t.Error(r)
	}
}

// Whoever floods the question whether a node is ready has it look as often as one who asks now and then; and who asks and hangs up
// spoils nobody's answer.
func TestReadinessIsLookedAtOnceForAll(t *testing.T) {
	t.Parallel()
	var looks atomic.Int64
	looking, look := make(chan struct{}), make(chan struct{})
	s := web.New(web.Config{Ready: func(ctx context.Context) []string {
		if looks.Add(1) == 1 {
			close(looking)
			<-look
		}
		if ctx.Err() != nil {
			return []string{"who asked"}
		}
		return nil
	}})
	ask := func(ctx context.Context) int {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequestWithContext(ctx, "GET", "/readyz", nil))
		return w.Code
	}
	var all sync.WaitGroup
	first, hangUp := context.WithCancel(t.Context())
	all.Go(func() { ask(first) })
	<-looking
	begun := time.Now()
	for range 50 {
		all.Go(func() {
			for range 100 {
				if status := ask(t.Context()); status != 200 {
					t.Errorf("%d", status)
				}
			}
		})
	}
	hangUp()
	close(look)
	all.Wait()
	if most := 2 + int64(time.Since(begun)/(250*time.Millisecond)); looks.Load() > most {
		t.Errorf("5,001 asked, and it was looked at %d times instead of at most %d", looks.Load(), most)
	}
}

func TestOtherSitesWriteNothing(t *testing.T) {
	t.Parallel()
	e := newEdge(t, func(c *web.Config) { c.AllowedOrigins = []string{"https://partner.example"} })
	body := credentials(e.DB.A, "rider")
	for headers, status := range map[string]int{
		"Origin=https://evil.example":    403,
		"Sec-Fetch-Site=cross-site":      403,
		"Sec-Fetch-Site=same-site":       403,
		"Sec-Fetch-Site=same-origin":     200,
		"Origin=https://partner.example": 200,
		"Accept=*/*":                     200, // no browser
	} {
		name, value, _ := strings.Cut(headers, "=")
		if r := e.send(t, nil, "POST", "/v1/auth/sign-in", body, name, value); r.Status != status {
			t.Errorf("%s: %d %s", headers, r.Status, r.Body)
		}
	}
}

func TestFloodsAreRefused(t *testing.T) {
	t.Parallel()
	e := newEdge(t, func(c *web.Config) { c.PerIP = pace.Rate{Burst: 5, Every: time.Hour} })
	var last reply
	for range 6 {
		last = e.send(t, nil, "GET", "/v1/auth/jwks.json", "", "X-Forwarded-For", "203.0.113."+string(rune('1'+len(last.Body)%9)))
	}
	if last.Status != 429 || last.problem(t).Code != "rate_limited" || last.Header.Get("Retry-After") == "" {
		t.Fatal(last)
	}
	if r := e.send(t, nil, "GET", "/healthz", ""); r.Status != 200 {
		t.Error(r)
	}
	e = newEdge(t, func(c *web.Config) { c.PerUser = pace.Rate{Burst: 2, Every: time.Hour} })
	amal, badr := e.bearer(t, e.DB.A, "rider"), e.bearer(t, e.DB.A, "rider2")
	for i, want := range []int{200, 200, 429} {
		if r := e.send(t, nil, "GET", "/v1/me", "", "Authorization", amal); r.Status != want {
			t.Errorf("%d: %d", i, r.Status)
		}
	}
	if r := e.send(t, nil, "GET", "/v1/me", "", "Authorization", badr); r.Status != 200 {
		t.Error(r)
	}
}

func TestPanicsSayNothing(t *testing.T) {
	t.Parallel()
	e := newEdge(t, func(c *web.Config) {
		c.Ready = func(context.Context) []string { panic("SECRET in a panic") }
	})
	r := e.send(t, nil, "GET", "/readyz", "")
	if r.Status != 500 || r.problem(t).Code != "internal" || strings.Contains(r.Body, "SECRET") || strings.Contains(r.Body, ".go") {
		t.Fatal(r)
	}
	if !strings.Contains(e.Log.String(), "SECRET in a panic") || !strings.Contains(e.Log.String(), "web_test.go") {
		t.Error("the log does not tell where")
	}
}

func TestSocketCalls(t *testing.T) {
	t.Parallel()
	e := newEdge(t)
	admin := e.DB.A.Actor("admin")
	call := func(op, key, args string) (int, string) {
		status, body := e.Web.Call(context.Background(), admin, op, key, json.RawMessage(args))
		return status, string(body)
	}
	if status, body := call("users.list", "", `{"query":{"limit":3}}`); status != 200 || strings.Count(body, `"email"`) != 3 {
		t.Error(status, body)
	}
	create := `{"body":{"email":"new@example.org","name":"New","roles":["rider"]}}`
	status, first := call("users.create", "k1", create)
	if again, second := call("users.create", "k1", create); status != 201 || again != 201 || first != second {
		t.Error(status, first, again, second)
	}
	for args, want := range map[[3]string]string{
		{"users.create", "", create}: "idempotency_key_required",
		{"users.create", "k1", `{"body":{"email":"o@x.y","name":"O","roles":["rider"]}}`}: "idempotency_conflict",
		{"users.update", "", `{"path":{"id":"7"},"body":{}}`}:                             "bad_uuid",
		{"users.update", "", `{"body":{}}`}:                                               "required",
		{"users.update", "", `{"path":{"id":"../../me"},"body":{}}`}:                      "not_found",
		{"users.list", "", `{"query":{"limt":3}}`}:                                        "unknown_field",
		{"users.list", "", `{"headers":{}}`}:                                              "bad_json",
		{"users.list", "", `{"query":{"limit":[1]}}`}:                                     "bad_value",
		{"auth.signIn", "", `{}`}:                                                         "not_found",
		{"users.explode", "", `{}`}:                                                       "not_found",
	} {
		if _, body := call(args[0], args[1], args[2]); !strings.Contains(body, `"code":"`+want+`"`) {
			t.Errorf("%v: %s", args, body)
		}
	}
	rider := e.DB.A.Actor("rider")
	if status, _ := e.Web.Call(context.Background(), rider, "users.list", "", nil); status != 403 {
		t.Error(status)
	}
}

func TestDocument(t *testing.T) {
	t.Parallel()
	e := newEdge(t)
	r := e.send(t, nil, "GET", "/v1/openapi.json", "")
	for _, path := range []string{"/v1/openapi.json", "/docs"} { // both are what this binary is: asked for again, they are still that
		whole := e.send(t, nil, "GET", path, "")
		for _, accept := range []string{"", "gzip"} {
			if again := e.send(t, nil, "GET", path, "", "If-None-Match", whole.Header.Get("ETag"), "Accept-Encoding", accept); whole.Status != 200 || again.Status != 304 || again.Body != "" || again.Header.Get("Cache-Control") != "no-cache" {
				t.Errorf("%s again, packed by %q: %v", path, accept, again)
			}
		}
	}
	var doc struct {
		OpenAPI string `json:"openapi"`
		Paths   map[string]map[string]struct {
			ID       string `json:"operationId"`
			Summary  string `json:"summary"`
			Security []map[string][]string
			Body     struct {
				Content map[string]struct {
					Example any `json:"example"`
				} `json:"content"`
			} `json:"requestBody"`
		} `json:"paths"`
	}
	if err := json.Unmarshal([]byte(r.Body), &doc); err != nil || !strings.HasPrefix(doc.OpenAPI, "3.1") {
		t.Fatal(err, doc.OpenAPI)
	}
	seen := 0
	for path, item := range doc.Paths {
		for method, op := range item {
			seen++
			if op.Summary == "" || op.Security == nil {
				t.Errorf("%s %s: %+v", method, path, op)
			}
			if c, ok := op.Body.Content["application/json"]; ok && c.Example == nil {
				t.Errorf("%s %s has no example", method, path)
			}
		}
	}
	if seen < 10 {
		t.Errorf("%d operations", seen)
	}
	page := e.send(t, nil, "GET", "/docs", "")
	for _, want := range []string{"users.create", "Idempotency-Key", `id="trip_full"`, "POST"} {
		if !strings.Contains(page.Body, want) {
			t.Errorf("/docs misses %s", want)
		}
	}
}
