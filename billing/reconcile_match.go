package billing

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/gateway"
	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/billing/reconcile"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/store"
)

// matchAtOnce is how many things are compared with one question to the database.
const matchAtOnce = 500

// days compares again what was found different before, and then what is not compared yet, day by day (UTC, as gateways keep them).
func (r *Reconciler) days(ctx context.Context, t tenant.ID, g gateway.Gateway, account uuid.UUID) error {
	if err := r.matchAgain(ctx, t, g, account); err != nil {
		return err
	}
	done, err := r.db.Read(t).Reconciled(ctx, account, store.MatchedPart)
	if err != nil {
		return err
	}
	for day := done.UTC().Truncate(window); !day.Add(window + matchAfter).After(r.now()); day = day.Add(window) {
		if err := r.match(ctx, t, g, account, day, day.Add(window)); err != nil {
			return err
		}
		if err := r.db.InTx(ctx, t, func(tx *store.Tx) error { return tx.SetReconciled(ctx, account, store.MatchedPart, day.Add(window)) }); err != nil {
			return err
		}
	}
	return nil
}

// match compares everything that was moved or booked in a time.
func (r *Reconciler) match(ctx context.Context, t tenant.ID, g gateway.Gateway, account uuid.UUID, from, until time.Time) error {
	read, clearing := r.db.Read(t), clearingOf(g)
	moved, err := read.MovedDuring(ctx, account, from, until)
	if err != nil {
		return err
	}
	booked, err := read.BookedDuring(ctx, clearing, from, until)
	if err != nil {
		return err
	}
	fees, err := read.Fees(ctx, account, from, until, nil)
	if err != nil {
		return err
	}
	abouts := map[string]string{} // by what things are about; the subject of their journals, where one is known
	for _, about := range moved {
		abouts[about] = ""
	}
	charged := map[string]bool{}
	for _, subject := range booked {
		if ref, ok := strings.CutPrefix(subject, "movement/"); ok { // its fee, or that it is a payout
			charged[ref], abouts[ref] = true, ""
			continue
		}
		abouts[aboutOf(subject)] = subject
	}
	for _, f := range fees {
		charged[f.About] = true
	}
	if err := r.matchThings(ctx, t, g, account, abouts); err != nil {
		return err
	}
	return r.matchFees(ctx, t, g, account, fees, charged)
}

// aboutOf is what a journal's subject is about: the id of payment/ID. What has no id is about itself.
func aboutOf(subject string) string {
	_, of, _ := strings.Cut(subject, "/")
	if id, err := uuid.Parse(of); err == nil && !strings.HasPrefix(subject, "journal/") {
		return id.String()
	}
	return subject
}

// subjectsOf is how journals may be about a thing of ours.
func subjectsOf(id string) []string {
	return []string{"payment/" + id, "payout/" + id, "transfer/" + id, "session/" + id, "booking/" + id}
}

// clearingOf is the account that a gateway's movements are booked on, in any currency.
func clearingOf(g gateway.Gateway) ledger.Account {
	return ledger.Clearing(string(g.Profile().Kind), "EUR")
}

// whatOf is which movement a journal on the clearing account answers to.
func whatOf(journal string) reconcile.What {
	switch journal {
	case "payment_captured":
		return reconcile.Charge
	case "payment_refunded", "payment_refund_returned":
		return reconcile.Refund
	case "payment_disputed":
		return reconcile.Dispute
	case "payment_dispute_won":
		return reconcile.DisputeWon
	case GatewayFee:
		return reconcile.Fee
	case GatewayPayout:
		return reconcile.Payout
	}
	if what, some := strings.CutPrefix(journal, "correction_"); some { // finance said which it stands for
		return reconcile.What(what)
	}
	return reconcile.Other
}

