package store_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/waymeet/waymeet/store"
)

// Verification finds whatever a superuser could bend, and names it with what was expected and found.
func TestVerifySeesEveryDifference(t *testing.T) {
	t.Parallel()
	for _, x := range []struct{ name, sql, where, what, expected, found string }{
		{"a balance", "update account set posted = posted - 7 where id = '$rich'", "wallet:", "the posted balance", "-1400", "-1407"},
		{"a hold on an account", "update account set held_dr = 0 where id = '$rich'", "wallet:", "held debits", "400", "0"},
		{"a count", "update account set entries = entries + 1 where id = '$rich'", "wallet:", "the number of entries", "6", "7"},
		{"a balance where there is none", "update account set posted = 3 where id = '$revenue'", "revenue:seats", "the posted balance", "0", "3"},
		{"an entry's amount", "update entry set dr = dr + 1 where journal_id = '$posted' and layer = 'P' and dr > 0", "journal ", "debits less credits in MAD P", "0", "1"},
		{"an entry gone", "delete from entry where journal_id = '$posted' and layer = 'P' and dr > 0", "journal ", "debits less credits in MAD P", "0", "-100"},
		{"a journal's entries gone", "delete from entry where journal_id = '$posted'", "journal ", "the number of entries", "2 or more", "0"},
		{"a journal gone", "delete from journal where id = '$posted'; delete from journal where id = '$spent'", "the tenant", "the number of journals", "6", "4"},
		{"an open hold gone", "delete from open_hold where journal_id = '$hold'", "hold ", "its state", "open", "resolved"},
		{"an open hold invented", "insert into open_hold select id, '$spent', now() from tenant where slug = 'alpha'", "hold ", "its state", "resolved", "open"},
		{"a hold that ends too early", "update open_hold set expires_at = expires_at - interval '1 minute' where journal_id = '$hold'", "hold ", "its end", "", ""},
		{"entries of another time", "update journal set at = at - interval '1 year' where id = '$posted'", "journal ", "the time of its entries", "as they were written", "changed"},
		{"a journal and its entries of another time", "update journal set at = at - interval '1 year' where id = '$more'; update entry set at = at - interval '1 year' where journal_id = '$more'", "journal ", "the digest of what was asked for", "that of its rows", "another"},
		{"entries renumbered", "update entry set seq = seq + 100 where journal_id = '$more' and seq = 1", "journal ", "the numbers of its entries", "as they were written", "changed"},
		{"entries in another order", "update entry set seq = seq - 10 where journal_id = '$more'; update entry set seq = -7 - seq where journal_id = '$more'", "journal ", "the digest of what was asked for", "that of its rows", "another"},
		{"more money on both sides", "update entry set dr = dr * 2, cr = cr * 2 where journal_id = '$more'", "journal ", "the digest of what was asked for", "that of its rows", "another"},
		{"another kind", "update journal set kind = 'gift' where id = '$more'", "journal ", "the digest of what was asked for", "that of its rows", "another"},
		{"somebody else's wallet", "update account set code = 'wallet:00000000-0000-7000-8000-000000000000' where id = '$rich'", "journal ", "the digest of what was asked for", "that of its rows", "another"},
		{"an entry in another wallet", "update entry set account_id = '$poor' where journal_id = '$more' and account_id = '$rich'", "journal ", "the digest of what was asked for", "that of its rows", "another"},
		{"no account of the chart", "update account set code = 'purse:1' where id = '$revenue'", "purse:1 MAD", "its code", "one of the chart", "purse:1"},
		{"an account of other rules", "update account set may_overdraw = false, running = true where id = '$revenue'", "revenue:seats", "its rules", "those of revenue", "others"},
		{"an account gone", "delete from account where id = '$poor' or id = '$rich'", "account ", "the account of entries", "there", "missing"},
		{"an overdrawn wallet", "update account set may_overdraw = true where id = '$rich'; update entry set dr = dr + 2000 where journal_id = '$posted' and layer = 'P' and dr > 0; update entry set cr = cr + 2000 where journal_id = '$posted' and layer = 'P' and cr > 0; update account set posted = posted + 2000, may_overdraw = false where id = '$rich'",
			"", "", "", ""}, // PostgreSQL's own constraint refuses this one, triggers or not
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			r := newRaw(t)
			sql := strings.NewReplacer("$rich", r.rich.String(), "$poor", r.poor.String(), "$revenue", r.revenue.String(), "$posted", r.posted.String(), "$spent", r.spent.String(), "$hold", r.hold.String(), "$more", r.more.String()).Replace(x.sql)
			if x.where == "" {
				if err := bend(t, r, sql); err == nil {
					t.Error("a wallet was overdrawn")
				}
				return
			}
			if err := bend(t, r, sql); err != nil {
				t.Fatal(err)
			}
			_, err := r.VerifyLedger(t.Context(), r.A.ID)
			var d *store.LedgerDifference
			if !errors.As(err, &d) || !strings.HasPrefix(d.Where, x.where) || d.What != x.what || x.expected != "" && (d.Expected != x.expected || d.Found != x.found) {
				t.Errorf("found %+v (%v)", d, err)
			}
			if _, err := r.VerifyLedger(t.Context(), r.B.ID); err != nil {
				t.Errorf("the other tenant: %v", err)
			}
		})
	}
}

// bend is what a superuser can do to tables whose triggers are off.
func bend(t *testing.T, r *raw, sql string) error {
	t.Helper()
	return r.super(t, fmt.Sprintf("begin; set local session_replication_role = replica; %s; commit", sql))
}
