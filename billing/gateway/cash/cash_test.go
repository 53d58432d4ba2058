package cash_test

import (
	"strings"
	"testing"

	"github.com/waymeet/waymeet/billing/gateway"
	"github.com/waymeet/waymeet/billing/gateway/cash"
	"github.com/waymeet/waymeet/billing/gateway/gatewaytest"
)

func open(options map[string]string) (gateway.Gateway, error) {
	return cash.Adapter{}.Open(gateway.Credentials{Kind: gateway.Cash, Options: options})
}

func TestConformance(t *testing.T) {
	t.Parallel()
	gatewaytest.Run(t, func(t *testing.T) gatewaytest.Rig {
		g, err := open(map[string]string{"form": "bank_transfer", "instructions": "Pay {amount} to MA64 …, reference {reference}."})
		if err != nil {
			t.Fatal(err)
		}
		return gatewaytest.Rig{Gateway: g, Currency: "MAD"}
	})
}

func TestInstructions(t *testing.T) {
	t.Parallel()
	g, err := open(map[string]string{"form": "bank_transfer", "instructions": "{amount}: {reference}"})
	if err != nil {
		t.Fatal(err)
	}
	p, err := g.Pay(t.Context(), gateway.PayOrder{Key: "p:pay:1", Payment: "p", Amount: gateway.Amount{Minor: 100, Currency: "MAD"}})
	if err != nil || p.Next.Instructions != "100 MAD: "+cash.Reference("p") || p.ID != cash.Reference("p") || len(p.ID) != 10 {
		t.Fatalf("%+v %v", p, err)
	}
	if cash.Reference("q") == p.ID || strings.ContainsAny(p.ID, "01IO") {
		t.Fatal(p.ID)
	}
	for _, o := range []map[string]string{nil, {"form": "gold"}, {"form": "cash"}, {"form": "bank_transfer", "instructions": "just pay"}} {
		if _, err := open(o); err == nil {
			t.Errorf("%v opens", o)
		}
	}
}
