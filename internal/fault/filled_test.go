package fault

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// Every place that makes a failure gives what its sentence is filled with: nobody reads "{min}", nor a reason as the program writes it.
func TestEverySentenceIsFilled(t *testing.T) {
	hole := regexp.MustCompile(`\{([a-z_]+)\}`)
	root, seen := filepath.Join("..", ".."), 0
	fset := token.NewFileSet()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "node_modules" || d.Name() == "testdata") {
			return fs.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(fset, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if v, ok := n.(*ast.ValueSpec); ok && isWord(v.Type) {
				for _, x := range v.Values {
					lit, _ := x.(*ast.BasicLit)
					w, err := strconv.Unquote(lit.Value)
					if _, said := words["en"][w]; err != nil || !said {
						t.Errorf("%s: no words for %q", fset.Position(v.Pos()), w)
					}
				}
			}
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) == 0 || !isNew(call.Fun) {
				return true
			}
			lit, ok := call.Args[0].(*ast.BasicLit)
			if !ok {
				return true
			}
			seen++
			code, _ := strconv.Unquote(lit.Value)
			if _, ok := catalogue[code]; !ok {
				t.Errorf("%s: %q is not in the catalogue", fset.Position(call.Pos()), code)
			}
			given := params(call.Args[1:])
			for _, h := range hole.FindAllStringSubmatch(sentences["en"][code], -1) {
				if !given[h[1]] {
					t.Errorf("%s: the sentence of %q wants {%s}", fset.Position(call.Pos()), code, h[1])
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen < 50 {
		t.Errorf("saw %d failures only: this is not the house", seen)
	}
}

// isNew: fault.New, or New inside this package.
func isNew(f ast.Expr) bool {
	s, ok := f.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	pkg, ok := s.X.(*ast.Ident)
	return ok && pkg.Name == "fault" && s.Sel.Name == "New"
}

func isWord(t ast.Expr) bool {
	s, ok := t.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	pkg, ok := s.X.(*ast.Ident)
	return ok && pkg.Name == "fault" && s.Sel.Name == "Word"
}

// params are the keys of a fault.Params literal.
func params(args []ast.Expr) map[string]bool {
	keys := map[string]bool{}
	for _, a := range args {
		lit, ok := a.(*ast.CompositeLit)
		if !ok {
			continue
		}
		for _, e := range lit.Elts {
			if kv, ok := e.(*ast.KeyValueExpr); ok {
				if k, ok := kv.Key.(*ast.BasicLit); ok {
					name, _ := strconv.Unquote(k.Value)
					keys[name] = true
				}
			}
		}
	}
	return keys
}
