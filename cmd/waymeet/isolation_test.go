package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/web"
	"github.com/waymeet/waymeet/web/rest"
)

// answered is a reply, read.
type answered struct {
	Status int
	Body   string
}

func (a answered) json() map[string]any {
	var m map[string]any
	_ = json.Unmarshal([]byte(a.Body), &m)
	return m
}

func (w *world) send(t *testing.T, token, method, path, body string) answered {
	t.Helper()
	return w.sendUnder(t, ident.Token(9), token, method, path, body)
}

// sendUnder sends a request under a key.
func (w *world) sendUnder(t *testing.T, key, token, method, path, body string) answered {
	t.Helper()
	r, err := http.NewRequest(method, w.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if method == http.MethodPost || method == http.MethodPut {
		r.Header.Set("Idempotency-Key", key)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answered{res.StatusCode, string(b)}
}

var instance = regexp.MustCompile(`"instance":"[^"]*"`)

// same compares refusals: only the name of the request may differ.
func same(a, b answered, ids ...string) bool {
	plain := func(x answered) string {
		s := instance.ReplaceAllString(x.Body, "")
		for _, id := range ids {
			s = strings.ReplaceAll(s, id, "ID")
		}
		return s
	}
	return a.Status == b.Status && plain(a) == plain(b)
}

// still waits until nothing is under way that earlier requests began: events on their way from the gateway, and jobs.
func (w *world) still(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := w.emu.Settle(ctx); err != nil {
		t.Fatal(err)
	}
	for {
		busy := w.Texts(t, `select kind from river_job where state in ('available', 'running', 'pending') or state in ('scheduled', 'retryable') and scheduled_at < now() + interval '2 seconds'`)
		if len(busy) == 0 {
			return
		}
		select {
		case <-time.After(10 * time.Millisecond):
		case <-ctx.Done():
			t.Fatalf("jobs never end: %v", busy)
		}
	}
}

// hush lets the node end what earlier requests began, and puts one in its place that only answers: without jobs, sweeps and clocks of
// its own, what changes from here on a request has changed.
func (w *world) hush(t *testing.T) {
	t.Helper()
	w.still(t)
	w.end()
	w.url, w.web, w.end = serveParts(t, w.DB, "two", w.log, []string{"live", "identity"}, "WAYMEET_STRIPE_URL", w.emu.URL())
}

// all is a fingerprint of every row of every tenant, by table. What belongs to no tenant is left out: jobs and the log's drum.
func (w *world) all(t *testing.T) map[string]string {
	t.Helper()
	c, err := pgx.Connect(t.Context(), w.SuperURL())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close(context.Background()) }()
	rows, err := c.Query(t.Context(), `select c.relname::text, query_to_xml(format(
			'select count(*), md5(coalesce(string_agg(md5(x::text), '''' order by md5(x::text)), '''')) from %I x', c.relname), false, true, '')::text
		from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
			and (c.relname = 'tenant' or exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id'))`)
	if err != nil {
		t.Fatal(err)
	}
	out, table, sum := map[string]string{}, "", ""
	_, err = pgx.ForEachRow(rows, []any{&table, &sum}, func() error { out[table] = sum; return nil })
	if err != nil || len(out) < 10 {
		t.Fatal(err, out)
	}
	return out
}

// differs names the tables that are not as they were.
func differs(before, after map[string]string) []string {
	var out []string
	for table := range after {
		if before[table] != after[table] {
			out = append(out, table)
		}
	}
	return out
}

// nobodys is a thing that no tenant has, of the same make as one that exists.
func nobodys(name, like string) string {
	id, err := uuid.Parse(like)
	if err != nil { // a ticket: one letter of its signature changed
		b := []byte(like)
		b[len(b)-5] ^= 1
		return string(b)
	}
	fresh := uuid.New()
	copy(fresh[:6], id[:6]) // the day that a dated id carries
	fresh[6] = id[6]
	return fresh.String()
}

func TestIsolationOverHTTP(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.hush(t)
	for _, route := range web.Routes {
		cases := swaps[route.ID]
		if len(cases) == 0 && elsewhere[route.ID] == "" {
			t.Errorf("%s has no isolation case: add one to swaps", route.ID)
		}
		if _, served := w.web.API().Route(route.ID); served == pending[route.ID] {
			t.Errorf("%s: served %t, pending %t", route.ID, served, pending[route.ID])
			continue
		} else if !served {
			continue
		}
		for _, c := range cases {
			name := route.ID
			if len(cases) > 1 {
				name += "/" + c.as + " " + strings.Join(c.ids, " ")
			}
			t.Run(name, func(t *testing.T) { w.attack(t, route.Method, c) })
		}
	}
	for id := range swaps {
		if !slices.ContainsFunc(web.Routes, func(r rest.Route) bool { return r.ID == id }) {
			t.Errorf("swaps has a case for %s, which is no route", id)
		}
	}
	w.quiet(t)
}

func (w *world) attack(t *testing.T, method string, c swap) {
	t.Helper()
	want := c.status
	if want == 0 {
		want = http.StatusNotFound
	} else if c.why == "" {
		t.Fatal("a status other than 404 needs a reason")
	}
	var before map[string]string
	if len(c.ids) > 0 {
		before = w.all(t)
	}
	for _, ids := range c.ids {
		swapped := strings.Fields(ids)
		with := func(other func(string) string) func(string) string {
			return func(name string) string {
				for _, s := range swapped {
					if s == name {
						return other(name)
					}
				}
				return w.a.thing(name)
			}
		}
		path, body := c.ask(with(w.b.thing))
		got := w.send(t, w.a.tokens[c.as], method, path, body)
		unknown := func(name string) string { return nobodys(name, w.b.thing(name)) }
		path, body = c.ask(with(unknown))
		control := w.send(t, w.a.tokens[c.as], method, path, body)
		if got.Status != want || !same(got, control) {
			t.Errorf("%v of the other tenant: %d %s\nof nobody: %d %s\nwant %d", swapped, got.Status, got.Body, control.Status, control.Body, want)
		}
		w.clean(t, w.b, got)
		after := w.all(t)
		if changed := differs(before, after); len(changed) > 0 {
			t.Errorf("%v of the other tenant changed %v", swapped, changed)
		}
		before = after
	}
	// The positive control, on both sides: nothing but the swap was refused.
	for _, s := range []*side{w.a, w.b} {
		path, body := c.ask(s.thing)
		got := w.send(t, s.tokens[c.as], method, path, body)
		if got.Status/100 != 2 || (c.shows && !strings.Contains(got.Body, s.Canary)) {
			t.Errorf("with %s's own: %d %s", s.Slug, got.Status, got.Body)
		}
		if s == w.a {
			w.clean(t, w.b, got)
		} else {
			w.clean(t, w.a, got)
		}
	}
}

// clean fails when an answer shows anything of a tenant: its canary, or an id of its.
func (w *world) clean(t *testing.T, s *side, got answered) {
	t.Helper()
	for _, sign := range append([]string{s.Canary, s.ID.String(), s.Users["admin"].String(), s.Rider.String()}, values(s.things)...) {
		if len(sign) > 12 && strings.Contains(got.Body, sign) {
			i := strings.Index(got.Body, sign)
			t.Errorf("shows %q of %s: %s", sign, s.Slug, got.Body[max(0, i-200):min(len(got.Body), i+200)])
		}
	}
}

func values(m map[string]string) []string {
	var out []string
	for _, v := range m {
		out = append(out, v)
	}
	return out
}

// quiet fails when the log names what no log may: texts of tenants, secrets.
func (w *world) quiet(t *testing.T) {
	t.Helper()
	log := w.log.String()
	for _, sign := range []string{w.a.Canary, w.b.Canary, worldPassword, w.a.tokens["admin"], w.b.tokens["rider"], w.b.things["token"]} {
		if strings.Contains(log, sign) {
			t.Errorf("the log holds %q", sign)
		}
	}
	if !strings.Contains(log, w.a.ID.String()) {
		t.Error("the log does not name the tenant that asks: this was no test")
	}
}

// TestIsolationOfCredentials: a credential opens its own tenant and no other, whatever stands beside it.
func TestIsolationOfCredentials(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	in := func(slug string, of *side) answered {
		return w.send(t, "", "POST", "/v1/auth/sign-in", `{"tenant":"`+slug+`","email":"rider@`+of.Canary+`.example","password":"`+worldPassword+`"}`)
	}
	mine := in(w.a.Slug, w.a)
	theirs, nobody := in(w.a.Slug, w.b), in("charlie", w.a)
	if mine.Status != 200 || theirs.Status != 401 || !same(theirs, nobody) {
		t.Errorf("%v\n%v\n%v", mine, theirs, nobody)
	}
	w.clean(t, w.b, mine)
	w.clean(t, w.b, theirs)
	// A refresh token is bound to its tenant: with another's id in it, it is no token, and ends nobody's session.
	cookie := w.refreshCookie(t, w.a)
	raw, err := base64.RawURLEncoding.DecodeString(cookie)
	if err != nil {
		t.Fatal(err)
	}
	forged := bytes.Clone(raw)
	copy(forged, w.b.ID[:])
	w.hush(t)
	before := w.all(t)
	for _, path := range []string{"/v1/auth/refresh", "/v1/auth/sign-out"} {
		if status := w.withCookie(t, path, base64.RawURLEncoding.EncodeToString(forged)); status == 200 {
			t.Errorf("%s took a forged cookie", path)
		}
	}
	if changed := differs(before, w.all(t)); len(changed) > 0 {
		t.Errorf("a forged cookie changed %v", changed)
	}
	if status := w.withCookie(t, "/v1/auth/refresh", cookie); status != 200 {
		t.Errorf("the real one: %d", status)
	}
	w.quiet(t)
}

func (w *world) refreshCookie(t *testing.T, s *side) string {
	t.Helper()
	res, err := http.Post(w.url+"/v1/auth/sign-in", "application/json",
		strings.NewReader(`{"tenant":"`+s.Slug+`","email":"rider@`+s.Canary+`.example","password":"`+worldPassword+`"}`))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	for _, c := range res.Cookies() {
		return c.Value
	}
	t.Fatal("no cookie")
	return ""
}

func (w *world) withCookie(t *testing.T, path, value string) int {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, w.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.AddCookie(&http.Cookie{Name: "waymeet_refresh", Value: value})
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	return res.StatusCode
}
