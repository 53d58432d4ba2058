package store_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/dispatch/gtfs"
	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/store/storetest"
)

// Wherever people are looked for by name they are found as their names are typed on any keyboard, and as they are written; what a pattern would take for a
// sign is a letter. Another operator's, who are called the same, are not.
func TestNamesAreFoundAsTheyAreTyped(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	ctx, today := t.Context(), servicedate.On(time.Now(), time.UTC)
	org := map[string]storetest.Employer{}
	for _, x := range []storetest.Tenant{db.A, db.B} {
		e := db.Employer(t, x, "Employer")
		db.Member(t, e, e.Organisation, x.Rider)
		account := ident.New()
		db.Exec(t, `insert into gateway_account (tenant_id, id, kind, merchant, kms_key, wrapped_key, sealed_credentials) values ($1, $2, 'cash', 'M', 'k', '\x00', '\x00')`, x.ID.UUID(), account)
		db.Exec(t, `insert into payment (tenant_id, id, gateway_account_id, payer_id, subject, amount, currency, closes_at) values ($1, $2, $3, $4, 'wallet/' || $2::uuid, 5000, 'MAD', now())`,
			x.ID.UUID(), ident.New(), account, x.Rider)
		org[x.Slug] = e
	}
	e, r := org[db.A.Slug], db.Read(db.A.ID)
	lists := map[string]func(q string) (int, error){
		"users":  func(q string) (int, error) { got, err := r.Users(ctx, q, uuid.Nil, 9); return len(got), err },
		"riders": func(q string) (int, error) { got, err := r.FindRiders(ctx, q, 9); return len(got), err },
		"experts": func(q string) (int, error) {
			got, err := r.Experts(ctx, store.ExpertsAsk{Search: q, Limit: 9})
			return len(got), err
		},
		"members": func(q string) (int, error) {
			got, err := r.Members(ctx, store.MemberAsk{Organisation: e.Organisation, Within: []uuid.UUID{e.Organisation}, Today: today, Q: strings.ToLower(q), Limit: 9})
			return len(got), err
		},
		"organisations": func(q string) (int, error) { got, err := r.OrganisationsNamed(ctx, q, 9); return len(got), err },
		"payments": func(q string) (int, error) {
			got, err := r.Payments(ctx, store.PaymentsAsk{Search: q, Before: time.Now().Add(time.Hour), Limit: 9})
			return len(got), err
		},
	}
	for name, typed := range map[string]struct{ as, not []string }{
		"Amélie D’Arc":        {as: []string{"Amelie", "amélie", "AMÉLIE d'arc", "ame\u0301lie", "mel", "Amélie D’Arc"}, not: []string{"amalie", "am%lie", "am_lie", `a\melie`, "amelie  d"}},
		"Ame\u0301lie":        {as: []string{"Amelie", "Amélie"}},
		"Amelie":              {as: []string{"Amélie"}},
		"Lætitia Çelik-Nuñez": {as: []string{"laetitia celik", "NUNEZ", "lætitia", "LÆTITIA"}, not: []string{"letitia"}},
		"أمل بنت إبراهيم القاسِي": {as: []string{"امل", "ابراهيم", "القاسي", "القاسى", "إبراهيم"}, not: []string{"عمل"}},
		"فاطمـــة Łucja Œuvre":    {as: []string{"فاطمه", "فاطمة", "lucja", "ŁUCJA", "oeuvre", "ŒUVRE"}},
		"50%_off":                 {as: []string{"50%", "%_o"}, not: []string{"5_%", "50off"}},
	} {
		db.Exec(t, `update app_user set name = 'nobody'`)
		for sql, id := range map[string]string{`update app_user set name = $1 where id in ($2::uuid, $3::uuid)`: "rider", `update membership set name = $1 where $2 <> $3`: "rider", `update organisation set name = $1 where $2 <> $3`: "rider"} {
			db.Exec(t, sql, name, db.A.Users[id].String(), db.B.Users[id].String())
		}
		for list, find := range lists {
			for _, q := range typed.as {
				if n, err := find(q); n != 1 || err != nil {
					t.Errorf("%s: %q is found %d times as %q, %v", list, name, n, q, err)
				}
			}
			for _, q := range typed.not {
				if n, err := find(q); n != 0 || err != nil {
					t.Errorf("%s: %q is found %d times as %q, %v", list, name, n, q, err)
				}
			}
		}
		if got, want := db.Texts(t, `select folded($1)`, name)[0], gtfs.Fold(name); !strings.ContainsAny(name, "’-%æŁ") && got != want {
			t.Errorf("%q is %q here, a stop of that name %q", name, got, want)
		}
	}
}
