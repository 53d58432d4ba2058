package gateway

import "time"

// Status is where a payment stands, in the field's words.
type Status string

// The states of a payment.
const (
	Open       Status = "open"       // the payer has to act: choose a card, go to a page, hand over cash
	NeedsAuth  Status = "needs_auth" // the payer's bank wants to see them (3-D Secure)
	Processing Status = "processing" // the bank decides; a webhook tells
	Authorised Status = "authorised" // held, to be captured before HoldUntil
	Captured   Status = "captured"   // taken
	Cancelled  Status = "cancelled"  // released, by us or because the hold ran out
	Failed     Status = "failed"     // refused for good: a new payment is needed
)

// PayOrder asks for money.
type PayOrder struct {
	Key     string // Key(Payment, "pay", n)
	Payment string // our id, kept with the acquirer's object

	Amount   Amount
	Manual   bool   // hold now, capture later
	Customer string // the acquirer's id, or empty
	Method   string // a saved method: the payment is confirmed at once; empty: the payer chooses
	Away     bool   // off-session: the payer is not there to authenticate
	Keep     bool   // save the method for when the payer is away

	Split *Split // share with a connected account
	Group string // ties payments and transfers of one sale together

	Description string
	Email       string
	Language    string // fr, ar, en: of the hosted page
	ReturnURL   string // where the payer's browser comes back to
	CallbackURL string // where the acquirer's server posts, if it is told per payment
}

// Split sends the amount less Fee to a connected account.
type Split struct {
	Destination string
	Fee         Amount // ours; may be nothing
	OnBehalf    bool   // the connected account is the merchant of record
}

// Payment is the acquirer's object.
type Payment struct {
	ID      string // the acquirer's
	Payment string // ours, as it was ordered
	Key     string // of the attempt that made it
	Status  Status

	Amount     Amount
	Capturable Amount
	Received   Amount
	Refunded   Amount // settled, with what failed afterwards; what is pending is on its way, and not in it
	Returned   Amount // of Refunded: refunds that failed, seen in the same answer
	Fee        Amount // what the split kept for us; none: zero

	Customer  string
	Method    string
	Card      Card
	Charge    string // what a transfer names as its source
	Transfer  string // to the connected account of a split
	Disputed  bool
	HoldUntil time.Time // with Authorised: the bank keeps the hold until then
	At        time.Time // made

	Next    Next      // with Open and NeedsAuth
	Decline *Declined // the last attempt's, while another is possible
}

// Next is what the payer has to do.
type Next struct {
	ClientSecret Secret            // for the acquirer's script in the browser
	Approve      bool              // the card is known: the script shows the payer's bank and asks for nothing else
	URL          string            // a page of the acquirer's …
	Method       string            // … by GET, or POST with Fields
	Fields       map[string]string // signed by the adapter, to be posted by the browser as they are
	Instructions string            // in words: a bank account and a reference
}

// Card is what may be shown of a card.
type Card struct {
	Brand    string
	Last4    string
	ExpMonth int
	ExpYear  int
}

// CaptureOrder takes what was held, or less. The rest is released.
type CaptureOrder struct {
	Key    string
	ID     string
	Amount Amount
	// Fee is our share of the smaller amount. With a split it must be given: the acquirer would keep the fee of the
	// whole amount otherwise.
	Fee *Amount
}

// CancelOrder releases a payment that was not captured.
type CancelOrder struct {
	Key    string
	ID     string
	Reason string // abandoned, duplicate, requested_by_customer
}

// RefundOrder gives money back.
type RefundOrder struct {
	Key         string
	ID          string // the payment's, at the acquirer
	Amount      Amount
	TakeBack    bool   // from the connected account in proportion (reverse_transfer)
	WaiveFee    bool   // our fee in proportion (refund_application_fee)
	Description string // who decided why, in our words
}

// Refund is money on its way back.
type Refund struct {
	ID        string
	Key       string
	PaymentID string
	Amount    Amount
	Status    RefundStatus
	Reversal  string // of the connected account's share
	At        time.Time
}

// RefundStatus is where a refund stands.
type RefundStatus string

// The states of a refund.
const (
	RefundPending   RefundStatus = "pending"
	RefundSucceeded RefundStatus = "succeeded"
	RefundFailed    RefundStatus = "failed"
)

// Lookup names an object: by its id, or by the key that it was ordered with.
type Lookup struct {
	ID string

	Key      string    // or Attempts
	Since    time.Time // when the order was first sent: nothing older is looked at
	Customer string    // narrows the search, if known
	Payment  string    // refunds: the payment's id at the acquirer. Redirect: our payment's id
	Transfer string    // reversals: the transfer's id
	Account  string    // payouts: the connected account
	Amount   Amount    // redirect: what was asked, for the answer to be compared with
}
