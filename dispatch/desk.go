package dispatch

import (
	"context"
	"log/slog"
	"time"

	"github.com/waymeet/waymeet/store"
)

// Desk is where the service day is run. It is safe for use by many goroutines.
type Desk struct {
	db  *store.DB
	log *slog.Logger
	now func() time.Time // nil: the database's
}

// New makes a desk. Its clock is the database's; now is for tests.
func New(db *store.DB, log *slog.Logger, now func() time.Time) *Desk {
	if log == nil {
		log = slog.Default()
	}
	return &Desk{db: db, log: log, now: now}
}

// clock is the time that decides what has left and which day it is.
func (d *Desk) clock(ctx context.Context, tx *store.Tx) (time.Time, error) {
	if d.now != nil {
		return d.now(), nil
	}
	return tx.Clock(ctx)
}

// about is the time where a minute does not matter.
func (d *Desk) about() time.Time {
	if d.now != nil {
		return d.now()
	}
	return time.Now()
}
