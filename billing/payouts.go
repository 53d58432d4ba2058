package billing

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/gateway"
	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/billing/payout"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store"
)

// Rails that experts are paid over.
const (
	RailBankFile = "bank-file" // a file that a bank reads; a person says what became of each line
	RailConnect  = "connect"   // the gateway sends what lies in experts' own accounts there to their banks, and tells
)

// rail is what differs: who can be paid, from which account of theirs, and what the money leaves in the end.
type rail interface {
	payable(ctx context.Context, r *store.Reader, currency string, limit int) ([]store.PayoutLine, error)
	from(expert uuid.UUID, c ledger.Currency) ledger.Account
	leaves(c ledger.Currency) ledger.Account
	nets() bool // what an expert owes back is kept from what goes out, and with it settled
}

var rails = map[string]rail{RailBankFile: bankFile{}, RailConnect: connect{}}

type bankFile struct{}

func (bankFile) payable(ctx context.Context, r *store.Reader, currency string, limit int) ([]store.PayoutLine, error) {
	return r.PayableByBank(ctx, currency, limit)
}
func (bankFile) from(e uuid.UUID, c ledger.Currency) ledger.Account { return ledger.Payable(e, c) }
func (bankFile) leaves(c ledger.Currency) ledger.Account            { return ledger.Bank("main", c) }
func (bankFile) nets() bool                                         { return true }

type connect struct{}

func (connect) payable(ctx context.Context, r *store.Reader, currency string, limit int) ([]store.PayoutLine, error) {
	return r.PayableByGateway(ctx, currency, limit)
}
func (connect) from(e uuid.UUID, c ledger.Currency) ledger.Account {
	return ledger.PayableAt(e, string(gateway.Stripe), c)
}
func (connect) leaves(c ledger.Currency) ledger.Account { return connected(string(gateway.Stripe), c) }

// nets: money in an expert's own account cannot be kept by not sending it; as much as they owe stays there until a reversal
// takes it.
func (connect) nets() bool { return false }

const (
	maxPayees = 1000 // looked at for a run
	maxLines  = 300  // in a run: what is left is in the next one
)

// MakePayout drafts a run: everybody on this rail who is owed at least the minimum, after what they owe. Nothing has moved yet.
// One run a rail and currency is open at a time.
func (p *Payments) MakePayout(ctx context.Context, t tenant.ID, by uuid.UUID, claim idem.Claim, name string, minimum ledger.Money) (uuid.UUID, error) {
	over, ok := rails[name]
	if !ok {
		return uuid.Nil, fault.New("bad_value").At("/rail")
	}
	if err := minimum.Check(); err != nil {
		return uuid.Nil, err
	}
	c := minimum.Currency
	who, err := over.payable(ctx, p.db.Read(t), string(c), maxPayees)
	if err != nil {
		return uuid.Nil, err
	}
	var id uuid.UUID
	err = p.db.InTx(ctx, t, func(tx *store.Tx) error {
		answer, _, err := tx.Once(ctx, claim, 201, func() (any, error) {
			run := store.PayoutRun{ID: ident.New(), Rail: name, Currency: string(c), Minimum: minimum.Amount, MadeBy: by}
			lines, err := linesOf(ctx, &tx.Reader, over, who, minimum)
			if err != nil {
				return nil, err
			}
			if err := tx.AddPayoutRun(ctx, run, lines); errors.Is(err, store.ErrTaken) {
				return nil, fault.New("payout_at_work")
			} else if err != nil {
				return nil, err
			}
			return run.ID, tx.Audit(store.Audit{Actor: by, Action: "payout.make", Target: "payout/" + run.ID.String(), Detail: map[string]any{"rail": name, "lines": len(lines)}})
		})
		if err != nil {
			return err
		}
		return json.Unmarshal(answer, &id)
	})
	return id, err
}

