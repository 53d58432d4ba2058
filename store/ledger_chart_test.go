package store_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/store"
)

// Every account of the chart can be opened as the chart says, and the table refuses it by other rules where people's money is.
func TestTheTableKnowsTheChart(t *testing.T) {
	t.Parallel()
	r := newRaw(t)
	id := uuid.NewString()
	for _, kind := range ledger.Kinds() {
		a, err := ledger.Parse(kind+":"+id, mad)
		if err != nil {
			if a, err = ledger.Parse(kind, mad); err != nil {
				t.Fatal(err)
			}
		}
		if err := r.InTx(t.Context(), r.A.ID, func(tx *store.Tx) error { return tx.OpenAccounts(context.Background(), a) }); err != nil {
			t.Errorf("open %v: %v", a, err)
		}
		if a.MayOverdraw() {
			continue
		}
		for _, flags := range []string{fmt.Sprintf("'%s', true, true", a.Class()), "'equity', false, true"} {
			if err := r.attack(t, fmt.Sprintf(`insert into account (tenant_id, id, code, currency, class, may_overdraw, running) values ('%s', '%s', '%s', 'EUR', %s)`,
				r.A.ID, uuid.New(), a.Code(), flags)); err == nil {
				t.Errorf("%v was opened as %s", a, flags)
			}
		}
	}
}
