package matching

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store"
)

// Skills is what a tenant's experts can do, by name.
func (s *Service) Skills(ctx context.Context, t tenant.ID) ([]store.Skill, error) {
	return s.db.Read(t).Skills(ctx)
}

// AddSkill adds one.
func (s *Service) AddSkill(ctx context.Context, by By, claim idem.Claim, k store.Skill) (store.Skill, error) {
	if err := checkName(k.Name, "/name"); err != nil {
		return k, err
	}
	err := s.db.InTx(ctx, by.Tenant, func(tx *store.Tx) error {
		answer, _, err := tx.Once(ctx, claim, http.StatusCreated, func() (any, error) {
			k.ID, k.Active = ident.New(), true
			added, err := tx.AddSkill(ctx, k)
			if err == nil && !added {
				err = fault.New("skill_taken").At("/name")
			}
			if err == nil {
				err = tx.Audit(store.Audit{Actor: by.User, Action: "skill.add", Target: "skill/" + k.ID.String(), Detail: map[string]any{"licensed": k.Licensed}})
			}
			return k, err
		})
		if err != nil {
			return err
		}
		return json.Unmarshal(answer, &k)
	})
	return k, err
}

// known refuses skills that the tenant does not have.
func known(ctx context.Context, tx *store.Tx, all []store.SkillLevel, at string) error {
	ids := make([]uuid.UUID, len(all))
	for i, s := range all {
		ids[i] = s.Skill
	}
	slices.SortFunc(ids, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	ids = slices.Compact(ids)
	n, err := tx.SkillsKnown(ctx, ids)
	if err == nil && n != len(ids) {
		err = fault.New("skill_not_found").At(at)
	}
	return err
}
