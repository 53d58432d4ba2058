package gatewaytest

import (
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/waymeet/waymeet/billing/gateway"
)

// Card is how a payer's card behaves.
type Card string

// The cards.
const (
	Good         Card = "good"
	Declines     Card = "declines"
	Poor         Card = "poor" // insufficient funds
	Expired      Card = "expired"
	Stolen       Card = "stolen"       // the payer must not read why
	Authenticate Card = "authenticate" // 3-D Secure each time
	Disputed     Card = "disputed"     // good, and taken back by the bank
)

// How the acquirer fails the next order.
type How string

// The ways to fail.
const (
	FailBefore How = "500, nothing done"
	FailAfter  How = "500, done"
	Hang       How = "no answer, done"
	Drop       How = "connection broken, done"
	TooMany    How = "429"
)

// Rig is an adapter under test and its other side.
type Rig struct {
	Gateway  gateway.Gateway
	Currency string
	Callback string // where the acquirer's server posts; empty: nowhere

	// Payer finishes an open payment as the payer would, in the browser or on the acquirer's page.
	Payer func(t *testing.T, p gateway.Payment, c Card)
	// Taken is how many payments were really taken or held at the acquirer.
	Taken func(t *testing.T) int

	Method       func(t *testing.T, c Card) string                            // OffSession: a method to charge
	Authenticate func(t *testing.T, id string, yes bool)                      // OffSession, BrowserForm: the bank's page
	Seller       func(t *testing.T) string                                    // Splits: an account that may receive
	Complete     func(t *testing.T, account string)                           // Splits: answers what is due
	FailRefund   func(t *testing.T, id string)                                // Refunds: the payer's bank sends it back
	SlowRefunds  func(t *testing.T, slow bool)                                // Refunds: banks take their time
	SettleRefund func(t *testing.T, id string)                                // Refunds: one that was slow has arrived
	Break        func(t *testing.T, how How)                                  // the next order
	Advance      func(t *testing.T, d time.Duration)                          // the acquirer's clock
	Event        func(t *testing.T) []byte                                    // Webhooks: the body of a delivery
	AccountEvent func(t *testing.T) (body []byte, account string)             // Splits and Webhooks
	Sign         func(secret int, at time.Time, body []byte) gateway.Delivery // with the nth active secret; -1: with a stranger's; sellers: the Connect endpoint's
	Rotated      func(t *testing.T) gateway.Gateway                           // the same gateway after secret 0 was retired
	WrongKey     func(t *testing.T) gateway.Gateway                           // with credentials that the acquirer does not take
}

// sellers is the secret of the endpoint that hears of connected accounts, in Sign.
const sellers = 9

var serial atomic.Int64

// order is a payment that nobody else has.
func (r Rig) order(minor int64) gateway.PayOrder {
	id := fmt.Sprintf("pay-%d", serial.Add(1))
	return gateway.PayOrder{
		Key: gateway.Key(id, "pay", 1), Payment: id, Amount: r.amount(minor), Description: "Seat on line 7",
		ReturnURL: "http://127.0.0.1/return", CallbackURL: r.Callback, Language: "fr",
	}
}

func (r Rig) amount(minor int64) gateway.Amount {
	return gateway.Amount{Minor: minor, Currency: r.Currency}
}

func (r Rig) can(t *testing.T, caps ...gateway.Capability) {
	t.Helper()
	for _, c := range caps {
		if !r.Gateway.Profile().Can(c) {
			t.Skipf("%s has no %s", r.Gateway.Profile().Kind, c)
		}
	}
}

// is says whether err is of a type, and hands it over.
func is[T error](t *testing.T, err error) T {
	t.Helper()
	var e T
	if !errors.As(err, &e) {
		t.Fatalf("%v (%T) is no %T", err, err, e)
	}
	return e
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func ago() time.Time { return time.Now().Add(-time.Minute) }
