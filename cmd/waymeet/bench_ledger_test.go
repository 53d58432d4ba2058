package main

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"testing"

	"github.com/waymeet/waymeet/internal/devstack/devtest"
)

// TestBenchLedger runs the whole bench, small: it says every figure that it promises, and that nothing differs from its entries. How fast anything
// is depends on the machine, and nobody asks here.
func TestBenchLedger(t *testing.T) {
	t.Parallel()
	small := ledgerSize{clients: 4, wallets: 50, turns: 1, scale: 1, home: devtest.Home()}
	of := []measurement{{"ledger", "", func(ctx context.Context, o benchOptions) (measured, error) { return benchLedgerOf(ctx, o, small) }}}
	var out, said bytes.Buffer
	if err := benchFrom(t.Context(), &terminal{out: &out, err: &said}, of, []string{"ledger", "--seconds", "1", "--json"}); err != nil {
		t.Fatalf("%v: %s", err, &said)
	}
	var r map[string]any
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		t.Fatalf("%v: %s", err, &out)
	}
	figures := []string{"clients", "tpcb_per_s", "spread_per_s", "hot_per_s", "pairs_per_s", "spread_p99_ms", "hot_p99_ms", "transfers_ratio", "hot_ratio", "pairs_ratio", "journals"}
	for _, f := range figures {
		if n, ok := r[f].(float64); !ok || n <= 0 {
			t.Errorf("%s is %v", f, r[f])
		}
	}
	if n, ok := r["unbalanced"].(float64); !ok || n != 0 {
		t.Errorf("unbalanced is %v: %v", r["unbalanced"], r["difference"])
	}
	for f := range r {
		if f != "unbalanced" && !slices.Contains(figures, f) {
			t.Errorf("%s is a figure that nobody knows", f)
		}
	}
}
