package store_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/waymeet/waymeet/store/storetest"
)

// PostgreSQL itself lets a payment only go forward, and no further than the books, whoever sends it with the role that serves.
func TestPaymentsAttacked(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	a, rider, account, paid, open := db.A.ID.UUID(), db.A.Users["rider"], uuid.New(), uuid.New(), uuid.New()
	db.Exec(t, `insert into gateway_account (tenant_id, id, kind, merchant, kms_key, wrapped_key, sealed_credentials) values ($1, $2, 'stripe', 'A', 'k', '', '')`, a, account)
	add := `insert into payment (tenant_id, id, gateway_account_id, payer_id, subject, amount, currency, closes_at) values ($1, $2, $3, $4, 'wallet/' || $5::text, 5000, 'MAD', now() + interval '1 hour')`
	db.Exec(t, add, a, paid, account, rider, paid.String())
	db.Exec(t, add, a, open, account, rider, open.String())
	db.Exec(t, `update payment set status = 'paid', gateway_ref = 'pi_1', captured = 5000, refunded = 1000, refunding = 1500, disputed = 2000, won = 500, lost = 500 where id = $1`, paid)
	db.Exec(t, `insert into payment_operation (tenant_id, payment_id, op, n, amount, state, settled_at, tries) values ($1, $2, 'pay', 1, 5000, 'done', now(), 1), ($1, $2, 'refund', 1, 1500, 'waiting', null, 2)`, a, paid)
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
		if _, err = tx.Exec(t.Context(), sql); err != nil {
			return err
		}
		_, err = tx.Exec(t.Context(), `set constraints all immediate`) // as COMMIT would
		return err
	}
	of := func(set string, id uuid.UUID) string {
		return `update payment set ` + set + `, version = version + 1 where id = '` + id.String() + `'`
	}
	for name, sql := range map[string]string{
		"paid by hand":                      of(`captured = amount, status = 'paid'`, open),
		"paid, and nothing taken":           of(`status = 'open'`, paid),
		"called off after it was paid":      of(`status = 'cancelled'`, paid),
		"another amount":                    of(`amount = 4000`, open),
		"another currency":                  of(`currency = 'EUR'`, open),
		"another payer":                     of(`payer_id = '`+db.A.Users["admin"].String()+`'`, open),
		"for something else":                of(`subject = 'wallet/`+rider.String()+`'`, open),
		"less taken":                        of(`captured = 4000`, paid),
		"less given back":                   of(`refunded = 0`, paid),
		"nothing asked to be given back":    of(`refunding = 0`, paid),
		"nothing given back, nothing asked": of(`refunded = 0, refunding = 0`, paid),
		"more given back than the books":    of(`refunded = 1500`, paid),
		"won without the books":             of(`won = 1500`, paid),
		"lost without the books":            of(`lost = 1500`, paid),
		"a dispute that never was":          of(`disputed = 500, lost = 0, won = 0`, paid),
		"its object is forgotten":           of(`gateway_ref = null`, paid),
		"the same version":                  `update payment set decline = 'x'`,
		"another age":                       of(`created_at = now()`, open),
		"born paid": `insert into payment (tenant_id, id, gateway_account_id, payer_id, subject, amount, currency, closes_at, captured, status)
			select tenant_id, gen_random_uuid(), gateway_account_id, payer_id, 'wallet/' || gen_random_uuid(), 5000, 'MAD', now(), 5000, 'paid' from payment limit 1`,
		"deleted":                   `delete from payment`,
		"another amount asked":      `update payment_operation set amount = 1`,
		"asked for something else":  `update payment_operation set op = 'cancel' where op = 'refund'`,
		"asked less often":          `update payment_operation set tries = 0 where op = 'refund'`,
		"an answer that is not so":  `update payment_operation set state = 'refused' where op = 'pay'`,
		"waits again":               `update payment_operation set state = 'waiting', settled_at = null where op = 'pay'`,
		"born done":                 `insert into payment_operation (tenant_id, payment_id, op, n, amount, state, settled_at) select tenant_id, id, 'capture', 1, 1, 'done', now() from payment limit 1`,
		"what was asked is deleted": `delete from payment_operation`,
	} {
		if err := try(sql); err == nil {
			t.Errorf("%s: PostgreSQL takes it", name)
		}
	}
	for name, sql := range map[string]string{ // the attacks are right but for what is wrong with them
		"called off":           of(`status = 'cancelled'`, open),
		"authorised":           of(`status = 'authorised', authorised = 5000`, open),
		"a reason":             of(`decline = 'declined'`, open),
		"more asked":           of(`refunding = 2000`, paid),
		"refused, and less":    `update payment_operation set state = 'refused', settled_at = now() where op = 'refund'; ` + of(`refunding = 1000`, paid),
		"another try":          `update payment_operation set tries = tries + 1 where op = 'refund'`,
		"the gateway answered": `update payment_operation set state = 'done', settled_at = now(), gateway_ref = 're_1' where op = 'refund'`,
		"asked":                `insert into payment_operation (tenant_id, payment_id, op, n, amount, why, cause) select tenant_id, id, 'capture', 1, 1, '', '' from payment limit 1`,
	} {
		if err := try(sql); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
