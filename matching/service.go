package matching

import (
	"context"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store"
)

// Funds says whether what a request names as its funding was set aside for its client. Whoever composes the services knows
// who holds money.
type Funds interface {
	Funded(ctx context.Context, by By, reference string) (bool, error)
}

// Config is what the service is given.
type Config struct {
	DB     *store.DB
	Funds  Funds // nil: nothing is funded, and nobody waits
	Logger *slog.Logger
	Lease  time.Duration // of a queue (default 5 s): how long it stands still when its owner dies
	Beat   time.Duration // of an expert's connection (default 15 s): how long until it is gone
}

// Service is the verbs of matching. It is safe for use by many goroutines.
type Service struct {
	db    *store.DB
	funds Funds
	log   *slog.Logger
	node  uuid.UUID // this run of this node
	lease time.Duration
	beat  time.Duration
}

// New makes the service; Run keeps its clockwork going.
func New(c Config) *Service {
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Lease <= 0 {
		c.Lease = 5 * time.Second
	}
	if c.Beat <= 0 {
		c.Beat = 15 * time.Second
	}
	return &Service{db: c.DB, funds: c.Funds, log: c.Logger, node: ident.New(), lease: c.Lease, beat: c.Beat}
}

// By is on whose behalf something is done.
type By struct {
	Tenant tenant.ID
	User   uuid.UUID // the nil UUID: the system itself
}

// decided turns what PostgreSQL refused into what people are told.
func decided(d store.Decision, err error) (store.Decision, error) {
	if err == nil && d.Refused != "" {
		err = fault.New(d.Refused)
	}
	return d, err
}
