package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

// stopNow is how long cancelled jobs may take to notice.
const stopNow = 2 * time.Second

// Jobs keeps and runs jobs (River) with the system role: its rows are found before it is known whose they are. What a
// job does to a tenant's rows it does in InTx.
type Jobs struct {
	client *river.Client[pgx.Tx]
	system *pgxpool.Pool
	nodes  *System
}

// Jobs makes the engine; internal/job says what it runs.
func (db *DB) Jobs(c *river.Config) (*Jobs, error) {
	client, err := river.NewClient(riverpgxv5.New(db.system), c)
	if err != nil {
		return nil, fmt.Errorf("store: open jobs: %w", err)
	}
	return &Jobs{client, db.system, db.System()}, nil
}

// Start begins to work, if PostgreSQL answers before ctx ends. It may be tried again. What was begun goes on until Stop: a context that
// ends would end River's queries in the middle.
func (j *Jobs) Start(ctx context.Context) error {
	if err := j.system.Ping(ctx); err != nil {
		return fmt.Errorf("store: start jobs: %w", err)
	}
	return j.client.Start(context.WithoutCancel(ctx))
}

// Stop waits for jobs under way until ctx ends, then cancels them.
func (j *Jobs) Stop(ctx context.Context) error {
	if err := j.client.Stop(ctx); err == nil {
		return nil
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopNow)
	defer cancel()
	return j.client.StopAndCancel(last)
}

// Insert adds jobs, each once, but for those whose unique key is there already.
func (j *Jobs) Insert(ctx context.Context, jobs []river.InsertManyParams) error {
	if _, err := j.client.InsertMany(ctx, jobs); err != nil {
		return fmt.Errorf("store: insert %d jobs: %w", len(jobs), err)
	}
	return nil
}

// Beat renews the lease of a run of jobs on a node. It says true when there was none: its jobs may have been taken up elsewhere.
func (j *Jobs) Beat(ctx context.Context, run uuid.UUID, node string, lease time.Duration) (fresh bool, err error) {
	return j.nodes.NodeBeat(ctx, run, node, lease)
}

// Leave gives the lease of a run up.
func (j *Jobs) Leave(ctx context.Context, run uuid.UUID) error { return j.nodes.NodeGone(ctx, run) }

// takeUp ends leases that have lapsed and gives back what runs under none: River's own rescue knows ages alone. The rows of jobs say NAME/RUN
// (internal/job); a node that says otherwise has no lease to look for. A node's end is not the job's failure, so it is never discarded for
// it; but one that ends its node each time is given back ever later. What somebody else has locked is left to them.
const takeUp = `with lapsed as (delete from live_node where expires_at < clock_timestamp() returning epoch),
left_behind as (
  select j.id from (select r.id, r.state, right(r.attempted_by[cardinality(r.attempted_by)], 37) as run from river_job r) j
  where j.state = 'running' and j.run ~ '^/[0-9a-f-]{36}$'
    and j.run <> all (array(select '/' || epoch from live_node except select '/' || epoch from lapsed))
  for update of j skip locked)
update river_job j set state = 'available', scheduled_at = clock_timestamp() + (j.attempt - 1) ^ 2 * interval '1 second',
  errors = array_append(j.errors, jsonb_build_object('at', clock_timestamp(), 'attempt', j.attempt, 'error', 'its node is gone', 'trace', ''))
from left_behind l where j.id = l.id`

// TakeUp makes jobs available again that run on nodes whose lease is over, and says how many. Any node may do it, any number of times.
func (j *Jobs) TakeUp(ctx context.Context) (jobs int64, err error) {
	done, err := j.system.Exec(ctx, takeUp)
	if err != nil {
		return 0, fmt.Errorf("store: take up jobs: %w", err)
	}
	return done.RowsAffected(), nil
}

// migrateJobs brings River's own tables up to the version that this binary was built with. They belong to no tenant:
// only the system role works with them.
func migrateJobs(ctx context.Context, ownerURL string) error {
	pool, err := pgxpool.New(ctx, ownerURL)
	if err != nil {
		return fmt.Errorf("store: migrate jobs: %w", err)
	}
	defer pool.Close()
	m, err := rivermigrate.New(riverpgxv5.New(pool), &rivermigrate.Config{})
	if err != nil {
		return fmt.Errorf("store: migrate jobs: %w", err)
	}
	if _, err := m.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("store: migrate jobs: %w", err)
	}
	_, err = pool.Exec(ctx, `do $$ declare t text; begin
		for t in select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' and relname like 'river\_%' loop
			execute format('grant select, insert, update, delete on %I to waymeet_system', t);
			execute format('grant select on %I to waymeet_backup', t);
		end loop;
		for t in select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'S' and relname like 'river\_%' loop
			execute format('grant usage on sequence %I to waymeet_system', t);
		end loop; end $$`)
	if err != nil {
		return fmt.Errorf("store: migrate jobs: %w", err)
	}
	return nil
}
