package main

import (
	"context"
	"fmt"

	"github.com/waymeet/waymeet/billing"
	"github.com/waymeet/waymeet/billing/invoicing"
	"github.com/waymeet/waymeet/booking"
	"github.com/waymeet/waymeet/dispatch"
	"github.com/waymeet/waymeet/employer"
	"github.com/waymeet/waymeet/identity"
	"github.com/waymeet/waymeet/matching"
	"github.com/waymeet/waymeet/notify"
	"github.com/waymeet/waymeet/session"
	"github.com/waymeet/waymeet/session/provider"
	"github.com/waymeet/waymeet/web"
	"github.com/waymeet/waymeet/web/api"
	"github.com/waymeet/waymeet/web/rest"
)

// services is what the API's resources are functions of. The zero value is enough to describe them: `waymeet openapi`.
type services struct {
	people *identity.Service
	seats  *booking.Service
	desk   *dispatch.Desk
	firms  *employer.Service
	bills  *invoicing.Service
	match  *matching.Service
	talks  *session.Service
	wake   *notify.Service
	sets   api.Sets

	accounts *billing.Accounts
	inbox    *billing.Inbox
	payments *billing.Payments
	cash     *billing.Cash

	media *provider.Settings

	reconciler  *billing.Reconciler
	finance     *billing.Finance
	corrections *billing.Corrections

	secure bool // people reach us by https
}

// mount is every resource of the API.
func (s services) mount() []func(*rest.API) {
	return []func(*rest.API){
		api.Auth(s.people, s.secure),
		api.Profile(s.people),
		api.Users(s.people),
		api.Supervisors(s.people),
		api.Devices(s.people),
		api.Bookings(s.seats, s.payments),
		api.Sessions(s.talks),
		api.People(s.match, s.talks),
		api.Push(s.wake),
		api.Purse(s.payments, s.people),
		api.Cards(s.payments),
		api.Cash(s.cash),
		api.Payouts(s.payments),
		api.Experts(s.payments),
		api.Passes(s.payments),
		api.Invoices(s.bills),
		api.Boardings(s.seats),
		api.Tickets(s.seats),
		api.Offers(s.seats),
		api.Advice(s.match, s.payments),
		api.Stops(s.desk),
		api.Lines(s.desk),
		api.Patterns(s.desk),
		api.Trips(s.desk),
		api.Imports(s.desk),
		api.Organisations(s.firms),
		api.FinancePayments(s.finance, s.payments),
		api.FinanceRefunds(s.finance, s.payments),
		api.FinanceBooks(s.finance),
		api.FinanceEvents(s.finance, s.inbox),
		api.FinanceFindings(s.finance, s.reconciler),
		api.FinanceBudgets(s.finance),
		api.Corrections(s.corrections),
		api.Realtime(s.people, s.sets),
	}
}

// openapi prints the document that /v1/openapi.json serves, the same on every machine.
func openapi(_ context.Context, t *terminal, args []string) error {
	if err := parse(t.flags("openapi", "\n\nPrints the OpenAPI 3.1 document of the HTTP API.\n"), args, 0); err != nil {
		return err
	}
	doc, err := web.New(web.Config{Version: "1", Mount: services{}.mount()}).OpenAPI()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(t.out, string(doc))
	return err
}
