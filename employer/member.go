package employer

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/identity/organisation"
	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/readable"
	"github.com/waymeet/waymeet/store"
)

// longestCentre bounds a cost centre's code, as rosters do.
const longestCentre = 200

// MoveMember gives one member another cost centre from a day on (zero: today), without a roster. What was true of earlier days stays, and so
// does what was booked: it carries the centre of its day.
func (s *Service) MoveMember(ctx context.Context, org, member uuid.UUID, centre string, day servicedate.Date) (store.Membership, error) {
	centre = strings.TrimSpace(centre)
	if utf8.RuneCountInString(centre) > longestCentre || !readable.Name(centre) {
		return store.Membership{}, fault.New("bad_value").At("/cost_centre")
	}
	return s.oneMember(ctx, org, member, day, func(tx *store.Tx, m store.Membership, day servicedate.Date) (organisation.Preview, string, error) {
		after := m.Member
		after.Tenure = after.Tenure.Move(centre, max(day, after.Tenure.Joined))
		return organisation.Preview{On: day, Changes: []organisation.Change{{Before: m.Member, After: after, Fields: []string{"cost_centre"}}}}, "member.moved", nil
	})
}

// RemoveMember ends that somebody belongs, from a day on (zero: today), as a roster without them does: their coming rides are cancelled, what was
// ridden stays and is billed. Who has left by then stays so.
func (s *Service) RemoveMember(ctx context.Context, org, member uuid.UUID, day servicedate.Date) (store.Membership, error) {
	return s.oneMember(ctx, org, member, day, func(_ *store.Tx, m store.Membership, day servicedate.Date) (organisation.Preview, string, error) {
		return organisation.Preview{On: day, Leavers: []organisation.Member{m.Member}}, "member.removed", nil
	})
}

// oneMember does to one member what a roster does to many: behind the organisation's lock, so that a roster that was compared before is
// refused (roster_changed).
func (s *Service) oneMember(ctx context.Context, org, member uuid.UUID, day servicedate.Date, change func(*store.Tx, store.Membership, servicedate.Date) (organisation.Preview, string, error)) (out store.Membership, err error) {
	a, err := caller(ctx)
	if err != nil {
		return out, err
	}
	err = s.db.InTx(ctx, a.Tenant, func(tx *store.Tx) error {
		o, err := tx.LockOrganisation(ctx, org)
		if store.IsNotFound(err) {
			return fault.New("not_found")
		}
		if err != nil {
			return err
		}
		m, above, err := tx.Member(ctx, org, member)
		if store.IsNotFound(err) {
			return fault.New("not_found")
		}
		if err != nil {
			return err
		}
		if err := on(ctx, a, policy.CompanyWrite, m.Unit, above); err != nil {
			return err
		}
		today := s.today(o)
		from := day
		if from.IsZero() {
			from = today
		}
		if from < today.AddDays(-longestBack) || from > today.AddDays(longestAhead) {
			return fault.New("out_of_range").At("/on")
		}
		if left := m.Tenure.Left; left.IsZero() || left > from {
			p, act, err := change(tx, m, from)
			if err != nil {
				return err
			}
			if err := tx.ApplyRoster(ctx, org, m.Unit, p); err != nil {
				return err
			}
			gone, err := withdraw(ctx, tx, p)
			if err != nil {
				return err
			}
			if err := tx.Audit(store.Audit{Actor: a.User, Action: act, Target: "organisation/" + org.String(), Detail: map[string]any{"member": member, "from": from.String(), "withdrawn": gone}}); err != nil {
				return err
			}
		}
		if m, _, err = tx.Member(ctx, org, member); err != nil {
			return err
		}
		m.CostCentre, _ = m.Tenure.On(today)
		out = m
		return nil
	})
	return out, err
}
