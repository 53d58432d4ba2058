package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/identity/tenant"
)

// LedgerDifference is the first thing that a ledger says of itself and its entries do not bear out.
type LedgerDifference struct {
	Tenant   tenant.ID
	Where    string // an account (wallet:0190… MAD), a journal, a hold
	What     string // its posted balance, say
	Expected string // by the entries
	Found    string
}

func (d *LedgerDifference) Error() string {
	return fmt.Sprintf("ledger of tenant %s: %s: %s is %s, its entries make it %s", d.Tenant, d.Where, d.What, d.Found, d.Expected)
}

// LedgerCount is how much was verified.
type LedgerCount struct{ Accounts, Journals, Entries, OpenHolds, Documents int }

// VerifyLedger derives everything that one tenant's ledger says from its entries, in Go, and compares: that each journal
// balances in each currency on each layer, every account's balance and its guard, which holds are open, and that documents are
// numbered without gaps and say what they said when they were finalised, that what invoices leave open is what organisations owe, and that a pass has
// what is left of its price, one that has ended nothing. It reads one
// snapshot in a stream, so nothing stands still for it and memory grows with accounts and open holds alone. The first thing
// that is wrong is returned as a *LedgerDifference.
func (db *DB) VerifyLedger(ctx context.Context, t tenant.ID) (n LedgerCount, err error) {
	err = db.Snapshot(ctx, t, Unbounded, func(r *Reader) error {
		v := &verifier{tenant: t, r: r, accounts: map[uuid.UUID]*derived{}, open: map[uuid.UUID]bool{}}
		defer func() { n = v.count }()
		for _, step := range []func(context.Context) error{v.entries, v.journals, v.balances, v.holds, v.numbers, v.documents, v.credits, v.receivables, v.passes, v.rows} {
			if err := step(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	var d *LedgerDifference
	if err != nil && !errors.As(err, &d) {
		err = fmt.Errorf("store: verify the ledger of tenant %s: %w", t, err)
	}
	return n, err
}

type verifier struct {
	tenant   tenant.ID
	r        *Reader
	accounts map[uuid.UUID]*derived
	open     map[uuid.UUID]bool // holds that the journals leave open
	count    LedgerCount
}

// derived is what the entries of an account make.
type derived struct {
	ledger.Balance
	currency string
	n        int64
}

func (v *verifier) differs(where, what string, expected, found any) error {
	return &LedgerDifference{v.tenant, where, what, fmt.Sprint(expected), fmt.Sprint(found)}
}

// entries reads all of them, journal by journal.
func (v *verifier) entries(ctx context.Context) error {
	codes, err := v.codes(ctx)
	if err != nil {
		return err
	}
	rows, err := v.r.db.Query(ctx, `select e.journal_id, e.seq, e.account_id, e.currency::text, e.layer::text, e.sign, e.dr, e.cr, e.at, j.kind, j.subject, j.reason, j.phase,
			coalesce(j.resolves, '00000000-0000-0000-0000-000000000000'), j.effective_at, j.at, j.request_hash
		from entry e left join journal j on j.tenant_id = e.tenant_id and j.id = e.journal_id order by e.tenant_id, e.journal_id, e.seq`)
	if err != nil {
		return err
	}
	defer rows.Close()
	now := written{net: map[string]int64{}}
	for rows.Next() {
		var l writtenLine
		var next written
		if err := rows.Scan(&next.id, &l.seq, &l.account, &l.currency, &l.layer, &l.sign, &l.dr, &l.cr, &l.at, &next.kind, &next.subject, &next.reason, &next.phase,
			&next.resolves, &next.effective, &next.at, &next.hash); err != nil {
			return err
		}
		if next.id != now.id {
			if err := v.wrote(&now); err != nil {
				return err
			}
			next.net = map[string]int64{}
			now = next
		}
		now.add(l, codes[l.account])
		a := v.accounts[l.account]
		if a == nil {
			a = &derived{currency: l.currency}
			v.accounts[l.account] = a
		}
		if a.Balance, err = a.After(ledger.Line{Debit: l.dr, Credit: l.cr, Layer: ledger.Layer(l.layer), Release: l.sign < 0}); err != nil {
			return err
		}
		if a.currency != l.currency {
			return v.differs("journal "+now.id.String(), "the currency of an entry", a.currency, l.currency)
		}
		a.n++
		v.count.Entries++
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return v.wrote(&now)
}

// journals finds those without entries, and which holds nobody resolved.
func (v *verifier) journals(ctx context.Context) error {
	rows, err := v.r.db.Query(ctx, `select j.id, j.phase, j.resolves, exists (select from entry e where e.tenant_id = j.tenant_id and e.journal_id = j.id)
		from journal j order by j.tenant_id, j.id`)
	if err != nil {
		return err
	}
	defer rows.Close()
	var id, resolves uuid.UUID
	var phase string
	var entries bool
	resolved := map[uuid.UUID]bool{}
	journals := 0
	for rows.Next() {
		if err := rows.Scan(&id, &phase, &resolves, &entries); err != nil {
			return err
		}
		journals++
		if !entries {
			return v.differs("journal "+id.String(), "the number of entries", "2 or more", 0)
		}
		switch {
		case phase == string(ledger.PhasePending) && resolved[id]: // ids are in the order of making, but for clocks
			delete(resolved, id)
		case phase == string(ledger.PhasePending):
			v.open[id] = true
		case resolves != uuid.Nil && v.open[resolves]:
			delete(v.open, resolves)
		case resolves != uuid.Nil:
			resolved[resolves] = true
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	if journals != v.count.Journals {
		return v.differs("the tenant", "the number of journals", v.count.Journals, journals)
	}
	for id := range resolved {
		return v.differs("journal "+id.String(), "the number of times that it was resolved", "0 or 1", "more")
	}
	return nil
}

// balances compares every account's row.
func (v *verifier) balances(ctx context.Context) error {
	rows, err := v.r.db.Query(ctx, `select id, code, currency::text, class, may_overdraw, running, posted, held_dr, held_cr, entries from account order by tenant_id, code, currency`)
	if err != nil {
		return err
	}
	defer rows.Close()
	var id uuid.UUID
	var code, currency, class string
	var overdraw, running bool
	var row ledger.Balance
	var entries int64
	for rows.Next() {
		if err := rows.Scan(&id, &code, &currency, &class, &overdraw, &running, &row.Posted, &row.HeldDebit, &row.HeldCredit, &entries); err != nil {
			return err
		}
		v.count.Accounts++
		where, made := code+" "+currency, v.accounts[id]
		if made == nil {
			made = &derived{currency: currency}
		}
		delete(v.accounts, id)
		if made.currency != currency {
			return v.differs(where, "the currency of its entries", currency, made.currency)
		}
		if available := made.Available(ledger.Class(class)); !overdraw && available < 0 {
			return v.differs(where, "what is available", "0 or more", available)
		}
		if !running {
			made = &derived{} // its row says nothing
		}
		for _, f := range []struct {
			what            string
			expected, found int64
		}{{"the posted balance", made.Posted, row.Posted}, {"held debits", made.HeldDebit, row.HeldDebit},
			{"held credits", made.HeldCredit, row.HeldCredit}, {"the number of entries", made.n, entries}} {
			if f.expected != f.found {
				return v.differs(where, f.what, f.expected, f.found)
			}
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for id := range v.accounts {
		return v.differs("account "+id.String(), "the account of entries", "there", "missing")
	}
	return nil
}

func (v *verifier) holds(ctx context.Context) error {
	rows, err := v.r.db.Query(ctx, `select h.journal_id, coalesce(j.expires_at, h.expires_at), h.expires_at from open_hold h left join journal j on j.tenant_id = h.tenant_id and j.id = h.journal_id`)
	if err != nil {
		return err
	}
	defer rows.Close()
	var id uuid.UUID
	var asked, until time.Time
	for rows.Next() {
		if err := rows.Scan(&id, &asked, &until); err != nil {
			return err
		}
		if !v.open[id] {
			return v.differs("hold "+id.String(), "its state", "resolved", "open")
		}
		if until.Before(asked) { // it may have been extended since
			return v.differs("hold "+id.String(), "its end", "not before "+asked.UTC().Format(time.RFC3339Nano), until.UTC().Format(time.RFC3339Nano))
		}
		delete(v.open, id)
		v.count.OpenHolds++
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for id := range v.open {
		return v.differs("hold "+id.String(), "its state", "open", "resolved")
	}
	return nil
}
