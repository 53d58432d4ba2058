package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/waymeet/waymeet/internal/ident"
)

// What one hands to the other in a session is a message with its name, and its bytes come by a link that is for minutes. What is too large, nothing, or
// a page is refused, and leaves nothing; nobody else gets near it.
func TestAFileIsHandedOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	talk := w.a.things["talk"]
	ask := func(as, method, path, key string, body io.Reader) (int, string, http.Header) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, w.url+path, body)
		if err != nil {
			t.Fatal(err)
		}
		if as != "" {
			r.Header.Set("Authorization", "Bearer "+as)
		}
		if key != "" {
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
		return res.StatusCode, string(b), res.Header
	}
	png := append([]byte("\x89PNG\r\n\x1a\n"), bytes.Repeat([]byte{7}, 1000)...)
	share := func(as, session, name, key string, body []byte) (int, string) {
		t.Helper()
		status, answer, _ := ask(as, http.MethodPost, "/v1/sessions/"+session+"/files?name="+url.QueryEscape(name), key, bytes.NewReader(body))
		return status, answer
	}
	rider, driver := w.a.tokens["rider"], w.a.tokens["driver"]
	for range 2 {
		if status, answer := share(rider, talk, "صورة.png", "one", png); status != 204 {
			t.Fatalf("%d %s", status, answer)
		}
	}
	if status, answer := share(rider, talk, "صورة.png", "one", append(png, 8)); status != 409 || !strings.Contains(answer, "idempotency_conflict") {
		t.Errorf("another file under the same key: %d %s", status, answer)
	}
	for what, c := range map[string]struct {
		as, session, name string
		body              []byte
		status            int
		code              string
	}{
		"26 MiB":              {rider, talk, "large.png", append(bytes.Clone(png), make([]byte, 26<<20)...), 413, "file_too_large"},
		"nothing":             {rider, talk, "empty.txt", nil, 422, "file_empty"},
		"a page":              {rider, talk, "page.png", []byte("<html><script>alert(1)</script>"), 415, "file_kind_refused"},
		"a way out":           {rider, talk, "../../etc/passwd", png, 422, "bad_value"},
		"no name":             {rider, talk, " ", png, 422, "bad_value"},
		"a stranger":          {w.a.tokens["dispatcher"], talk, "x.png", png, 404, "session_not_found"},
		"another tenant's":    {rider, w.b.things["talk"], "x.png", png, 404, "session_not_found"},
		"one that nobody has": {rider, ident.New().String(), "x.png", png, 404, "session_not_found"},
		"one that is over":    {rider, w.a.things["talkRate"], "x.png", png, 409, "session_over"},
		"by nobody":           {"", talk, "x.png", png, 401, "unauthenticated"},
	} {
		if status, answer := share(c.as, c.session, c.name, ident.New().String(), c.body); status != c.status || !strings.Contains(answer, `"`+c.code+`"`) {
			t.Errorf("%s: %d %s, want %d %s", what, status, answer, c.status, c.code)
		}
	}
	status, answer, _ := ask(driver, http.MethodGet, "/v1/sessions/"+talk+"/messages?after=1", "", nil)
	var said struct {
		Items []struct {
			N    int
			Body string
			File *struct {
				Kind string
				Size int
			}
		}
	}
	if err := json.Unmarshal([]byte(answer), &said); status != 200 || err != nil || len(said.Items) != 1 || said.Items[0].Body != "صورة.png" || said.Items[0].File == nil || said.Items[0].File.Kind != "image/png" || said.Items[0].File.Size != len(png) {
		t.Fatalf("%d %s", status, answer)
	}
	if status, answer, _ = ask(driver, http.MethodGet, "/v1/realtime/sets/session:"+talk, "", nil); status != 200 || !strings.Contains(answer, `"file":{"kind":"image/png","size":1008}`) {
		t.Errorf("the set: %d %s", status, answer)
	}

	at := fmt.Sprintf("/v1/sessions/%s/files/%d", talk, said.Items[0].N)
	status, answer, _ = ask(driver, http.MethodGet, at, "", nil)
	var link struct{ URL string }
	if err := json.Unmarshal([]byte(answer), &link); status != 200 || err != nil || link.URL == "" {
		t.Fatalf("%d %s", status, answer)
	}
	status, got, head := ask("", http.MethodGet, link.URL, "", nil)
	if status != 200 || got != string(png) || head.Get("Content-Type") != "image/png" || !strings.HasPrefix(head.Get("Content-Disposition"), "attachment") ||
		head.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(head.Get("Content-Security-Policy"), "sandbox") || strings.Contains(head.Get("Cache-Control"), "public") {
		t.Errorf("%d, %d bytes, %v", status, len(got), head)
	}
	for what, path := range map[string]string{"forged": link.URL[:strings.LastIndexByte(link.URL, '.')+1] + strings.Repeat("A", 43), "no link": "/v1/files/x.y"} {
		if status, answer, _ := ask("", http.MethodGet, path, "", nil); status != 404 {
			t.Errorf("%s: %d %s", what, status, answer)
		}
	}
	for what, as := range map[string]string{"a stranger": w.a.tokens["dispatcher"], "another tenant": w.b.tokens["rider"]} {
		if status, answer, _ := ask(as, http.MethodGet, at, "", nil); status != 404 {
			t.Errorf("%s: %d %s", what, status, answer)
		}
	}
	if status, answer, _ := ask(driver, http.MethodGet, "/v1/sessions/"+talk+"/files/9", "", nil); status != 404 {
		t.Errorf("a message that is none: %d %s", status, answer)
	}
}
