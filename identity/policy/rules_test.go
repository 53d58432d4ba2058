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
			owner := badr
			if p.Own {
				owner = amal
			}
			err := Can(With(context.Background(), a), action, Resource{Tenant: atlas, Kind: "thing", ID: thing, Owner: owner})
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
			return Grant{rapid.SampledFrom(Permissions).Draw(t, "permission").Name, Scope{Line: rapid.SampledFrom(lines).Draw(t, "scope")}}
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
