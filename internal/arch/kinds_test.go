package arch

import (
	"bytes"
	"encoding/json"
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write web/ui/src/i18n/kinds.json anew")

const kindsFile = "../../web/ui/src/i18n/kinds.json"

// indirect is what the search for kinds cannot follow, said by hand: an expression, and what it may be.
var indirect = map[string][]string{
	`string(m.Kind)`:            {"captured", "refunded", "refund_returned", "disputed", "dispute_lost", "dispute_won"},
	`"payout." + state`:         {"payout.confirmed", "payout.returned"},
	`"credit_" + how`:           {"credit_surplus", "credit_applied", "credit_undone", "credit_restored"},
	`"credit_refund_" + state`:  {"credit_refund_approved", "credit_refund_paid", "credit_refund_returned"},
	`"credit_refund." + state`:  {"credit_refund.approved", "credit_refund.paid", "credit_refund.returned", "credit_refund.discarded"},
	`correctionKind(x.Answers)`: {"correction", "correction_charge", "correction_refund", "correction_dispute", "correction_dispute_won", "correction_payout", "correction_fee"},
	`name`:                      {"dispute_taken", "dispute_restored", "dispute_kept", "recovered", "pass_lost"}, // draw_debts cuts it off a key
}

// TestKindsAreCurrent holds the list of what people read words for (kinds of journals, operations, acts, reasons, events) against the
// sources, so that the screens' own test misses the words of whatever is new.
func TestKindsAreCurrent(t *testing.T) {
	t.Parallel()
	kinds := kindsOf(t, filepath.Join("..", ".."))
	want, err := json.MarshalIndent(kinds, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	want = append(want, '\n')
	if *update {
		if err := os.WriteFile(kindsFile, want, 0o644); err != nil { //nolint:gosec // screens' source
			t.Fatal(err)
		}
		return
	}
	kept, err := os.ReadFile(kindsFile)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(kept, want) {
		t.Errorf("web/ui/src/i18n/kinds.json is not what the sources can send: go test ./internal/arch -run TestKindsAreCurrent -update, then give what is new its words under "+
			"kinds in web/ui/src/i18n/office.{en,fr,ar}.json (npm --prefix web/ui run test says which). The sources have\n%s", want)
	}
}

// source is the files of one package, for looking up what a name stands for.
type source struct {
	files  []*ast.File
	consts map[string]string
	types  map[string]string // of constants
}

func kindsOf(t *testing.T, root string) map[string][]string {
	packages := map[string]*source{}
	set := token.NewFileSet()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && slices.Contains([]string{"node_modules", ".git", ".waymeet", "testdata"}, d.Name()) {
			return fs.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		dir, _ := filepath.Rel(root, filepath.Dir(path))
		p := packages[filepath.ToSlash(dir)]
		if p == nil {
			p = &source{consts: map[string]string{}, types: map[string]string{}}
			packages[filepath.ToSlash(dir)] = p
		}
		p.files = append(p.files, f)
		for _, decl := range f.Decls {
			if g, ok := decl.(*ast.GenDecl); ok && g.Tok == token.CONST {
				for _, s := range g.Specs {
					v, _ := s.(*ast.ValueSpec)
					for i, name := range v.Names {
						if i < len(v.Values) {
							if lit, ok := literal(v.Values[i]); ok {
								p.consts[name.Name], p.types[name.Name] = lit, text(v.Type)
							}
						}
					}
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	c := collector{t: t, packages: packages, found: map[string]map[string]bool{}}
	for dir, p := range packages {
		made := strings.HasPrefix(dir, "cmd/") || strings.HasPrefix(dir, "internal/") || strings.HasPrefix(dir, "store/bench") || dir == "billing/ledger"
		for _, f := range p.files {
			c.file(dir, p, f, made)
		}
	}
	for name, value := range packages["store"].consts {
		if strings.HasPrefix(name, "Op") && !strings.HasPrefix(name, "Operation") {
			c.add("op", value)
		}
	}
	for name, value := range packages["billing"].consts {
		switch {
		case strings.HasPrefix(name, "Op"):
			c.add("op", value)
		case strings.HasPrefix(name, "Finding"):
			c.add("finding", value)
		case name == "abandoned" || name == "notNeeded":
			c.add("reason", value)
		}
	}
	for name, value := range packages["billing/reconcile"].consts {
		if of, ok := map[string]string{"What": "moved", "Kind": "finding"}[packages["billing/reconcile"].types[name]]; ok {
			c.add(of, value)
		}
	}
	out := map[string][]string{}
	for of, all := range c.found {
		for k := range all {
			out[of] = append(out[of], k)
		}
		slices.Sort(out[of])
	}
	return out
}

type collector struct {
	t        *testing.T
	packages map[string]*source
	found    map[string]map[string]bool
}

func (c *collector) add(of string, kinds ...string) {
	for _, k := range kinds {
		if c.found[of] == nil {
			c.found[of] = map[string]bool{}
		}
		c.found[of][k] = true
	}
}

var eventForm = regexp.MustCompile(`^[a-z_]+(\.[a-z_]+)+$`)

func (c *collector) file(dir string, p *source, f *ast.File, made bool) {
	var stack []ast.Node
	ast.Inspect(f, func(n ast.Node) bool {
		if n == nil {
			stack = stack[:len(stack)-1]
			return true
		}
		stack = append(stack, n)
		switch n := n.(type) {
		case *ast.CallExpr:
			name := called(n)
			if i := strings.IndexByte(name, '.'); !made && name[:max(i, 0)] == "ledger" && slices.Contains([]string{"Post", "Hold", "PostHold", "Void"}, name[i+1:]) && len(n.Args) > 1 {
				c.add("journal", c.values(dir, p, f, slices.Clone(stack), n.Args[1], 0)...)
			}
			if !made && strings.HasSuffix(name, ".About") && len(n.Args) == 1 {
				if b, ok := n.Args[0].(*ast.BinaryExpr); ok {
					if lit, ok := literal(b.X); ok {
						c.add("subject", strings.TrimSuffix(lit, "/"))
					}
				}
			}
			if dir == "internal/stripeemu" && strings.HasSuffix(name, ".tell") && len(n.Args) > 0 {
				if lit, ok := literal(n.Args[0]); ok && eventForm.MatchString(lit) {
					c.add("event", lit)
				}
			}
		case *ast.CompositeLit:
			of := text(n.Type)
			for _, e := range n.Elts {
				kv, ok := e.(*ast.KeyValueExpr)
				if !ok {
					continue
				}
				key := text(kv.Key)
				switch {
				case key == "Action" && of == "store.Audit" && strings.HasPrefix(dir, "billing") && aboutPayment(n):
					c.add("act", c.values(dir, p, f, slices.Clone(stack), kv.Value, 0)...)
				case key == "Why" && !made && slices.Contains([]string{"store.Operation", "Operation", "errand.RefundPayment", "Refund", "billing.Refund"}, of):
					for _, v := range reasons(p, kv.Value) {
						c.add("reason", v)
					}
				case key == "Type" && of == "gateway.Event" && strings.HasPrefix(dir, "billing/gateway"):
					if lit, ok := literal(kv.Value); ok {
						c.add("event", lit)
					}
				}
			}
		case *ast.BasicLit:
			if dir == "billing/gateway/stripe" || dir == "billing/gateway/redirect" {
				if lit, ok := literal(n); ok && eventForm.MatchString(lit) && strings.Count(lit, ".") <= 3 && (strings.HasPrefix(lit, "charge.") || strings.HasPrefix(lit, "payment") ||
					strings.HasPrefix(lit, "refund.") || strings.HasPrefix(lit, "account.") || strings.HasPrefix(lit, "payout.") || strings.HasPrefix(lit, "setup_intent.")) {
					c.add("event", lit)
				}
			}
		}
		return true
	})
}

// aboutPayment tells whether an audit row is about a payment: its story shows it.
func aboutPayment(n *ast.CompositeLit) bool {
	for _, e := range n.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok && text(kv.Key) == "Target" {
			return strings.HasPrefix(text(kv.Value), `"payment/"`) || text(kv.Value) == "about"
		}
	}
	return false
}

// reasons is what the server itself gives as a reason: words of its own, or their beginning.
func reasons(p *source, e ast.Expr) []string {
	switch e := e.(type) {
	case *ast.BasicLit:
		lit, _ := literal(e)
		return []string{lit}
	case *ast.BinaryExpr:
		if lit, ok := literal(e.X); ok {
			return []string{strings.TrimRight(lit, ": ")}
		}
	case *ast.Ident:
		if v, ok := p.consts[e.Name]; ok {
			return []string{v}
		}
	}
	return nil // a person's
}

// values is what an expression may be: a literal, a constant, what is assigned to a variable in its function, or what callers give.
func (c *collector) values(dir string, p *source, f *ast.File, stack []ast.Node, e ast.Expr, depth int) []string {
	if lit, ok := literal(e); ok {
		return []string{lit}
	}
	if said, ok := indirect[text(e)]; ok {
		return said
	}
	if b, ok := e.(*ast.BinaryExpr); ok && b.Op == token.ADD {
		var out []string
		for _, x := range c.values(dir, p, f, stack, b.X, depth) {
			for _, y := range c.values(dir, p, f, stack, b.Y, depth) {
				out = append(out, x+y)
			}
		}
		return out
	}
	id, ok := e.(*ast.Ident)
	if !ok || depth > 4 {
		c.t.Errorf("%s: what may %s be? Say it in indirect", dir, text(e))
		return nil
	}
	if v, ok := p.consts[id.Name]; ok {
		return []string{v}
	}
	for i := len(stack) - 1; i >= 0; i-- {
		var params *ast.FieldList
		var body *ast.BlockStmt
		name := ""
		switch fn := stack[i].(type) {
		case *ast.FuncDecl:
			params, body, name = fn.Type.Params, fn.Body, fn.Name.Name
		case *ast.FuncLit:
			params, body = fn.Type.Params, fn.Body
			if i > 0 {
				if a, ok := stack[i-1].(*ast.AssignStmt); ok {
					name = text(a.Lhs[0])
				}
			}
		default:
			continue
		}
		var out []string
		ast.Inspect(body, func(n ast.Node) bool {
			if a, ok := n.(*ast.AssignStmt); ok {
				for k, l := range a.Lhs {
					if text(l) == id.Name && len(a.Lhs) == len(a.Rhs) {
						out = append(out, c.values(dir, p, f, stack[:i+1], a.Rhs[k], depth+1)...)
					}
				}
			}
			return true
		})
		at, n := -1, 0
		for _, field := range params.List {
			for _, x := range field.Names {
				if x.Name == id.Name {
					at = n
				}
				n++
			}
		}
		if at >= 0 {
			return append(out, c.given(dir, p, name, at, depth)...)
		}
		if out != nil {
			return out
		}
	}
	c.t.Errorf("%s: what may %s be? Say it in indirect", dir, id.Name)
	return nil
}

// given is what the callers of a function in its package give at a place.
func (c *collector) given(dir string, p *source, name string, at, depth int) (out []string) {
	for _, f := range p.files {
		var stack []ast.Node
		ast.Inspect(f, func(n ast.Node) bool {
			if n == nil {
				stack = stack[:len(stack)-1]
				return true
			}
			stack = append(stack, n)
			if call, ok := n.(*ast.CallExpr); ok && len(call.Args) > at {
				if full := called(call); full == name || strings.HasSuffix(full, "."+name) && !strings.HasPrefix(full, "ledger.") {
					out = append(out, c.values(dir, p, f, slices.Clone(stack), call.Args[at], depth+1)...)
				}
			}
			return true
		})
	}
	return out
}

func called(c *ast.CallExpr) string { return text(c.Fun) }

func literal(e ast.Expr) (string, bool) {
	if b, ok := e.(*ast.BasicLit); ok && b.Kind == token.STRING {
		s, err := strconv.Unquote(b.Value)
		return s, err == nil
	}
	return "", false
}

// text is an expression as it is written, as far as it matters here.
func text(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return text(e.X) + "." + e.Sel.Name
	case *ast.BasicLit:
		return e.Value
	case *ast.BinaryExpr:
		return text(e.X) + " " + e.Op.String() + " " + text(e.Y)
	case *ast.CallExpr:
		args := make([]string, len(e.Args))
		for i, a := range e.Args {
			args[i] = text(a)
		}
		return text(e.Fun) + "(" + strings.Join(args, ", ") + ")"
	}
	return ""
}
