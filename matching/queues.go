package matching

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store"
)

// QueueSpec is a queue as a supervisor says it. What decides is checked here: a queue that is written can be served.
type QueueSpec struct {
	store.QueueRules
	Rings   []RingSpec // none: the usual ones
	Weights WeightSpec
}

// Queues is a tenant's, by name.
func (s *Service) Queues(ctx context.Context, t tenant.ID) ([]store.QueueRules, error) {
	return s.db.Read(t).Queues(ctx, uuid.Nil)
}

// AddQueue adds one.
func (s *Service) AddQueue(ctx context.Context, by By, claim idem.Claim, q QueueSpec) (out store.QueueRules, err error) {
	if err := q.check(); err != nil {
		return out, err
	}
	err = s.db.InTx(ctx, by.Tenant, func(tx *store.Tx) error {
		answer, _, err := tx.Once(ctx, claim, http.StatusCreated, func() (any, error) {
			rules := q.QueueRules
			rules.ID = ident.New()
			if err := fits(ctx, tx, rules); err != nil {
				return nil, err
			}
			added, err := tx.AddQueue(ctx, rules)
			if err == nil && !added {
				err = fault.New(store.QueueTaken).At("/name")
			}
			if err == nil {
				err = tx.Audit(store.Audit{Actor: by.User, Action: "queue.add", Target: "queue/" + rules.ID.String()})
			}
			return rules.ID, err
		})
		if err != nil {
			return err
		}
		var id uuid.UUID
		if err := json.Unmarshal(answer, &id); err != nil {
			return err
		}
		out, err = queueOf(ctx, &tx.Reader, id)
		return err
	})
	return out, err
}

// ChangeQueue writes one anew, if nobody has since q.Version. Who waits is served by the new rules within seconds.
func (s *Service) ChangeQueue(ctx context.Context, by By, q QueueSpec) (out store.QueueRules, err error) {
	if err := q.check(); err != nil {
		return out, err
	}
	err = s.db.InTx(ctx, by.Tenant, func(tx *store.Tx) error {
		if _, err := queueOf(ctx, &tx.Reader, q.ID); err != nil {
			return err
		}
		if err := fits(ctx, tx, q.QueueRules); err != nil {
			return err
		}
		refused, err := tx.ChangeQueue(ctx, q.QueueRules)
		if err == nil && refused != "" {
			err = fault.New(refused)
		}
		if err == nil {
			err = tx.Audit(store.Audit{Actor: by.User, Action: "queue.change", Target: "queue/" + q.ID.String()})
		}
		if err != nil {
			return err
		}
		out, err = queueOf(ctx, &tx.Reader, q.ID)
		return err
	})
	return out, err
}

// check says what is wrong with a definition by itself, and writes its rings and weights down.
func (q *QueueSpec) check() error {
	if _, widen := ringsOf(q.Rings); !widen {
		return fault.New("queue_rings_invalid").At("/rings")
	}
	if _, fine := weightsOf(q.Weights); !fine {
		return fault.New("out_of_range").At("/weights")
	}
	if len(q.Rings) == 0 {
		q.Rings = usualRings()
	}
	q.After, q.Call, q.Calls = cmp.Or(q.After, time.Minute), cmp.Or(q.Call, time.Minute), cmp.Or(q.Calls, 2)
	if q.Days == nil {
		q.Days = new(usualDays)
	}
	q.Each = cmp.Or(q.Each, usualEach)
	var err error
	if q.QueueRules.Rings, err = json.Marshal(q.Rings); err != nil {
		return err
	}
	if q.QueueRules.Weights, err = json.Marshal(q.Weights); err != nil {
		return err
	}
	return first(checkName(q.Name, "/name"), checkModalities(q.Modalities), checkZone(q.TimeZone), checkLevels(q.Needs, mostNeeds, "/needs"), checkHours(q.Hours, 1440), checkDays(q.Exceptions, 1440),
		between(q.SLAS, 1, 86_400, "/sla_s"), between(q.RingS, 1, 300, "/ring_s"), between(q.PushRingS, 1, 600, "/push_ring_s"), between(q.FanOut, 1, 10, "/fan_out"),
		between(q.Most, 1, 10_000, "/most"), between(int(q.After/time.Second), 1, 86_400, "/callback_after_s"), between(int(q.Call/time.Second), 10, 600, "/callback_ring_s"),
		between(q.Calls, 1, 5, "/callback_calls"), between(*q.Days, 0, 90, "/appointment_days"), between(q.Each, 1, 1000, "/appointment_each"))
}

// fits says what is wrong with it beside the others: a skill that nobody has heard of, an overflow that goes on somewhere.
func fits(ctx context.Context, tx *store.Tx, q store.QueueRules) error {
	if err := known(ctx, tx, q.Needs, "/needs"); err != nil || q.Overflow == uuid.Nil {
		return err
	}
	there, _, goesOn, err := tx.Overflowing(ctx, q.Overflow)
	if err != nil {
		return err
	}
	if !there {
		return fault.New("queue_not_found").At("/overflow")
	}
	_, isOne, _, err := tx.Overflowing(ctx, q.ID)
	if err == nil && (goesOn || isOne || q.Overflow == q.ID) {
		err = fault.New("queue_overflow_circle").At("/overflow")
	}
	return err
}

func queueOf(ctx context.Context, r *store.Reader, id uuid.UUID) (store.QueueRules, error) {
	found, err := r.Queues(ctx, id)
	if err == nil && len(found) == 0 {
		err = fault.New("queue_not_found")
	}
	if err != nil {
		return store.QueueRules{}, err
	}
	return found[0], nil
}
