package web

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/web/rest"
)

// Args are a socket call's, as the protocol writes them.
type Args struct {
	Path  map[string]any  `json:"path"`
	Query map[string]any  `json:"query"`
	Body  json.RawMessage `json:"body"`
}

// Call runs an operation for a connection's actor: the same doors, checks, claims and answers as over HTTP, because it
// is a request through the same router. What has no actor (signing in) and what is a channel of its own is not callable.
func (s *Server) Call(ctx context.Context, a policy.Actor, operation, key string, args json.RawMessage) (status int, body json.RawMessage) {
	ctx = rest.WithRequest(ctx, &rest.Request{ID: ident.New().String()}) // for refusals; what passes is named again
	var in Args
	refuse := func(err error) (int, json.RawMessage) {
		p := rest.NewProblem(ctx, err)
		b, _ := json.Marshal(p)
		return p.Status, b
	}
	if len(args) > 0 {
		dec := json.NewDecoder(bytes.NewReader(args))
		dec.DisallowUnknownFields()
		dec.UseNumber()
		if err := dec.Decode(&in); err != nil {
			return refuse(fault.New("bad_json"))
		}
	}
	route, ok := s.api.Route(operation)
	if !ok || route.On == rest.Public || route.On == rest.Channel || route.Raw || route.Stream != "" {
		return refuse(fault.New("not_found"))
	}
	target, err := addressOf(route, in)
	if err != nil {
		return refuse(err)
	}
	r, err := http.NewRequestWithContext(policy.With(ctx, a), route.Method, target, bytes.NewReader(in.Body))
	if err != nil {
		return refuse(fault.New("bad_request"))
	}
	if len(in.Body) > 0 {
		r.Header.Set("Content-Type", "application/json")
	}
	if key != "" {
		r.Header.Set("Idempotency-Key", key)
	}
	w := &answerWriter{header: http.Header{}}
	s.calls.ServeHTTP(w, r)
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.status, json.RawMessage(bytes.TrimSpace(w.body.Bytes()))
}

func addressOf(route rest.Route, in Args) (string, error) {
	target := route.Path
	for name, v := range in.Path {
		text, ok := plain(v)
		if !ok || !strings.Contains(target, "{"+name+"}") {
			return "", fault.New("unknown_field").At("path/" + name)
		}
		target = strings.ReplaceAll(target, "{"+name+"}", url.PathEscape(text))
	}
	if i := strings.IndexByte(target, '{'); i >= 0 {
		name, _, _ := strings.Cut(target[i+1:], "}")
		return "", fault.New("required").At("path/" + name)
	}
	query := url.Values{}
	for name, v := range in.Query {
		text, ok := plain(v)
		if !ok {
			return "", fault.New("bad_value").At("query/" + name)
		}
		query.Set(name, text)
	}
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	return target, nil
}

func plain(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, v != ""
	case bool:
		return strconv.FormatBool(v), true
	case json.Number:
		return v.String(), true
	default:
		return fmt.Sprint(v), false
	}
}

// answerWriter keeps an answer in memory: calls answer one thing's document.
type answerWriter struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (w *answerWriter) Header() http.Header { return w.header }
func (w *answerWriter) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
}
func (w *answerWriter) Write(b []byte) (int, error) { return w.body.Write(b) }
