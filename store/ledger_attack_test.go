package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/store/storetest"
)

// raw is what somebody has who holds the app role's connection and writes SQL as they like: tenant A with two wallets (1000
// and 0 centimes), revenue without a running balance, an open hold of 400, one that is resolved; and tenant B with a wallet.
type raw struct {
	*storetest.DB
	rich, poor, revenue, euro, theirs  uuid.UUID // accounts
	hold, spent, posted, more, foreign uuid.UUID // journals
}

func newRaw(t *testing.T) *raw {
	b := newBook(t)
	rich, poor := b.wallet(1400), b.wallet(0)
	euro := ledger.Revenue("seats", "EUR")
	revenue := ledger.Revenue("seats", mad)
	hold := ledger.Hold("hold", "hold", 3600e9, ledger.Debit(rich, dirhams(400)), ledger.Credit(revenue, dirhams(400)))
	spent := hold
	spent.Key = "spent"
	spent.Entries = []ledger.Entry{ledger.Debit(rich, dirhams(100)), ledger.Credit(revenue, dirhams(100))}
	h, s := b.must(hold), b.must(spent)
	p := b.must(ledger.PostHold("spent:post", "post", s.ID))
	more := b.must(topUp("more", rich, 100))
	b.must(ledger.Post("euro", "x", ledger.Debit(ledger.Opening("EUR"), ledger.Of(5, "EUR")), ledger.Credit(euro, ledger.Of(5, "EUR"))))
	other := &book{b.DB, t, b.B.ID}
	w := other.wallet(1000)
	f := other.must(ledger.Hold("hold", "hold", 3600e9, ledger.Debit(w, dirhams(400)), ledger.Credit(revenue, dirhams(400))))
	account := func(a ledger.Account) (id uuid.UUID) {
		scan(t, b.DB, &id, `select id from account where code = $1 and currency = $2`, a.Code(), string(a.Currency()))
		return id
	}
	r := &raw{DB: b.DB, rich: account(rich), poor: account(poor), revenue: account(revenue), euro: account(euro), theirs: account(w), hold: h.ID, spent: s.ID, posted: p.ID, more: more.ID, foreign: f.ID}
	b.has(rich, 1400, 1000)
	return r
}

func scan(t *testing.T, db *storetest.DB, into any, sql string, args ...any) {
	t.Helper()
	c, err := pgx.Connect(context.Background(), db.SuperURL())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(context.Background())
	if err := c.QueryRow(context.Background(), sql, args...).Scan(into); err != nil {
		t.Fatal(err)
	}
}

// journal is the SQL of one under the id $J, with entries as {account side amount} and what else a test changes of them.
func (r *raw) journal(phase string, entries ...string) string {
	return r.head(phase, "") + "; " + r.entries(entries...)
}

func (r *raw) head(phase, more string) string {
	resolves, expires := "null", "null"
	switch phase {
	case "pending":
		expires = "clock_timestamp() + interval '1 hour'"
	case "post", "void":
		resolves = "'" + r.hold.String() + "'"
	}
	if strings.HasPrefix(more, "resolves ") {
		resolves = "'" + strings.TrimPrefix(more, "resolves ") + "'"
	}
	return fmt.Sprintf(`insert into journal (tenant_id, id, key, request_hash, kind, phase, resolves, expires_at, at)
		values ('%s', '$J', '$J', sha256('x'), 'raw', '%s', %s, %s, statement_timestamp())`, r.A.ID, phase, resolves, expires)
}

// entries are "dr rich 5 P", "cr revenue 5 H -": side, account, amount, layer, release.
func (r *raw) entries(entries ...string) string {
	rows := make([]string, len(entries))
	for i, e := range entries {
		f := strings.Fields(e)
		id, ok := map[string]uuid.UUID{"rich": r.rich, "poor": r.poor, "revenue": r.revenue, "euro": r.euro, "theirs": r.theirs}[f[1]]
		if !ok {
			id = uuid.New()
		}
		currency, sign, dr, cr := "MAD", "1", f[2], "0"
		if f[1] == "euro" {
			currency = "EUR"
		}
		if f[0] == "cr" {
			dr, cr = "0", f[2]
		}
		if f[0] == "both" {
			cr = f[2]
		}
		for _, more := range f[4:] {
			switch {
			case more == "-":
				sign = "-1"
			case len(more) == 3:
				currency = more
			}
		}
		rows[i] = fmt.Sprintf("('%s', '$J', %d, '%s', '%s', '%s', %s, %s, %s, (select at from journal where id = '$J'))", r.A.ID, i+1, id, currency, f[3], sign, dr, cr)
	}
	return `insert into entry (tenant_id, journal_id, seq, account_id, currency, layer, sign, dr, cr, at) values ` + strings.Join(rows, ", ")
}

