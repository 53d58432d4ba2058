package store_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/store/storetest"
)

// One tenant has as much under way as it is let have, and three times as much waits. Another's transaction and reading go on at once, and
// when places come free again, the other's are taken before what waits of the first.
func TestATenantLeavesConnectionsToOthers(t *testing.T) {
	t.Parallel()
	d := storetest.New(t)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	hold, under := make(chan struct{}), make(chan struct{}, 1000)
	var all sync.WaitGroup
	release := sync.OnceFunc(func() { close(hold) })
	defer all.Wait()
	defer release()
	most := int(d.Stat().Max)
	for range 4 * most {
		all.Go(func() {
			err := d.InTx(ctx, d.A.ID, func(tx *store.Tx) error {
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
	for range most - most/8 {
		<-under
	}
	for range 20 {
		if err := d.InTx(ctx, d.B.ID, func(tx *store.Tx) error { _, err := tx.Terms(ctx); return err }); err != nil {
			t.Fatalf("another tenant's transaction: %v", err)
		}
		if _, err := d.Read(d.B.ID).Terms(ctx); err != nil {
			t.Fatalf("another tenant's reading: %v", err)
		}
	}
	if n := len(under); n > 0 {
		t.Errorf("%d more than the share", n)
	}
	release()
}
