package store_test

import (
	"context"
	"testing"

	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/store/storetest"
)

// The app role owns no table and can have the planner told all the same.
func TestStatisticsAreRefreshed(t *testing.T) {
	t.Parallel()
	db, ctx := storetest.New(t), context.Background()
	date := servicedate.Of(2026, 11, 23)
	db.Day(t, db.A, date, 3)
	known := func() int64 { return db.Int(t, "select reltuples::bigint from pg_class where relname = 'trip_202611'") }
	before := known()
	if err := db.InTx(ctx, db.A.ID, func(tx *store.Tx) error { return tx.RefreshStatistics(ctx, date, date.AddDays(40)) }); err != nil {
		t.Fatal(err)
	}
	if before != -1 || known() != 3 {
		t.Errorf("the planner knew of %d trips and knows of %d, there are 3", before, known())
	}
	if err := db.InTx(ctx, db.A.ID, func(tx *store.Tx) error { return tx.RefreshStatistics(ctx, date, date.AddDays(-1)) }); err == nil {
		t.Error("dates that go backwards")
	}
}
