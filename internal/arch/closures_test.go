package arch

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestClosuresUseOnlyTheirTransaction: what runs in a transaction or a snapshot takes no second connection, and neither does anybody whom it calls. A tenant
// whose whole share of them did so at once would wait for itself, until the statements' time is over.
func TestClosuresUseOnlyTheirTransaction(t *testing.T) {
	t.Parallel()
	m := typedModule(t, filepath.Join("..", ".."))
	held, found := m.secondConnections()
	for at, how := range found {
		t.Errorf("%s: a second connection within a transaction: %s", m.files.Position(at), how)
	}
	if held < 100 {
		t.Errorf("only %d closures were found", held)
	}
}

// TestSecondConnectionsAreFound in a small module, at the lines that say so and nowhere else.
func TestSecondConnectionsAreFound(t *testing.T) {
	t.Parallel()
	m := typedModule(t, filepath.Join("testdata", "connections"))
	wanted := map[string]bool{}
	for _, p := range m.packages {
		for _, f := range p.files {
			for _, c := range f.Comments {
				if strings.HasPrefix(c.Text(), "second") {
					wanted[line(m.files, c.Pos())] = true
				}
			}
		}
	}
	_, found := m.secondConnections()
	seen := map[string]bool{}
	for at, how := range found {
		at := line(m.files, at)
		if seen[at] = true; !wanted[at] {
			t.Errorf("not wanted: %s: %s", at, how)
		}
	}
	for at := range wanted {
		if !seen[at] {
			t.Errorf("not found: %s", at)
		}
	}
}

func line(files *token.FileSet, at token.Pos) string {
	p := files.Position(at)
	return fmt.Sprintf("%s:%d", filepath.Base(p.Filename), p.Line)
}

// use is a place where somebody is named who may then be called.
type use struct {
	of types.Object
	at token.Pos
}

// secondConnections are the places within what runs in a transaction, of which there are held, from where somebody is called who takes a connection, and by whom.
//
// Who is named counts as called. A function calls whom its body names; a variable, a field or a parameter of a function's type whatever is put into it anywhere;
// an interface's method those of the types that have it. What is started with go is on its own, and waits for nothing that its starter has.
func (m *module) secondConnections() (held int, found map[token.Pos]string) {
	uses := map[types.Object][]types.Object{}
	abstract := map[*types.Func]bool{} // methods of interfaces that somebody names
	found = map[token.Pos]string{}
	var roots []use
	hold := func(p *typed, closure ast.Node, named []use) {
		held++
		roots = append(roots, named...)
		for _, at := range m.strangers(p, closure) {
			found[at] = "a view from outside"
		}
	}
	for _, p := range m.packages {
		named := func(n ast.Node) (all []use) {
			ast.Inspect(n, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.GoStmt:
					return false
				case *ast.Ident:
					if o := origin(p.Uses[n]); o != nil {
						all = append(all, use{o, n.Pos()})
						if f, ok := o.(*types.Func); ok && isAbstract(f) {
							abstract[f] = true
						}
					}
				}
				return true
			})
			return all
		}
		put := func(into types.Object, n ast.Node) {
			into = origin(into)
			if into == nil || p.Path() == m.path+"/store" || m.inTransaction(into.Type()) { // the store has one code for views and for transactions; what is given one is a root itself
				return
			}
			for _, u := range named(n) {
				uses[into] = append(uses[into], u.of)
			}
		}
		for _, f := range p.files {
			ast.Inspect(f, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.FuncDecl:
					if n.Body == nil {
						break
					}
					put(p.Defs[n.Name], n.Body)
					if m.inTransaction(p.Defs[n.Name].Type()) {
						hold(p, n, named(n.Body))
					}
				case *ast.FuncLit:
					if m.inTransaction(p.Types[n].Type) {
						hold(p, n, named(n.Body))
					}
				case *ast.ValueSpec:
					for i, name := range n.Names {
						if len(n.Values) == len(n.Names) {
							put(p.Defs[name], n.Values[i])
						}
					}
				case *ast.AssignStmt:
					for i, to := range n.Lhs {
						if len(n.Rhs) == len(n.Lhs) {
							put(p.objectOf(to), n.Rhs[i])
						}
					}
				case *ast.KeyValueExpr:
					put(p.objectOf(n.Key), n.Value)
				case *ast.CallExpr:
					callee, ok := p.objectOf(n.Fun).(*types.Func)
					if !ok {
						break
					}
					params := callee.Signature().Params()
					for i, arg := range n.Args {
						put(params.At(min(i, params.Len()-1)), arg)
					}
					if m.isStore(callee, "DB") && callee.Name() == "Snapshot" {
						snapshot := n.Args[len(n.Args)-1]
						hold(p, snapshot, named(snapshot))
					}
				}
				return true
			})
		}
	}
	for f := range abstract {
		uses[f] = append(uses[f], m.implementations(f)...)
	}
	next := m.ways(uses)
	for _, u := range roots {
		if _, leads := next[u.of]; leads {
			found[u.at] = told(next, u.of)
		}
	}
	return held, found
}

