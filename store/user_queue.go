package store

import (
	"context"
	"fmt"

	"github.com/google/uuid"
)

// QueueSupervisor is somebody who runs one queue, and not all of them.
type QueueSupervisor struct {
	User  uuid.UUID
	Name  string
	Email string
}

// QueueSupervisors is who holds a role for a queue alone, by name.
func (r *Reader) QueueSupervisors(ctx context.Context, queue uuid.UUID) ([]QueueSupervisor, error) {
	rows, err := r.q.QueueRoleHolders(ctx, r.tenant.UUID(), queue)
	if err != nil {
		return nil, fmt.Errorf("store: who runs queue %s: %w", queue, err)
	}
	out := make([]QueueSupervisor, len(rows))
	for i, u := range rows {
		out[i] = QueueSupervisor{u.ID, u.Name, u.Email}
	}
	return out, nil
}

// QueueThere says whether the tenant has such a queue.
func (r *Reader) QueueThere(ctx context.Context, queue uuid.UUID) (bool, error) {
	there, err := r.q.QueueThere(ctx, r.tenant.UUID(), queue)
	if err != nil {
		return false, fmt.Errorf("store: look for queue %s: %w", queue, err)
	}
	return there, nil
}

// GiveQueueRole gives somebody a role for one queue; false: they hold it.
func (tx *Tx) GiveQueueRole(ctx context.Context, user, queue uuid.UUID, role string) (bool, error) {
	n, err := tx.q.QueueRoleGive(ctx, user, queue, tx.tenant.UUID(), role)
	if err != nil {
		return false, fmt.Errorf("store: give user %s a role for queue %s: %w", user, queue, err)
	}
	return n == 1, nil
}

// TakeQueueRoles takes all that somebody holds for one queue; false: it was nothing.
func (tx *Tx) TakeQueueRoles(ctx context.Context, user, queue uuid.UUID) (bool, error) {
	n, err := tx.q.QueueRoleTake(ctx, tx.tenant.UUID(), user, queue)
	if err != nil {
		return false, fmt.Errorf("store: take the roles of user %s for queue %s: %w", user, queue, err)
	}
	return n > 0, nil
}
