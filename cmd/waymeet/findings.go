package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/internal/seal"
	"github.com/waymeet/waymeet/store"
)

const findingsHelp = `list|explain [flags]

  findings list --tenant atlas [--state open,explained,resolved]
  findings explain ID --tenant atlas --reason "…"

What checks have found between gateways and books, on WAYMEET_DATABASE_URL and WAYMEET_SYSTEM_DATABASE_URL. An explained finding stays so as long as
the same is seen.
`

func findings(ctx context.Context, t *terminal, args []string) error {
	f := t.flags("findings", findingsHelp)
	slug := f.String("tenant", "", "the operator's short name")
	states := f.String("state", "open", "states to list: open, explained, resolved")
	reason := f.String("reason", "", "what it was")
	what, rest, err := verb(f, args)
	if err != nil {
		return err
	}
	var id uuid.UUID
	if what == "explain" && len(rest) > 0 && !strings.HasPrefix(rest[0], "-") {
		if id, err = uuid.Parse(rest[0]); err != nil {
			return fmt.Errorf("%q is no finding's id", rest[0])
		}
		rest = rest[1:]
	}
	if err := parse(f, rest, 0); err != nil {
		return err
	}
	if what != "list" && (what != "explain" || id == uuid.Nil) {
		f.Usage()
		return errUsage
	}
	var wanted []store.FindingState
	for _, word := range strings.Split(*states, ",") {
		switch s := store.FindingState(strings.TrimSpace(word)); s {
		case store.FindingOpen, store.FindingExplained, store.FindingResolved:
			wanted = append(wanted, s)
		default:
			return fmt.Errorf("--state: there is no state %q", word)
		}
	}
	r, db, who, err := openReconciler(ctx, t, *slug, &seal.Box{})
	if err != nil {
		return err
	}
	defer db.Close()
	if what == "explain" {
		_, err := r.Decide(ctx, who, uuid.Nil, idem.Claim{}, id, store.FindingExplained, *reason)
		switch f := fault.As(err); {
		case err == nil:
			fmt.Fprintf(t.out, "%s is explained\n", id)
		case f.Code == "not_found", f.Code == "finding_over":
			return fmt.Errorf("%s has no finding %s that is not resolved", *slug, id)
		case f.Code == "reason_required":
			return errors.New("--reason: say what it was, in at most 500 bytes")
		}
		return err
	}
	all, err := r.Findings(ctx, who, store.FindingsAsk{States: wanted, Before: time.Now().Add(time.Minute), BeforeID: uuid.Max, Limit: maxListed})
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	for _, x := range all {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%d\t%s\t%s\n", x.ID, x.LastSeen.UTC().Format(time.RFC3339), x.State, x.Severity, x.Kind, x.Times, x.Subject, x.Reason)
	}
	return errors.Join(err, w.Flush())
}

const reconcileHelp = `--tenant atlas --day 2026-11-22

Brings what an operator's gateways have moved up to date, compares one day (UTC) with the books, and verifies the ledger; differences become findings, which
are listed. WAYMEET_DATABASE_URL, WAYMEET_SYSTEM_DATABASE_URL and WAYMEET_SECRET as serve has them.
`

func reconcileDay(ctx context.Context, t *terminal, args []string) error {
	f := t.flags("reconcile", reconcileHelp)
	slug := f.String("tenant", "", "the operator's short name")
	day := f.String("day", time.Now().UTC().AddDate(0, 0, -1).Format(time.DateOnly), "the day, by the gateway's clock (UTC)")
	if err := parse(f, args, 0); err != nil {
		return err
	}
	at, err := time.Parse(time.DateOnly, *day)
	if err != nil {
		return fmt.Errorf("--day: %q is no day like 2026-11-22", *day)
	}
	box, err := seal.Parse(t.environment("WAYMEET_SECRET"))
	if err != nil {
		return fmt.Errorf("WAYMEET_SECRET: %w", err)
	}
	r, db, who, err := openReconciler(ctx, t, *slug, box)
	if err != nil {
		return err
	}
	defer db.Close()
	if err := r.Day(ctx, who, at); err != nil {
		return err
	}
	return findings(ctx, t, []string{"list", "--tenant", *slug})
}

// openReconciler is billing's reconciler by hand, for one tenant.
func openReconciler(ctx context.Context, t *terminal, slug string, box *seal.Box) (*billing.Reconciler, *store.DB, tenant.ID, error) {
	r := reader{environment: t.environment}
	db, err := openByHand(ctx, &r, nil)
	if err != nil {
		return nil, nil, tenant.None, err
	}
	who, err := called(ctx, db, slug)
	kms, kmsErr := keyring(box, t.environment(credentialKeys))
	if err := errors.Join(err, kmsErr); err != nil {
		db.Close()
		return nil, nil, tenant.None, err
	}
	return billing.NewReconciler(billing.ReconcilerConfig{DB: db, Accounts: billing.NewAccounts(db, kms, openers(r.or("WAYMEET_STRIPE_URL", "")))}), db, who.ID, nil
}
