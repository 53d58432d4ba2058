package invoicing

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/invoice"
	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/store"
)

// maxOpening bounds the rows of an opening file, so that it is taken over within a request; there may be any number of files.
const maxOpening = 5000

const openingInvalid = "opening_invalid"

// OpeningRow is what an account held in the system before this one, as its owner counts.
type OpeningRow struct {
	Account ledger.Account
	Amount  int64
	Line    int // of the file
}

// ReadOpening reads a file of balances: account, currency, amount. An account may be there once, and is the operator's own or
// belongs to somebody who is known: what was taken over for an id that somebody mistyped would be lost. What stands before the decimals is what somebody said, or as
// the file itself tells. Nothing is written.
func (s *Service) ReadOpening(ctx context.Context, t tenant.ID, body []byte, decimal invoice.DecimalSign) ([]OpeningRow, error) {
	rows, err := readOpening(body, decimal)
	if err != nil {
		return nil, err
	}
	return rows, known(ctx, s.db.Read(t), rows)
}

// known refuses the first account that belongs to nobody.
func known(ctx context.Context, r *store.Reader, rows []OpeningRow) error {
	var owned []store.OwnedAccount
	var line []int
	for _, row := range rows {
		if row.Account.Standing() {
			continue
		}
		_, of, _ := strings.Cut(row.Account.Code(), ":")
		of, _, _ = strings.Cut(of, ":") // a rail's, of what somebody is owed
		id, err := uuid.Parse(of)
		if err != nil {
			return badLine(openingInvalid, accountUnknown, row.Line)
		}
		owned, line = append(owned, store.OwnedAccount{Kind: row.Account.Kind(), Owner: id, Currency: string(row.Account.Currency())}), append(line, row.Line)
	}
	unknown, err := r.Strangers(ctx, owned)
	if err != nil {
		return err
	}
	if len(unknown) > 0 {
		return badLine(openingInvalid, accountUnknown, line[unknown[0]])
	}
	return nil
}

func readOpening(body []byte, decimal invoice.DecimalSign) ([]OpeningRow, error) {
	rows, at, err := table(openingInvalid, body, maxOpening, "account", "currency", "amount")
	if err != nil {
		return nil, err
	}
	out, seen := make([]OpeningRow, len(rows)), map[ledger.Ref]bool{}
	amounts, exponents := make([]string, len(rows)), make([]int, len(rows))
	for i, r := range rows {
		c, err := ledger.ParseCurrency(r[1])
		if err != nil {
			return nil, badLine(openingInvalid, currencyUnknown, at[i])
		}
		a, err := ledger.Parse(r[0], c)
		if err != nil {
			return nil, badLine(openingInvalid, accountUnknown, at[i])
		}
		if a.Kind() == "opening" || a.Kind() == "pass" { // a pass is bought here
			return nil, badLine(openingInvalid, accountNotOpening, at[i])
		}
		if a.Kind() == "receivable" { // it would be no invoice's: no list would show it, and nothing could pay it
			return nil, fault.New("opening_receivable", fault.Params{"line": strconv.Itoa(at[i])}).At("body/csv")
		}
		if seen[a.Ref()] {
			return nil, badLine(openingInvalid, accountTwice, at[i])
		}
		seen[a.Ref()] = true
		out[i], amounts[i], exponents[i] = OpeningRow{Account: a, Line: at[i]}, r[2], c.Exponent()
	}
	sums, _, err := invoice.ReadAmounts(amounts, exponents, decimal)
	if err != nil {
		return nil, unread(err, at, openingInvalid, amountUnreadable, "opening_amounts_ambiguous")
	}
	for i, n := range sums {
		if a := out[i].Account; n == 0 || ledger.Of(max(n, -n), a.Currency()).Check() != nil || (n < 0 && !a.MayOverdraw()) {
			return nil, badLine(openingInvalid, amountImpossible, at[i])
		}
		out[i].Amount = n
	}
	if len(out) == 0 {
		return nil, badLine(openingInvalid, fileEmpty, 1)
	}
	return out, nil
}

// Opened is what a file of balances came to.
type Opened struct {
	Accounts int // that the file has
	Known    int // that were taken over before, with the same balance, and are left as they are
}

// Open takes balances over: a journal each against the migration account, all of a file in one transaction, in as many files as there
// are. An account has one opening balance, which is its journal's key: the same again, in whichever file, is harmless; another one
// is opening_done with its line, and nothing of that file is taken over.
func (s *Service) Open(ctx context.Context, t tenant.ID, by uuid.UUID, claim idem.Claim, body []byte, decimal invoice.DecimalSign) (out Opened, err error) {
	rows, err := readOpening(body, decimal)
	if err != nil {
		return out, err
	}
	err = s.db.InTx(ctx, t, func(tx *store.Tx) error {
		answer, _, err := tx.Once(ctx, claim, 200, func() (any, error) { return takeOver(ctx, tx, t, by, sha256.Sum256(body), rows) })
		if err != nil {
			return err
		}
		return json.Unmarshal(answer, &out)
	})
	return out, err
}

func takeOver(ctx context.Context, tx *store.Tx, t tenant.ID, by uuid.UUID, hash [32]byte, rows []OpeningRow) (out Opened, err error) {
	out.Accounts = len(rows)
	if err := known(ctx, &tx.Reader, rows); err != nil {
		return out, err
	}
	accounts, journals := make([]ledger.Account, len(rows)), make([]ledger.Journal, len(rows))
	for i, r := range rows {
		m := ledger.Of(max(r.Amount, -r.Amount), r.Account.Currency())
		own, other := ledger.Debit(r.Account, m), ledger.Credit(ledger.Opening(m.Currency), m)
		if r.Account.Class().DebitNormal() != (r.Amount > 0) {
			own, other = ledger.Credit(r.Account, m), ledger.Debit(ledger.Opening(m.Currency), m)
		}
		accounts[i] = r.Account
		journals[i] = ledger.Post("opening:"+r.Account.Code()+":"+string(m.Currency), "opening_balance", own, other)
	}
	if err := tx.OpenAccounts(ctx, accounts...); err != nil {
		return out, err
	}
	if err := tx.AddOpening(ctx, hash, len(rows), by); err != nil {
		return out, err
	}
	recorded, err := tx.Record(ctx, journals...)
	if err != nil {
		return out, err
	}
	for i, r := range recorded {
		switch {
		case fault.Is(r.Err, "idempotency_conflict"):
			return out, fault.New("opening_done", fault.Params{"line": strconv.Itoa(rows[i].Line), "account": rows[i].Account.Code()}).At("body/csv")
		case r.Err != nil:
			return out, r.Err
		case r.Repeated:
			out.Known++
		}
	}
	if out.Known == out.Accounts {
		return out, nil // nothing was done
	}
	return out, tx.Audit(store.Audit{Actor: by, Action: "opening.apply", Target: "tenant/" + t.String(), Detail: map[string]any{"accounts": out.Accounts, "known": out.Known}})
}
