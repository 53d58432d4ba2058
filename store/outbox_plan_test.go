package store_test

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/waymeet/waymeet/store/storetest"
)

// The log is read by its indexes however much is in it: a page of one large transaction is not a sort of all its rows, and
// changes of access are found among those of everything else. PostgreSQL knows nothing of the rows yet, as after a burst.
func TestOutboxPlans(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	conn, err := pgx.Connect(t.Context(), db.SuperURL())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if _, err := conn.Exec(t.Context(), `insert into outbox (tenant_id, entity, version, docs, channels)
		select $1, case when v % 4000 = 0 then 'access/x' else 'trip/large' end, v, json_build_object('trip', repeat('x', 1400)), '{trip:x}' from generate_series(1, 20000) v`, db.A.ID.UUID()); err != nil {
		t.Fatal(err)
	}
	for what, sql := range map[string]string{
		"_tail": `select xid::text as xid, n, tenant_id, entity, version, docs, channels, left_channels, at from outbox
			where (xid, n) > ('1'::text::xid8, 100::bigint) and xid < '9000000'::text::xid8 and pg_visible_in_snapshot(xid, (select pg_current_snapshot()::text::pg_snapshot))
			order by outbox.xid, n limit 1000`,
		"_access": `select n, tenant_id, entity from outbox where xid >= '1'::text::xid8 and entity ^@ 'access/'`,
	} {
		rows, err := conn.Query(t.Context(), "explain (analyze, timing off) "+sql)
		if err != nil {
			t.Fatal(err)
		}
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatal(err)
		}
		plan := strings.Join(lines, "\n")
		if strings.Contains(plan, "Seq Scan on outbox") || strings.Contains(plan, "Sort  (") || !strings.Contains(plan, what) {
			t.Errorf("%s is not used:\n%s", what, plan)
		}
	}
}