// matchThings compares some things in all that was ever moved and booked about them. What has moved within the last hour is left
// out: its other side may be on its way, and the day on which it moved is still to be compared.
func (r *Reconciler) matchThings(ctx context.Context, t tenant.ID, g gateway.Gateway, account uuid.UUID, abouts map[string]string) error {
	known, err := r.known(ctx, t, account)
	if err != nil {
		return err
	}
	var all []string
	for about := range abouts {
		all = append(all, about)
	}
	slices.Sort(all)
	for part := range slices.Chunk(all, matchAtOnce) {
		var ids []uuid.UUID
		var refs, subjects []string
		for _, about := range part {
			if s := abouts[about]; s != "" {
				subjects = append(subjects, s)
			}
			if id, err := uuid.Parse(about); err == nil {
				ids = append(ids, id)
				subjects = append(subjects, subjectsOf(about)...)
			} else {
				refs, subjects = append(refs, about), append(subjects, "movement/"+about)
			}
		}
		moved, err := r.db.Read(t).MovedAbout(ctx, account, ids, refs)
		if err != nil {
			return err
		}
		booked, err := r.db.Read(t).BookedAbout(ctx, clearingOf(g), subjects)
		if err != nil {
			return err
		}
		var left, right []reconcile.Line
		subject, fresh := map[string]string{}, map[string]bool{}
		since := r.now().Add(-matchAfter)
		for _, m := range moved {
			left = append(left, reconcile.Line{About: m.About, What: ledgerWhat(reconcile.What(m.Kind)), Currency: m.Currency, Amount: m.Amount})
			fresh[m.About] = fresh[m.About] || m.Latest.After(since)
		}
		for _, b := range booked {
			if whatOf(b.Kind) == reconcile.Fee { // compared by itself
				continue
			}
			about := strings.TrimPrefix(aboutOf(b.About), "movement/")
			subject[about] = b.About
			right = append(right, reconcile.Line{About: about, What: whatOf(b.Kind), Currency: b.Currency, Amount: b.Amount})
			fresh[about] = fresh[about] || b.Latest.After(since)
		}
		found := map[string][]reconcile.Difference{}
		for _, d := range reconcile.Match(left, right, func(about string) bool { _, err := uuid.Parse(about); return err == nil }) {
			found[d.About] = append(found[d.About], d)
		}
		for _, about := range part {
			if fresh[about] {
				continue
			}
			s := subject[about]
			if s == "" {
				s = nameOf(about)
			}
			if err := r.report(ctx, t, account, s, found[about], known); err != nil {
				return err
			}
		}
	}
	return nil
}

// ledgerWhat puts together what the books do not tell apart.
func ledgerWhat(w reconcile.What) reconcile.What {
	if w == reconcile.Share {
		return reconcile.Other
	}
	return w
}

// nameOf is what a finding is about where no journal names it.
func nameOf(about string) string {
	if _, err := uuid.Parse(about); err == nil {
		return "payment/" + about
	}
	if strings.Contains(about, "/") {
		return about
	}
	return "movement/" + about
}

// matchFees compares what movements have cost with what was booked for each.
func (r *Reconciler) matchFees(ctx context.Context, t tenant.ID, g gateway.Gateway, account uuid.UUID, fees []store.Sum, charged map[string]bool) error {
	known, err := r.known(ctx, t, account)
	if err != nil {
		return err
	}
	taken := map[string][]store.Sum{}
	for _, f := range fees {
		taken[f.About] = append(taken[f.About], f)
	}
	var all []string
	for ref := range charged {
		all = append(all, ref)
	}
	slices.Sort(all)
	for part := range slices.Chunk(all, matchAtOnce) {
		var left, right []reconcile.Line
		var subjects []string
		for _, ref := range part {
			subjects = append(subjects, "movement/"+ref)
			for _, f := range taken[ref] {
				left = append(left, reconcile.Line{About: "movement/" + ref, What: reconcile.Fee, Currency: f.Currency, Amount: f.Amount})
			}
		}
		booked, err := r.db.Read(t).BookedAbout(ctx, clearingOf(g), subjects)
		if err != nil {
			return err
		}
		for _, b := range booked {
			if whatOf(b.Kind) != reconcile.Fee {
				continue
			}
			right = append(right, reconcile.Line{About: b.About, What: whatOf(b.Kind), Currency: b.Currency, Amount: b.Amount})
		}
		found := map[string][]reconcile.Difference{}
		for _, d := range reconcile.Match(left, right, func(string) bool { return true }) {
			found[d.About+":fee"] = append(found[d.About+":fee"], d)
		}
		for _, s := range subjects {
			if err := r.report(ctx, t, account, s+":fee", found[s+":fee"], known); err != nil {
				return err
			}
		}
	}
	return nil
}

