package billing

import (
	"log/slog"

	"github.com/waymeet/waymeet/store"
)

// Config is what the service is given.
type Config struct {
	DB     *store.DB
	Logger *slog.Logger
	// Batch bounds how many journals share a transaction (default 128), Flights how many transactions of one tenant this
	// node has under way at once (default 2).
	Batch, Flights int
}

// Service is the verbs of billing. It is safe for use by many goroutines.
type Service struct {
	db   *store.DB
	log  *slog.Logger
	desk *desk
}

// New makes the service; Run keeps its clockwork going.
func New(c Config) *Service {
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Batch <= 0 {
		c.Batch = 128
	}
	if c.Flights <= 0 {
		c.Flights = 2
	}
	s := &Service{db: c.DB, log: c.Logger}
	s.desk = newDesk(c.Batch, c.Flights, s.perform)
	return s
}
