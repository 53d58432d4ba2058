package billing_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/waymeet/waymeet/billing"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store/storetest"
)

// TestBudgetAlertsOfAll: finance reads how far each organisation's budgets of its months were used, each once at the highest, the newest first, in pages that
// leave nothing out; whether the organisation has seen it; and nobody else's.
func TestBudgetAlertsOfAll(t *testing.T) {
	t.Parallel()
	d := storetest.New(t)
	f := billing.NewFinance(d.DB)
	atlas, rif := d.Employer(t, d.A, "Atlas"), d.Employer(t, d.A, "Rif")
	elsewhere := d.Employer(t, d.B, "Elsewhere")
	for i, a := range []struct {
		tenant    storetest.Tenant
		programme any
		month     string
		threshold int
	}{{d.A, atlas.Programme, "2026-05-01", 50}, {d.A, rif.Programme, "2026-05-01", 50}, {d.A, atlas.Programme, "2026-05-01", 80}, {d.A, atlas.Programme, "2026-06-01", 100}, {d.B, elsewhere.Programme, "2026-06-01", 100}} {
		d.Exec(t, `insert into programme_alert (tenant_id, programme_id, month, threshold, spent, budget, at) values ($1, $2, $3, $4::integer, $4::integer, 100, '2026-05-01'::timestamptz + $5 * interval '1 day')`,
			a.tenant.ID.UUID(), a.programme, a.month, a.threshold, i)
	}
	d.Exec(t, `update programme_alert set told_at = now() where threshold = 80`)
	var got []string
	for cursor, pages := "", 0; pages == 0 || cursor != ""; pages++ {
		items, next, err := f.BudgetAlerts(context.Background(), d.A.ID, cursor, 2)
		if err != nil || len(items) > 2 || pages > 3 {
			t.Fatal(items, err)
		}
		for _, x := range items {
			got = append(got, fmt.Sprintf("%s %s %d%% of %d %s seen=%t", strings.Fields(x.OrganisationName)[0], x.Month, x.Threshold, x.Budget, x.Currency, !x.Told.IsZero()))
		}
		cursor = next
	}
	want := []string{"Atlas 2026-06-01 100% of 100 MAD seen=false", "Atlas 2026-05-01 80% of 100 MAD seen=true", "Rif 2026-05-01 50% of 100 MAD seen=false"}
	if !slices.Equal(got, want) {
		t.Errorf("\ngot  %q\nwant %q", got, want)
	}
	if _, _, err := f.BudgetAlerts(context.Background(), d.A.ID, "x", 2); !fault.Is(err, "bad_value") {
		t.Error(err)
	}
}
