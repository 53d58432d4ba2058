package arch

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// TestClosuresUseOnlyTheirTransaction: what runs in a transaction or a snapshot takes no second connection. A tenant whose whole share of them did so
// at once would wait for itself, until the statements' time is over.
func TestClosuresUseOnlyTheirTransaction(t *testing.T) {
	t.Parallel()
	held := 0
	err := filepath.WalkDir(filepath.Join("..", ".."), func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".w") || d.Name() == ".git" || d.Name() == "node_modules") {
			return fs.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || !connects(call, "InTx", "Snapshot") {
				return true
			}
			for _, arg := range call.Args {
				closure, ok := arg.(*ast.FuncLit)
				if !ok {
					continue
				}
				held++
				ast.Inspect(closure.Body, func(n ast.Node) bool {
					if inner, ok := n.(*ast.CallExpr); ok && connects(inner, "InTx", "Snapshot", "Read", "System") {
						t.Errorf("%s: a second connection within a transaction", files.Position(inner.Pos()))
					}
					return true
				})
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if held < 100 {
		t.Errorf("only %d closures were found", held)
	}
}

// connects says that a call is one of these methods of the database.
func connects(call *ast.CallExpr, methods ...string) bool {
	method, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	var of string
	switch x := method.X.(type) {
	case *ast.Ident:
		of = x.Name
	case *ast.SelectorExpr:
		of = x.Sel.Name
	}
	for _, m := range methods {
		if method.Sel.Name == m {
			return strings.EqualFold(of, "db")
		}
	}
	return false
}
