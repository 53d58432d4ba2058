package billing_test

import (
	"slices"
	"testing"

	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store"
)

// TestDisputeWakesItsPayer: a payer whose browsers may be woken hears once that their bank takes a payment back and once what it decided, however often the gateway tells;
// nobody is asked to be woken who cannot be.
func TestDisputeWakesItsPayer(t *testing.T) {
	t.Parallel()
	for _, wakes := range []bool{true, false} {
		x := newTill(t)
		if wakes {
			if err := x.db.InTx(t.Context(), x.db.A.ID, func(tx *store.Tx) error {
				return tx.AddPush(t.Context(), x.db.A.Rider, store.PushTo{ID: ident.New(), Endpoint: "https://push.example/x", Key: "BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u-Ts1XbjhazAkj7I99e8QcYP7DkM", Auth: "tBHItJI5svbpez7KI4CCXg", Locale: "ar"}, 10)
			}); err != nil {
				t.Fatal(err)
			}
		}
		p := x.paid(t, 5000)
		told := func() []string {
			return x.db.Texts(t, `select (args ->> 'user') || ' ' || (args ->> 'what') || ' ' || (args ->> 'about') from river_job where kind = 'push' order by id`)
		}
		end := x.disputed(t, p)
		var want []string
		if wakes {
			want = []string{x.db.A.Rider.String() + " dispute " + p.String()}
		}
		if got := told(); !slices.Equal(got, want) {
			t.Errorf("disputed: %v, want %v", got, want)
		}
		end(true)
		if wakes {
			want = append(want, x.db.A.Rider.String()+" decided "+p.String())
		}
		x.settle(t)
		if got := told(); !slices.Equal(got, want) {
			t.Errorf("won: %v, want %v", got, want)
		}
	}
}
