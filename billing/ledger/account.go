package ledger

import (
	"fmt"
	"strings"
)

// Class is what sort of thing an account counts. It decides which side grows it.
type Class string

const (
	Asset     Class = "asset"     // what is ours, or owed to us: grows by debits
	Expense   Class = "expense"   // what was spent: grows by debits
	Liability Class = "liability" // what we owe: grows by credits
	Income    Class = "income"    // what was earned: grows by credits
	Equity    Class = "equity"    // where opening balances come from: grows by credits
)

// DebitNormal says whether debits make it more.
func (c Class) DebitNormal() bool { return c == Asset || c == Expense }

// Account is an account of the chart in one currency. Only the constructors of chart.go make one, so that no caller can
// invent an account or its rules.
type Account struct {
	code     string
	currency Currency
	rule     rule
}

// rule is what holds for all accounts of one kind. The table accounts has the same (account_chart): a code that begins with
// the kind of one that holds people's money cannot be opened any other way.
type rule struct {
	class    Class
	overdraw bool // may hold less than nothing
	running  bool // keeps a balance in its row, which every journal locks; without one, entries alone say what is in it
	standing bool // belongs to the operator as such and is opened by its first journal; others are opened by Open
}

// Code names the account within its tenant: wallet:0190….
func (a Account) Code() string { return a.code }

// Kind is the first part of the code: wallet.
func (a Account) Kind() string { kind, _, _ := strings.Cut(a.code, ":"); return kind }

// Currency is what it is kept in.
func (a Account) Currency() Currency { return a.currency }

// Class is what sort of account it is.
func (a Account) Class() Class { return a.rule.class }

// MayOverdraw says whether it may hold less than nothing.
func (a Account) MayOverdraw() bool { return a.rule.overdraw }

// Running says whether its row keeps a balance. Only such an account can be kept from being overdrawn; one that all
// business goes through keeps none, so that nobody waits for its row.
func (a Account) Running() bool { return a.rule.running }

// Standing says whether it is opened by its first journal.
func (a Account) Standing() bool { return a.rule.standing }

// None says that this is no account.
func (a Account) None() bool { return a.code == "" }

func (a Account) String() string { return fmt.Sprintf("%s %s", a.code, a.currency) }

// Parse is the account that a code of the chart names, as rows and addresses spell it.
func Parse(code string, c Currency) (Account, error) {
	kind, of, _ := strings.Cut(code, ":")
	r, ok := chart[kind]
	if !ok || !c.Known() || (of == "") != r.alone || len(code) > maxCode || !codeForm.MatchString(code) {
		return Account{}, fmt.Errorf("ledger: there is no account %q in %q", code, c)
	}
	return Account{code, c, r.rule}, nil
}
