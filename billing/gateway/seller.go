package gateway

import "time"

// AccountOrder opens a connected account for somebody who is paid a share.
type AccountOrder struct {
	Key      string
	Seller   string // our id
	Country  string // ISO 3166-1
	Email    string
	Business BusinessType
	Currency string
}

// BusinessType is what a seller is in law.
type BusinessType string

// The business types.
const (
	Individual BusinessType = "individual"
	Company    BusinessType = "company"
)

// Account is a connected account: what it may do, and what is missing.
type Account struct {
	ID      string
	Key     string
	Seller  string
	Country string

	Transfers CapabilityState // may receive a share
	Cards     CapabilityState // may be the merchant of record
	CanCharge bool
	CanPayOut bool
	Submitted bool // the seller has been through the acquirer's form

	Due      []string  // what the acquirer wants to know now
	PastDue  []string  // … and wanted by Deadline
	Pending  []string  // being verified
	Deadline time.Time // zero: none
	Disabled string    // the acquirer's reason, or empty
	At       time.Time
}

// CapabilityState is how far a capability of an account is.
type CapabilityState string

// The states of a capability.
const (
	CapabilityNone     CapabilityState = ""
	CapabilityActive   CapabilityState = "active"
	CapabilityPending  CapabilityState = "pending"
	CapabilityInactive CapabilityState = "inactive"
)

// LinkOrder asks for the page on which a seller answers what is due.
type LinkOrder struct {
	Key        string
	Account    string
	ReturnURL  string
	RefreshURL string // where the browser goes when the link is used up
}

// Link is a page that works once, for minutes.
type Link struct {
	URL   string
	Until time.Time
}

// TransferOrder sends a share to a connected account after the payment.
type TransferOrder struct {
	Key         string
	Destination string
	Amount      Amount
	Source      string // the charge that pays it: without, the platform's available balance must
	Group       string
	Description string
}

// Transfer is a share that was sent.
type Transfer struct {
	ID          string
	Key         string
	Destination string
	Amount      Amount
	Reversed    Amount
	Source      string
	At          time.Time
}

// ReverseOrder takes a share back.
type ReverseOrder struct {
	Key      string
	Transfer string
	Amount   Amount
	WaiveFee bool
}

// Reversal is a share that was taken back.
type Reversal struct {
	ID       string
	Key      string
	Transfer string
	Amount   Amount
	At       time.Time
}

// PayoutOrder sends a balance to a bank: a connected account's, or with Account empty the tenant's own.
type PayoutOrder struct {
	Key       string
	Account   string
	Amount    Amount
	Statement string
}

// Payout is money on its way to a bank.
type Payout struct {
	ID      string
	Key     string
	Account string
	Amount  Amount
	Status  PayoutStatus
	Failure string
	Arrives time.Time
	At      time.Time
}

// PayoutStatus is where a payout stands.
type PayoutStatus string

// The states of a payout.
const (
	PayoutPending   PayoutStatus = "pending"
	PayoutSent      PayoutStatus = "in_transit"
	PayoutPaid      PayoutStatus = "paid"
	PayoutFailed    PayoutStatus = "failed"
	PayoutCancelled PayoutStatus = "cancelled"
)