// TestPostgreSQLRefuses attacks the ledger as the app role, in raw SQL, past all of our Go. Every attack must be refused by
// PostgreSQL itself, for the reason that is named, at the statement or at COMMIT, and leave everything as it was.
func TestPostgreSQLRefuses(t *testing.T) {
	t.Parallel()
	r := newRaw(t)
	ok := []string{"dr rich 10 P", "cr revenue 10 P"}
	good := r.journal("posted", ok...)
	other := fmt.Sprintf("select set_config('app.tenant_id', '%s', true)", r.B.ID)
	release := []string{"dr rich 400 H -", "cr revenue 400 H -"}
	for _, a := range []struct{ name, sql, why string }{
		// What a journal is.
		{"unbalanced", r.journal("posted", "dr rich 10 P", "cr revenue 9 P"), "do not balance"},
		{"balanced over two currencies together only", r.journal("posted", "dr rich 10 P", "cr euro 10 P"), "do not balance"},
		{"balanced over two layers together only", r.journal("post", "dr rich 400 H -", "cr revenue 400 P"), "do not balance"},
		{"a single entry", r.journal("posted", "dr rich 10 P"), "one entry"},
		{"no entries", r.head("posted", ""), "without entries"},
		{"no journal", r.entries(ok...), "null value"},
		{"no journal but a time", strings.ReplaceAll(r.entries(ok...), "(select at from journal where id = '$J')", "clock_timestamp()"), "without a journal"},
		{"an entry later in the same transaction", good + "; " + strings.ReplaceAll(r.entries("dr rich 5 P", "cr revenue 5 P"), "'$J', ", "'$J', 10 + "), "added to a journal"},
		{"an entry after the constraints were made immediate", good + "; set constraints all immediate; " + strings.ReplaceAll(r.entries("dr rich 5 P"), "'$J', ", "'$J', 10 + "), "ledger:"},
		{"entries to a committed journal", strings.ReplaceAll(strings.ReplaceAll(r.entries(ok...), "'$J', ", "'$J', 10 + "), "$J", r.posted.String()), "another time"},
		{"entries of another time than their journal", strings.ReplaceAll(good, "(select at from journal where id = '$J')", "clock_timestamp() - interval '1 day'"), "another time"},
		{"back-dated", strings.ReplaceAll(good, "statement_timestamp()", "now() - interval '1 second'"), "another time"},
		{"dated ahead", strings.ReplaceAll(good, "statement_timestamp()", "now() + interval '1 hour'"), "another time"},
		{"a transaction id of its choice", strings.ReplaceAll(strings.ReplaceAll(good, "phase, resolves", "xid, phase, resolves"), "'raw', ", "'raw', '1', "), "permission denied"},

		// What an entry is.
		{"a negative amount", r.journal("posted", "dr rich -10 P", "cr revenue -10 P"), "entry_dr_check"},
		{"nothing", r.journal("posted", "dr rich 0 P", "cr revenue 0 P"), "entry_one_side"},
		{"both sides at once", r.journal("posted", "both rich 10 P", "both revenue 10 P"), "entry_one_side"},
		{"an amount that nobody means", r.journal("posted", "dr revenue 1000000000001 P", "cr poor 1000000000001 P"), "entry_amount_sane"},
		{"a posting that releases", r.journal("posted", "dr rich 10 P -", "cr revenue 10 P -"), "entry_release_is_held"},
		{"a third layer", r.journal("posted", "dr rich 10 X", "cr revenue 10 X"), "entry_layer_check"},
		{"held in a posted journal", r.journal("posted", "dr rich 10 H", "cr revenue 10 H"), "does not have"},
		{"posted in a pending journal", r.journal("pending", ok...), "does not have"},
		{"released in a pending journal", r.journal("pending", release...), "does not have"},
		{"posted in a void", r.journal("void", append(ok, release...)...), "does not have"},
		{"held anew in a post", r.journal("post", append([]string{"dr poor 1 H", "cr revenue 1 H"}, release...)...), "does not have"},
		{"an account in another currency", r.journal("posted", "dr rich 10 P EUR", "cr euro 10 P"), "another currency"},
		{"an account that does not exist", r.journal("posted", "dr nobody 10 P", "cr revenue 10 P"), "does not exist"},

		// Whose money it is.
		{"another tenant's account", r.journal("posted", "dr theirs 10 P", "cr poor 10 P"), "does not exist"},
		{"another tenant's name on the rows", strings.ReplaceAll(good, r.A.ID.String(), r.B.ID.String()), "row-level security"},
		{"the tenant changed before the entries", r.head("posted", "") + "; " + other + "; " + strings.ReplaceAll(r.entries(ok...), "(select at from journal where id = '$J')", "clock_timestamp()"), "row-level security"},
		{"the tenant changed before the COMMIT", good + "; " + other, "without entries"},
		{"another tenant's hold", r.head("void", "resolves "+r.foreign.String()) + "; " + r.entries(release...), "mirror"},
		{"a tenant that was never named", "reset", "unrecognized configuration parameter"},
		{"an empty tenant", "select set_config('app.tenant_id', '', true); " + good, "invalid input syntax"},
		{"overdrawn", r.journal("posted", "dr rich 1401 P", "cr revenue 1401 P"), "account_not_overdrawn"},
		{"overdrawn against a hold", r.journal("posted", "dr rich 1001 P", "cr revenue 1001 P"), "account_not_overdrawn"},
		{"held beyond what is there", r.journal("pending", "dr rich 1001 H", "cr revenue 1001 H"), "account_not_overdrawn"},
		{"overdrawn against what a hold brings in", r.journal("pending", "dr rich 500 H", "cr poor 500 H") + "; " +
			strings.ReplaceAll(r.journal("posted", "dr poor 500 P", "cr revenue 500 P"), "$J", uuid.NewString()), "account_not_overdrawn"},
		{"overdrawn in two steps", good + "; " + strings.ReplaceAll(r.journal("posted", "dr rich 995 P", "cr revenue 995 P"), "$J", uuid.NewString()), "account_not_overdrawn"},

		// Holds.
		{"resolved twice", strings.ReplaceAll(r.journal("void", "dr rich 100 H -", "cr revenue 100 H -"), r.hold.String(), r.spent.String()), "journal_resolves_once"},
		{"resolved twice at once", r.journal("void", release...) + "; " + strings.ReplaceAll(r.journal("void", release...), "$J", uuid.NewString()), "journal_resolves_once"},
		{"a release of less", r.journal("void", "dr rich 300 H -", "cr revenue 300 H -"), "mirror"},
		{"a release on another account", r.journal("void", "dr poor 400 H -", "cr revenue 400 H -"), "account_held_dr_check"},
		{"a release on another account without a balance", r.journal("void", "dr rich 400 H -", "cr euro 400 H - MAD"), "another currency"},
		{"a release that splits", r.journal("void", "dr rich 399 H -", "dr rich 1 H -", "cr revenue 400 H -"), "mirror"},
		{"a post without its release", r.journal("post", "dr rich 10 P", "cr revenue 10 P"), "does not have"},
		{"posted more than was held", r.journal("post", append([]string{"dr rich 401 P", "cr poor 401 P"}, release...)...), "more than was held"},
		{"posted on the other side of what was held", r.journal("post", append([]string{"dr revenue 5 P", "cr rich 5 P"}, release...)...), "more than was held"},
		{"a post of what was posted", strings.ReplaceAll(r.journal("post", append(ok, "dr rich 100 H -", "cr revenue 100 H -")...), r.hold.String(), r.posted.String()), "ledger:"},
		{"a post after its time", fmt.Sprintf("update open_hold set expires_at = now() - interval '1 second' where journal_id = '%s'; ", r.hold) + r.journal("post", append(ok, release...)...), "not open"},
		{"a hold that never ends", strings.ReplaceAll(r.journal("pending", "dr rich 1 H", "cr revenue 1 H"), "clock_timestamp() + interval '1 hour'", "null"), "journal_check"},
		{"an open hold forgotten", "delete from open_hold", "permission denied"},
		{"an open hold invented", fmt.Sprintf("insert into open_hold values ('%s', '%s', now())", r.A.ID, uuid.New()), "permission denied"},

		// Keys and accounts.
		{"a key used again", strings.Replace(good, "'$J', '$J', sha256", "'$J', 'spent', sha256", 1), "journal_key"},
		{"a balance written", "update account set posted = -1000000", "permission denied"},
		{"a hold written off", "update account set held_dr = 0", "permission denied"},
		{"a balance at birth", fmt.Sprintf("insert into account (tenant_id, id, code, currency, class, may_overdraw, running, posted) values ('%s', '%s', 'wallet:x', 'MAD', 'liability', false, true, -500)", r.A.ID, uuid.New()), "permission denied"},
		{"a guard taken away", "update account set may_overdraw = true", "permission denied"},
		{"a class changed", "update account set class = 'asset'", "permission denied"},
		{"a wallet that may be overdrawn", fmt.Sprintf("insert into account (tenant_id, id, code, currency, class, may_overdraw, running) values ('%s', '%s', 'wallet:x', 'MAD', 'liability', true, true)", r.A.ID, uuid.New()), "account_chart"},
		{"a wallet of the other class", fmt.Sprintf("insert into account (tenant_id, id, code, currency, class, may_overdraw, running) values ('%s', '%s', 'wallet:x', 'MAD', 'asset', false, true)", r.A.ID, uuid.New()), "account_chart"},
		{"a guard without a balance", fmt.Sprintf("insert into account (tenant_id, id, code, currency, class, may_overdraw, running) values ('%s', '%s', 'revenue:x', 'MAD', 'income', false, false)", r.A.ID, uuid.New()), "account_guarded"},

		// What was written stays.
		{"an entry changed", "update entry set dr = dr + 1", "permission denied"},
		{"an entry deleted", "delete from entry", "permission denied"},
		{"a journal changed", "update journal set key = 'x'", "permission denied"},
		{"a journal deleted", "delete from journal", "permission denied"},
		{"entries truncated", "truncate entry", "permission denied"},
		{"journals truncated", "truncate journal cascade", "permission denied"},
		{"an account deleted", "delete from account", "permission denied"},
		{"an entry changed on conflict", strings.ReplaceAll(r.entries(ok...), "$J", r.posted.String()) + " on conflict (tenant_id, journal_id, seq) do update set dr = 5", "permission denied"},
		{"an entry changed by merge", "merge into entry e using (select 1) s on true when matched then update set dr = 5", "permission denied"},
		{"entries copied in", "copy entry from stdin", "COPY FROM not supported"},
		{"the trigger called by hand", "select ledger_apply()", "permission denied"},
		{"the trigger taken off", "alter table entry disable trigger all", "must be owner"},
		{"triggers skipped", "set session_replication_role = replica; " + good, "permission denied"},
		{"the policy dropped", "drop policy tenant on entry", "must be owner"},
		{"row level security off", "set row_security = off; select * from entry", "row-level security"},
		{"the owner's clothes", "set role waymeet_owner", "permission denied"},
		{"a trigger of its own", "create trigger t before insert on entry for each row execute function suppress_redundant_updates_trigger()", "permission denied"},
		{"a table that inherits", "create temp table mine () inherits (entry)", "must be owner"},

		// Names that are not what they seem. The trigger must look at the real tables.
		{"a false table of entries", "create temp table entry (like public.entry); set search_path = pg_temp, public; " + strings.ReplaceAll(r.journal("posted", ok...), "into entry", "into pg_temp.entry"), "without entries"},
		{"false tables of all", "create temp table account as select * from public.account; create temp table entry (like public.entry); create temp table journal as select * from public.journal; update pg_temp.account set posted = -1000000; set search_path = pg_temp, public; " +
			strings.NewReplacer("into entry", "into public.entry", "into journal", "into public.journal", "from journal", "from public.journal").Replace(r.journal("posted", "dr rich 1401 P", "cr revenue 1401 P")), "account_not_overdrawn"},
		{"a view that writes", "create temp view mine as select * from public.account; update pg_temp.mine set posted = 0", "permission denied"},
	} {
		t.Run(a.name, func(t *testing.T) {
			err := r.attack(t, strings.ReplaceAll(a.sql, "$J", uuid.NewString()))
			if err == nil {
				t.Fatal("allowed")
			}
			var pg *pgconn.PgError
			if !errors.As(err, &pg) || (!strings.Contains(pg.Message, a.why) && pg.ConstraintName != a.why) {
				t.Errorf("refused by %v, not for %q", err, a.why)
			}
		})
	}
	for name, sql := range map[string]string{ // the attacks are right but for what is wrong with them
		"a journal": good, "a void": r.journal("void", release...), "a post": r.journal("post", append(ok, release...)...),
		"a hold": r.journal("pending", "dr rich 1000 H", "cr revenue 1000 H"),
	} {
		if err := r.try(t, strings.ReplaceAll(sql, "$J", uuid.NewString())); err != nil {
			t.Errorf("%s is refused: %v", name, err)
		}
	}
	for _, x := range []storetest.Tenant{r.A, r.B} {
		if _, err := r.VerifyLedger(t.Context(), x.ID); err != nil {
			t.Error(err)
		}
	}
}

