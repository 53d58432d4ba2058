package arch

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// module is a module's own packages with their types, those without imports first.
type module struct {
	path     string
	files    *token.FileSet
	packages []*typed
}

type typed struct {
	*types.Package
	types.Info
	files []*ast.File
}

// typedModule reads a module's own packages from their sources, so that what one uses of another is the same object, and all others from what the
// compiler keeps of them.
func typedModule(t *testing.T, root string) *module {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", "-export", "-json=ImportPath,Dir,Export,GoFiles,Module", "./...")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		var failed *exec.ExitError
		errors.As(err, &failed)
		t.Fatalf("go list: %v\n%s", err, failed.Stderr)
	}
	m := &module{files: token.NewFileSet()}
	exports, own := map[string]string{}, map[string]*types.Package{}
	foreign := importer.ForCompiler(m.files, "gc", func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) })
	config := types.Config{Importer: importing(func(path string) (*types.Package, error) {
		if p := own[path]; p != nil {
			return p, nil
		}
		return foreign.Import(path)
	})}
	for list := json.NewDecoder(bytes.NewReader(out)); list.More(); { // who is imported comes before who imports
		var p struct {
			ImportPath, Dir, Export string
			GoFiles                 []string
			Module                  *struct {
				Path string
				Main bool
			}
		}
		if err := list.Decode(&p); err != nil {
			t.Fatal(err)
		}
		if exports[p.ImportPath] = p.Export; p.Module == nil || !p.Module.Main {
			continue
		}
		m.path = p.Module.Path
		read := &typed{Info: types.Info{Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{}, Types: map[ast.Expr]types.TypeAndValue{}}}
		for _, name := range p.GoFiles {
			f, err := parser.ParseFile(m.files, filepath.Join(p.Dir, name), nil, parser.ParseComments|parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			read.files = append(read.files, f)
		}
		if read.Package, err = config.Check(p.ImportPath, m.files, read.files, &read.Info); err != nil {
			t.Fatal(err)
		}
		own[p.ImportPath] = read.Package
		m.packages = append(m.packages, read)
	}
	return m
}

type importing func(path string) (*types.Package, error)

func (i importing) Import(path string) (*types.Package, error) { return i(path) }
