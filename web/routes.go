package web

import (
	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/web/rest"
)

const (
	get   = "GET"
	post  = "POST"
	patch = "PATCH"
	put   = "PUT"

	public  = rest.Public
	tenant  = rest.Tenant
	own     = rest.Own
	thing   = rest.Thing
	channel = rest.Channel
)

// Routes is every operation of the API on one page: what it is called, where it is, what must be permitted on what. The
// handlers are in web/api. (The socket, the documentation and the screens are in server.go.)
var Routes = []rest.Route{
	{ID: "auth.signIn", Method: post, Path: "/v1/auth/sign-in", On: public, Why: "nobody is anybody yet"},
	{ID: "auth.refresh", Method: post, Path: "/v1/auth/refresh", On: public, Why: "the refresh cookie is the credential"},
	{ID: "auth.signOut", Method: post, Path: "/v1/auth/sign-out", On: public, Why: "ends whatever the refresh cookie names, and says nothing"},
	{ID: "auth.jwks", Method: get, Path: "/v1/auth/jwks.json", On: public, Why: "public keys"},
	{ID: "me.get", Method: get, Path: "/v1/me", On: own, Action: policy.SelfRead},
	{ID: "me.update", Method: patch, Path: "/v1/me", On: own, Action: policy.SelfWrite},
	{ID: "me.devices", Method: get, Path: "/v1/me/devices", On: own, Action: policy.SelfRead},

	{ID: "me.wallet", Method: get, Path: "/v1/me/wallet", On: own, Action: policy.SelfRead},
	{ID: "me.topUp", Method: post, Path: "/v1/me/wallet/top-ups", On: own, Action: policy.SelfWrite, Key: true},
	{ID: "me.payments", Method: get, Path: "/v1/me/payments", On: own, Action: policy.SelfRead},
	{ID: "me.payment", Method: get, Path: "/v1/me/payments/{id}", On: thing, Action: policy.SelfRead},
	{ID: "me.giveUpPayment", Method: post, Path: "/v1/me/payments/{id}/cancel", On: thing, Action: policy.SelfWrite, Key: true},
	{ID: "me.methods", Method: get, Path: "/v1/me/methods", On: own, Action: policy.SelfRead},
	{ID: "me.saveMethod", Method: post, Path: "/v1/me/methods", On: own, Action: policy.SelfWrite, Key: true},
	{ID: "me.methodSetup", Method: get, Path: "/v1/me/method-setups/{id}", On: thing, Action: policy.SelfRead},
	{ID: "me.preferMethod", Method: post, Path: "/v1/me/methods/{id}/prefer", On: thing, Action: policy.SelfWrite, Key: true},
	{ID: "me.removeMethod", Method: post, Path: "/v1/me/methods/{id}/remove", On: thing, Action: policy.SelfWrite, Key: true},

	{ID: "realtime.ticket", Method: post, Path: "/v1/realtime/tickets", On: own, Action: policy.SelfWrite},
	{ID: "realtime.set", Method: get, Path: "/v1/realtime/sets/{channel}", On: channel, Free: true},

	{ID: "stops.search", Method: get, Path: "/v1/stops", On: tenant, Action: policy.StopRead},
	{ID: "stops.get", Method: get, Path: "/v1/stops/{id}", On: thing, Action: policy.StopRead},
	{ID: "lines.list", Method: get, Path: "/v1/lines", On: tenant, Action: policy.LineRead},
	{ID: "lines.get", Method: get, Path: "/v1/lines/{id}", On: thing, Action: policy.LineRead},
	{ID: "patterns.get", Method: get, Path: "/v1/patterns/{id}", On: thing, Action: policy.LineRead},

	{ID: "trips.search", Method: get, Path: "/v1/trips", On: tenant, Action: policy.TripRead},
	{ID: "trips.get", Method: get, Path: "/v1/trips/{id}", On: thing, Action: policy.TripRead},
	{ID: "trips.manifest", Method: get, Path: "/v1/trips/{id}/manifest", On: thing, Action: policy.ManifestRead},
	{ID: "trips.capacity", Method: post, Path: "/v1/trips/{id}/capacity", On: thing, Action: policy.TripOperate, Key: true},
	{ID: "trips.delay", Method: post, Path: "/v1/trips/{id}/delay", On: thing, Action: policy.TripOperate, Key: true},
	{ID: "trips.cancel", Method: post, Path: "/v1/trips/{id}/cancel", On: thing, Action: policy.TripOperate, Key: true},
	{ID: "trips.depart", Method: post, Path: "/v1/trips/{id}/depart", On: thing, Action: policy.TripOperate, Key: true},

	{ID: "bookings.hold", Method: post, Path: "/v1/bookings", On: own, Action: policy.BookingHold, Key: true},
	{ID: "bookings.list", Method: get, Path: "/v1/bookings", On: own, Action: policy.BookingRead},
	{ID: "bookings.get", Method: get, Path: "/v1/bookings/{id}", On: thing, Action: policy.BookingRead},
	{ID: "bookings.confirm", Method: post, Path: "/v1/bookings/{id}/confirm", On: thing, Action: policy.BookingConfirm, Key: true},
	{ID: "bookings.pay", Method: post, Path: "/v1/bookings/{id}/pay", On: thing, Action: policy.BookingConfirm, Key: true},
	{ID: "bookings.payment", Method: get, Path: "/v1/bookings/{id}/payment", On: thing, Action: policy.BookingConfirm},
	{ID: "bookings.cancel", Method: post, Path: "/v1/bookings/{id}/cancel", On: thing, Action: policy.BookingCancel, Key: true},
	{ID: "bookings.noShow", Method: post, Path: "/v1/bookings/{id}/no-show", On: thing, Action: policy.BookingNoShow, Key: true},
	{ID: "bookings.ticket", Method: get, Path: "/v1/bookings/{id}/ticket", On: thing, Action: policy.BookingTicket},
	{ID: "boardings.create", Method: post, Path: "/v1/boardings", On: thing, Action: policy.BoardingWrite, Key: true},
	{ID: "ticketKeys.list", Method: get, Path: "/v1/ticket-keys", On: tenant, Action: policy.TicketKeyRead},

	{ID: "sessions.list", Method: get, Path: "/v1/sessions", On: own, Action: policy.SessionRead},
	{ID: "sessions.get", Method: get, Path: "/v1/sessions/{id}", On: thing, Action: policy.SessionRead},
	{ID: "sessions.join", Method: post, Path: "/v1/sessions/{id}/join", On: thing, Action: policy.SessionTalk, Key: true},
	{ID: "sessions.beat", Method: post, Path: "/v1/sessions/{id}/beat", On: thing, Action: policy.SessionTalk},
	{ID: "sessions.leave", Method: post, Path: "/v1/sessions/{id}/leave", On: thing, Action: policy.SessionTalk, Key: true},
	{ID: "sessions.interrupt", Method: post, Path: "/v1/sessions/{id}/interrupt", On: thing, Action: policy.SessionTalk, Key: true},
	{ID: "sessions.end", Method: post, Path: "/v1/sessions/{id}/end", On: thing, Action: policy.SessionTalk, Key: true},
	{ID: "sessions.done", Method: post, Path: "/v1/sessions/{id}/done", On: thing, Action: policy.SessionTalk, Key: true},
	{ID: "sessions.rate", Method: post, Path: "/v1/sessions/{id}/rating", On: thing, Action: policy.SessionTalk, Key: true},
	{ID: "sessions.say", Method: post, Path: "/v1/sessions/{id}/messages", On: thing, Action: policy.SessionTalk, Key: true},
	{ID: "sessions.messages", Method: get, Path: "/v1/sessions/{id}/messages", On: thing, Action: policy.SessionRead},

	{ID: "organisations.list", Method: get, Path: "/v1/organisations", On: thing, Action: policy.CompanyRead},
	{ID: "organisations.create", Method: post, Path: "/v1/organisations", On: tenant, Action: policy.OrganisationWrite, Key: true},
	{ID: "organisations.get", Method: get, Path: "/v1/organisations/{id}", On: thing, Action: policy.CompanyRead},
	{ID: "organisations.update", Method: patch, Path: "/v1/organisations/{id}", On: thing, Action: policy.OrganisationWrite},
	{ID: "units.create", Method: post, Path: "/v1/organisations/{id}/units", On: thing, Action: policy.OrganisationWrite, Key: true},
	{ID: "managers.add", Method: post, Path: "/v1/organisations/{id}/managers", On: thing, Action: policy.OrganisationWrite, Key: true},
	{ID: "members.list", Method: get, Path: "/v1/organisations/{id}/members", On: thing, Action: policy.CompanyRead},
	{ID: "rosters.preview", Method: post, Path: "/v1/organisations/{id}/rosters", On: thing, Action: policy.CompanyWrite, Key: true, Cap: 12 << 20},
	{ID: "rosters.apply", Method: post, Path: "/v1/rosters/{id}/apply", On: thing, Action: policy.CompanyWrite, Key: true},
	{ID: "programmes.list", Method: get, Path: "/v1/organisations/{id}/programmes", On: thing, Action: policy.CompanyRead},
	{ID: "programmes.create", Method: post, Path: "/v1/organisations/{id}/programmes", On: thing, Action: policy.CompanyWrite, Key: true},
	{ID: "programmes.update", Method: patch, Path: "/v1/programmes/{id}", On: thing, Action: policy.CompanyWrite},
	{ID: "programmes.alerts", Method: post, Path: "/v1/programmes/{id}/alerts", On: thing, Action: policy.CompanyWrite},
	{ID: "spend.get", Method: get, Path: "/v1/organisations/{id}/spend", On: thing, Action: policy.CompanyRead},
	{ID: "spend.rides", Method: get, Path: "/v1/organisations/{id}/rides", On: thing, Action: policy.CompanyRead},
	{ID: "spend.file", Method: get, Path: "/v1/organisations/{id}/rides/file", On: thing, Action: policy.CompanyRead},

	{ID: "imports.list", Method: get, Path: "/v1/feeds/imports", On: tenant, Action: policy.ImportRead},
	{ID: "users.list", Method: get, Path: "/v1/users", On: tenant, Action: policy.UserRead},
	{ID: "users.create", Method: post, Path: "/v1/users", On: tenant, Action: policy.UserWrite, Key: true},
	{ID: "users.devices", Method: get, Path: "/v1/users/{id}/devices", On: thing, Action: policy.UserRead},
	{ID: "finance.payments", Method: get, Path: "/v1/finance/payments", On: tenant, Action: policy.FinanceRead},
	{ID: "finance.payment", Method: get, Path: "/v1/finance/payments/{id}", On: thing, Action: policy.FinanceRead},
	{ID: "finance.refund", Method: post, Path: "/v1/finance/payments/{id}/refund", On: thing, Action: policy.FinanceWrite, Key: true},
	{ID: "finance.refunds", Method: get, Path: "/v1/finance/refunds", On: tenant, Action: policy.FinanceRead},
	{ID: "finance.settleRefund", Method: post, Path: "/v1/finance/refunds/{id}/settle", On: thing, Action: policy.FinanceWrite, Key: true},
	{ID: "finance.accounts", Method: get, Path: "/v1/finance/accounts", On: tenant, Action: policy.FinanceRead},
	{ID: "finance.statement", Method: get, Path: "/v1/finance/statement", On: tenant, Action: policy.FinanceRead},
	{ID: "finance.events", Method: get, Path: "/v1/finance/events", On: tenant, Action: policy.FinanceRead},
	{ID: "finance.event", Method: get, Path: "/v1/finance/events/{id}", On: thing, Action: policy.FinanceRead},
	{ID: "finance.replay", Method: post, Path: "/v1/finance/events/{id}/replay", On: thing, Action: policy.FinanceWrite, Key: true},
	{ID: "finance.findings", Method: get, Path: "/v1/finance/findings", On: tenant, Action: policy.FinanceRead},
	{ID: "finance.finding", Method: get, Path: "/v1/finance/findings/{id}", On: thing, Action: policy.FinanceRead},
	{ID: "finance.decide", Method: post, Path: "/v1/finance/findings/{id}/decide", On: thing, Action: policy.FinanceWrite, Key: true},

	{ID: "users.update", Method: patch, Path: "/v1/users/{id}", On: thing, Action: policy.UserWrite},

	{ID: "payouts.list", Method: get, Path: "/v1/payouts", On: tenant, Action: policy.FinanceRead},
	{ID: "payouts.make", Method: post, Path: "/v1/payouts", On: tenant, Action: policy.PayoutMake, Key: true},
	{ID: "payouts.get", Method: get, Path: "/v1/payouts/{id}", On: thing, Action: policy.FinanceRead},
	{ID: "payouts.approve", Method: post, Path: "/v1/payouts/{id}/approve", On: thing, Action: policy.PayoutApprove, Key: true},
	{ID: "payouts.discard", Method: post, Path: "/v1/payouts/{id}/discard", On: thing, Action: policy.PayoutMake, Key: true},
	{ID: "payouts.send", Method: post, Path: "/v1/payouts/{id}/send", On: thing, Action: policy.PayoutMake, Key: true},
	{ID: "payouts.file", Method: get, Path: "/v1/payouts/{id}/file", On: thing, Action: policy.PayoutMake},
	{ID: "payouts.end", Method: post, Path: "/v1/payout-lines/{id}/end", On: thing, Action: policy.PayoutMake, Key: true},
	{ID: "experts.list", Method: get, Path: "/v1/experts", On: tenant, Action: policy.FinanceRead},
	{ID: "experts.get", Method: get, Path: "/v1/experts/{id}", On: thing, Action: policy.FinanceRead},
	{ID: "experts.refresh", Method: post, Path: "/v1/experts/{id}/account/refresh", On: thing, Action: policy.PayoutMake},
	{ID: "experts.beneficiary", Method: post, Path: "/v1/experts/{id}/beneficiary", On: thing, Action: policy.PayoutMake, Key: true},
	{ID: "experts.account", Method: get, Path: "/v1/experts/{id}/account", On: thing, Action: policy.PayoutMake},
	{ID: "experts.open", Method: post, Path: "/v1/experts/{id}/account", On: thing, Action: policy.PayoutMake, Key: true},
	{ID: "experts.link", Method: post, Path: "/v1/experts/{id}/account/link", On: thing, Action: policy.PayoutMake},

	{ID: "cash.riders", Method: get, Path: "/v1/cash/riders", On: tenant, Action: policy.CashTake},
	{ID: "cash.take", Method: post, Path: "/v1/cash/takings", On: tenant, Action: policy.CashTake, Key: true},
	{ID: "cash.undo", Method: post, Path: "/v1/cash/takings/{id}/undo", On: thing, Action: policy.CashTake, Key: true},
	{ID: "cash.shift", Method: get, Path: "/v1/cash/shift", On: own, Action: policy.CashShift},
	{ID: "cash.open", Method: post, Path: "/v1/cash/shift", On: own, Action: policy.CashShift, Key: true},
	{ID: "cash.close", Method: post, Path: "/v1/cash/shift/close", On: own, Action: policy.CashShift, Key: true},
	{ID: "shifts.list", Method: get, Path: "/v1/shifts", On: tenant, Action: policy.FinanceRead},
	{ID: "shifts.takings", Method: get, Path: "/v1/shifts/{id}/takings", On: thing, Action: policy.FinanceRead},
	{ID: "shifts.confirm", Method: post, Path: "/v1/shifts/{id}/confirm", On: thing, Action: policy.FinanceWrite, Key: true},

	{ID: "passProducts.list", Method: get, Path: "/v1/pass-products", On: own, Action: policy.PassProductRead},
	{ID: "passProducts.all", Method: get, Path: "/v1/pass-products/all", On: tenant, Action: policy.PassProductWrite},
	{ID: "passProducts.create", Method: post, Path: "/v1/pass-products", On: tenant, Action: policy.PassProductWrite, Key: true},
	{ID: "passProducts.update", Method: patch, Path: "/v1/pass-products/{id}", On: thing, Action: policy.PassProductWrite},
	{ID: "passes.list", Method: get, Path: "/v1/passes", On: own, Action: policy.PassRead},
	{ID: "passes.get", Method: get, Path: "/v1/passes/{id}", On: thing, Action: policy.PassRead},
	{ID: "passes.buy", Method: post, Path: "/v1/passes", On: own, Action: policy.PassBuy, Key: true},
	{ID: "passes.refund", Method: post, Path: "/v1/passes/{id}/refund", On: thing, Action: policy.PassBuy, Key: true},
	{ID: "invoices.list", Method: get, Path: "/v1/invoices", On: tenant, Action: policy.FinanceRead},
	{ID: "invoices.ofOrganisation", Method: get, Path: "/v1/organisations/{id}/invoices", On: thing, Action: policy.InvoiceRead},
	{ID: "invoices.preview", Method: get, Path: "/v1/organisations/{id}/invoices/preview", On: thing, Action: policy.InvoiceRead},
	{ID: "invoices.finalise", Method: post, Path: "/v1/organisations/{id}/invoices", On: thing, Action: policy.InvoiceWrite, Key: true},
	{ID: "invoices.get", Method: get, Path: "/v1/invoices/{id}", On: thing, Action: policy.InvoiceRead},
	{ID: "invoices.file", Method: get, Path: "/v1/invoices/{id}/file", On: thing, Action: policy.InvoiceRead},
	{ID: "invoices.credit", Method: post, Path: "/v1/invoices/{id}/credit", On: thing, Action: policy.InvoiceWrite, Key: true},
	{ID: "receivables.get", Method: get, Path: "/v1/receivables", On: tenant, Action: policy.FinanceRead},
	{ID: "receivables.remind", Method: post, Path: "/v1/receivables/reminders", On: tenant, Action: policy.InvoiceWrite, Key: true},
	{ID: "bank.preview", Method: post, Path: "/v1/bank/previews", On: tenant, Action: policy.InvoiceWrite, Key: true, Cap: 1 << 20},
	{ID: "bank.import", Method: post, Path: "/v1/bank/imports", On: tenant, Action: policy.InvoiceWrite, Key: true, Cap: 1 << 20},
	{ID: "bank.lines", Method: get, Path: "/v1/bank/lines", On: tenant, Action: policy.FinanceRead},
	{ID: "bank.match", Method: post, Path: "/v1/bank/lines/{id}/match", On: thing, Action: policy.InvoiceWrite, Key: true},
	{ID: "periods.list", Method: get, Path: "/v1/periods", On: tenant, Action: policy.FinanceRead},
	{ID: "periods.lock", Method: post, Path: "/v1/periods", On: tenant, Action: policy.InvoiceWrite, Key: true},
	{ID: "periods.export", Method: get, Path: "/v1/periods/{month}/export", On: tenant, Action: policy.FinanceRead},
	{ID: "opening.preview", Method: post, Path: "/v1/opening/preview", On: tenant, Action: policy.InvoiceWrite, Key: true, Cap: 1 << 20},
	{ID: "opening.apply", Method: post, Path: "/v1/opening", On: tenant, Action: policy.InvoiceWrite, Key: true, Cap: 1 << 20},
	{ID: "biller.get", Method: get, Path: "/v1/biller", On: tenant, Action: policy.FinanceRead},
	{ID: "biller.save", Method: put, Path: "/v1/biller", On: tenant, Action: policy.InvoiceWrite, Key: true},
	{ID: "taxes.list", Method: get, Path: "/v1/taxes", On: tenant, Action: policy.FinanceRead},
	{ID: "taxes.add", Method: post, Path: "/v1/taxes", On: tenant, Action: policy.InvoiceWrite, Key: true},
	{ID: "me.cases", Method: get, Path: "/v1/me/cases", On: own, Action: policy.SelfRead},
	{ID: "cases.list", Method: get, Path: "/v1/cases", On: tenant, Action: policy.FinanceRead},
	{ID: "cases.open", Method: post, Path: "/v1/cases", On: own, Action: policy.SelfWrite, Key: true},
	{ID: "cases.get", Method: get, Path: "/v1/cases/{id}", On: thing, Action: policy.CaseRead},
	{ID: "cases.evidence", Method: post, Path: "/v1/cases/{id}/evidence", On: thing, Action: policy.CaseRead, Key: true, Cap: 3 << 20},
	{ID: "cases.file", Method: get, Path: "/v1/cases/{id}/evidence/{evidence}", On: thing, Action: policy.CaseRead},
	{ID: "cases.decide", Method: post, Path: "/v1/cases/{id}/decide", On: thing, Action: policy.InvoiceWrite, Key: true},
}
