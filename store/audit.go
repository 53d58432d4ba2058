package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// Audit is one privileged act: who, what, on what.
type Audit struct {
	Actor  uuid.UUID // the nil UUID: the system itself
	Action string    // a permission's name, or an event's
	Target string    // an entity: booking/…
	Detail any       // small, and without secrets
}

// Audit queues an audit row, which commits with the act or not at all.
func (tx *Tx) Audit(a Audit) error {
	tx.audits = append(tx.audits, a)
	return nil
}

// Audited is an audit row.
type Audited struct {
	ID     uuid.UUID
	At     time.Time
	Actor  uuid.UUID // the nil UUID: the system itself
	Action string
	Target string
	Detail json.RawMessage
}

// AuditTrail is everything that was done to a target, oldest first.
func (r *Reader) AuditTrail(ctx context.Context, target string) ([]Audited, error) {
	rows, err := r.q.AuditTrail(ctx, r.tenant.UUID(), target)
	if err != nil {
		return nil, fmt.Errorf("store: audit trail of %s: %w", target, err)
	}
	out := make([]Audited, len(rows))
	for i, a := range rows {
		out[i] = Audited{ID: a.ID, At: a.At, Action: a.Action, Target: a.Target, Detail: a.Detail}
		if a.Actor != nil {
			out[i].Actor = *a.Actor
		}
	}
	return out, nil
}
