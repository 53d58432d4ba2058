package store_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/store/storetest"
)

// Two tenants have as many slow transactions under way as they are let have between them, and several times as many wait. A third one's
// transactions and reads go on at once all the same, however often, and none of those that wait is let go meanwhile.
func TestTenantsLeaveConnectionsToOthers(t *testing.T) {
	t.Parallel()
	d := storetest.New(t)
	third := tenant.ID(ident.New())
	d.Exec(t, `insert into tenant (id, slug, name, time_zone, currency, locale) values ($1, 'charlie', 'Charlie', 'Africa/Cairo', 'EGP', 'en')`, third.UUID())
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	hold, under := make(chan struct{}), make(chan struct{}, 1000)
	var all sync.WaitGroup
	release := sync.OnceFunc(func() { close(hold) })
	defer all.Wait()
	defer release()
	most := int(d.Stat().Max)
	for range 4 * most {
		for _, greedy := range []tenant.ID{d.A.ID, d.B.ID} {
			all.Go(func() {
				err := d.InTx(ctx, greedy, func(tx *store.Tx) error {
					if _, err := tx.Terms(ctx); err != nil {
						return err
					}
					under <- struct{}{}
					<-hold
					return nil
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
	}
	for range most - most/4 + 1 {
		<-under
	}
	for range 20 {
		if err := d.InTx(ctx, third, func(tx *store.Tx) error { _, err := tx.Terms(ctx); return err }); err != nil {
			t.Fatalf("a third tenant's transaction: %v", err)
		}
		if _, err := d.Read(third).Terms(ctx); err != nil {
			t.Fatalf("a third tenant's reading: %v", err)
		}
	}
	if n := len(under); n > 0 {
		t.Errorf("%d more than the two may have", n)
	}
}