// TestPostgreSQLAloneKeepsTheCount: twelve connections in raw SQL, none of which asks or locks anything first, take 300 each of
// the 1000 that a wallet has available: three get it.
func TestPostgreSQLAloneKeepsTheCount(t *testing.T) {
	t.Parallel()
	r := newRaw(t)
	var got, refused atomic.Int64
	var wg sync.WaitGroup
	for i := range 12 {
		sql := r.journal("posted", "dr rich 300 P", "cr revenue 300 P")
		if i%2 == 0 {
			sql = r.journal("pending", "dr rich 300 H", "cr revenue 300 H")
		}
		wg.Go(func() {
			err := r.attack(t, strings.ReplaceAll(sql, "$J", uuid.NewString()))
			var pg *pgconn.PgError
			switch {
			case err == nil:
				got.Add(1)
			case errors.As(err, &pg) && pg.ConstraintName == "account_not_overdrawn":
				refused.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got.Load() != 3 || refused.Load() != 9 {
		t.Errorf("%d got it, %d were refused", got.Load(), refused.Load())
	}
	// The digest is what they could not know; with it, all of it adds up.
	var code string
	scan(t, r.DB, &code, `select code from account where id = $1`, r.rich)
	rich, err := ledger.Parse(code, mad)
	if err != nil {
		t.Fatal(err)
	}
	hash := ledger.Post("", "raw", ledger.Debit(rich, ledger.Of(300, mad)), ledger.Credit(ledger.Revenue("seats", mad), ledger.Of(300, mad))).Hash()
	r.Bend(t, fmt.Sprintf("update journal set effective_at = at, request_hash = '\\x%x' where kind = 'raw'", hash))
	if _, err := r.VerifyLedger(t.Context(), r.A.ID); err != nil {
		t.Error(err)
	}
}

// attack runs SQL as the app role in one transaction of tenant A and commits it.
func (r *raw) attack(t *testing.T, sql string) error {
	t.Helper()
	return r.run(t, sql, "commit")
}

// try is attack that leaves nothing behind: constraints are asked, and all of it is undone.
func (r *raw) try(t *testing.T, sql string) error {
	t.Helper()
	return r.run(t, sql, "set constraints all immediate; rollback")
}

func (r *raw) run(t *testing.T, sql, end string) error {
	c, err := pgx.Connect(t.Context(), r.AppURL())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(context.Background())
	// Statement by statement: several in one message would share one statement_timestamp.
	begin := []string{"begin", fmt.Sprintf("select set_config('app.tenant_id', '%s', true)", r.A.ID)}
	if sql == "reset" {
		begin, sql = nil, strings.ReplaceAll(r.journal("posted", "dr rich 10 P", "cr revenue 10 P"), "$J", uuid.NewString())
	}
	for _, s := range slices.Concat(begin, strings.Split(sql, "; "), strings.Split(end, "; ")) {
		if _, err := c.Exec(t.Context(), s); err != nil {
			return err
		}
	}
	return nil
}

// The owner of the tables cannot rewrite either: neither a migration that goes wrong nor somebody who became the owner.
func TestTheOwnerRewritesNothing(t *testing.T) {
	t.Parallel()
	r := newRaw(t)
	for _, sql := range []string{
		"update entry set dr = dr + 1", "delete from entry", "truncate entry", "update journal set reason = 'x'", "delete from journal", "truncate journal",
		"delete from account", "truncate account", "update account set may_overdraw = true", "update account set class = 'asset'", "update account set code = 'bank:x' where code = 'clearing:stripe'",
		"update account set class = 'expense' where code = 'clearing:stripe'", "update account set running = true where code = 'clearing:stripe'",
	} {
		c, err := pgx.Connect(t.Context(), r.MigratorURL())
		if err != nil {
			t.Fatal(err)
		}
		for _, set := range []string{"set role waymeet_owner", fmt.Sprintf("set app.tenant_id = '%s'", r.A.ID)} {
			if _, err := c.Exec(t.Context(), set); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := c.Exec(t.Context(), sql); err == nil {
			t.Errorf("allowed: %s", sql)
		}
		c.Close(context.Background())
	}
	if _, err := r.VerifyLedger(t.Context(), r.A.ID); err != nil {
		t.Error(err)
	}
}

// super runs SQL past everything.
func (r *raw) super(t *testing.T, sql string) error {
	t.Helper()
	c, err := pgx.Connect(t.Context(), r.SuperURL())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(context.Background())
	_, err = c.Exec(t.Context(), sql)
	return err
}
