package ledger

import (
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// kindRule is the rule of a kind of account.
type kindRule struct {
	rule
	alone bool // there is one per currency: its code has no second part
	says  string
}

// chart is the chart of accounts: one line a kind.
//
// Whose money it is, is guarded: a wallet, a pass, a float, an organisation's credit and what is payable keep a running balance and are never
// overdrawn. What all business goes through (clearing, deferred, revenue, tax) keeps none.
var chart = map[string]kindRule{
	"clearing":   {rule{Asset, true, false, true}, false, "what a gateway took and has not paid to the bank yet"},
	"bank":       {rule{Asset, true, false, true}, false, "a bank account of the operator"},
	"transit":    {rule{Asset, true, false, true}, false, "on its way: payouts on a rail, cash to the bank"},
	"float":      {rule{Asset, false, true, false}, false, "cash in the hands of an agent or a driver"},
	"receivable": {rule{Asset, true, true, false}, false, "what an organisation was invoiced and owes"},
	"programme":  {rule{Asset, true, true, false}, false, "an employer's share of rides, not invoiced yet"},
	"dispute":    {rule{Asset, true, false, true}, false, "what a gateway took back while a dispute is open"},
	"recovery":   {rule{Asset, true, true, false}, false, "what an expert was paid, or a payer took back of what they had, and owes"},
	"wallet":     {rule{Liability, false, true, false}, false, "a rider's or client's own money"},
	"pass":       {rule{Liability, false, true, false}, false, "what is left of a pass that was paid"},
	"credit":     {rule{Liability, false, true, false}, false, "what an organisation has: credited after it had paid"},
	"payable":    {rule{Liability, false, true, false}, false, "what an expert earned and was not paid yet"},
	"deferred":   {rule{Liability, true, false, true}, false, "sold and not delivered: a seat that was not ridden yet"},
	"tax":        {rule{Liability, true, false, true}, false, "tax collected for a state, per rate"},
	"suspense":   {rule{Liability, true, false, true}, false, "money that came and nobody knows what for"},
	"revenue":    {rule{Income, true, false, true}, false, "earned, by kind of business"},
	"fees":       {rule{Expense, true, false, true}, false, "what a gateway, a rail or a second expert costs"},
	"loss":       {rule{Expense, true, false, true}, false, "written off: lost disputes, bad debts, goodwill"},
	"difference": {rule{Expense, true, false, true}, true, "cash counted at the end of a shift against what should be there"},
	"opening":    {rule{Equity, true, false, true}, true, "where balances of a system before this one come from"},
}

// Kinds is every kind of account, in order.
func Kinds() []string { return slices.Sorted(maps.Keys(chart)) }

// account spells a code. Names (of a gateway, a bank, a business) are small letters, digits and dashes; others are refused by
// Journal.Check.
func account(c Currency, kind, of string) Account {
	code := kind
	if of != "" {
		code += ":" + strings.ToLower(of)
	}
	return Account{code, c, chart[kind].rule}
}

// Clearing is what a gateway took and has not paid out to the bank yet. One account of a gateway (a connected one, say) has
// a name of its own: Clearing("stripe", …).
func Clearing(gateway string, c Currency) Account { return account(c, "clearing", gateway) }

// Bank is a bank account of the operator.
func Bank(name string, c Currency) Account { return account(c, "bank", name) }

// Transit is what was sent and not confirmed yet: payouts on a rail, cash that was handed in.
func Transit(rail string, c Currency) Account { return account(c, "transit", rail) }

// Float is the cash that an agent or a driver holds for the operator; nobody can hand in more than they took.
func Float(holder uuid.UUID, c Currency) Account { return account(c, "float", holder.String()) }

// Receivable is what an organisation was invoiced and owes.
func Receivable(organisation uuid.UUID, c Currency) Account {
	return account(c, "receivable", organisation.String())
}

// CreditOf is what an organisation has with the operator, because what it had paid was credited.
func CreditOf(organisation uuid.UUID, c Currency) Account {
	return account(c, "credit", organisation.String())
}

// Programme is an employer's share of what was sold, until it is invoiced.
func Programme(programme uuid.UUID, c Currency) Account {
	return account(c, "programme", programme.String())
}

// Dispute is what a gateway took back while a dispute is open.
func Dispute(gateway string, c Currency) Account { return account(c, "dispute", gateway) }

// Recovery is what an expert was paid for something that was given back.
func Recovery(expert uuid.UUID, c Currency) Account { return account(c, "recovery", expert.String()) }

// Wallet is a user's own money.
func Wallet(user uuid.UUID, c Currency) Account { return account(c, "wallet", user.String()) }

// Pass is what is left of a pass.
func Pass(pass uuid.UUID, c Currency) Account { return account(c, "pass", pass.String()) }

// Payable is what an expert earned and was not paid yet.
func Payable(expert uuid.UUID, c Currency) Account { return account(c, "payable", expert.String()) }

// PayableAt is what of it lies at a gateway in the expert's own account there, on its way to their bank.
func PayableAt(expert uuid.UUID, gateway string, c Currency) Account {
	return account(c, "payable", expert.String()+":"+gateway)
}

// Deferred is what was sold and not delivered yet: Deferred("seats", …), Deferred("sessions", …).
func Deferred(business string, c Currency) Account { return account(c, "deferred", business) }

// TaxPayable is tax collected for a state at one rate: TaxPayable("ma", Percent(10), …).
func TaxPayable(state string, r Rate, c Currency) Account {
	return account(c, "tax", state+":"+r.String())
}

// Suspense is money from a gateway or a bank that nobody can explain yet.
func Suspense(from string, c Currency) Account { return account(c, "suspense", from) }

// Revenue is what was earned, by kind of business: Revenue("seats", …), Revenue("platform-fee", …).
func Revenue(business string, c Currency) Account { return account(c, "revenue", business) }

// Fees is what a gateway or a rail costs.
func Fees(of string, c Currency) Account { return account(c, "fees", of) }

// Loss is what was written off, by reason: Loss("dispute", …).
func Loss(reason string, c Currency) Account { return account(c, "loss", reason) }

// Difference is cash that was counted more or less than it should be.
func Difference(c Currency) Account { return account(c, "difference", "") }

// Opening is where balances of a system before this one come from.
func Opening(c Currency) Account { return account(c, "opening", "") }
