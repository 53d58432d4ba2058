package policy

import (
	"embed"
	"fmt"

	"github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/x/exp/ast"
)

//go:embed rules/*.cedar
var files embed.FS

// maxSlice bounds the policies looked at for one action: evaluation is linear in them (about 2 µs each).
const maxSlice = 15

// rules is each action with the policies that can say something about it, read once at start. Broken rules are a broken
// program: they stop it before it serves anyone.
var rules = must(load())

func must(m map[Action]cedar.PolicyMap, err error) map[Action]cedar.PolicyMap {
	if err != nil {
		panic(err)
	}
	return m
}

func load() (map[Action]cedar.PolicyMap, error) {
	entries, err := files.ReadDir("rules")
	if err != nil {
		return nil, fmt.Errorf("policy: list the rules: %w", err)
	}
	out := make(map[Action]cedar.PolicyMap, len(actions))
	for a := range actions {
		out[a] = cedar.PolicyMap{}
	}
	for _, e := range entries {
		text, err := files.ReadFile("rules/" + e.Name())
		if err != nil {
			return nil, fmt.Errorf("policy: read %s: %w", e.Name(), err)
		}
		list, err := cedar.NewPolicyListFromBytes(e.Name(), text)
		if err != nil {
			return nil, fmt.Errorf("policy: parse %s: %w", e.Name(), err)
		}
		for _, p := range list {
			if err := index(out, p); err != nil {
				return nil, fmt.Errorf("policy: %s line %d: %w", e.Name(), p.Position().Line, err)
			}
		}
	}
	return out, check(out)
}

// index files a policy under each action that its scope names; one without an action in its scope stands over all.
func index(out map[Action]cedar.PolicyMap, p *cedar.Policy) error {
	id := cedar.PolicyID(p.Annotations()["id"])
	if id == "" {
		return fmt.Errorf("a policy needs an @id")
	}
	var named []Action
	switch scope := (*ast.Policy)(p.AST()).Action.(type) {
	case ast.ScopeTypeAll:
		if p.Effect() == cedar.Permit {
			return fmt.Errorf("%s permits every action", id)
		}
		for a := range out {
			named = append(named, a)
		}
	case ast.ScopeTypeEq:
		named = []Action{Action(scope.Entity.ID)}
	case ast.ScopeTypeInSet:
		for _, e := range scope.Entities {
			named = append(named, Action(e.ID))
		}
	default:
		return fmt.Errorf("%s: an action is named with == or in [ ]", id)
	}
	for _, a := range named {
		slice, ok := out[a]
		if !ok {
			return fmt.Errorf("%s speaks of %q, which is no action", id, a)
		}
		if slice[id] != nil {
			return fmt.Errorf("%s stands twice", id)
		}
		slice[id] = p
	}
	return nil
}

func check(out map[Action]cedar.PolicyMap) error {
	for a, slice := range out {
		permits, walls := 0, 0
		for _, p := range slice {
			if p.Effect() == cedar.Permit {
				permits++
			} else {
				walls++
			}
		}
		if permits == 0 || walls == 0 || len(slice) > maxSlice {
			return fmt.Errorf("policy: %s has %d permits and %d walls (at least one of each, at most %d)", a, permits, walls, maxSlice)
		}
	}
	return nil
}
