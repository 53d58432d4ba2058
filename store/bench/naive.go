package bench

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/waymeet/waymeet/booking/seat"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/internal/ident"
)

// Naive holds seats the way that one would write it first: BEGIN, SELECT … FOR UPDATE, the same rows as ours, UPDATE,
// COMMIT, each a round trip. It is spared what it can be: a connection for each client, the tenant set once a connection,
// the timetable known, statements prepared, the key inserted together with its answer.
type Naive struct {
	stage *Stage
	line  Line
	pool  *pgxpool.Pool
}

// Naive connects as the app role, under row level security as ours is.
func (s *Stage) Naive(ctx context.Context, l Line, clients int) (*Naive, error) {
	cfg, err := pgxpool.ParseConfig(s.url("waymeet_app", s.passwords.App))
	if err != nil {
		return nil, errors.New("bench: the URL cannot be read")
	}
	cfg.MaxConns = int32(clients)
	cfg.ConnConfig.RuntimeParams["app.tenant_id"] = s.Tenant.String()
	cfg.ConnConfig.RuntimeParams["timezone"] = "UTC"
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("bench: connect: %w", err)
	}
	return &Naive{s, l, pool}, nil
}

// Close ends its connections.
func (n *Naive) Close() { n.pool.Close() }

// Hold holds one seat on one leg; false when the leg is full.
func (n *Naive) Hold(ctx context.Context, trip, rider uuid.UUID, leg int) (bool, error) {
	c, err := n.pool.Acquire(ctx)
	if err != nil {
		return false, err
	}
	defer c.Release()
	tx, err := c.Begin(ctx)
	if err != nil {
		return false, err
	}
	held, err := n.hold(ctx, tx, trip, rider, leg)
	if err != nil || !held {
		return false, errors.Join(err, tx.Rollback(ctx))
	}
	return true, tx.Commit(ctx)
}

func (n *Naive) hold(ctx context.Context, tx pgx.Tx, trip, rider uuid.UUID, leg int) (bool, error) {
	t := event.Trip{ID: trip, Date: n.line.Date}
	err := tx.QueryRow(ctx, `select line_id, pattern_id, dep, departs_at, status, capacity, free, overload, held, booked, boarded, delay_s, version
		from trip where tenant_id = $1 and service_date = $2 and id = $3 for update`, n.stage.Tenant.UUID(), n.line.Date.Midnight(), trip).
		Scan(&t.Line, &t.Pattern, &t.Dep, &t.DepartsAt, &t.Status, &t.Capacity, &t.Free, &t.Overload, &t.Held, &t.Booked, &t.Boarded, &t.DelayS, &t.Version)
	if err != nil {
		return false, err
	}
	v := seat.Inventory{Capacity: t.Capacity, Free: t.Free, Overload: t.Overload}
	if v.Take(seat.Interval{From: leg, To: leg + 1}, 1) != nil {
		return false, nil //nolint:nilerr // full: an answer, not a failure
	}
	t.Held++
	t.Version++
	now := time.Now().UTC()
	from, to := t.DepartsAt.Add(time.Duration(leg)*2*time.Minute), t.DepartsAt.Add(time.Duration(leg+1)*2*time.Minute)
	b := event.Booking{ID: ident.Dated(t.Date, 0), Date: t.Date, Trip: trip, Rider: rider, LineName: "B1 Bench line", Party: 1, State: "held",
		From:      event.Halt{Stop: n.line.Stops[leg], Name: fmt.Sprint("Stop ", leg+1), Index: int16(leg), Time: from.Format("15:04"), At: from},
		To:        event.Halt{Stop: n.line.Stops[leg+1], Name: fmt.Sprint("Stop ", leg+2), Index: int16(leg + 1), Time: to.Format("15:04"), At: to},
		ExpiresAt: now.Add(5 * time.Minute), Fare: event.Money{Currency: "KES"}, CancelUntil: from.Add(-30 * time.Minute), Short: rand.Text()[:10], CreatedAt: now, Version: 1}
	return true, n.write(ctx, tx, &t, &b)
}

// write is every row that ours writes too.
func (n *Naive) write(ctx context.Context, tx pgx.Tx, t *event.Trip, b *event.Booking) error {
	tenant := n.stage.Tenant.UUID()
	answer, err := json.Marshal(map[string]any{"booking": b})
	if err != nil {
		return err
	}
	steps := []struct {
		sql  string
		args []any
	}{
		{`insert into idempotency (tenant_id, actor, operation, key, body_hash, status, answer) values ($1, $2, 'bookings.hold', $3, sha256($3::text::bytea), 201, $4)`,
			[]any{tenant, b.Rider, rand.Text(), answer}},
		{`insert into booking (tenant_id, service_date, id, trip_id, rider_id, from_idx, to_idx, party, state, expires_at, fare_amount, fare_currency, cancel_until,
				short, line_name, from_stop, from_name, from_at, from_time, to_stop, to_name, to_at, to_time, created_at)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24)`,
			[]any{tenant, b.Date.Midnight(), b.ID, b.Trip, b.Rider, b.From.Index, b.To.Index, b.Party, b.State, b.ExpiresAt, b.Fare.Amount, b.Fare.Currency, b.CancelUntil,
				b.Short, b.LineName, b.From.Stop, b.From.Name, b.From.At, b.From.Time, b.To.Stop, b.To.Name, b.To.At, b.To.Time, b.CreatedAt}},
		{`insert into audit (tenant_id, id, actor, action, target, detail) values ($1, $2, $3, 'booking.hold', $4, $5)`,
			[]any{tenant, ident.New(), b.Rider, b.Entity(), []byte(`{"party":1,"trip":"` + b.Trip.String() + `"}`)}},
	}
	for _, c := range []event.Change{t.Change(), b.Change()} {
		docs, err := json.Marshal(c.Docs)
		if err != nil {
			return err
		}
		steps = append(steps, struct {
			sql  string
			args []any
		}{`insert into outbox (tenant_id, entity, version, docs, channels) values ($1, $2, $3, $4, $5)`, []any{tenant, c.Entity, c.Version, docs, c.Channels}})
	}
	steps = append(steps, struct {
		sql  string
		args []any
	}{`update trip set free = $4, held = $5, version = $6 where tenant_id = $1 and service_date = $2 and id = $3`,
		[]any{tenant, t.Date.Midnight(), t.ID, t.Free, t.Held, t.Version}})
	for _, s := range steps {
		if _, err := tx.Exec(ctx, s.sql, s.args...); err != nil {
			return err
		}
	}
	return nil
}
