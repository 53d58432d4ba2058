package store_test

import (
	"context"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/store/storetest"
)

// Two operators import a feed at once, and both need a month that is not there yet.
func TestMonthsAreMadeByManyAtOnce(t *testing.T) {
	t.Parallel()
	db, ctx := storetest.New(t), context.Background()
	for month := range 6 {
		date := servicedate.Of(2031, 1, 1).AddDays(31 * month)
		var g errgroup.Group
		for i := range 6 {
			x := []storetest.Tenant{db.A, db.B}[i%2]
			g.Go(func() error {
				return db.InTx(ctx, x.ID, func(tx *store.Tx) error {
					_, err := tx.RunDepartures(ctx, time.Now(), date, nil, nil)
					return err
				})
			})
		}
		if err := g.Wait(); err != nil {
			t.Fatal(err)
		}
	}
}
