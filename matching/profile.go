package matching

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store"
)

// Profile is an expert as they and the operator see them.
func (s *Service) Profile(ctx context.Context, t tenant.ID, expert uuid.UUID) (store.ExpertProfile, error) {
	p, err := profileOf(ctx, s.db.Read(t), expert)
	if store.IsNotFound(err) {
		err = fault.New("expert_not_found")
	}
	return p, err
}

func profileOf(ctx context.Context, r *store.Reader, expert uuid.UUID) (p store.ExpertProfile, err error) {
	if p, err = r.ExpertProfile(ctx, expert); err == nil {
		p.Days, err = r.ExpertDays(ctx, expert)
	}
	return p, err
}

// Apply keeps what an expert says of themselves, and makes somebody who is none an applicant. What they can do is theirs to say until
// the operator has decided on it.
func (s *Service) Apply(ctx context.Context, by By, p store.ExpertProfile) (out store.ExpertProfile, err error) {
	if p.Minute.Amount < 1 || p.Minute.Amount > mostMinute {
		return out, fault.New("out_of_range").At("/price")
	}
	if err := first(checkModalities(p.Modalities), checkLanguages(p.Languages), checkZone(p.TimeZone), checkHours(p.Hours, 2880), checkDays(p.Days, 2880), between(p.Slots, 1, 20, "/slots"),
		checkLevels(p.Skills, mostSkills, "/skills")); err != nil {
		return out, err
	}
	p.ID = by.User
	err = s.db.InTx(ctx, by.Tenant, func(tx *store.Tx) error {
		row, err := tx.TenantRow(ctx)
		if err != nil {
			return err
		}
		if string(p.Minute.Currency) != row.Currency {
			return fault.New("bad_value").At("/price")
		}
		if err := known(ctx, tx, p.Skills, "/skills"); err != nil {
			return err
		}
		was, err := tx.ExpertProfile(ctx, by.User)
		if err != nil && !store.IsNotFound(err) {
			return err
		}
		if was.State == "approved" && !sameSkills(was.Skills, p.Skills) {
			return fault.New("expert_skills_decided").At("/skills")
		}
		state, err := tx.SaveExpert(ctx, p)
		if err == nil && state != "approved" {
			err = tx.WriteExpertSkills(ctx, by.User, p.Skills)
		}
		if err == nil && p.Days != nil {
			err = tx.WriteExpertDays(ctx, by.User, p.Days)
		}
		if err != nil {
			return err
		}
		out, err = profileOf(ctx, &tx.Reader, by.User)
		return err
	})
	if err == nil {
		s.matcher.stir(by.Tenant, by.User)
	}
	return out, err
}

const mostMinute = 1_000_000_00 // of a price, in the minor unit

func sameSkills(a, b []store.SkillLevel) bool {
	order := func(x, y store.SkillLevel) int { return slices.Compare(x.Skill[:], y.Skill[:]) }
	a, b = slices.Clone(a), slices.Clone(b)
	slices.SortFunc(a, order)
	slices.SortFunc(b, order)
	return slices.Equal(a, b)
}

// Practice is what the operator decides on an expert.
type Practice struct {
	State     string             // applied, approved, refused
	Suspended bool               // not rung for now, whatever the state
	Why       string             // they are: said when they were not before
	Skills    []store.SkillLevel // what they can do, by the operator's word; nil: as it is
}

// Practise keeps whether an expert may practise, and as what. Rings that are out may be answered unless they are suspended.
func (s *Service) Practise(ctx context.Context, by By, expert uuid.UUID, p Practice) (out store.ExpertProfile, err error) {
	if !slices.Contains([]string{"applied", "approved", "refused"}, p.State) {
		return out, fault.New("bad_value").At("/state")
	}
	if expert == by.User {
		return out, fault.New("expert_own") // nobody approves themselves
	}
	if err := checkLevels(p.Skills, mostSkills, "/skills"); err != nil {
		return out, err
	}
	if p.Why = strings.TrimSpace(p.Why); utf8.RuneCountInString(p.Why) > longestWhy {
		return out, fault.New("too_long").At("/why")
	}
	err = s.db.InTx(ctx, by.Tenant, func(tx *store.Tx) error {
		was, err := tx.ExpertProfile(ctx, expert)
		if store.IsNotFound(err) {
			return fault.New("expert_not_found")
		}
		if err == nil && p.Suspended && !was.Suspended && p.Why == "" {
			err = fault.New("required").At("/why")
		}
		if err == nil {
			_, err = tx.PractiseExpert(ctx, expert, p.State, p.Suspended, p.Why, by.User)
		}
		if err == nil && p.Skills != nil {
			if err = known(ctx, tx, p.Skills, "/skills"); err == nil {
				err = tx.WriteExpertSkills(ctx, expert, p.Skills)
			}
		}
		if err == nil {
			err = tx.Audit(store.Audit{Actor: by.User, Action: "expert.practice", Target: "expert/" + expert.String(), Detail: map[string]any{"state": p.State, "suspended": p.Suspended, "why": p.Why}})
		}
		if err != nil {
			return err
		}
		out, err = profileOf(ctx, &tx.Reader, expert)
		return err
	})
	if err == nil {
		s.matcher.stir(by.Tenant, expert)
	}
	return out, err
}
