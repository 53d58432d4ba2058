package store

import (
	"context"
	"fmt"
	"time"

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
}

// Jobs makes the engine; internal/job says what it runs.
func (db *DB) Jobs(c *river.Config) (*Jobs, error) {
	client, err := river.NewClient(riverpgxv5.New(db.system), c)
	if err != nil {
		return nil, fmt.Errorf("store: open jobs: %w", err)
	}
	return &Jobs{client, db.system}, nil
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
