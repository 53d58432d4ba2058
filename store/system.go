package store

import (
	"context"
	"encoding/json"
	"time"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/internal/xact"
	"github.com/waymeet/waymeet/store/internal/sqlc"
)

// System sees across tenants, for a short list of statements: which work is due and
// whose. It writes nothing of a tenant's; the work itself is done in InTx.
type System struct {
	q  *sqlc.Queries
	db sqlc.DBTX
}

// System is the view across tenants.
func (db *DB) System() *System { return &System{q: sqlc.New(db.system), db: db.system} }

// Position is a place in the outbox: everything up to it has been read.
type Position struct {
	XID string // a transaction id, in decimal
	N   int64
}

// Logged is a committed change as the outbox holds it.
type Logged struct {
	Position
	Tenant tenant.ID
	Change event.Change
	At     time.Time
	Poison error // why its documents cannot be read; the change then has none
}

// OutboxState is where the outbox stands at one moment: which transactions have ended, and up to which one rows have been dropped.
type OutboxState struct {
	Snapshot xact.Snapshot
	Dropped  uint64
}

// OutboxState looks.
func (s *System) OutboxState(ctx context.Context) (now OutboxState, err error) {
	r, err := s.q.OutboxState(ctx)
	if err != nil {
		return now, err
	}
	if now.Snapshot, err = xact.Parse(r.Snapshot); err != nil {
		return now, err
	}
	now.Dropped, err = xact.ID(r.Horizon)
	return now, err
}

// OutboxTail is at most limit changes after a position, of transactions below upto that had ended at a snapshot, in
// order. A row whose documents cannot be read comes back with none, never as an error:
// one bad row must not stop the log.
func (s *System) OutboxTail(ctx context.Context, after Position, upto, seen string, limit int) ([]Logged, error) {
	rows, err := s.q.OutboxTail(ctx, sqlc.OutboxTailParams{After: after.XID, AfterN: after.N, Upto: upto, Seen: seen, MaxRows: int32(limit)})
	if err != nil {
		return nil, err
	}
	out := make([]Logged, len(rows))
	for i, r := range rows {
		out[i] = Logged{Position: Position{r.Xid, r.N}, Tenant: tenant.ID(r.TenantID), At: r.At, Change: event.Change{
			Entity: r.Entity, Version: r.Version, Channels: r.Channels, Left: r.LeftChannels, Gone: r.Docs == nil}}
		if r.Docs != nil {
			out[i].Poison = json.Unmarshal(r.Docs, &out[i].Change.Docs)
		}
	}
	return out, nil
}

// OutboxRotate empties the log's oldest slot; any node may do it, any number of times.
func (s *System) OutboxRotate(ctx context.Context) error { return s.q.OutboxRotate(ctx) }
