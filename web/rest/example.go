package rest

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// Finish completes the document once everything is mounted: each operation gets whole examples, put together from those
// of its fields, and the one answer that all failures share.
func (a *API) Finish() {
	doc := a.huma.OpenAPI()
	for _, item := range doc.Paths {
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Put, item.Patch, item.Delete} {
			if op == nil {
				continue
			}
			if op.RequestBody != nil {
				a.fill(op.RequestBody.Content)
			}
			for status, r := range op.Responses {
				if said := a.examples[op.OperationID]; said != nil && strings.HasPrefix(status, "2") {
					for _, m := range r.Content {
						m.Example = said
					}
				}
				a.fill(r.Content)
			}
		}
	}
}

func (a *API) fill(content map[string]*huma.MediaType) {
	for _, m := range content {
		if m.Example == nil && m.Schema != nil {
			m.Example = Example(a.huma.OpenAPI().Components.Schemas, m.Schema, 0)
		}
	}
}

// Example is a value that a schema allows, from the examples of its fields where they have any.
func Example(reg huma.Registry, s *huma.Schema, depth int) any {
	if s.Ref != "" {
		s = reg.SchemaFromRef(s.Ref)
	}
	if s == nil || depth > 6 {
		return nil
	}
	if len(s.Examples) > 0 {
		return s.Examples[0]
	}
	switch {
	case len(s.Enum) > 0:
		return s.Enum[0]
	case s.Default != nil:
		return s.Default
	}
	switch s.Type {
	case huma.TypeObject:
		out := map[string]any{}
		for name, p := range s.Properties {
			if strings.HasPrefix(name, "$") {
				continue
			}
			if v := Example(reg, p, depth+1); v != nil {
				out[name] = v
			}
		}
		return out
	case huma.TypeArray:
		if v := Example(reg, s.Items, depth+1); v != nil {
			return []any{v}
		}
		return []any{}
	case huma.TypeInteger, huma.TypeNumber:
		if s.Minimum != nil {
			return *s.Minimum
		}
		return 1
	case huma.TypeBoolean:
		return true
	case huma.TypeString:
		switch s.Format {
		case "uuid":
			return "0190b7a6-1111-7abc-8def-0123456789ab"
		case "date":
			return "2026-11-23"
		case "date-time":
			return "2026-11-23T06:10:00Z"
		}
		return "…"
	}
	return nil
}

// Operation is an operation as the documentation page shows it.
type Operation struct {
	Route
	Doc      *huma.Operation
	Request  string
	Response string
	Status   string
}

// Operations is everything that is bound, in the table's order.
func (a *API) Operations() []Operation {
	var out []Operation
	for _, r := range a.config.Routes {
		if !a.bound[r.ID] {
			continue
		}
		item := a.huma.OpenAPI().Paths[r.Path]
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Put, item.Patch, item.Delete} {
			if op != nil && op.OperationID == r.ID {
				o := Operation{Route: r, Doc: op}
				if op.RequestBody != nil {
					o.Request = pretty(op.RequestBody.Content["application/json"])
				}
				o.Status, o.Response = success(op)
				out = append(out, o)
			}
		}
	}
	return out
}

func success(op *huma.Operation) (string, string) {
	var codes []string
	for code := range op.Responses {
		if strings.HasPrefix(code, "2") {
			codes = append(codes, code)
		}
	}
	if len(codes) == 0 {
		return "", ""
	}
	slices.Sort(codes)
	return codes[0], pretty(op.Responses[codes[0]].Content["application/json"])
}

func pretty(m *huma.MediaType) string {
	if m == nil || m.Example == nil {
		return ""
	}
	b, err := json.MarshalIndent(m.Example, "", "  ")
	if err != nil {
		return ""
	}
	return string(b)
}
