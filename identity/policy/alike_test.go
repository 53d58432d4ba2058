package policy

import (
	"slices"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/waymeet/waymeet/identity/tenant"
)

// Whoever was described before, each is described as if nobody had been.
func TestNobodyIsTakenForAnother(t *testing.T) {
	var all []Action
	for a := range actions {
		all = append(all, a)
	}
	slices.Sort(all)
	tenants := []tenant.ID{atlas, nile}
	scopes := []Scope{{}, {}, {}, {Line: line1}, {Line: line2}, {Unit: thing}}
	rapid.Check(t, func(t *rapid.T) {
		action := rapid.SampledFrom(all).Draw(t, "action")
		a := Actor{Tenant: rapid.SampledFrom(tenants).Draw(t, "tenant"), User: uuid.New()}
		some := append([]Permission{"something.else"}, actions[action]...)
		for range rapid.IntRange(0, 4).Draw(t, "grants") {
			a.Grants = append(a.Grants, Grant{rapid.SampledFrom(some).Draw(t, "permission"), rapid.SampledFrom(scopes).Draw(t, "scope")})
		}
		for range 2 {
			if got, want := described(a, action), describe(a, actions[action]); !got.Equal(want) {
				t.Fatalf("%+v for %s: %s, want %s", a, action, got.MarshalCedar(), want.MarshalCedar())
			}
		}
	})
	before := len(looks.known)
	for range mostLooks {
		described(Actor{Tenant: tenant.ID(uuid.New())}, all[0])
	}
	if n := len(looks.known); before == 0 || n > mostLooks {
		t.Errorf("%d are remembered, before %d", n, before)
	}
}
