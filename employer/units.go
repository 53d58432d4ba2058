package employer

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/internal/readable"
	"github.com/waymeet/waymeet/store"
)

const (
	deepest  = 8   // units above one another
	maxUnits = 500 // of one organisation
)

// AddUnit puts a unit under another one of an organisation. The operator's staff do.
func (s *Service) AddUnit(ctx context.Context, claim idem.Claim, org, parent uuid.UUID, name string) (store.Unit, error) {
	a, err := caller(ctx)
	if err != nil {
		return store.Unit{}, err
	}
	if name = strings.TrimSpace(name); name == "" || !readable.Name(name) {
		return store.Unit{}, fault.New("bad_value").At("/name")
	}
	if err := s.mayWrite(ctx, a, org); err != nil {
		return store.Unit{}, err
	}
	id := ident.New()
	return once(ctx, s, a, claim, 201, func(tx *store.Tx) (store.Unit, error) {
		if _, err := tx.LockOrganisation(ctx, org); err != nil {
			return store.Unit{}, err
		}
		units, err := tx.Units(ctx, org)
		if err != nil {
			return store.Unit{}, err
		}
		i := slices.IndexFunc(units, func(u store.Unit) bool { return u.ID == parent })
		if i < 0 {
			return store.Unit{}, fault.New("not_found")
		}
		if len(units[i].Above) >= deepest || len(units) >= maxUnits {
			return store.Unit{}, fault.New("out_of_range").At("/parent")
		}
		u := store.Unit{ID: id, Organisation: org, Above: append(slices.Clone(units[i].Above), id), Name: name, Active: true}
		if err := tx.AddUnit(ctx, u); errors.Is(err, store.ErrTaken) {
			return store.Unit{}, fault.New("organisation_taken").At("/name")
		} else if err != nil {
			return store.Unit{}, err
		}
		return u, tx.Audit(store.Audit{Actor: a.User, Action: "unit.created", Target: "organisation/" + org.String(), Detail: map[string]any{"unit": id, "parent": parent}})
	})
}
