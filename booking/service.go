package booking

import (
	"log/slog"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/seal"
	"github.com/waymeet/waymeet/store"
)

// Config is what the service is given.
type Config struct {
	DB     *store.DB
	Secret *seal.Box // seals ticket keys; without it tickets are refused
	Logger *slog.Logger
	// Batch bounds how many requests share a transaction (default 64), Flights how many transactions of one tenant this
	// node has under way at once (default 2).
	Batch, Flights int
	// Grace is how long after its end a trip is settled (default 2 h): phones that were offline bring their scans until then.
	Grace time.Duration
}

// Service is the verbs of booking. It is safe for use by many goroutines.
type Service struct {
	db     *store.DB
	secret *seal.Box
	log    *slog.Logger
	grace  time.Duration
	desk   *desk
	book   *book
}

// New makes the service; Run keeps its clockwork going.
func New(c Config) *Service {
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Batch <= 0 {
		c.Batch = 64
	}
	if c.Flights <= 0 {
		c.Flights = 2
	}
	if c.Grace <= 0 {
		c.Grace = 2 * time.Hour
	}
	s := &Service{db: c.DB, secret: c.Secret, log: c.Logger, grace: c.Grace, book: newBook()}
	s.desk = newDesk(c.Batch, c.Flights, s.perform)
	return s
}

// By is on whose behalf something is done.
type By struct {
	Tenant tenant.ID
	User   uuid.UUID // the nil UUID: the system itself
}

// Result is what a verb answers, and what is kept under its key for repeats.
type Result struct {
	Booking store.Booking `json:"booking"`
	Already bool          `json:"already,omitempty"` // boarding: somebody scanned it before
}
