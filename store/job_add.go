package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/waymeet/waymeet/internal/errand"
	"github.com/waymeet/waymeet/store/internal/sqlc"
)

// jobTries is how often a job's run may fail. What a gateway does not answer, or an event's object, is counted by the operation
// or the event, which ask for a job of their own; an operator that has not said yet who bills has weeks to.
const jobTries = 25

// AddJob asks, in the transaction, for an errand to be done: at least once, if the transaction commits. One of a kind, key and
// tenant is enough, until it is done and forgotten.
func (tx *Tx) AddJob(ctx context.Context, e errand.Errand, key string) error {
	return tx.AddJobAt(ctx, e, key, time.Time{})
}

// AddJobAt asks for one that is not to be done before an instant; the zero time is now. They are written with the COMMIT.
func (tx *Tx) AddJobAt(_ context.Context, e errand.Errand, key string, at time.Time) error {
	args, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("store: arguments of job %s: %w", e.Kind(), err)
	}
	if at.IsZero() {
		at = time.Unix(0, 0)
	}
	j := &tx.jobs
	j.Kinds, j.Args, j.Keys, j.RunAts = append(j.Kinds, e.Kind()), append(j.Args, string(args)), append(j.Keys, key), append(j.RunAts, at)
	return nil
}

// queueJobs puts what was asked for before the COMMIT.
func (tx *Tx) queueJobs() {
	if j := tx.jobs; len(j.Kinds) > 0 {
		tx.tail.Queue(sqlc.JobsAdd, j.Kinds, j.Args, j.Keys, int16(jobTries), j.RunAts)
	}
}
