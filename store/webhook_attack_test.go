package store_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/waymeet/waymeet/store/storetest"
)

// serving runs a statement as the role that serves does, for tenant A, and gives it up: nil where PostgreSQL takes it.
func serving(t *testing.T, db *storetest.DB, sql string, args ...any) error {
	t.Helper()
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
	if _, err := tx.Exec(t.Context(), `select set_config('app.tenant_id', $1, true)`, db.A.ID.String()); err != nil {
		t.Fatal(err)
	}
	if _, err = tx.Exec(t.Context(), sql, args...); err != nil {
		return err
	}
	_, err = tx.Exec(t.Context(), `set constraints all immediate`)
	return err
}

// What a gateway has told, and what became of it, is not rewritten by whoever serves.
func TestEventsAttacked(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	account := uuid.New()
	db.Exec(t, `insert into gateway_account (tenant_id, id, kind, merchant, kms_key, wrapped_key, sealed_credentials) values ($1, $2, 'stripe', 'A', 'k', '', '')`, db.A.ID.UUID(), account)
	for _, state := range []string{"waiting", "dead", "done"} {
		db.Exec(t, `insert into webhook_event (tenant_id, id, gateway_account_id, gateway_ref, endpoint, kind, object_kind, object_id, happened_at, state, tries, replays, settled_at, problem)
			values ($1, $2, $3, $4, 'platform', 'payment_intent.succeeded', 'payment_intent', 'pi_1', now(), $5, 3, 1, case when $5 = 'waiting' then null else now() end, 'why')`,
			db.A.ID.UUID(), uuid.New(), account, "evt_"+state, state)
	}
	of := func(set, state string) string {
		return `update webhook_event set ` + set + ` where gateway_ref = 'evt_` + state + `'`
	}
	for name, sql := range map[string]string{
		"another object":               of(`object_id = 'pi_2'`, "waiting"),
		"another kind":                 of(`kind = 'charge.refunded'`, "waiting"),
		"another moment":               of(`happened_at = now()`, "waiting"),
		"another account":              of(`account = 'acct_2', endpoint = 'connect'`, "waiting"),
		"heard at another time":        of(`received_at = now()`, "done"),
		"another id":                   of(`gateway_ref = 'evt_9'`, "done"),
		"done without a try":           of(`state = 'done', settled_at = now()`, "waiting"),
		"fewer tries":                  of(`tries = 0`, "waiting"),
		"no reason any more":           of(`problem = null`, "dead"),
		"another reason":               of(`problem = 'x'`, "done"),
		"a dead one was never so":      of(`state = 'done'`, "dead"),
		"a done one is ignored":        of(`state = 'ignored'`, "done"),
		"replayed and nobody counts":   of(`state = 'waiting', tries = 0, settled_at = null`, "dead"),
		"replayed with another reason": of(`state = 'waiting', tries = 0, settled_at = null, replays = replays + 1, problem = null`, "dead"),
		"replayed never":               of(`replays = 0`, "dead"),
		"deleted":                      `delete from webhook_event`,
		"born done": `insert into webhook_event (tenant_id, id, gateway_account_id, gateway_ref, endpoint, kind, object_kind, object_id, happened_at, state, settled_at)
			select tenant_id, gen_random_uuid(), gateway_account_id, 'evt_8', endpoint, kind, object_kind, object_id, now(), 'done', now() from webhook_event limit 1`,
	} {
		if err := serving(t, db, sql); err == nil {
			t.Errorf("%s: PostgreSQL takes it", name)
		}
	}
	for name, sql := range map[string]string{ // the attacks are right but for what is wrong with them
		"done":         of(`state = 'done', tries = tries + 1, settled_at = now(), problem = null`, "waiting"),
		"another try":  of(`tries = tries + 1, problem = 'again'`, "waiting"),
		"dead":         of(`state = 'dead', tries = tries + 1, settled_at = now(), problem = 'too often'`, "waiting"),
		"replayed":     of(`state = 'waiting', tries = 0, settled_at = null, replays = replays + 1`, "dead"),
		"one more":     of(`state = 'waiting', tries = 0, settled_at = null, replays = replays + 1`, "done"),
		"another told": `insert into webhook_event (tenant_id, id, gateway_account_id, gateway_ref, endpoint, kind, object_kind, object_id, happened_at) select tenant_id, gen_random_uuid(), gateway_account_id, 'evt_7', endpoint, kind, object_kind, object_id, now() from webhook_event limit 1`,
	} {
		if err := serving(t, db, sql); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Each column that the service does not write of an event is closed to it by itself, whatever the trigger takes: with a try that counts, and at birth.
func TestEventsColumnsAreClosed(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	account := uuid.New()
	db.Exec(t, `insert into gateway_account (tenant_id, id, kind, merchant, kms_key, wrapped_key, sealed_credentials) values ($1, $2, 'stripe', 'A', 'k', '', '')`, db.A.ID.UUID(), account)
	db.Exec(t, `insert into webhook_event (tenant_id, id, gateway_account_id, gateway_ref, endpoint, kind, object_kind, object_id, happened_at) values ($1, $2, $3, 'evt', 'platform', 'k', 'o', 'pi_1', now())`,
		db.A.ID.UUID(), uuid.New(), account)
	changed := []string{"state", "tries", "replays", "problem", "settled_at"}
	born := []string{"tenant_id", "id", "gateway_account_id", "gateway_ref", "endpoint", "account", "kind", "object_kind", "object_id", "happened_at"}
	for _, column := range db.Texts(t, `select column_name from information_schema.columns where table_name = 'webhook_event' and table_schema = 'public'`) {
		for _, c := range []struct {
			sql  string
			open bool
		}{
			{`update webhook_event set tries = tries + 1, ` + column + ` = ` + column, slices.Contains(changed, column)},
			{`insert into webhook_event (` + column + `) values (default)`, slices.Contains(born, column)},
		} {
			if column == "tries" && c.open { // named once
				continue
			}
			var refused *pgconn.PgError
			closed := errors.As(serving(t, db, c.sql), &refused) && refused.Code == "42501" && strings.Contains(refused.Message, "permission denied")
			if closed == c.open {
				t.Errorf("%s: closed is %t (%v)", c.sql, closed, refused)
			}
		}
	}
}

// No name that reads as another one comes past PostgreSQL, whoever sends it.
func TestNamesAttacked(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	rider, id := db.A.Users["rider"], db.A.ID.String()
	set := `update app_user set name = $1 where id = '` + rider.String() + `'`
	add := `insert into organisation (tenant_id, id, name, legal_name, address, country, email, terms, po_number, currency, time_zone, locale) values ('` + id + `', gen_random_uuid(), 'Atlas', $1, '{}', '', '', 'net_30', '', 'MAD', 'UTC', 'fr')`
	for _, bad := range []string{"Ring\a", "two\nlines", "Atlas \u202eLRS", "\u2066x\u2069", "\u009b", "a\u2028b"} {
		for _, sql := range []string{set, add} {
			if err := serving(t, db, sql, bad); err == nil {
				t.Errorf("%q: PostgreSQL takes it (%.30s)", bad, sql)
			}
		}
	}
	for _, good := range []string{"Nadia El Fassi", "شركة الأطلس\u200f", "می\u200cخواهم", "Société d’Été"} {
		for _, sql := range []string{set, add} {
			if err := serving(t, db, sql, good); err != nil {
				t.Errorf("%q: %v (%.30s)", good, err, sql)
			}
		}
	}
	// Whoever has had such a name since before can be disabled, and keeps it until somebody gives another.
	db.Exec(t, `alter table app_user disable trigger readable_name`)
	db.Exec(t, `update app_user set name = $1 where id = $2`, "Ring\a", rider)
	db.Exec(t, `alter table app_user enable trigger readable_name`)
	if err := serving(t, db, `update app_user set name = name, status = 'disabled' where id = $1`, rider); err != nil {
		t.Error(err)
	}
	for _, table := range []string{"tenant", "app_user", "organisation", "unit", "membership", "programme", "biller", "pass_product", "skill", "queue", "gateway_account", "agency", "stop", "line"} {
		if n := db.Texts(t, `select count(*)::text from pg_trigger where tgrelid = '`+table+`'::regclass and tgname like 'readable\_%'`)[0]; n == "0" {
			t.Errorf("%s lets every name in", table)
		}
	}
}
