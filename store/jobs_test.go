package store_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/riverqueue/river"

	"github.com/waymeet/waymeet/internal/ident"
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

// Jobs whose run holds no lease any more are there for anybody again, those of runs that do are left alone, and so are those of nodes that
// know no leases. However often that was, and however many tries a job had: its node's end discards nothing, and the first time it costs no wait.
func TestJobsOfNodesThatAreGoneAreAvailable(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	jobs, err := db.Jobs(&river.Config{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, lives, lapsed, left, never := t.Context(), ident.New(), ident.New(), ident.New(), ident.New()
	for run, lease := range map[uuid.UUID]time.Duration{lives: time.Hour, lapsed: -time.Second, left: time.Hour} {
		if fresh, err := jobs.Beat(ctx, run, "node", lease); !fresh || err != nil {
			t.Fatal(fresh, err)
		}
	}
	if err := jobs.Leave(ctx, left); err != nil {
		t.Fatal(err)
	}
	for name, by := range map[string]string{"lives": "node/" + lives.String(), "lapsed": "node/" + lapsed.String(), "left": "node/" + left.String(), "never": "a/b/" + never.String(), "before": "node"} {
		for _, attempt := range []int{1, 3, 25} {
			db.Exec(t, `insert into river_job (kind, args, attempt, max_attempts, attempted_at, attempted_by, state, tags)
				values ($1, '{}', $2, 25, now(), array['node/' || $3, $4], 'running', array[$1])`, name, attempt, lives, by)
		}
		db.Exec(t, `insert into river_job (kind, args, attempt, attempted_by, state, finalized_at) values ($1, '{}', 1, array[$2], 'completed', now())`, name, by)
	}
	if n, err := jobs.TakeUp(ctx); n != 9 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if n, err := jobs.TakeUp(ctx); n != 0 || err != nil {
		t.Errorf("again: %d, %v", n, err)
	}
	got := db.Texts(t, `select concat_ws(' ', kind, state, attempt, round(extract(epoch from scheduled_at - now()) / 2), errors[1] ->> 'error') from river_job
		where state <> 'completed' order by kind collate "C", attempt`)
	var want []string
	for _, name := range []string{"before", "lapsed", "left", "lives", "never"} {
		for attempt, later := range map[int]int{1: 0, 3: 2, 25: 288} {
			if name == "before" || name == "lives" {
				want = append(want, fmt.Sprintf("%s running %d 0", name, attempt))
			} else {
				want = append(want, fmt.Sprintf("%s available %d %d its node is gone", name, attempt, later))
			}
		}
	}
	if slices.Sort(got); !slices.Equal(got, slices.Sorted(slices.Values(want))) {
		t.Errorf("%q, want %q", got, want)
	}
	if fresh, err := jobs.Beat(ctx, lapsed, "node", time.Hour); !fresh || err != nil {
		t.Errorf("a run that lost its jobs is not told: %v", err)
	}
}
