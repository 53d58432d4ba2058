package gateway

import "context"

// Unsupported answers every verb with NotSupported. An adapter embeds it and overrides what it has.
type Unsupported struct{ Of Kind }

func (u Unsupported) no(c Capability) error { return &NotSupported{Kind: u.Of, Capability: c} }

// Pay and the rest say what capability is missing.
func (u Unsupported) Pay(context.Context, PayOrder) (Payment, error) {
	return Payment{}, u.no(BrowserForm)
}
func (u Unsupported) LookUp(context.Context, Lookup) (Payment, error) {
	return Payment{}, u.no(StatusQuery)
}
func (u Unsupported) Capture(context.Context, CaptureOrder) (Payment, error) {
	return Payment{}, u.no(PreAuthorise)
}
func (u Unsupported) Cancel(context.Context, CancelOrder) (Payment, error) {
	return Payment{}, u.no(PreAuthorise)
}
func (u Unsupported) Refund(context.Context, RefundOrder) (Refund, error) {
	return Refund{}, u.no(Refunds)
}
func (u Unsupported) LookUpRefund(context.Context, Lookup) (Refund, error) {
	return Refund{}, u.no(Refunds)
}
func (u Unsupported) Customer(context.Context, CustomerOrder) (Customer, error) {
	return Customer{}, u.no(OffSession)
}
func (u Unsupported) LookUpCustomer(context.Context, Lookup) (Customer, error) {
	return Customer{}, u.no(OffSession)
}
func (u Unsupported) SaveMethod(context.Context, SaveOrder) (Setup, error) {
	return Setup{}, u.no(OffSession)
}
func (u Unsupported) LookUpSetup(context.Context, Lookup) (Setup, error) {
	return Setup{}, u.no(OffSession)
}
func (u Unsupported) ListMethods(context.Context, string) ([]Method, error) {
	return nil, u.no(OffSession)
}
func (u Unsupported) ForgetMethod(context.Context, string, string) error { return u.no(OffSession) }
func (u Unsupported) OpenAccount(context.Context, AccountOrder) (Account, error) {
	return Account{}, u.no(Splits)
}
func (u Unsupported) LookUpAccount(context.Context, Lookup) (Account, error) {
	return Account{}, u.no(Splits)
}
func (u Unsupported) AccountLink(context.Context, LinkOrder) (Link, error) {
	return Link{}, u.no(Splits)
}
func (u Unsupported) Transfer(context.Context, TransferOrder) (Transfer, error) {
	return Transfer{}, u.no(Splits)
}
func (u Unsupported) LookUpTransfer(context.Context, Lookup) (Transfer, error) {
	return Transfer{}, u.no(Splits)
}
func (u Unsupported) ReverseTransfer(context.Context, ReverseOrder) (Reversal, error) {
	return Reversal{}, u.no(Splits)
}
func (u Unsupported) LookUpReversal(context.Context, Lookup) (Reversal, error) {
	return Reversal{}, u.no(Splits)
}
func (u Unsupported) Payout(context.Context, PayoutOrder) (Payout, error) {
	return Payout{}, u.no(Payouts)
}
func (u Unsupported) LookUpPayout(context.Context, Lookup) (Payout, error) {
	return Payout{}, u.no(Payouts)
}
func (u Unsupported) Dispute(context.Context, string) (Dispute, error) {
	return Dispute{}, u.no(DisputeNews)
}
func (u Unsupported) ListDisputes(context.Context, Page) ([]Dispute, error) {
	return nil, u.no(DisputeNews)
}
func (u Unsupported) ReadWebhook(Delivery) (Event, error) { return Event{}, u.no(Webhooks) }
func (u Unsupported) ListEvents(context.Context, EventQuery) ([]Event, error) {
	return nil, u.no(EventList)
}
func (u Unsupported) ListMovements(context.Context, Page) ([]Movement, error) {
	return nil, u.no(EventList)
}