// ways is, of whoever takes a connection or calls somebody who does, whom they call for it.
func (m *module) ways(uses map[types.Object][]types.Object) map[types.Object]types.Object {
	callers, next := map[types.Object][]types.Object{}, map[types.Object]types.Object{}
	var reached []types.Object
	for by, all := range uses {
		for _, o := range all {
			callers[o] = append(callers[o], by)
			if _, known := next[o]; !known && m.connects(o) {
				next[o] = nil
				reached = append(reached, o)
			}
		}
	}
	for ; len(reached) > 0; reached = reached[1:] {
		for _, by := range callers[reached[0]] {
			if _, known := next[by]; !known {
				next[by] = reached[0]
				reached = append(reached, by)
			}
		}
	}
	return next
}

func told(next map[types.Object]types.Object, o types.Object) string {
	var names []string
	for ; o != nil; o = next[o] {
		names = append(names, o.Name())
	}
	return strings.Join(names, " → ")
}

// connects says that a function is one of the store's that take a connection: any of its views of the database, but for those that ask it nothing.
func (m *module) connects(o types.Object) bool {
	f, ok := o.(*types.Func)
	return ok && (m.isStore(f, "System") || m.isStore(f, "DB") && !slices.Contains([]string{"Close", "OnCommit", "Stat"}, f.Name()))
}

// isStore says that a function is a method of this type of the store's.
func (m *module) isStore(f *types.Func, name string) bool {
	recv := f.Signature().Recv()
	return recv != nil && m.isStores(recv.Type(), name)
}

// isStores says that a type is a pointer to this one of the store's.
func (m *module) isStores(t types.Type, name string) bool {
	return types.TypeString(t, nil) == "*"+m.path+"/store."+name
}

// inTransaction says that who calls a function has a transaction at hand.
func (m *module) inTransaction(t types.Type) bool {
	for v := range t.Underlying().(*types.Signature).Params().Variables() { //nolint:forcetypeassert // it is a function's
		if m.isStores(v.Type(), "Tx") {
			return true
		}
	}
	return false
}

// strangers are where a closure uses a view from outside it, which takes a connection for each statement.
func (m *module) strangers(p *typed, closure ast.Node) (all []token.Pos) {
	ast.Inspect(closure, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			if v, ok := p.Uses[id].(*types.Var); ok && !v.IsField() && m.isStores(v.Type(), "Reader") && (v.Pos() < closure.Pos() || closure.End() < v.Pos()) {
				all = append(all, id.Pos())
			}
		}
		return true
	})
	return all
}

// objectOf is what an expression names, if it names something.
func (p *typed) objectOf(e ast.Expr) types.Object {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		if o := p.Defs[e]; o != nil {
			return o
		}
		return p.Uses[e]
	case *ast.SelectorExpr:
		return p.Uses[e.Sel]
	case *ast.IndexExpr: // of a generic function
		return p.objectOf(e.X)
	case *ast.IndexListExpr:
		return p.objectOf(e.X)
	}
	return nil
}

// origin is a function, or what holds one, as it was written; nil: something else.
func origin(o types.Object) types.Object {
	switch o := o.(type) {
	case *types.Func:
		return o.Origin()
	case *types.Var:
		if _, callable := o.Type().Underlying().(*types.Signature); callable {
			return o.Origin()
		}
	}
	return nil
}

func isAbstract(f *types.Func) bool {
	recv := f.Signature().Recv()
	return recv != nil && types.IsInterface(recv.Type())
}

// implementations are the methods of the module's types that stand behind one of an interface of its own.
func (m *module) implementations(f *types.Func) (all []types.Object) {
	behind, ok := f.Signature().Recv().Type().Underlying().(*types.Interface)
	if !ok || f.Pkg() == nil || !strings.HasPrefix(f.Pkg().Path(), m.path) {
		return nil
	}
	for _, p := range m.packages {
		for _, name := range p.Scope().Names() {
			t, ok := p.Scope().Lookup(name).(*types.TypeName)
			if !ok || types.IsInterface(t.Type()) {
				continue
			}
			if pointer := types.NewPointer(t.Type()); types.Implements(pointer, behind) {
				o, _, _ := types.LookupFieldOrMethod(pointer, false, f.Pkg(), f.Name())
				all = append(all, origin(o))
			}
		}
	}
	return all
}
