package policy

import (
	"slices"
	"sync"

	"github.com/cedar-policy/cedar-go"

	"github.com/waymeet/waymeet/identity/tenant"
)

// To describe somebody to the rules takes longer than the rules take to judge. But nearly all people hold what they hold in all of
// their tenant, and to an action's rules those of a tenant who hold the same of what it consults look alike. So their description is
// made once. Whose roles are bound to a line or a unit is described each time.

// look is what rules see of such people.
type look struct {
	tenant tenant.ID
	action Action
	held   uint64 // which of the action's permissions, by their place
}

const mostLooks = 20_000

var looks = struct {
	sync.RWMutex
	known map[look]cedar.Record // guarded by the mutex
}{known: map[look]cedar.Record{}}

// described is describe, of what was made before where it may be.
func described(a Actor, action Action) cedar.Record {
	of := consulted[action]
	l, alike := lookOf(a, action, of)
	if !alike {
		return describe(a, of)
	}
	looks.RLock()
	r, known := looks.known[l]
	looks.RUnlock()
	if known {
		return r
	}
	r = describe(a, of)
	looks.Lock()
	defer looks.Unlock()
	if len(looks.known) >= mostLooks {
		clear(looks.known)
	}
	looks.known[l] = r
	return r
}

// lookOf is false for people who look like nobody else.
func lookOf(a Actor, action Action, of []Permission) (l look, alike bool) {
	l = look{tenant: a.Tenant, action: action}
	for _, g := range a.Grants {
		i := slices.Index(of, g.Permission)
		if i < 0 {
			continue
		}
		if i >= 64 || !g.Scope.Whole() {
			return look{}, false
		}
		l.held |= 1 << i
	}
	return l, true
}
