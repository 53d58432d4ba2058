package invoicing

import (
	"context"
	"crypto/sha256"
	"errors"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store"
)

// maxOpening bounds the rows of an opening file.
const maxOpening = 2000

// OpeningRow is what an account held in the system before this one, as its owner counts.
type OpeningRow struct {
	Account ledger.Account
	Amount  int64
}

// ReadOpening reads a file of balances: account, currency, amount. An account may be there once, and is the operator's own or
// belongs to somebody who is known: what was taken over for an id that somebody mistyped would be lost. Nothing is written.
func (s *Service) ReadOpening(ctx context.Context, t tenant.ID, body []byte) ([]OpeningRow, error) {
	rows, err := readOpening(body)
	if err != nil {
		return nil, err
	}
	return rows, known(ctx, s.db.Read(t), rows)
}

// known refuses the first account that belongs to nobody.
func known(ctx context.Context, r *store.Reader, rows []OpeningRow) error {
	var owned []store.OwnedAccount
	var line []int
	for i, row := range rows {
		if row.Account.Standing() {
			continue
		}
		_, of, _ := strings.Cut(row.Account.Code(), ":")
		of, _, _ = strings.Cut(of, ":") // a rail's, of what somebody is owed
		id, err := uuid.Parse(of)
		if err != nil {
			return badOpening(i+2, "account")
		}
		owned, line = append(owned, store.OwnedAccount{Kind: row.Account.Kind(), Owner: id, Currency: string(row.Account.Currency())}), append(line, i+2)
	}
	unknown, err := r.Strangers(ctx, owned)
	if err != nil {
		return err
	}
	if len(unknown) > 0 {
		return badOpening(line[unknown[0]], "account")
	}
	return nil
}

func badOpening(line int, why string) error {
	return fault.New("opening_invalid", fault.Params{"line": strconv.Itoa(line), "why": why}).At("body/csv")
}

func readOpening(body []byte) ([]OpeningRow, error) {
	bad := badOpening
	rows, at, err := table(body, maxOpening, "account", "currency", "amount")
	if err != nil {
		return nil, bad(rowOf(err), err.Error())
	}
	out, seen := make([]OpeningRow, len(rows)), map[ledger.Ref]bool{}
	for i, r := range rows {
		c, err := ledger.ParseCurrency(r[1])
		if err != nil {
			return nil, bad(at[i], "currency")
		}
		a, err := ledger.Parse(r[0], c)
		if err != nil || a.Kind() == "opening" || a.Kind() == "pass" { // a pass is bought here
			return nil, bad(at[i], "account")
		}
		n, err := readAmount(r[2], c)
		if err != nil || n == 0 || ledger.Of(max(n, -n), c).Check() != nil || (n < 0 && !a.MayOverdraw()) {
			return nil, bad(at[i], "amount")
		}
		if seen[a.Ref()] {
			return nil, bad(at[i], "twice")
		}
		seen[a.Ref()] = true
		out[i] = OpeningRow{a, n}
	}
	if len(out) == 0 {
		return nil, bad(1, "empty")
	}
	return out, nil
}

// Open takes balances over, once: a journal each against the migration account, all in one transaction. The same file again is
// harmless; another one is opening_done.
func (s *Service) Open(ctx context.Context, t tenant.ID, by uuid.UUID, body []byte) (int, error) {
	rows, err := readOpening(body)
	if err != nil {
		return 0, err
	}
	hash := sha256.Sum256(body)
	err = s.db.InTx(ctx, t, func(tx *store.Tx) error {
		before, done, err := tx.OpeningDone(ctx)
		if err != nil {
			return err
		}
		if done {
			if before != hash {
				return fault.New("opening_done")
			}
			return nil
		}
		if err := known(ctx, &tx.Reader, rows); err != nil {
			return err
		}
		if err := tx.AddOpening(ctx, hash, len(rows), by); err != nil {
			return err
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
			return err
		}
		if err := tx.Audit(store.Audit{Actor: by, Action: "opening.apply", Target: "tenant/" + t.String(), Detail: map[string]any{"accounts": len(rows)}}); err != nil {
			return err
		}
		recorded, err := tx.Record(ctx, journals...)
		if err != nil {
			return err
		}
		for _, r := range recorded {
			err = errors.Join(err, r.Err)
		}
		return err
	})
	if errors.Is(err, store.ErrTaken) {
		return 0, fault.New("opening_done")
	}
	return len(rows), err
}
