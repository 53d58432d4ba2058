package gateway

import "context"

// Gateway is one tenant's account with one acquirer. Every verb may be called from many goroutines and honours its
// context. Verbs that the profile does not offer answer *NotSupported.
type Gateway interface {
	Profile() Profile
	Payments
	Methods
	Sellers
	Disputes
	News
}

// Payments take money from a payer and give it back. What became of a Capture or a Cancel is seen on the payment.
//
// Where an error comes with an object of the acquirer's (Declined, NeedsAuthentication), the Payment is filled as well.
type Payments interface {
	Pay(context.Context, PayOrder) (Payment, error)
	LookUp(context.Context, Lookup) (Payment, error)
	Capture(context.Context, CaptureOrder) (Payment, error)
	Cancel(context.Context, CancelOrder) (Payment, error)
	Refund(context.Context, RefundOrder) (Refund, error)
	LookUpRefund(context.Context, Lookup) (Refund, error)
}

// Methods are payers as the acquirer knows them, and the cards that it keeps for them. What became of ForgetMethod is
// seen in ListMethods.
type Methods interface {
	Customer(context.Context, CustomerOrder) (Customer, error)
	LookUpCustomer(context.Context, Lookup) (Customer, error)
	SaveMethod(context.Context, SaveOrder) (Setup, error)
	LookUpSetup(context.Context, Lookup) (Setup, error)
	ListMethods(ctx context.Context, customer string) ([]Method, error)
	ForgetMethod(ctx context.Context, method, key string) error
}

// Sellers are third parties who are paid a share: connected accounts, transfers to them, payouts to their banks.
type Sellers interface {
	OpenAccount(context.Context, AccountOrder) (Account, error)
	LookUpAccount(context.Context, Lookup) (Account, error)
	AccountLink(context.Context, LinkOrder) (Link, error)
	Transfer(context.Context, TransferOrder) (Transfer, error)
	LookUpTransfer(context.Context, Lookup) (Transfer, error)
	ReverseTransfer(context.Context, ReverseOrder) (Reversal, error)
	LookUpReversal(context.Context, Lookup) (Reversal, error)
	Payout(context.Context, PayoutOrder) (Payout, error)
	LookUpPayout(context.Context, Lookup) (Payout, error)
}

// Disputes are charges that the payer's bank takes back.
type Disputes interface {
	Dispute(ctx context.Context, id string) (Dispute, error)
	ListDisputes(context.Context, Page) ([]Dispute, error)
}

// News is what happened at the acquirer: told by webhook, listed for what was missed, and the money that moved.
type News interface {
	// ReadWebhook verifies a delivery and says what it is about. What it says is a hint: look the object up.
	ReadWebhook(Delivery) (Event, error)
	ListEvents(context.Context, EventQuery) ([]Event, error)
	ListMovements(context.Context, Page) ([]Movement, error)
}

// Opener makes gateways of one kind from credentials. It makes no call.
type Opener interface {
	Kind() Kind
	Open(Credentials) (Gateway, error)
}

// Openers is the adapters that a server has.
type Openers []Opener

// Open opens a tenant's gateway.
func (o Openers) Open(c Credentials) (Gateway, error) {
	for _, opener := range o {
		if opener.Kind() == c.Kind {
			return opener.Open(c)
		}
	}
	return nil, &Misconfigured{Text: "there is no gateway of the kind " + string(c.Kind)}
}
