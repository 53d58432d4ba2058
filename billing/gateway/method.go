package gateway

import "time"

// CustomerOrder makes a payer known to the acquirer.
type CustomerOrder struct {
	Key      string
	User     string // our id
	Name     string
	Email    string
	Language string
}

// Customer is a payer at the acquirer.
type Customer struct {
	ID   string
	Key  string
	User string
	At   time.Time
}

// SaveOrder asks the payer for a card to keep, without paying.
type SaveOrder struct {
	Key       string
	Customer  string
	Method    string // empty: the payer enters it in the browser
	ReturnURL string
}

// Setup is a method on its way to being kept.
type Setup struct {
	ID       string
	Key      string
	Customer string
	Method   string // once Done
	Status   SetupStatus
	Next     Next
	Decline  *Declined
	At       time.Time
}

// SetupStatus is where saving a method stands.
type SetupStatus string

// The states of a setup.
const (
	SetupOpen      SetupStatus = "open"
	SetupNeedsAuth SetupStatus = "needs_auth"
	SetupDone      SetupStatus = "done"
	SetupCancelled SetupStatus = "cancelled"
)

// Method is a saved card.
type Method struct {
	ID       string
	Customer string
	Card     Card
	At       time.Time
}
