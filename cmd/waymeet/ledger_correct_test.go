package main

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/waymeet/waymeet/billing"
	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/identity"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/store/storetest"
)

// TestLedgerCorrectByHand: a correction is prepared in the name of somebody who proves to be them and may, and of nobody else; what it means is
// written only when another person approves it.
func TestLedgerCorrectByHand(t *testing.T) {
	t.Parallel()
	d := storetest.New(t)
	ctx := context.Background()
	var found store.Finding
	fees, clearing := ledger.Fees("stripe", "MAD"), ledger.Clearing("stripe", "MAD")
	if err := d.InTx(ctx, d.A.ID, func(tx *store.Tx) (err error) {
		if _, err := tx.RecordOne(ctx, ledger.Post("cost", "test", ledger.Debit(fees, ledger.Of(1000, "MAD")), ledger.Credit(clearing, ledger.Of(1000, "MAD")))); err != nil {
			return err
		}
		found, err = tx.SeeFinding(ctx, store.Finding{Kind: "amount_differs", Subject: "payment/" + ident.New().String(), Severity: store.Serious, Detail: []byte(`{}`)})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	const right = "correct horse battery"
	hash := identity.HashPassword(right)
	d.Exec(t, `update app_user set password_hash = $1`, hash) // the finance user's of both tenants, and everybody's
	mail := func(role string) string {
		return d.Texts(t, `select email from app_user where id = '`+d.A.Users[role].String()+`'`)[0]
	}
	environment := map[string]string{"WAYMEET_DATABASE_URL": d.AppURL(), "WAYMEET_SYSTEM_DATABASE_URL": d.SystemURL()}
	say := func(by, password string, more ...string) (int, string) {
		var out bytes.Buffer
		tty := &terminal{in: strings.NewReader(password), out: &out, err: &out, environment: func(n string) string { return environment[n] }}
		args := append([]string{"ledger", "correct", "--tenant", "alpha", "--finding", found.ID.String(), "--by", by, "--debit", "clearing:stripe", "--credit", "fees:stripe",
			"--amount", "2.50", "--currency", "MAD", "--reason", "charged twice"}, more...)
		return run(ctx, tty, args), out.String()
	}
	for what, c := range map[string]struct {
		by, password string
		more         []string
		want         string
	}{
		"no password":           {mail("finance"), "", nil, "no password on standard input"},
		"another password":      {mail("finance"), "wrong horse\n", nil, "are nobody's"},
		"nobody":                {"nobody@alpha.test", right + "\n", nil, "are nobody's"},
		"somebody who may not":  {mail("rider"), right + "\n", nil, "may not correct the books"},
		"a dispatcher":          {mail("dispatcher"), right + "\n", nil, "may not correct the books"},
		"another tenant's":      {mail("finance"), right + "\n", []string{"--tenant", "bravo"}, "are nobody's"},
		"another tenant's find": {"finance@bravo.test", right + "\n", []string{"--tenant", "bravo"}, "refused: not_found"},
		"an unknown account":    {mail("finance"), right + "\n", []string{"--debit", "bank:mian"}, "refused: account_not_found"},
		"no amount":             {mail("finance"), right + "\n", []string{"--amount", "2,50,1"}, "is no amount"},
		"a day to come":         {mail("finance"), right + "\n", []string{"--happened", "2099-01-01"}, "refused: bad_date"},
	} {
		if c.by == "finance@bravo.test" {
			c.by = d.Texts(t, `select email from app_user where id = '`+d.B.Users["finance"].String()+`'`)[0]
		}
		if what == "another tenant's" && c.by == d.Texts(t, `select email from app_user where id = '`+d.B.Users["finance"].String()+`'`)[0] {
			continue // the same address is a user of both
		}
		if code, out := say(c.by, c.password, c.more...); code != 1 || !strings.Contains(out, c.want) {
			t.Errorf("%s: %d %q, want %q", what, code, out, c.want)
		}
	}
	d.Exec(t, `update app_user set status = 'disabled' where id = $1`, d.A.Users["finance"])
	if code, out := say(mail("finance"), right+"\n"); code != 1 || !strings.Contains(out, "are nobody's") {
		t.Errorf("disabled: %d %q", code, out)
	}
	d.Exec(t, `update app_user set status = 'active' where id = $1`, d.A.Users["finance"])
	if n := d.Texts(t, `select count(*)::text from correction`)[0]; n != "0" {
		t.Fatalf("%s drafts of people who proved nothing", n)
	}
	code, out := say(mail("finance"), right+"\n")
	if code != 0 || !strings.Contains(out, "is prepared") || strings.Contains(out, right) {
		t.Fatalf("%d %q", code, out)
	}
	c := billing.NewCorrections(d.DB)
	all, err := c.List(ctx, d.A.ID, billing.CorrectionDraft, [16]byte{}, 10)
	if err != nil || len(all) != 1 || all[0].MadeBy != d.A.Users["finance"] || all[0].Entries[0].Amount != 250 {
		t.Fatalf("%+v %v", all, err)
	}
	if err := c.Approve(ctx, d.A.ID, d.A.Users["finance"], idem.Claim{}, all[0].ID); !fault.Is(err, "correction_own") {
		t.Errorf("who prepared it approves it: %v", err)
	}
	if b, err := d.Read(d.A.ID).Balance(ctx, fees); err != nil || b.Amount(fees.Class()) != 1000 {
		t.Errorf("before anybody approved: %d, %v", b.Amount(fees.Class()), err)
	}
	if err := c.Approve(ctx, d.A.ID, d.A.Users["admin"], idem.Claim{}, all[0].ID); err != nil {
		t.Fatal(err)
	}
	if b, err := d.Read(d.A.ID).Balance(ctx, fees); err != nil || b.Amount(fees.Class()) != 750 {
		t.Errorf("after: %d, %v", b.Amount(fees.Class()), err)
	}
}
