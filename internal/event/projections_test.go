package event_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/waymeet/waymeet/internal/event"
)

// The number, and what documents were made of when somebody last looked at it.
const (
	number = "8"
	made   = "7bcff4ccf1c1c3de"
)

// Clients that resume are sent patches against what they hold, so whoever changes what documents are made of must decide whether the
// number has to be raised. A type, a projection, or a function that builds a document or says who is shown it counts; a comment does not.
func TestProjectionsAreLookedAt(t *testing.T) {
	files, err := fs.Glob(os.DirFS("."), "*.go")
	if err != nil {
		t.Fatal(err)
	}
	sum, found := sha256.New(), 0
	for _, name := range files { // sorted
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		set := token.NewFileSet()
		f, err := parser.ParseFile(set, name, nil, parser.SkipObjectResolution) // without comments
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			if !shapes(d) {
				continue
			}
			var b bytes.Buffer
			if err := format.Node(&b, token.NewFileSet(), d); err != nil { // positions do not count
				t.Fatal(err)
			}
			sum.Write([]byte(strings.Join(strings.Fields(b.String()), " ") + "\n"))
			found++
		}
	}
	if found < 30 {
		t.Fatalf("only %d declarations were found", found)
	}
	if got := hex.EncodeToString(sum.Sum(nil)[:8]); got != made || event.Projections != number {
		t.Errorf("What documents are made of has changed: %s. If a row that has not changed now reads otherwise, or a set holds other "+
			"entities, raise event.Projections (it is %s); then write both down here.", got, event.Projections)
	}
}

// shapes says whether a declaration decides what a document holds, or who is shown it.
func shapes(d ast.Decl) bool {
	switch d := d.(type) {
	case *ast.GenDecl:
		if d.Tok != token.CONST {
			return d.Tok == token.TYPE
		}
		for _, s := range d.Specs {
			if s.(*ast.ValueSpec).Names[0].Name == "Projections" { // it has a line of its own
				return false
			}
		}
		return true
	case *ast.FuncDecl:
		if d.Type.Results == nil {
			return false
		}
		for _, r := range d.Type.Results.List {
			var b bytes.Buffer
			if format.Node(&b, token.NewFileSet(), r.Type) != nil {
				continue
			}
			switch b.String() {
			case "json.RawMessage", "Projection", "Change", "[]Change":
				return true
			}
		}
	}
	return false
}
