package rest

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/waymeet/waymeet/internal/fault"
)

// Problem is a failure as RFC 9457 wants it, with a code that programs switch on and a sentence that people read.
type Problem struct {
	Type     string         `json:"type" example:"/docs#trip_full" doc:"Where the code is explained"`
	Title    string         `json:"title" example:"Conflict" doc:"The sort of failure"`
	Status   int            `json:"status" example:"409"`
	Detail   string         `json:"detail" example:"Not enough seats on that part of the trip (left: 2)." doc:"A sentence for people, in the caller's language"`
	Code     string         `json:"code" example:"trip_full" doc:"Stable; programs switch on it"`
	Instance string         `json:"instance" example:"urn:uuid:019abf3e-7c1d-7f44-9d2b-3c5de8a1f001" doc:"The request, as the log names it"`
	Params   map[string]any `json:"params,omitempty" doc:"What the sentence was filled with"`
	Errors   []Detail       `json:"errors,omitempty" doc:"The fields at fault"`

	headers http.Header
}

// Detail is one field at fault.
type Detail struct {
	Pointer string `json:"pointer" example:"/party" doc:"RFC 6901 pointer into the body, or query/NAME, path/NAME, header/NAME"`
	Code    string `json:"code" example:"out_of_range"`
	Detail  string `json:"detail" example:"This value is out of range."`
}

func (p *Problem) Error() string           { return p.Code }
func (p *Problem) GetStatus() int          { return p.Status }
func (p *Problem) GetHeaders() http.Header { return p.headers }

// ContentType is huma's question which type the body has.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// NewProblem tells err to the caller of ctx. The cause of what is ours is logged here, and only here.
func NewProblem(ctx context.Context, err error) *Problem {
	f := fault.As(err)
	lang := Language(ctx)
	p := &Problem{
		Type: "/docs#" + f.Code, Title: http.StatusText(f.Kind.Status()), Status: f.Kind.Status(),
		Detail: f.Sentence(lang), Code: f.Code, Instance: "urn:uuid:" + RequestID(ctx), Params: f.Params,
		headers: http.Header{"Content-Language": {lang}, "Cache-Control": {"no-store"}},
	}
	for _, e := range f.Fields {
		p.Errors = append(p.Errors, Detail{Pointer: e.Pointer, Code: e.Code, Detail: fault.Sentence(lang, e.Code, e.Params)})
	}
	if f.RetryAfter > 0 {
		p.headers.Set("Retry-After", strconv.Itoa(int((f.RetryAfter+time.Second-1)/time.Second)))
	}
	if f.Kind == fault.Unauthenticated {
		p.headers.Set("WWW-Authenticate", `Bearer realm="waymeet"`)
	}
	if cause := errors.Unwrap(f); f.Kind == fault.Internal || (f.Kind == fault.Unavailable && cause != nil) {
		note(ctx, f)
	}
	return p
}

func note(ctx context.Context, f *fault.Error) {
	if errors.Is(f, context.Canceled) && ctx.Err() != nil {
		return // the caller hung up
	}
	log := requestOf(ctx).Log
	if log == nil {
		log = slog.Default()
	}
	log.ErrorContext(ctx, "request failed", "request", RequestID(ctx), "code", f.Code, "cause", f.Error())
}

// WriteProblem answers with err outside of huma: the router's own refusals, middleware, panics.
func WriteProblem(w http.ResponseWriter, r *http.Request, err error) {
	p := NewProblem(r.Context(), err)
	body, merr := json.Marshal(p)
	if merr != nil { // only params could do that
		p.Params = nil
		body, _ = json.Marshal(p)
	}
	for k, v := range p.headers {
		w.Header()[k] = v
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_, _ = w.Write(append(body, '\n'))
}
