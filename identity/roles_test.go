package identity_test

import (
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/migrations"
	"github.com/waymeet/waymeet/store/storetest"
)

// TestTenantsOfBeforeHaveTheBuiltInRoles: a tenant of the first day, for whom only the migrations of roles have run since, has what a
// new one is given. A role that it made itself under such a name stays its own.
func TestTenantsOfBeforeHaveTheBuiltInRoles(t *testing.T) {
	t.Parallel()
	d := storetest.New(t)
	const first = `{stop.read,line.read,trip.read}`
	d.Exec(t, `delete from user_role where tenant_id = $1`, d.A.ID.UUID())
	d.Exec(t, `delete from role where tenant_id = $1`, d.A.ID.UUID())
	d.Exec(t, `insert into role (tenant_id, id, name, permissions, built_in) select $1, gen_random_uuid(), n, $2::text[], true from unnest('{rider,driver,dispatcher,admin}'::text[]) n`, d.A.ID.UUID(), first)
	d.Exec(t, `insert into role (tenant_id, id, name, permissions) values ($1, gen_random_uuid(), 'client', $2::text[])`, d.A.ID.UUID(), first)
	files, err := fs.Glob(migrations.FS, "*_roles_*.sql")
	if err != nil || len(files) == 0 {
		t.Fatal("no migration of roles", err)
	}
	c, err := pgx.Connect(t.Context(), d.MigratorURL())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(t.Context())
	for range 2 { // whoever has everything is left alone
		for _, name := range files {
			text, err := migrations.FS.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			up, _, _ := strings.Cut(string(text), "-- +goose Down")
			if _, err := c.Exec(t.Context(), "begin; set role waymeet_owner;"+up+"; commit"); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
	}
	for _, r := range policy.BuiltIn() {
		got := d.Texts(t, `select unnest(permissions) from role where tenant_id = $1 and name = $2`, d.A.ID.UUID(), r.Name)
		want := strings.Split(strings.Trim(first, "{}"), ",")
		if r.Name != policy.Client { // is the tenant's own
			want = want[:0]
			for _, p := range r.Permissions {
				want = append(want, string(p))
			}
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, a new tenant's: %v", r.Name, got, want)
		}
	}
}
