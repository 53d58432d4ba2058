package identity

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/store"
)

// Supervisors is who runs one queue alone. Who runs all of them has the role without a bound, and is not among these.
func (s *Service) Supervisors(ctx context.Context, t tenant.ID, queue uuid.UUID) ([]store.QueueSupervisor, error) {
	r := s.db.Read(t)
	if err := queueThere(ctx, r, queue); err != nil {
		return nil, err
	}
	return r.QueueSupervisors(ctx, queue)
}

// AddSupervisor lets somebody who has an account run one queue. Whoever lets them must be allowed to do all that there themselves.
func (s *Service) AddSupervisor(ctx context.Context, t tenant.ID, claim idem.Claim, queue uuid.UUID, email string) (who store.QueueSupervisor, err error) {
	var answer json.RawMessage
	err = s.db.InTx(ctx, t, func(tx *store.Tx) error {
		answer, _, err = tx.Once(ctx, claim, http.StatusCreated, func() (any, error) {
			if err := queueThere(ctx, &tx.Reader, queue); err != nil {
				return nil, err
			}
			roles, err := pick(ctx, tx, []string{policy.Supervisor})
			if err == nil {
				err = mayGive(ctx, roles)
			}
			if err != nil {
				return nil, err
			}
			u, _, err := tx.UserByEmail(ctx, strings.ToLower(strings.TrimSpace(email)))
			if store.IsNotFound(err) {
				return nil, fault.New("supervisor_unknown").At("/email")
			}
			if err != nil {
				return nil, err
			}
			given, err := tx.GiveQueueRole(ctx, u.ID, queue, policy.Supervisor)
			if err == nil && given {
				err = runs(ctx, tx, "supervisor.named", u.ID, queue)
			}
			return store.QueueSupervisor{User: u.ID, Name: u.Name, Email: u.Email}, err
		})
		return err
	})
	if err != nil {
		return who, err
	}
	if err := json.Unmarshal(answer, &who); err != nil {
		return who, err
	}
	s.heard(Revocation{t, who.User})
	return who, nil
}

// RemoveSupervisor ends that somebody runs a queue: what they saw by it ends on every node within two seconds. Who does not run it stays so.
func (s *Service) RemoveSupervisor(ctx context.Context, t tenant.ID, queue, user uuid.UUID) error {
	err := s.db.InTx(ctx, t, func(tx *store.Tx) error {
		if err := queueThere(ctx, &tx.Reader, queue); err != nil {
			return err
		}
		if _, err := tx.UserByID(ctx, user); store.IsNotFound(err) {
			return fault.New("not_found")
		} else if err != nil {
			return err
		}
		taken, err := tx.TakeQueueRoles(ctx, user, queue)
		if err == nil && taken {
			err = runs(ctx, tx, "supervisor.removed", user, queue)
		}
		return err
	})
	if err == nil {
		s.heard(Revocation{t, user})
	}
	return err
}

func queueThere(ctx context.Context, r *store.Reader, queue uuid.UUID) error {
	there, err := r.QueueThere(ctx, queue)
	if err == nil && !there {
		err = fault.New("queue_not_found")
	}
	return err
}

// runs writes down who may run what from now on, and has every node ask again.
func runs(ctx context.Context, tx *store.Tx, action string, user, queue uuid.UUID) error {
	if err := revoke(tx, user, uuid.Nil); err != nil {
		return err
	}
	return tx.Audit(store.Audit{Actor: actorOf(ctx), Action: action, Target: "queue/" + queue.String(), Detail: map[string]any{"user": user}})
}
