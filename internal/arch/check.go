package arch

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Finding is one breach of a rule.
type Finding struct {
	Where string // file:line, relative to the root
	What  string
}

func (f Finding) String() string { return f.Where + ": " + f.What }

// file is what the rules need to know of one source file.
type file struct {
	pkg  string // directory, relative to the module
	name string // package name
	test bool
}

// Check parses every Go file below root and returns what breaks the plan,
// together with the number of files it has seen.
func Check(root string) (findings []Finding, files int, err error) {
	fset := token.NewFileSet()
	err = filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if p != root && skipped(d.Name()) {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(p, ".go") {
			return nil
		}
		parsed, err := parser.ParseFile(fset, p, nil, parser.SkipObjectResolution)
		if err != nil {
			return fmt.Errorf("arch: %w", err)
		}
		rel, err := filepath.Rel(root, p)
		if err != nil {
			return err
		}
		files++
		rel = filepath.ToSlash(rel)
		f := file{pkg: path.Dir(rel), name: parsed.Name.Name, test: strings.HasSuffix(rel, "_test.go")}
		for _, b := range breaches(f, parsed) {
			findings = append(findings, Finding{rel + ":" + strconv.Itoa(fset.Position(b.pos).Line), b.what})
		}
		return nil
	})
	slices.SortFunc(findings, func(a, b Finding) int { return cmp.Or(cmp.Compare(a.Where, b.Where), cmp.Compare(a.What, b.What)) })
	return findings, files, err
}

// skipped are directories that are not ours, or are no packages.
func skipped(dir string) bool {
	return dir == "testdata" || dir == "node_modules" || dir == "vendor" || strings.HasPrefix(dir, ".") || strings.HasPrefix(dir, "_")
}

type breach struct {
	pos  token.Pos
	what string
}

func breaches(f file, parsed *ast.File) []breach {
	var out []breach
	note := func(pos token.Pos, what string) {
		if what != "" {
			out = append(out, breach{pos, what})
		}
	}
	note(parsed.Name.Pos(), judgeName(f))
	names := map[string]string{} // local name → import path
	for _, spec := range parsed.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue // the parser has accepted it: cannot be
		}
		note(spec.Pos(), judge(f, imported))
		local := path.Base(imported)
		if spec.Name != nil {
			local = spec.Name.Name
		}
		names[local] = imported
	}
	_, k := roomOf(f.pkg)
	ast.Inspect(parsed, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			if k == kernel && !f.test {
				note(n.Pos(), "rule 1: a kernel starts no goroutines")
			}
		case *ast.SelectorExpr:
			if x, ok := n.X.(*ast.Ident); ok && names[x.Name] != "" {
				note(n.Pos(), judgeUse(f, names[x.Name], n.Sel.Name))
			}
		}
		return true
	})
	return out
}
