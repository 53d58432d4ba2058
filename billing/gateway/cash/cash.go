// Package cash is the adapter for money that no acquirer sees: cash in a driver's or agent's hand, and transfers to the
// operator's bank account. Nobody can be asked whether it came: a person declares it, with their name in the audit log.
//
// The adapter therefore only says what the payer is to do, and under which reference. It makes no call, owns no truth,
// and cannot fail for reasons outside: the declaration, the float account of whoever took the money, and the match with
// the bank's statement are the ledger's and billing's. A refund is a declaration too, so it is not supported here.
//
// Options (gateway.Credentials.Options):
//
//	form          cash or bank_transfer
//	instructions  what the payer reads; {reference} and {amount} are filled in
package cash

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"strings"

	"github.com/waymeet/waymeet/billing/gateway"
)

// Adapter opens tenants' tills.
type Adapter struct{}

// Kind is gateway.Cash.
func (Adapter) Kind() gateway.Kind { return gateway.Cash }

type till struct {
	gateway.Unsupported
	profile      gateway.Profile
	instructions string
}

var _ gateway.Gateway = (*till)(nil)

// Open reads the options.
func (Adapter) Open(c gateway.Credentials) (gateway.Gateway, error) {
	if f := c.Options["form"]; f != "cash" && f != "bank_transfer" {
		return nil, &gateway.Misconfigured{Text: "the option form is cash or bank_transfer"}
	}
	text := c.Options["instructions"]
	if text == "" || c.Options["form"] == "bank_transfer" && !strings.Contains(text, "{reference}") {
		return nil, &gateway.Misconfigured{Text: "the option instructions tells the payer what to do; a bank transfer's names its {reference}"}
	}
	m := c.Merchant
	if m.Role == "" {
		m.Role = gateway.TenantIsMerchant
	}
	return &till{
		Unsupported:  gateway.Unsupported{Of: gateway.Cash},
		profile:      gateway.Profile{Kind: gateway.Cash, Merchant: m, Capabilities: []gateway.Capability{gateway.Declared}},
		instructions: text,
	}, nil
}

// Profile says what it is.
func (t *till) Profile() gateway.Profile { return t.profile }

// Pay says what the payer is to do. The same order always says the same.
func (t *till) Pay(_ context.Context, o gateway.PayOrder) (gateway.Payment, error) {
	if err := gateway.CheckKey(o.Key); err != nil {
		return gateway.Payment{}, err
	}
	if err := o.Amount.Check(); err != nil {
		return gateway.Payment{}, err
	}
	for missing, asked := range map[gateway.Capability]bool{
		gateway.PreAuthorise: o.Manual, gateway.Splits: o.Split != nil, gateway.OffSession: o.Away || o.Method != "" || o.Keep,
	} {
		if asked {
			return gateway.Payment{}, &gateway.NotSupported{Kind: gateway.Cash, Capability: missing}
		}
	}
	none := gateway.Amount{Currency: o.Amount.Currency}
	return gateway.Payment{
		ID: Reference(o.Payment), Payment: o.Payment, Key: o.Key, Status: gateway.Open, Amount: o.Amount,
		Capturable: none, Received: none, Refunded: none, Fee: none,
		Next: gateway.Next{Instructions: strings.NewReplacer("{reference}", Reference(o.Payment), "{amount}", o.Amount.String()).Replace(t.instructions)},
	}, nil
}

// Reference is what the payer writes on a transfer and the bank's statement is matched by: ten letters and digits that
// are hard to confuse, the same for a payment on every node.
func Reference(payment string) string {
	sum := sha256.Sum256([]byte("waymeet reference " + payment))
	return base32.NewEncoding("ABCDEFGHJKLMNPQRSTUVWXYZ23456789").WithPadding(base32.NoPadding).EncodeToString(sum[:7])[:10]
}
