package session

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/session/file"
	"github.com/waymeet/waymeet/store"
)

const (
	window = 200 * time.Millisecond // heartbeats are written together: less than by which clocks may differ (session/meter)
	tick   = 500 * time.Millisecond
	bite   = 500
)

// Config is what the service is given.
type Config struct {
	DB     *store.DB
	Media  Media // nil: there is none, and nobody can join but a chat
	Logger *slog.Logger

	Holders Holder // whether supervisors still may

	Files   file.Store // nil: no files are taken
	FileKey []byte     // signs their links
}

// Service is the verbs of conversations. It is safe for use by many goroutines.
type Service struct {
	db    *store.DB
	media Media
	files file.Store
	log   *slog.Logger
	now   func() time.Duration         // a clock that cannot be set
	clock func(pg time.Time) time.Time // what PostgreSQL's says
	ear   ear

	holders Holder

	fileKey []byte
}

// New makes the service; Run keeps its clockwork going.
func New(c Config) *Service {
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	began := time.Now()
	return &Service{db: c.DB, media: c.Media, holders: c.Holders, files: c.Files, fileKey: c.FileKey, log: c.Logger, now: func() time.Duration { return time.Since(began) }, clock: func(pg time.Time) time.Time { return pg }, ear: newEar()}
}

// By is on whose behalf something is done.
type By struct {
	Tenant tenant.ID
	User   uuid.UUID
}

// Run keeps the clockwork going until ctx ends: heartbeats are written down, and the time of conversations of which nobody
// says a word passes. Every node runs it; a conversation whose nodes died goes on by whichever ticks it first.
func (s *Service) Run(ctx context.Context) error {
	var all sync.WaitGroup
	all.Go(func() { s.every(ctx, window, "heartbeats", s.Flush) })
	if s.holders != nil {
		all.Go(func() { s.every(ctx, watching+rand.N(watching/8), "supervisors", s.Watch) })
	}
	all.Go(func() { s.every(ctx, tick+rand.N(tick/8), "time", s.Tick) })
	all.Wait()
	return nil
}

func (s *Service) every(ctx context.Context, d time.Duration, what string, do func(context.Context) error) {
	t := time.NewTicker(d)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		if err := do(ctx); err != nil && ctx.Err() == nil {
			s.log.WarnContext(ctx, "session: clockwork", "of", what, "error", err) // the next one finds what is left
		}
	}
}
