package store_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/waymeet/waymeet/store/storetest"
)

// Whoever changes rights by a statement, one person's or a thousand's, in one tenant or in all, leaves the rows by which nodes ask
// anew: once a person and transaction, or once for everybody; and none where nothing has changed.
func TestRightsThatChangeAreTold(t *testing.T) {
	t.Parallel()
	d := storetest.New(t)
	xmin, _, err := bounds(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	a, b, everybody := d.A.Users["dispatcher"], d.B.Users["dispatcher"], strings.Repeat("0", 8)+"-0000-0000-0000-"+strings.Repeat("0", 12)
	for range 150 {
		d.Exec(t, `insert into app_user (tenant_id, id, email, name) values ($1, gen_random_uuid(), 'crowd' || gen_random_uuid() || '@example.org', 'Crowd')`, d.A.ID.UUID())
	}
	one := func(tenant, who any) string { return fmt.Sprint(tenant, " ", who) }
	for _, step := range []struct {
		name, sql string
		app       bool
		want      []string
	}{
		{name: "a role taken, as the app", app: true, sql: fmt.Sprintf(`delete from user_role where user_id = '%s'`, a), want: []string{one(d.A.ID, a)}},
		{name: "and given, to two tenants' people", sql: fmt.Sprintf(`insert into user_role (tenant_id, user_id, role_id) select u.tenant_id, u.id, r.id
			from app_user u join role r on r.tenant_id = u.tenant_id and r.name = 'driver' where u.id in ('%s', '%s')`, a, b), want: []string{one(d.A.ID, a), one(d.B.ID, b)}},
		{name: "twice in a transaction", sql: fmt.Sprintf(`do $$ begin update user_role set created_at = created_at where user_id = '%s';
			delete from user_role where user_id = '%s'; end $$`, a, a), want: []string{one(d.A.ID, a)}},
		{name: "disabled", sql: fmt.Sprintf(`update app_user set status = 'disabled' where id = '%s'`, a), want: []string{one(d.A.ID, a)}},
		{name: "disabled already", sql: fmt.Sprintf(`update app_user set status = 'disabled', name = name || '.' where id = '%s'`, a)},
		{name: "a sign-in ended", sql: fmt.Sprintf(`insert into sign_in (tenant_id, id, user_id, token_hash, expires_at) values ('%s', gen_random_uuid(), '%s', '\xaa', now() + '1 day');
			update sign_in set ended_at = now() where user_id = '%s'`, d.A.ID, d.A.Users["rider"], d.A.Users["rider"]), want: []string{one(d.A.ID, d.A.Users["rider"])}},
		{name: "one that has ended, once more", sql: fmt.Sprintf(`update sign_in set ended_at = now(), rotated_at = now() where user_id = '%s'`, d.A.Users["rider"])},
		{name: "one that has ended, gone", sql: fmt.Sprintf(`delete from sign_in where user_id = '%s'`, d.A.Users["rider"])},
		{name: "sign-ins made", sql: fmt.Sprintf(`insert into sign_in (tenant_id, id, user_id, token_hash, expires_at)
			select tenant_id, gen_random_uuid(), id, '\xaa', now() + days * interval '1 day' from app_user, unnest(array[1, 1, -8]) days
			where email like 'crowd%%' or id in ('%s', '%s', '%s')`, d.A.Users["rider"], d.B.Users["rider"], d.A.Users["driver"])},
		{name: "tokens turned", app: true, sql: `update sign_in set token_hash = '\xbb', previous_hash = token_hash, rotated_at = now(), expires_at = expires_at + interval '1 hour'`},
		{name: "those that have run out, swept", sql: `delete from sign_in where expires_at < now() - interval '7 days'`},
		{name: "expired before their time, two people's", sql: fmt.Sprintf(`update sign_in set expires_at = now() where user_id in ('%s', '%s')`, d.A.Users["rider"], d.B.Users["rider"]),
			want: []string{one(d.A.ID, d.A.Users["rider"]), one(d.B.ID, d.B.Users["rider"])}},
		{name: "expired, then gone", sql: fmt.Sprintf(`delete from sign_in where user_id = '%s'`, d.B.Users["rider"])},
		{name: "made another's", sql: fmt.Sprintf(`update sign_in set user_id = '%s' where user_id = '%s'`, d.A.Users["rider"], d.A.Users["driver"]), want: []string{one(d.A.ID, d.A.Users["driver"])}},
		{name: "deleted, as the app", app: true, sql: fmt.Sprintf(`delete from sign_in where user_id = '%s'`, d.A.Users["rider"]), want: []string{one(d.A.ID, d.A.Users["rider"])}},
		{name: "a crowd's deleted", sql: `delete from sign_in`, want: []string{one(d.A.ID, everybody)}},
		{name: "nobody", sql: `delete from user_role where false`},
		{name: "a crowd", sql: fmt.Sprintf(`update app_user set status = 'disabled' where tenant_id = '%s' and email like 'crowd%%'`, d.A.ID), want: []string{one(d.A.ID, everybody)}},
		{name: "a role's word", sql: fmt.Sprintf(`update role set permissions = permissions || '{x}' where tenant_id = '%s'`, d.B.ID), want: []string{one(d.B.ID, everybody)}},
		{name: "nothing of a role", sql: `update role set permissions = permissions`},
	} {
		before := told(t, d, xmin)
		if err := do(t, d, step.app, step.sql); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		got := map[string]int{}
		for _, l := range told(t, d, xmin)[len(before):] {
			got[one(l.Tenant, strings.TrimPrefix(l.Change.Entity, "access/"))]++
			if docs := string(l.Change.Docs["access"]); !strings.Contains(l.Change.Entity, everybody) && !strings.Contains(docs, strings.TrimPrefix(l.Change.Entity, "access/")) {
				t.Errorf("%s: %s says %s", step.name, l.Change.Entity, docs)
			}
		}
		slices.Sort(step.want)
		if names := slices.Sorted(maps.Keys(got)); !slices.Equal(names, step.want) {
			t.Errorf("%s: told of %v, want %v", step.name, names, step.want)
		}
		for who, n := range got {
			if n != 1 {
				t.Errorf("%s: %s %d times", step.name, who, n)
			}
		}
	}
}

func do(t *testing.T, d *storetest.DB, app bool, sql string) error {
	t.Helper()
	if app {
		return d.TryAs(d.AppURL(), `begin; set local app.tenant_id = '`+d.A.ID.String()+`'; `+sql+`; commit`)
	}
	return d.Try(sql)
}
