package policy

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/cedar-policy/cedar-go"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
)

// Each permission that an action names must open it by itself, and no other may: the catalogue and the rules are two
// hands writing one truth.
func TestRulesMatchTheCatalogue(t *testing.T) {
	own := map[Permission]bool{}
	for _, p := range Permissions {
		own[p.Name] = p.Own
	}
	for action, need := range actions {
		for _, p := range Permissions {
			a := Actor{Tenant: atlas, User: amal, Grants: []Grant{{Permission: p.Name}}}
			if p.Name == CompanyManagePermission { // is held within a unit, or not at all
				a.Grants[0].Scope.Unit = line1
			}
			owner := badr
			if p.Own {
				owner = amal
			}
			err := Can(With(context.Background(), a), action, Resource{Tenant: atlas, Kind: "thing", ID: thing, Owner: owner, Units: []uuid.UUID{line2, line1}})
			want := slices.Contains(need, p.Name)
			if len(need) == 0 {
				want = owner == amal
			}
			if (err == nil) != want {
				t.Errorf("%s by %s alone: allowed %v, want %v", action, p.Name, err == nil, want)
			}
		}
		for _, p := range need {
			if !KnownPermission(p) {
				t.Errorf("%s consults %s, which is in no catalogue", action, p)
			}
		}
	}
}

func TestIndexRefusesWhatCannotBeFiled(t *testing.T) {
	for text, want := range map[string]string{
		`permit (principal, action == Action::"stop.read", resource);`:              "@id",
		`@id("x") permit (principal, action, resource);`:                            "every action",
		`@id("x") permit (principal, action == Action::"stop.reed", resource);`:     "no action",
		`@id("x") permit (principal, action in Action::"everything", resource);`:    "named with",
		`@id("walls") forbid (principal, action == Action::"stop.read", resource);`: "twice",
	} {
		list, err := cedar.NewPolicyListFromBytes("x", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		out, _ := load()
		if err := index(out, list[0]); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

// Whatever an actor holds, nothing of another tenant opens; and more grants never close what fewer opened.
func TestWallsAndMonotony(t *testing.T) {
	var all []Action
	for a := range actions {
		all = append(all, a)
	}
	slices.Sort(all)
	lines := []uuid.UUID{uuid.Nil, line1, line2}
	rapid.Check(t, func(t *rapid.T) {
		grant := rapid.Custom(func(t *rapid.T) Grant {
			return Grant{rapid.SampledFrom(Permissions).Draw(t, "permission").Name, anyScope(lines).Draw(t, "scope")}
		})
		few := Actor{Tenant: atlas, User: amal, Grants: rapid.SliceOfN(grant, 0, 8).Draw(t, "grants")}
		more := few
		more.Grants = append(slices.Clone(few.Grants), grant.Draw(t, "one more"))
		action := rapid.SampledFrom(all).Draw(t, "action")
		res := Resource{
			Tenant: rapid.SampledFrom([]tenant.ID{atlas, nile}).Draw(t, "tenant"), Kind: "thing",
			ID:    rapid.SampledFrom([]uuid.UUID{uuid.Nil, thing}).Draw(t, "id"),
			Owner: rapid.SampledFrom([]uuid.UUID{uuid.Nil, amal, badr}).Draw(t, "owner"),
			Line:  rapid.SampledFrom(lines).Draw(t, "line"),
			Units: rapid.SliceOfN(rapid.SampledFrom(lines[1:]), 0, 2).Draw(t, "units"),
		}
		first := Can(With(context.Background(), few), action, res)
		second := Can(With(context.Background(), more), action, res)
		if res.Tenant != atlas && (first == nil || second == nil) {
			t.Fatal("a wall was passed")
		}
		if first == nil && second != nil {
			t.Fatalf("one more grant closed the door: %v", second)
		}
	})
}

func anyScope(ids []uuid.UUID) *rapid.Generator[Scope] {
	return rapid.Custom(func(t *rapid.T) Scope {
		id := rapid.SampledFrom(ids).Draw(t, "id")
		if rapid.Bool().Draw(t, "a unit") {
			return Scope{Unit: id}
		}
		return Scope{Line: id}
	})
}

// TestManagersReachTheirSubtree: a unit and what is under it, never what is above or beside it; and the same permission
// held without a unit, as users.update would give it, opens nothing.
func TestManagersReachTheirSubtree(t *testing.T) {
	root, plant, shop, office, other := uuid.New(), uuid.New(), uuid.New(), uuid.New(), uuid.New()
	for name, c := range map[string]struct {
		scope Scope
		units []uuid.UUID
		want  string
	}{
		"their own":       {Scope{Unit: plant}, []uuid.UUID{root, plant}, ""},
		"under it":        {Scope{Unit: plant}, []uuid.UUID{root, plant, shop}, ""},
		"above it":        {Scope{Unit: plant}, []uuid.UUID{root}, "not_found"},
		"beside it":       {Scope{Unit: plant}, []uuid.UUID{root, office}, "not_found"},
		"another's":       {Scope{Unit: root}, []uuid.UUID{other}, "not_found"},
		"of no unit":      {Scope{Unit: root}, nil, "not_found"},
		"without a scope": {Scope{}, []uuid.UUID{root}, "not_found"},
		"of a line":       {Scope{Line: root}, []uuid.UUID{root}, "not_found"},
	} {
		ctx := With(context.Background(), Actor{Tenant: atlas, User: amal, Grants: []Grant{{CompanyManagePermission, c.scope}}})
		for _, action := range []Action{CompanyRead, CompanyWrite} {
			err := Can(ctx, action, Resource{Tenant: atlas, Kind: "unit", ID: thing, Units: c.units})
			if got := code(err); got != c.want {
				t.Errorf("%s of %s: %q, want %q", action, name, got, c.want)
			}
		}
		if err := Can(ctx, OrganisationWrite, Resource{Tenant: atlas, Kind: "organisation", ID: thing, Units: c.units}); code(err) != "forbidden" {
			t.Errorf("a manager changes who is billed: %v", err)
		}
	}
}

func code(err error) string {
	if err == nil {
		return ""
	}
	return fault.As(err).Code
}
