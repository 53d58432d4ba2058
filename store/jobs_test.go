package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/riverqueue/river"

	"github.com/waymeet/waymeet/store/storetest"
)

type chore struct {
	N int `json:"n" river:"unique"`
}

func (chore) Kind() string { return "chore" }

func (chore) InsertOpts() river.InsertOpts {
	return river.InsertOpts{UniqueOpts: river.UniqueOpts{ByArgs: true, ByPeriod: 24 * time.Hour}}
}

// Of jobs that are added together, those that are there already keep nobody out: what is due once a day must not stop what is due every
// five minutes.
func TestJobsThatAreThereAlreadyAreLeftOut(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	workers := river.NewWorkers()
	river.AddWorker(workers, river.WorkFunc(func(context.Context, *river.Job[chore]) error { return nil }))
	jobs, err := db.Jobs(&river.Config{Workers: workers})
	if err != nil {
		t.Fatal(err)
	}
	for _, batch := range [][]int{{1}, {1, 2}, {2, 3}} {
		var all []river.InsertManyParams
		for _, n := range batch {
			all = append(all, river.InsertManyParams{Args: chore{n}})
		}
		if err := jobs.Insert(t.Context(), all); err != nil {
			t.Errorf("%v: %v", batch, err)
		}
	}
	if n := db.Int(t, `select count(*) from river_job where kind = 'chore'`); n != 3 {
		t.Errorf("%d jobs of three", n)
	}
}
