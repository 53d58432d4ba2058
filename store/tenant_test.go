package store_test

import (
	"context"
	"reflect"
	"testing"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/store/storetest"
)

// Whoever changes a tenant's status, and however, leaves the row by which nodes ask for all its people anew: what Go would have emitted.
// A status that stays leaves none.
func TestAStatusThatChangesIsTold(t *testing.T) {
	t.Parallel()
	d := storetest.New(t)
	ctx := context.Background()
	xmin, _, err := bounds(ctx, d)
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		name string
		do   func() error
		want []tenant.ID
	}{
		{"the app", func() error {
			return d.InTx(ctx, d.A.ID, func(tx *store.Tx) error { _, err := tx.SuspendTenant(ctx, true); return err })
		}, []tenant.ID{d.A.ID}},
		{"the app, again", func() error {
			return d.InTx(ctx, d.A.ID, func(tx *store.Tx) error { _, err := tx.SuspendTenant(ctx, true); return err })
		}, nil},
		{"the system, all at once", func() error { return d.TryAs(d.SystemURL(), `update tenant set status = 'suspended'`) }, []tenant.ID{d.B.ID}},
		{"a superuser, both", func() error { return d.Try(`update tenant set status = 'active'`) }, []tenant.ID{d.A.ID, d.B.ID}},
		{"another column", func() error { return d.Try(`update tenant set name = name || '.', status = status`) }, nil},
	} {
		before := told(t, d, xmin)
		if err := step.do(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		got := map[tenant.ID]int{}
		for _, l := range told(t, d, xmin)[len(before):] {
			got[l.Tenant]++
			want := (event.Access{}).Change()
			if l.Change.Left = nil; !reflect.DeepEqual(l.Change, want) {
				t.Errorf("%s: %+v, want %+v", step.name, l.Change, want)
			}
		}
		want := map[tenant.ID]int{}
		for _, id := range step.want {
			want[id] = 1
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: told of %v, want %v", step.name, got, want)
		}
	}
}

// told is what the outbox holds since a transaction.
func told(t *testing.T, d *storetest.DB, since string) []store.Logged {
	t.Helper()
	ctx := context.Background()
	seen, err := d.System().Snapshot(ctx)
	if err != nil {
		t.Fatal(err)
	}
	out, err := d.System().OutboxTail(ctx, store.Position{XID: since}, "18446744073709551615", seen, 100)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
