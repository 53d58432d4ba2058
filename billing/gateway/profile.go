package gateway

import "slices"

// Kind names an adapter.
type Kind string

// The adapters.
const (
	Stripe   Kind = "stripe"   // Stripe Connect
	Redirect Kind = "redirect" // a CMI-shaped acquirer: hosted page, hashed callback
	Cash     Kind = "cash"     // cash and bank transfer, declared by a person
)

// Capability is something that not every acquirer can do.
type Capability string

// The capabilities. A flow asks for them before it starts: a metered session, say, needs PreAuthorise and
// PartialCapture, or the wallet.
const (
	HostedPage     Capability = "hosted_page"     // the payer pays on the acquirer's page
	BrowserForm    Capability = "browser_form"    // the payer pays in a form of the acquirer's inside our page
	PreAuthorise   Capability = "pre_authorise"   // hold now, capture later
	PartialCapture Capability = "partial_capture" // capture less than was held
	Splits         Capability = "split"           // share with a third party (connected accounts, transfers)
	Refunds        Capability = "refund"
	OffSession     Capability = "off_session" // saved methods, charged while the payer is away
	StatusQuery    Capability = "status_query"
	Payouts        Capability = "payout"
	DisputeNews    Capability = "disputes"
	EventList      Capability = "event_list" // what was missed can be listed
	Webhooks       Capability = "webhook"
	Declared       Capability = "declared" // a person says that money came: audited, believed
)

// Merchant says who sells to the payer in the acquirer's eyes: whose name is on the statement, who answers a dispute.
type Merchant struct {
	Role MerchantRole
	Name string // as the tenant stated it
}

// MerchantRole is who the merchant of record is.
type MerchantRole string

// The merchants of record.
const (
	TenantIsMerchant MerchantRole = "tenant" // the operator: the default of all adapters
	SellerIsMerchant MerchantRole = "seller" // the connected account (Stripe's on_behalf_of)
)

// Profile is what a tenant's gateway is and can.
type Profile struct {
	Kind         Kind
	Merchant     Merchant
	Live         bool // real money
	Capabilities []Capability
	Form         Form // with BrowserForm
}

// Form is what a page needs to show the acquirer's own form. All of it may be shown to browsers.
type Form struct {
	Script string // the acquirer's script
	Key    string // its publishable key
}

// Can says whether the gateway has a capability.
func (p Profile) Can(c Capability) bool { return slices.Contains(p.Capabilities, c) }
