package web_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/web"
	"github.com/waymeet/waymeet/web/rest"
)

// TestStreams writes files through the whole chain, packed and not: one that fails before its first byte is a problem; one that
// fails in the middle never looks whole; one that nobody takes any more ends; and none is bound by a request's seconds.
func TestStreams(t *testing.T) {
	t.Parallel()
	const row = "2026-11-01,payment:1:captured:5000,payment_captured\n"
	ended := make(chan error, 1)
	var actor policy.Actor
	e := newEdge(t, func(c *web.Config) {
		c.Authenticate = func(context.Context, string) (policy.Actor, error) { return actor, nil }
		c.Timeout = 200 * time.Millisecond
		c.Mount = append(c.Mount, func(a *rest.API) {
			rest.Handle(a, "periods.export", rest.Doc{}, func(_ context.Context, in *struct {
				Month string `path:"month"`
			}) (*huma.StreamResponse, error) {
				return rest.Stream("journal.csv", "text/csv; charset=utf-8", func(ctx context.Context, begin func(int) (io.Writer, error)) (err error) {
					defer func() { ended <- err }()
					if in.Month == "busy" {
						return fault.New("export_busy").After(10 * time.Second)
					}
					to, err := begin(1000)
					w := bufio.NewWriter(to)
					for i := 0; err == nil && (i < 1000 || in.Month == "endless"); i++ {
						if in.Month == "torn" && i == 500 {
							return errors.Join(w.Flush(), errors.New("PostgreSQL went away"))
						}
						if in.Month == "slow" && i == 500 {
							time.Sleep(300 * time.Millisecond) // longer than a request may take
						}
						if err = ctx.Err(); err == nil {
							_, err = w.WriteString(row)
						}
					}
					return errors.Join(err, w.Flush())
				}), nil
			})
		})
	})
	actor = e.DB.A.Actor("finance")
	hasty := httptest.NewUnstartedServer(e.Web) // one that has as little time for an answer as for a request
	hasty.Config.WriteTimeout = 200 * time.Millisecond
	hasty.Start()
	t.Cleanup(hasty.Close)
	get := func(month string, packed bool) (*http.Response, func()) {
		t.Helper()
		at := e.URL
		if month == "slow" {
			at = hasty.URL
		}
		r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, at+"/v1/periods/"+month+"/export", nil)
		r.Header.Set("Authorization", "Bearer finance")
		c := &http.Client{Transport: &http.Transport{DisableCompression: !packed}}
		res, err := c.Do(r)
		if err != nil && month == "torn" { // all that was packed so far was on its way together
			return nil, c.CloseIdleConnections
		}
		if err != nil {
			t.Fatal(err)
		}
		return res, func() { res.Body.Close(); c.CloseIdleConnections() }
	}
	for _, packed := range []bool{false, true} {
		res, done := get("slow", packed)
		b, err := io.ReadAll(res.Body)
		if err != nil || string(b) != strings.Repeat(row, 1000) || res.Header.Get(rest.RowCount) != "1000" || !strings.Contains(res.Header.Get("Content-Disposition"), "journal.csv") || res.Uncompressed != packed {
			t.Errorf("packed %v: %d bytes, %v, %v", packed, len(b), res.Header, err)
		}
		done()
		if err := <-ended; err != nil {
			t.Error(err)
		}

		res, done = get("torn", packed)
		if res == nil {
			// cut before its first byte
		} else if b, err = io.ReadAll(res.Body); err == nil {
			t.Errorf("packed %v: half a file reads as a whole one of %d bytes", packed, len(b))
		}
		done()
		<-ended

		res, done = get("busy", packed)
		if b, err = io.ReadAll(res.Body); err != nil || res.StatusCode != http.StatusTooManyRequests || !strings.Contains(string(b), `"export_busy"`) || res.Header.Get("Retry-After") != "10" {
			t.Errorf("%d %s %v", res.StatusCode, b, err)
		}
		done()
		<-ended

		res, done = get("endless", packed)
		_, _ = io.CopyN(io.Discard, res.Body, 1<<16)
		done()
		select {
		case err := <-ended:
			if err == nil {
				t.Error("an endless file ended")
			}
		case <-time.After(20 * time.Second):
			t.Error("it goes on though nobody takes it")
		}
	}
	if n := strings.Count(e.Log.String(), "PostgreSQL went away"); n != 2 {
		t.Errorf("%d lines of the log say why a file was torn", n)
	}
	if status, _ := e.Web.Call(t.Context(), actor, "periods.export", "", []byte(`{"path":{"month":"slow"}}`)); status != http.StatusNotFound {
		t.Errorf("a socket's call of a stream: %d", status)
	}
}