// linesOf is who is paid, and how much.
func linesOf(ctx context.Context, r *store.Reader, over rail, who []store.PayoutLine, minimum ledger.Money) (lines []store.PayoutLine, err error) {
	for _, l := range who {
		if len(lines) == maxLines {
			break
		}
		owed, err := owedTo(ctx, r, over, l.Expert, minimum.Currency)
		if err != nil {
			return nil, err
		}
		line, in := owed.Collect(minimum.Amount)
		if !in {
			continue
		}
		l.ID, l.N, l.Owed, l.Recovered, l.Amount = ident.New(), len(lines)+1, line.Owed, line.Recovered, line.Amount
		if !over.nets() {
			l.Owed, l.Recovered = line.Amount, 0
		}
		lines = append(lines, l)
	}
	if len(lines) == 0 {
		return nil, fault.New("payout_nobody")
	}
	return lines, nil
}

func owedTo(ctx context.Context, r *store.Reader, over rail, expert uuid.UUID, c ledger.Currency) (payout.Owed, error) {
	var o payout.Owed
	from, err := r.Balance(ctx, over.from(expert, c))
	if err == nil {
		o.Payable = from.Available(ledger.Liability)
		var back ledger.Balance
		back, err = r.Balance(ctx, ledger.Recovery(expert, c))
		o.Recovery = back.Amount(ledger.Asset)
	}
	if fault.Is(err, "account_not_found") {
		err = nil
	}
	return o, err
}

// Payout is a run with its lines.
type Payout struct {
	store.PayoutRun
	Lines           []store.PayoutLine
	News            map[uuid.UUID]store.PayoutNews // by line
	Maker, Approver string                         // what they are called
}

// PayoutRun is one run.
func (p *Payments) PayoutRun(ctx context.Context, t tenant.ID, id uuid.UUID) (Payout, error) {
	run, err := p.db.Read(t).PayoutRun(ctx, id)
	if store.IsNotFound(err) {
		return Payout{}, fault.New("not_found")
	}
	if err != nil {
		return Payout{}, err
	}
	out := Payout{PayoutRun: run}
	if out.Lines, err = p.db.Read(t).PayoutLines(ctx, id); err != nil {
		return out, err
	}
	if out.News, err = p.db.Read(t).PayoutNews(ctx, id); err != nil {
		return out, err
	}
	for who, name := range map[uuid.UUID]*string{run.MadeBy: &out.Maker, run.ApprovedBy: &out.Approver} {
		if who == uuid.Nil {
			continue
		}
		u, err := p.db.Read(t).UserByID(ctx, who)
		if err != nil {
			return out, err
		}
		*name = u.Name
	}
	return out, nil
}

// PayoutRuns is runs before one of them, the newest first.
func (p *Payments) PayoutRuns(ctx context.Context, t tenant.ID, before uuid.UUID, limit int) ([]store.PayoutRun, error) {
	from := store.PayoutRun{ID: uuid.Max, MadeAt: p.now().AddDate(100, 0, 0)}
	if before != uuid.Nil {
		var err error
		if from, err = p.db.Read(t).PayoutRun(ctx, before); store.IsNotFound(err) {
			return nil, nil
		} else if err != nil {
			return nil, err
		}
	}
	return p.db.Read(t).PayoutRuns(ctx, from.MadeAt, from.ID, limit)
}

// SetBeneficiary keeps where an expert's money goes. Lines of runs that were made before keep the number that they have.
func (p *Payments) SetBeneficiary(ctx context.Context, t tenant.ID, by uuid.UUID, claim idem.Claim, b store.Beneficiary) (store.Beneficiary, error) {
	number, err := payout.Number(b.Number)
	if err != nil {
		return b, err
	}
	b.Number = number
	if _, err := p.db.Read(t).UserByID(ctx, b.User); store.IsNotFound(err) {
		return b, fault.New("not_found")
	} else if err != nil {
		return b, err
	}
	err = p.db.InTx(ctx, t, func(tx *store.Tx) error {
		answer, _, err := tx.Once(ctx, claim, 200, func() (any, error) { // the version alone: a number is kept where it is used, and nowhere else
			version, err := tx.SaveBeneficiary(ctx, b)
			if err != nil {
				return nil, err
			}
			return version, tx.Audit(store.Audit{Actor: by, Action: "beneficiary.set", Target: "user/" + b.User.String(), Detail: map[string]any{"number": payout.Masked(b.Number)}})
		})
		if err != nil {
			return err
		}
		return json.Unmarshal(answer, &b.Version)
	})
	return b, err
}
