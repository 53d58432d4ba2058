package rest

import (
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

const about = `Waymeet sells people's presence, in time. This is the API that its own apps use.

Every failure is an RFC 9457 problem with a stable code, a sentence in the language of Accept-Language (en, fr, ar) and pointers to
the fields at fault. Operations that create or move something take an Idempotency-Key: the same key with the same request gives
the first answer again for 24 hours, with another request 409. Ids of another tenant do not exist: 404.

Instants are answered with the offset of the operator's zone (2026-11-22T21:34:12+01:00): what stands before the offset is what the clocks
there showed, for devices whose own zone data is old.`

// describe says what holds for the whole document.
func describe(doc *huma.OpenAPI) {
	doc.Info.Description = about
	doc.Servers = []*huma.Server{{URL: "/"}}
	doc.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"bearer":  {Type: "http", Scheme: "bearer", BearerFormat: "JWT", Description: "The access token of auth.signIn or auth.refresh, good for ten minutes"},
		"refresh": {Type: "apiKey", In: "cookie", Name: "waymeet_refresh", Description: "Set by auth.signIn, rotated by auth.refresh"},
	}
}

// operation is huma's view of a route.
func (a *API) operation(r Route, d Doc) huma.Operation {
	tag, _, _ := strings.Cut(r.ID, ".")
	op := huma.Operation{
		OperationID: r.ID, Method: r.Method, Path: r.Path, Tags: []string{tag},
		Summary: d.Summary, Description: d.About, DefaultStatus: d.Status,
		MaxBodyBytes:                 -1, // the door has read the body,
		BodyReadTimeout:              -1, // in the time that a body has: a deadline that stood on would end the handler
		RejectUnknownQueryParameters: !r.Free,
		Middlewares:                  huma.Middlewares{a.door(r)},
		Extensions:                   map[string]any{},
	}
	if r.On == Public {
		op.Security = []map[string][]string{}
	} else {
		op.Security = []map[string][]string{{"bearer": {}}}
		op.Extensions["x-action"] = string(r.Action)
	}
	if r.Key {
		longest, shortest := 128, 1
		op.Parameters = append(op.Parameters, &huma.Param{
			Name: "Idempotency-Key", In: "header", Required: true, Description: "1 to 128 visible ASCII characters, new for each deed, the same for its repeats",
			Schema:  &huma.Schema{Type: huma.TypeString, MinLength: &shortest, MaxLength: &longest, Pattern: "^[!-~]+$"},
			Example: "b7f6c1de-hold-1",
		})
	}
	if r.Raw {
		op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/octet-stream": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}}
	}
	if r.Stream != "" {
		op.Responses = map[string]*huma.Response{"200": {
			Description: "The file, written as it is made. It is whole when the answer ends: one that fails in the middle is cut",
			Headers:     map[string]*huma.Param{RowCount: {Description: "Rows below its heading", Schema: &huma.Schema{Type: huma.TypeInteger}}},
			Content:     map[string]*huma.MediaType{r.Stream: {Schema: &huma.Schema{Type: huma.TypeString}}},
		}}
	}
	if r.Method != http.MethodGet && r.On != Public && !r.Raw {
		op.Extensions["x-socket-call"] = true
	}
	return op
}
