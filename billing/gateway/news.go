package gateway

import (
	"net/http"
	"time"

	"github.com/waymeet/waymeet/billing/reconcile"
)

// Page bounds a list: what was made from Since on, newest first, behind After.
type Page struct {
	Since   time.Time
	Until   time.Time // zero: now
	After   string    // the last id of the page before
	Limit   int       // 0: 100
	Account string    // of a connected account; empty: the tenant's own
}

// Delivery is a webhook as it came: the body untouched, since the signature is over its bytes.
type Delivery struct {
	Body   []byte
	Header http.Header
	At     time.Time // when it was received
	Seller bool      // it came to the endpoint that hears of connected accounts
}

// Event says that something happened to an object.
type Event struct {
	ID      string // the acquirer's, or derived: the same delivery has the same id
	Type    string // the acquirer's word, such as payment_intent.succeeded
	Account string // the connected account that it is about; empty: the tenant's own
	Object  string // what kind of thing: payment_intent, refund, account …
	Of      string // its id
	Live    bool
	At      time.Time
	Body    []byte // as it was signed, to be stored
	// Reply is the body that the acquirer wants to read once the event is stored; empty: none. A redirect acquirer takes
	// the money when it reads it; Reject is what to answer when the payment is not wanted any more.
	Reply, Reject string
}

// EventQuery lists events.
type EventQuery struct {
	Page
	Types       []string // at most 20; none: all
	Undelivered bool     // only those that no webhook endpoint has taken
}

// Movement is one line of the acquirer's own account with the tenant: what a reconciler matches to journals.
type Movement struct {
	ID     string
	What   reconcile.What
	Type   string // charge, refund, transfer, payout, application_fee …, the acquirer's word
	Source string // the object that moved it
	// What it is about: the acquirer's payment, where it is one, and the key that we ordered the object under, where we did.
	Payment, Key string
	Amount       Amount // signed: what the payer paid, say
	Fee          Amount // the acquirer's
	Net          Amount
	At           time.Time
	Due          time.Time // when it is available
}

// Dispute is a charge that the payer's bank takes back, for now or for good.
type Dispute struct {
	ID        string
	PaymentID string
	Charge    string
	Amount    Amount
	Reason    string
	Status    DisputeStatus
	Respond   time.Time // evidence is due by then
	At        time.Time
}

// DisputeStatus is where a dispute stands.
type DisputeStatus string

// The states of a dispute.
const (
	DisputeOpen    DisputeStatus = "open"    // evidence is awaited
	DisputeReview  DisputeStatus = "review"  // the bank decides
	DisputeWon     DisputeStatus = "won"     // the money came back
	DisputeLost    DisputeStatus = "lost"    // it did not
	DisputeInquiry DisputeStatus = "inquiry" // a question, no money has moved
)
