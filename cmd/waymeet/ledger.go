package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/waymeet/waymeet/store"
)

const ledgerSynopsis = `verify|correct [flags]

  ledger verify [--tenant T]
  ledger correct --tenant T --finding ID --by EMAIL --debit ACCOUNT --credit ACCOUNT --amount 12.50 --currency MAD --reason "…" [--answers refund] [--happened 2026-11-20]

correct prepares a journal that corrects a finding, in the name of one of finance, whose password is the first line on standard input. Nothing is
written until somebody else approves it in the finance screens.

verify:

Derives every balance from its entries, for every tenant or one, and compares: each journal balances in each currency on
each layer and is what its digest says was asked for, each account holds what its entries make and not less than it may, each hold is open or resolved as its
journals say, payments, passes, bank lines, receipts, invoices and programmes say what their journals and rows make of them, each series of invoices and credit notes has each number once, from the first to the last, and each document
says what it said when it was finalised, by its digest. Reads one snapshot of each tenant in a stream, beside serving nodes, with the roles that serve has
(WAYMEET_DATABASE_URL, WAYMEET_SYSTEM_DATABASE_URL): what row level security hides from them would show as a difference.
Ends with 1 at the first difference and names the account, what was expected and what was found.
`

func ledgers(ctx context.Context, t *terminal, args []string) error {
	if len(args) > 0 && args[0] == "correct" {
		return correctLedger(ctx, t, args[1:])
	}
	f := t.flags("ledger", ledgerSynopsis)
	slug := f.String("tenant", "", "the short name of the one to verify (all)")
	if len(args) > 0 && args[0] == "verify" {
		args = args[1:]
	} else if len(args) == 0 || (args[0] != "-h" && args[0] != "--help" && args[0] != "-help") {
		f.Usage()
		return errUsage
	}
	if err := parse(f, args, 0); err != nil {
		return err
	}
	r := reader{environment: t.environment}
	db, err := openByHand(ctx, &r, slog.New(slog.NewTextHandler(t.err, &slog.HandlerOptions{Level: slog.LevelWarn})))
	if err != nil {
		return err
	}
	defer db.Close()
	return verifyLedgers(ctx, t, db, *slug)
}

func verifyLedgers(ctx context.Context, t *terminal, db *store.DB, slug string) error {
	all, err := allOrCalled(ctx, db, slug)
	if err != nil {
		return err
	}
	for _, x := range all {
		n, err := db.VerifyLedger(ctx, x.ID)
		if d := new(store.LedgerDifference); errors.As(err, &d) {
			return fmt.Errorf("%s: %s: %s: expected %s, found %s", x.Slug, d.Where, d.What, d.Expected, d.Found)
		}
		if err != nil {
			return err
		}
		fmt.Fprintf(t.out, "%s: %s, %s, %s, %s, %s: all of it adds up\n", x.Slug, some(n.Accounts, "account", "accounts"),
			some(n.Journals, "journal", "journals"), some(n.Entries, "entry", "entries"), some(n.OpenHolds, "open hold", "open holds"), some(n.Documents, "document", "documents"))
	}
	return nil
}
