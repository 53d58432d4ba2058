package main

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/store/storetest"
)

// TestLedgerVerifyByHand: what adds up ends with 0; the first difference is named, with what was expected and found, and
// ends with 1.
func TestLedgerVerifyByHand(t *testing.T) {
	t.Parallel()
	d := storetest.New(t)
	environment := map[string]string{"WAYMEET_DATABASE_URL": d.AppURL(), "WAYMEET_SYSTEM_DATABASE_URL": d.SystemURL()}
	say := func(line string) (int, string) {
		var out bytes.Buffer
		tty := &terminal{out: &out, err: &out, environment: func(n string) string { return environment[n] }}
		return run(context.Background(), tty, strings.Fields(line)), out.String()
	}
	ctx := t.Context()
	w := ledger.Wallet(uuid.New(), "MAD")
	ten := ledger.Of(1000, "MAD")
	if err := d.InTx(ctx, d.A.ID, func(tx *store.Tx) error {
		if err := tx.OpenAccounts(ctx, w); err != nil {
			return err
		}
		_, err := tx.RecordOne(ctx, ledger.Post("k", "wallet_topup", ledger.Debit(ledger.Clearing("cash", "MAD"), ten), ledger.Credit(w, ten)))
		return err
	}); err != nil {
		t.Fatal(err)
	}
	expect := func(line string, code int, want string) {
		t.Helper()
		if got, out := say(line); got != code || !strings.Contains(out, want) {
			t.Errorf("%s: %d %q, want %d %q", line, got, out, code, want)
		}
	}
	expect("ledger verify", 0, "alpha: 2 accounts, 1 journal, 2 entries, 0 open holds, 0 documents: all of it adds up\nbravo: 0 accounts")
	d.Exec(t, `update account set posted = posted - 1 where code like 'wallet:%'`)
	expect("ledger verify", 1, "alpha: "+w.String()+": the posted balance: expected -1000, found -1001")
	expect("ledger verify --tenant alpha", 1, w.String())
	expect("ledger verify --tenant bravo", 0, "adds up")
	expect("ledger verify --tenant nobody", 1, `no tenant "nobody"`)
	expect("ledger", 2, "usage")
	expect("ledger burn", 2, "usage")
	environment = nil
	expect("ledger verify", 1, "WAYMEET_DATABASE_URL is not set")
}
