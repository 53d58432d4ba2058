package store_test

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/waymeet/waymeet/store/storetest"
)

// PostgreSQL itself knows no run that was approved by its maker or by nobody, no second one that is open, and no line that
// does not add up, whoever sends it.
func TestPayoutsAttacked(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	a, maker, second := db.A.ID.UUID(), db.A.Users["admin"], db.A.Users["dispatcher"]
	db.Exec(t, `insert into payout_run (tenant_id, id, rail, currency, minimum, made_by) values ($1, $2, 'bank-file', 'AED', 1, $3)`, a, a, maker)
	db.Exec(t, `insert into payout_line (tenant_id, run_id, id, n, expert_id, owed, recovered, amount, holder, number) values ($1, $1, $1, 1, $2, 100, 10, 90, 'A', 'B')`, a, db.A.Users["driver"])
	try := func(sql string) error {
		c, err := pgx.Connect(t.Context(), db.AppURL())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = c.Close(t.Context()) }()
		tx, err := c.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = tx.Rollback(t.Context()) }()
		if _, err := tx.Exec(t.Context(), `select set_config('app.tenant_id', $1, true)`, a.String()); err != nil {
			t.Fatal(err)
		}
		_, err = tx.Exec(t.Context(), sql)
		return err
	}
	for name, sql := range map[string]string{
		"its maker approves":       `update payout_run set approved_by = made_by, approved_at = now(), state = 'approved'`,
		"nobody approves":          `update payout_run set state = 'approved'`,
		"sent without approval":    `update payout_run set state = 'sent', sent_at = now()`,
		"closed without an end":    `update payout_run set state = 'discarded'`,
		"another tenant approves":  `update payout_run set approved_by = '` + db.B.Users["admin"].String() + `', approved_at = now(), state = 'approved'`,
		"a second open one":        `insert into payout_run (tenant_id, id, rail, currency, minimum, made_by) select tenant_id, gen_random_uuid(), rail, currency, 1, made_by from payout_run`,
		"a line that does not add": `update payout_line set recovered = 1`,
		"nothing":                  `update payout_line set owed = 10, amount = 0`,
		"the same expert twice": `insert into payout_line (tenant_id, run_id, id, n, expert_id, owed, recovered, amount, holder, number)
			select tenant_id, run_id, gen_random_uuid(), 2, expert_id, owed, recovered, amount, holder, number from payout_line`,
		"an end without an instant": `update payout_line set state = 'confirmed'`,
		"deleted":                   `delete from payout_line`,
	} {
		if err := try(sql); err == nil {
			t.Errorf("%s: PostgreSQL takes it", name)
		}
	}
	for name, sql := range map[string]string{ // the attacks are right but for what is wrong with them
		"approved by a second person": `update payout_run set approved_by = '` + second.String() + `', approved_at = now(), state = 'approved'`,
		"discarded":                   `update payout_run set state = 'discarded', closed_at = now()`,
		"another rail":                `insert into payout_run (tenant_id, id, rail, currency, minimum, made_by) select tenant_id, gen_random_uuid(), 'connect', currency, 1, made_by from payout_run`,
	} {
		if err := try(sql); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
