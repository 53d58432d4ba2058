package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/waymeet/waymeet/store/internal/sqlc"
)

// NewJob is work that is committed with what it is about. Its arguments will name the transaction's tenant.
type NewJob struct {
	Kind  string
	Args  any    // written as a JSON object
	Key   string // one of a kind, key and tenant is enough, until it is done and forgotten
	Tries int
	At    time.Time // not before; the zero time is now
}

// AddJob queues a job in the transaction: it runs if the transaction commits, and at least once.
func (tx *Tx) AddJob(ctx context.Context, j NewJob) error {
	args, err := json.Marshal(j.Args)
	if err != nil {
		return fmt.Errorf("store: arguments of job %s: %w", j.Kind, err)
	}
	at := j.At
	if at.IsZero() {
		at = time.Unix(0, 0)
	}
	err = tx.q.JobAdd(ctx, sqlc.JobAddParams{Kind: j.Kind, Args: args, UniqueKey: j.Key, Tries: int16(j.Tries), RunAt: at})
	if err != nil {
		return fmt.Errorf("store: add job %s: %w", j.Kind, err)
	}
	return nil
}
