package api

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing"
	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/web/rest"
)

// Book is an account of the ledger with what is in it now.
type Book struct {
	Code      string `json:"code" example:"wallet:0190b7a6-2222-7abc-8def-0123456789ab"`
	Kind      string `json:"kind" example:"wallet"`
	Label     string `json:"label,omitempty"`
	Owner     string `json:"owner,omitempty" example:"Salma Bennani" doc:"Whose it is; absent: the operator's own"`
	Class     string `json:"class" enum:"asset,liability,income,expense,equity" example:"liability"`
	Currency  string `json:"currency" example:"MAD"`
	Amount    int64  `json:"amount" example:"5000" doc:"As its owner counts: a wallet with 50 dirhams has 5000"`
	Available int64  `json:"available" example:"5000" doc:"Less what holds may still take out"`
}

// Statement is a page of what was posted to an account.
type Statement struct {
	Owner    string          `json:"owner,omitempty" example:"Salma Bennani" doc:"Whose the account is; absent: the operator's own"`
	Code     string          `json:"code" example:"clearing:stripe"`
	Currency string          `json:"currency" example:"MAD"`
	Class    string          `json:"class" enum:"asset,liability,income,expense,equity" example:"asset"`
	Opening  int64           `json:"opening" example:"0" doc:"What was in it before the first line"`
	Items    []StatementLine `json:"items"`
	Next     string          `json:"next,omitempty" doc:"Give it as cursor to read on; absent at the end"`
}

// StatementLine is one posting, with what was in the account after it.
type StatementLine struct {
	At        time.Time `json:"at" example:"2026-11-22T20:34:12Z"`
	Effective time.Time `json:"effective_at" example:"2026-11-22T20:34:12Z"`
	Journal   uuid.UUID `json:"journal" format:"uuid" example:"0190b7a6-9999-7abc-8def-0123456789ab"`
	Kind      string    `json:"kind" example:"payment_captured"`
	Subject   string    `json:"subject,omitempty" example:"payment/0190b7a6-8888-7abc-8def-0123456789ab"`
	Reason    string    `json:"reason,omitempty"`
	Debit     int64     `json:"debit" example:"5000"`
	Credit    int64     `json:"credit" example:"0"`
	Balance   int64     `json:"balance" example:"5000"`
}

type askAccounts struct {
	Kind   string `query:"kind" maxLength:"20" pattern:"^[a-z]*$" example:"wallet" doc:"Only accounts of this kind"`
	Cursor string `query:"cursor" maxLength:"130" doc:"next of the page before"`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"50" example:"50"`
}

type askStatement struct {
	Account  string    `query:"account" required:"true" minLength:"1" maxLength:"120" example:"clearing:stripe"`
	Currency string    `query:"currency" required:"true" minLength:"3" maxLength:"3" pattern:"^[A-Z]{3}$" example:"MAD"`
	From     time.Time `query:"from" example:"2026-11-22T00:00:00Z" doc:"Recorded after this instant; absent: from the beginning"`
	To       time.Time `query:"to" example:"2026-11-23T00:00:00Z" doc:"Recorded up to this instant; absent: to the end"`
	FromDay  string    `query:"from_day" format:"date" example:"2026-11-22" doc:"From the beginning of this day, where the operator is"`
	ToDay    string    `query:"to_day" format:"date" example:"2026-11-22" doc:"To the end of this day, where the operator is"`
	Cursor   string    `query:"cursor" maxLength:"100"`
	Limit    int       `query:"limit" minimum:"1" maximum:"500" default:"100" example:"100"`
}

// FinanceBooks is the ledger: its accounts, and what was posted to one.
func FinanceBooks(f *billing.Finance) func(*rest.API) {
	return func(a *rest.API) {
		rest.Handle(a, "finance.accounts", rest.Doc{Summary: "List the ledger's accounts", About: "By code, with what is in each now."},
			func(ctx context.Context, in *askAccounts) (*rest.Answer[rest.Page[Book]], error) {
				var after ledger.Ref
				if in.Cursor != "" {
					code, currency, ok := strings.Cut(in.Cursor, " ")
					if _, err := ledger.Parse(code, ledger.Currency(currency)); !ok || err != nil {
						return nil, fault.New("bad_value").At("query/cursor")
					}
					after = ledger.Ref{Code: code, Currency: ledger.Currency(currency)}
				}
				items, more, err := f.Accounts(ctx, byOf(ctx).Tenant, in.Kind, after, in.Limit)
				if err != nil {
					return nil, err
				}
				codes := make([]string, len(items))
				for i, b := range items {
					codes[i] = b.Account.Code()
				}
				owners, err := f.Owners(ctx, byOf(ctx).Tenant, codes...)
				if err != nil {
					return nil, err
				}
				page := rest.Page[Book]{Items: make([]Book, len(items))}
				for i, b := range items {
					class := b.Account.Class()
					page.Items[i] = Book{Code: b.Account.Code(), Kind: b.Account.Kind(), Label: b.Label, Owner: owners[b.Account.Code()], Class: string(class), Currency: string(b.Account.Currency()),
						Amount: b.Amount(class), Available: b.Available(class)}
				}
				if more {
					last := items[len(items)-1].Account
					page.Next = last.Code() + " " + string(last.Currency())
				}
				return rest.Say(page), nil
			})
		rest.Handle(a, "finance.statement", rest.Doc{Summary: "Read an account's statement", About: "Oldest first, between two instants, with the balance after each line."},
			func(ctx context.Context, in *askStatement) (*rest.Answer[Statement], error) {
				account, err := ledger.Parse(in.Account, ledger.Currency(in.Currency))
				if err != nil {
					return nil, fault.New("account_not_found")
				}
				days, err := betweenDays(ctx, in.FromDay, in.ToDay)
				if err != nil {
					return nil, err
				}
				s, next, err := f.Statement(ctx, byOf(ctx).Tenant, store.StatementAsk{Account: account, From: later(in.From, before(days.since)), To: sooner(in.To, before(days.until)), Limit: in.Limit}, in.Cursor)
				if err != nil {
					return nil, err
				}
				sign := int64(1)
				if !account.Class().DebitNormal() {
					sign = -1
				}
				owners, err := f.Owners(ctx, byOf(ctx).Tenant, account.Code())
				if err != nil {
					return nil, err
				}
				out := Statement{Owner: owners[account.Code()], Code: account.Code(), Currency: in.Currency, Class: string(account.Class()), Opening: sign * s.Opening, Items: make([]StatementLine, len(s.Lines)), Next: next}
				for i, l := range s.Lines {
					out.Items[i] = StatementLine{At: l.At.UTC(), Effective: l.Effective.UTC(), Journal: l.Journal, Kind: l.Kind, Subject: l.Subject, Reason: l.Reason,
						Debit: l.Debit, Credit: l.Credit, Balance: sign * l.Balance}
				}
				return rest.Say(out), nil
			})
	}
}
