package web

import (
	"bytes"
	_ "embed"
	"html/template"
	"slices"
	"strings"

	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/web/rest"
)

//go:embed docs.html
var docsHTML string

var docsPage = template.Must(template.New("docs").Parse(docsHTML))

// code is a failure as the page explains it.
type code struct {
	Name, Sentence string
	Status         int
}

type group struct {
	Name       string
	Operations []rest.Operation
}

// docs is the API for people: one page without a script, made from what is mounted.
func (s *Server) docs() *file {
	var groups []group
	for _, op := range s.api.Operations() {
		name, _, _ := strings.Cut(op.ID, ".")
		if len(groups) == 0 || groups[len(groups)-1].Name != name {
			groups = append(groups, group{Name: name})
		}
		last := &groups[len(groups)-1]
		last.Operations = append(last.Operations, op)
	}
	var codes []code
	for name, kind := range fault.Codes() {
		codes = append(codes, code{name, fault.Sentence("en", name, nil), kind.Status()})
	}
	slices.SortFunc(codes, func(a, b code) int { return strings.Compare(a.Name, b.Name) })
	var buf bytes.Buffer
	if err := docsPage.Execute(&buf, map[string]any{"Groups": groups, "Codes": codes, "About": s.api.Document().Info.Description, "Version": s.api.Document().Info.Version}); err != nil {
		panic(err) // the template and its data are ours
	}
	return newFile(buf.Bytes(), kindOf("docs.html"))
}
