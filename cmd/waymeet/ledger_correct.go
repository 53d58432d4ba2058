package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing"
	"github.com/waymeet/waymeet/billing/invoice"
	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/identity"
	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/store"
)

// correctLedger prepares a correction in the name of somebody who types their password. Who approves it signs in: nobody at a command line proves
// to be a second person.
func correctLedger(ctx context.Context, t *terminal, args []string) error {
	f := t.flags("ledger", ledgerSynopsis)
	slug, email, of := f.String("tenant", "", "the operator's short name"), f.String("by", "", "who prepares it: the address that they sign in with; their password is read from standard input"), f.String("finding", "", "the finding's id")
	debit, credit := f.String("debit", "", "the account that is debited"), f.String("credit", "", "the account that is credited")
	amount, code := f.String("amount", "", "in the currency's major unit"), f.String("currency", "", "its code")
	reason, answers, happened := f.String("reason", "", "why"), f.String("answers", "", "which movement it stands for: charge, refund, dispute, dispute_won, payout, fee"),
		f.String("happened", "", "the day on which it happened (when it is approved)")
	if err := parse(f, args, 0); err != nil {
		return err
	}
	x := store.Correction{Reason: *reason, Answers: *answers, Currency: *code}
	id, err := uuid.Parse(*of)
	if err != nil {
		return fmt.Errorf("--finding: %q is no finding's id", *of)
	}
	x.Finding = id
	c, err := ledger.ParseCurrency(*code)
	if err != nil {
		return fmt.Errorf("--currency: %q is no currency that is kept", *code)
	}
	sums, _, err := invoice.ReadAmounts([]string{*amount}, []int{c.Exponent()}, invoice.Point)
	if err != nil {
		return fmt.Errorf("--amount: %q is no amount like 12.50", *amount)
	}
	if *happened != "" {
		if x.Happened, err = servicedate.Parse(*happened); err != nil {
			return fmt.Errorf("--happened: %q is no day like 2026-11-20", *happened)
		}
	}
	x.Entries = []store.CorrectionEntry{{Account: *debit, Debit: true, Amount: sums[0]}, {Account: *credit, Amount: sums[0]}}
	r := reader{environment: t.environment}
	db, err := openByHand(ctx, &r, nil)
	if err != nil {
		return err
	}
	defer db.Close()
	who, err := called(ctx, db, *slug)
	if err != nil {
		return err
	}
	by, err := preparer(ctx, t, db, who.ID, *email, x.Finding)
	if err != nil {
		return err
	}
	made, err := billing.NewCorrections(db).Prepare(ctx, who.ID, by, idem.Claim{}, x)
	if known := new(fault.Error); errors.As(err, &known) {
		return fmt.Errorf("refused: %s", known.Code)
	}
	if err == nil {
		fmt.Fprintf(t.out, "%s is prepared: somebody else than %s approves it under Finance, Corrections\n", made, *email)
	}
	return err
}

// preparer is who proves to be whom --by names, and may prepare corrections. Two people decide on one: a name that anybody could type would let one
// person be both.
func preparer(ctx context.Context, t *terminal, db *store.DB, who tenant.ID, email string, finding uuid.UUID) (uuid.UUID, error) {
	password, err := passwordFrom(t.in)
	if err != nil {
		return uuid.Nil, err
	}
	actor, err := identity.New(identity.Config{DB: db}).Prove(ctx, who, email, password)
	if err == nil {
		err = policy.Can(policy.With(ctx, actor), policy.FinanceWrite, policy.Resource{Tenant: who, Kind: "finding", ID: finding})
	}
	switch {
	case fault.Is(err, "bad_credentials"):
		return uuid.Nil, fmt.Errorf("--by: %q and the password on standard input are nobody's", email)
	case fault.Is(err, "forbidden"), fault.Is(err, "not_found"):
		return uuid.Nil, fmt.Errorf("--by: %s may not correct the books", email)
	}
	return actor.User, err
}