// severities of differences: what the books lack is money that somebody looks for.
var severities = map[reconcile.Kind]store.Severity{
	reconcile.Unbooked: store.Serious, reconcile.Unmoved: store.Serious, reconcile.Differs: store.Serious,
	reconcile.Stranger: store.Warning, reconcile.NewPayout: store.Warning,
}

// known is what differences of an account are about that are not resolved.
func (r *Reconciler) known(ctx context.Context, t tenant.ID, account uuid.UUID) (map[string]bool, error) {
	kinds := make([]string, 0, len(reconcile.Kinds()))
	for _, k := range reconcile.Kinds() {
		kinds = append(kinds, string(k))
	}
	subjects, err := r.db.Read(t).FindingSubjects(ctx, account, mostKnown, kinds...)
	known := make(map[string]bool, len(subjects))
	for _, s := range subjects {
		known[s] = true
	}
	return known, err
}

// mostKnown bounds what is compared again; an account with more differences has other troubles.
const mostKnown = 5000

// report makes the differences about one thing findings, one of a kind, and resolves what is not different any more.
func (r *Reconciler) report(ctx context.Context, t tenant.ID, account uuid.UUID, subject string, found []reconcile.Difference, known map[string]bool) error {
	if len(found) == 0 && !known[subject] {
		return nil
	}
	byKind := map[reconcile.Kind][]reconcile.Difference{}
	for _, d := range found {
		byKind[d.Kind] = append(byKind[d.Kind], d)
	}
	var fine []string
	for _, k := range reconcile.Kinds() {
		if d := byKind[k]; len(d) > 0 {
			if err := r.find(ctx, t, string(k), subject, severities[k], map[string]any{"account": account, "differences": d}); err != nil {
				return err
			}
			continue
		}
		fine = append(fine, string(k))
	}
	return r.passed(ctx, t, subject, fine...)
}

// matchAgain compares what was found different before: it may have been mended since.
func (r *Reconciler) matchAgain(ctx context.Context, t tenant.ID, g gateway.Gateway, account uuid.UUID) error {
	known, err := r.known(ctx, t, account)
	if err != nil || len(known) == 0 {
		return err
	}
	abouts, charged := map[string]string{}, map[string]bool{}
	var refs []string
	for s := range known {
		ref, movement := strings.CutPrefix(s, "movement/")
		cost, fee := strings.CutSuffix(ref, ":fee")
		switch {
		case movement && fee:
			charged[cost], refs = true, append(refs, cost)
		case movement:
			abouts[ref] = ""
		default:
			abouts[aboutOf(s)] = s
		}
	}
	if err := r.matchThings(ctx, t, g, account, abouts); err != nil {
		return err
	}
	fees, err := r.db.Read(t).Fees(ctx, account, time.Unix(0, 0), time.Unix(0, 0), refs)
	if err != nil {
		return err
	}
	return r.matchFees(ctx, t, g, account, fees, charged)
}

// Day compares one day of every account of a tenant anew, after bringing its movements up to date, whatever was compared before.
func (r *Reconciler) Day(ctx context.Context, t tenant.ID, day time.Time) error {
	accounts, err := r.db.Read(t).GatewayAccounts(ctx)
	if err != nil {
		return err
	}
	var failed []error
	for _, a := range accounts {
		if !a.Active {
			continue
		}
		g, err := r.accounts.Open(ctx, t, a.ID)
		if err == nil && g.Profile().Can(gateway.EventList) {
			if err = r.movements(ctx, t, g, a.ID); err == nil {
				err = r.match(ctx, t, g, a.ID, day.UTC().Truncate(window), day.UTC().Truncate(window).Add(window))
			}
		}
		failed = append(failed, err)
	}
	return errors.Join(append(failed, r.Ledger(ctx, t))...)
}
