package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/store/internal/sqlc"
)

// ConnectExpert lets a new connection speak for an expert, and no other from now on. The epoch is its own.
func (tx *Tx) ConnectExpert(ctx context.Context, expert, node uuid.UUID, lease time.Duration) (epoch int64, err error) {
	epoch, err = tx.q.PresenceConnect(ctx, node, lease.Seconds(), tx.tenant.UUID(), expert)
	if err != nil {
		return 0, fmt.Errorf("store: connect expert %s: %w", expert, err)
	}
	return epoch, tx.TellExperts(ctx, expert)
}

// BeatExpert says that a connection lives; false: it does not speak for the expert any more.
func (tx *Tx) BeatExpert(ctx context.Context, expert uuid.UUID, epoch int64, lease time.Duration) (bool, error) {
	n, err := tx.q.PresenceBeat(ctx, lease.Seconds(), tx.tenant.UUID(), expert, epoch)
	if err != nil {
		return false, fmt.Errorf("store: renew expert %s: %w", expert, err)
	}
	return n == 1, nil
}

// CloseExpert says that a connection closed: its expert is suspect until the lease runs out, and then gone.
func (tx *Tx) CloseExpert(ctx context.Context, expert uuid.UUID, epoch int64) (bool, error) {
	n, err := tx.q.PresenceClose(ctx, epoch, tx.tenant.UUID(), expert)
	if err != nil {
		return false, fmt.Errorf("store: close expert %s: %w", expert, err)
	}
	return n == 1, tx.TellLapsed(ctx, expert)
}

// Reach is how an expert can be reached now: connected, suspect, push, gone.
func (r *Reader) Reach(ctx context.Context, expert uuid.UUID) (string, error) {
	reach, err := r.q.ReachOf(ctx, r.tenant.UUID(), expert)
	if IsNotFound(err) {
		return "gone", nil
	}
	if err != nil {
		return "", fmt.Errorf("store: read reach of %s: %w", expert, err)
	}
	return reach, nil
}

// ExpertIntent keeps what an expert wants: available, break, off. Whoever is available is there. False: no such expert.
func (tx *Tx) ExpertIntent(ctx context.Context, expert uuid.UUID, intent string) (bool, error) {
	n, err := tx.q.ExpertIntent(ctx, intent, tx.tenant.UUID(), expert)
	if err != nil {
		return false, fmt.Errorf("store: intent of expert %s: %w", expert, err)
	}
	return n == 1, tx.TellExperts(ctx, expert)
}

// TakeQueue makes a node the owner of a queue's offers, if nobody is; then the epoch is its own. It waits for offers that the owner before is making.
func (tx *Tx) TakeQueue(ctx context.Context, queue, node uuid.UUID, lease time.Duration) (o Owned, taken bool, err error) {
	epoch, err := tx.q.QueueTake(ctx, node, lease.Seconds(), tx.tenant.UUID(), queue)
	if IsNotFound(err) {
		return o, false, nil
	}
	if err != nil {
		return o, false, fmt.Errorf("store: take queue %s: %w", queue, err)
	}
	return Owned{tx.tenant, queue, epoch}, true, nil
}

// RenewQueue keeps it; false: it is somebody else's, or its time was over.
func (tx *Tx) RenewQueue(ctx context.Context, o Owned, node uuid.UUID, lease time.Duration) (bool, error) {
	n, err := tx.q.QueueRenew(ctx, sqlc.QueueRenewParams{TenantID: tx.tenant.UUID(), QueueID: o.Queue, Node: node, Epoch: o.Epoch, LeaseS: lease.Seconds()})
	if err != nil {
		return false, fmt.Errorf("store: renew queue %s: %w", o.Queue, err)
	}
	return n == 1, nil
}

// GiveUpQueue lets the next owner have it at once.
func (tx *Tx) GiveUpQueue(ctx context.Context, o Owned, node uuid.UUID) error {
	if _, err := tx.q.QueueGiveUp(ctx, tx.tenant.UUID(), o.Queue, node, o.Epoch); err != nil {
		return fmt.Errorf("store: give up queue %s: %w", o.Queue, err)
	}
	return nil
}

// QueueOf is a queue and whose it is.
type QueueOf struct {
	Tenant tenant.ID
	Queue  uuid.UUID
}

// OrphanedQueues finds queues, of whichever tenant, in which somebody waits and that nobody owns.
func (s *System) OrphanedQueues(ctx context.Context, limit int) ([]QueueOf, error) {
	rows, err := s.q.QueuesOrphaned(ctx, int32(limit))
	if err != nil {
		return nil, fmt.Errorf("store: find orphaned queues: %w", err)
	}
	out := make([]QueueOf, len(rows))
	for i, q := range rows {
		out[i] = QueueOf{tenant.ID(q.TenantID), q.ID}
	}
	return out, nil
}
