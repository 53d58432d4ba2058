package store

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/internal/turns"
)

// Config says where PostgreSQL is. The two URLs name the roles waymeet_app and
// waymeet_system; neither may bypass row level security.
type Config struct {
	AppURL    string
	SystemURL string
	MaxConns  int32 // of the app pool; 0 is 16
	Logger    *slog.Logger
}

// statementLimit is how long a statement has, but where its transaction says otherwise.
const statementLimit = 15 * time.Second

// DB is the way to PostgreSQL. It is safe for use by many goroutines.
type DB struct {
	app    *pgxpool.Pool
	turns  *turns.Turns  // at app's connections
	rights *pgxpool.Pool // the app role's as well, for Standings
	system *pgxpool.Pool
	log    *slog.Logger

	committed atomic.Pointer[func(Committed)]
}

// Open connects the pools and makes sure that PostgreSQL answers, that the roles are the
// ones that row level security holds for, and that the server is not too old. An error may pass by itself if IsAway says so.
func Open(ctx context.Context, c Config) (*DB, error) {
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.MaxConns == 0 {
		c.MaxConns = 16
	}
	app, err := open(ctx, c.AppURL, c.MaxConns)
	if err != nil {
		return nil, fmt.Errorf("store: open the app pool: %w", err)
	}
	system, err := open(ctx, c.SystemURL, 4)
	if err != nil {
		app.Close()
		return nil, fmt.Errorf("store: open the system pool: %w", err)
	}
	few := app.Config() // whose role was looked at
	few.MaxConns = 2
	rights, err := pgxpool.NewWithConfig(ctx, few)
	if err != nil {
		app.Close()
		system.Close()
		return nil, fmt.Errorf("store: open the pool for rights: %w", err)
	}
	atOnce := int(app.Config().MaxConns)
	return &DB{app: app, turns: turns.Of(atOnce, atOnce), rights: rights, system: system, log: c.Logger}, nil
}

// acquire takes a connection of the app pool in the tenant's turn, so that however much some tenants ask of PostgreSQL, and however slow it
// is, another finds one: a quarter of the connections is for those who have none. give gives it back.
func (db *DB) acquire(ctx context.Context, t tenant.ID) (c *pgxpool.Conn, give func(), err error) {
	if err := db.turns.Take(ctx, t); err != nil {
		return nil, nil, fmt.Errorf("store: wait for a connection: %w", err)
	}
	if c, err = db.app.Acquire(ctx); err != nil {
		db.turns.GiveBack(t)
		return nil, nil, fmt.Errorf("store: acquire: %w", err)
	}
	return c, func() { c.Release(); db.turns.GiveBack(t) }, nil
}

// aside takes a connection that no tenant's line leads to.
func (db *DB) aside(ctx context.Context, _ tenant.ID) (c *pgxpool.Conn, give func(), err error) {
	if c, err = db.rights.Acquire(ctx); err != nil {
		return nil, nil, fmt.Errorf("store: acquire: %w", err)
	}
	return c, c.Release, nil
}

func open(ctx context.Context, url string, conns int32) (*pgxpool.Pool, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, unfit("the URL cannot be read") // never the URL: it holds a password
	}
	cfg.MaxConns = conns
	cfg.MaxConnIdleTime = 5 * time.Minute
	p := cfg.ConnConfig.RuntimeParams
	p["timezone"] = "UTC"
	p["application_name"] = "waymeet"
	p["jit"] = "off" // statements here take less time than compiling them would
	p["statement_timeout"] = statementLimit.String()
	p["idle_in_transaction_session_timeout"] = "15s" // a stuck closure must not hold the tail back
	cfg.AfterConnect = func(_ context.Context, c *pgx.Conn) error {
		googleUUID(c.TypeMap())
		return nil
	}
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, err
	}
	var bypass bool
	var version int
	err = pool.QueryRow(ctx, `select rolsuper or rolbypassrls, current_setting('server_version_num')::int
		from pg_roles where rolname = current_user`).Scan(&bypass, &version)
	switch {
	case err != nil:
	case bypass:
		err = unfit("the role may bypass row level security; serve refuses it")
	case version < 150000:
		err = unfit("PostgreSQL 15 or newer is needed")
	}
	if err != nil {
		pool.Close()
		return nil, err
	}
	return pool, nil
}

// Close ends the pools once their connections have come back.
func (db *DB) Close() {
	db.app.Close()
	db.rights.Close()
	db.system.Close()
}

// Ping says whether PostgreSQL answers.
//
// It asks by the pool that no tenant can fill.
func (db *DB) Ping(ctx context.Context) error { return db.system.Ping(ctx) }

// OnCommit registers the one who hears of a transaction's changes after its commit, on
// this node, at once. It is a shortcut: whoever misses one finds it in the outbox.
// f must not block.
func (db *DB) OnCommit(f func(Committed)) { db.committed.Store(&f) }

// Committed is what one transaction changed.
type Committed struct {
	Tenant  tenant.ID
	XID     string // the transaction's id, in decimal
	Changes []event.Change
}

// Stat is the load of the app pool, for metrics.
type Stat struct{ Total, Idle, Max int32 }

// Stat is the app pool's load now.
func (db *DB) Stat() Stat {
	s := db.app.Stat()
	return Stat{Total: s.TotalConns(), Idle: s.IdleConns(), Max: s.MaxConns()}
}

const setTenant = `select set_config('app.tenant_id', $1, true)`

// errNoRow is what a lookup answers that cannot find anything.
var errNoRow = pgx.ErrNoRows

// IsNotFound reports whether err says that a row was not there.
func IsNotFound(err error) bool { return isErr(err, pgx.ErrNoRows) }
