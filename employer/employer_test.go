package employer_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/employer"
	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/store/storetest"
)

// as is a manager of a unit, or nobody's when it is the nil unit.
func as(x storetest.Tenant, unit uuid.UUID) context.Context {
	return policy.With(context.Background(), policy.Actor{Tenant: x.ID, User: x.Users["manager"], Session: ident.New(),
		Grants: []policy.Grant{{Permission: policy.CompanyManagePermission, Scope: policy.Scope{Unit: unit}}}})
}

func code(err error) string {
	if err == nil {
		return ""
	}
	return fault.As(err).Code
}

const roster = "matricule;nom;email;centre de coût\n1;Nadia;n@x.ma;CC-1\n2;Amal;a@x.ma;CC-2\n"

func upload(t *testing.T, s *employer.Service, ctx context.Context, org uuid.UUID, csv string) employer.Preview {
	t.Helper()
	p, err := s.PreviewRoster(ctx, idem.Claim{}, employer.Upload{Organisation: org, FileName: "x.csv", CSV: csv})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestEmployersNeverMeet: two organisations of one tenant, and two units of one of them. A manager reaches their own and
// what is under it; everything else is not there, whichever verb asks.
func TestEmployersNeverMeet(t *testing.T) {
	t.Parallel()
	d := storetest.New(t)
	s := employer.New(d.DB, nil)
	atlas, rival := d.Employer(t, d.A, "Atlas"), d.Employer(t, d.A, "Rival")
	plant, office := d.Unit(t, atlas, atlas.Organisation, "Plant"), d.Unit(t, atlas, atlas.Organisation, "Office")
	d.Member(t, atlas, plant, d.A.Rider)
	d.Member(t, atlas, office, d.A.Rider2)
	d.Member(t, rival, rival.Organisation, d.A.Users["driver"])
	p := upload(t, s, as(d.A, atlas.Organisation), atlas.Organisation, roster)
	for name, c := range map[string]struct {
		unit    uuid.UUID
		members int
		want    string
	}{
		"the whole":      {atlas.Organisation, 2, ""},
		"a plant":        {plant, 1, ""},
		"another's":      {rival.Organisation, 0, "not_found"},
		"without a unit": {uuid.Nil, 0, "not_found"},
	} {
		ctx := as(d.A, c.unit)
		got, err := s.Members(ctx, employer.MembersAsk{Organisation: atlas.Organisation, Limit: 50})
		if code(err) != c.want || len(got) != c.members {
			t.Errorf("members for %s: %d %v", name, len(got), err)
		}
		if _, err := s.Spend(ctx, atlas.Organisation, 0); code(err) != c.want {
			t.Errorf("spend for %s: %v", name, err)
		}
		if _, err := s.Rides(ctx, atlas.Organisation, 0, 0, uuid.Nil, 10); code(err) != c.want {
			t.Errorf("rides for %s: %v", name, err)
		}
		if _, err := s.Organisation(ctx, atlas.Organisation); code(err) != c.want {
			t.Errorf("the organisation for %s: %v", name, err)
		}
		if name == "the whole" {
			continue
		}
		if _, err := s.ApplyRoster(ctx, idem.Claim{}, p.ID, true); code(err) != "not_found" {
			t.Errorf("the roster applied by %s: %v", name, err)
		}
		if _, err := s.ChangeProgramme(ctx, store.Programme{ID: atlas.Programme, Name: "mine"}); code(err) != "not_found" {
			t.Errorf("the programme changed by %s: %v", name, err)
		}
		if _, err := s.PreviewRoster(ctx, idem.Claim{}, employer.Upload{Organisation: atlas.Organisation, Unit: office, CSV: roster}); code(err) != "not_found" {
			t.Errorf("the office's roster by %s: %v", name, err)
		}
	}
	mine, err := s.Organisations(as(d.A, rival.Organisation), uuid.Nil, 50)
	if err != nil || len(mine) != 1 || mine[0].ID != rival.Organisation {
		t.Errorf("a manager's list: %v %v", mine, err)
	}
	if _, err := s.Create(as(d.A, atlas.Organisation), idem.Claim{}, employer.Draft{Name: "New"}); code(err) != "forbidden" {
		t.Errorf("a manager made an organisation: %v", err)
	}
}

// TestRosterIsAppliedAsShown: joiners, leavers and moves are what the preview said; a world that changed meanwhile
// invalidates it; sixteen who press apply at once apply it once; and the past keeps its cost centre.
func TestRosterIsAppliedAsShown(t *testing.T) {
	t.Parallel()
	d := storetest.New(t)
	monday := servicedate.Of(2026, 11, 23)
	s := employer.New(d.DB, func() time.Time { return monday.At(12*3600, time.UTC) })
	e := d.Employer(t, d.A, "Atlas")
	leaver := d.Member(t, e, e.Organisation, d.A.Rider)
	ctx := as(d.A, e.Organisation)
	first := upload(t, s, ctx, e.Organisation, roster)
	if len(first.Preview.Joiners) != 2 || len(first.Preview.Leavers) != 1 || d.Int(t, `select count(*) from membership`) != 1 {
		t.Fatalf("%+v", first.Preview)
	}
	stale := upload(t, s, ctx, e.Organisation, roster+"3;Late;l@x.ma;\n")
	key := idem.Claim{Actor: d.A.Users["manager"], Operation: "rosters.apply", Key: "k"}
	var mu sync.Mutex
	var all sync.WaitGroup
	codes := map[string]int{}
	for i := range 16 {
		all.Go(func() {
			claim := idem.Claim{}
			if i%2 == 0 {
				claim = key
			}
			done, err := s.ApplyRoster(ctx, claim, first.ID, false)
			mu.Lock()
			defer mu.Unlock()
			codes[code(err)]++
			if err == nil && (done.Joined != 2 || done.Left != 1) {
				t.Errorf("%+v", done)
			}
		})
	}
	all.Wait()
	if codes[""]+codes["roster_applied"] != 16 || codes[""] == 0 || codes[""] > 8 || d.Int(t, `select count(*) from audit where action = 'roster.applied'`) != 1 {
		t.Errorf("%v", codes)
	}
	if n := d.Int(t, `select count(*) from membership where left_on is null`); n != 2 || d.Int(t, `select count(*) from membership where id = $1 and left_on = $2`, leaver, monday.Midnight()) != 1 {
		t.Errorf("%d belong", n)
	}
	if _, err := s.ApplyRoster(ctx, idem.Claim{}, stale.ID, false); code(err) != "roster_changed" {
		t.Errorf("a preview of another world: %v", err)
	}
	// A move is from its day on: what was stays.
	moved := upload(t, s, ctx, e.Organisation, "matricule;nom;email;cc;depuis\n1;Nadia;n@x.ma;CC-9;2026-12-01\n2;Amal;a@x.ma;CC-2;\n")
	if _, err := s.ApplyRoster(ctx, idem.Claim{}, moved.ID, false); err != nil {
		t.Fatal(err)
	}
	if got := d.Texts(t, `select p.cost_centre || ' ' || p.from_date from membership_posting p join membership m on m.id = p.membership_id where m.number = '1' order by p.from_date`); len(got) != 2 || got[0] != "CC-1 2026-11-23" || got[1] != "CC-9 2026-12-01" {
		t.Errorf("%v", got)
	}
	bad, err := s.PreviewRoster(ctx, idem.Claim{}, employer.Upload{Organisation: e.Organisation, FileName: "x.csv", CSV: "nom;email\nA;nonsense\n"})
	if err != nil || bad.ID != uuid.Nil || bad.Report.Errors == 0 {
		t.Errorf("a bad file: %+v %v", bad, err)
	}
}

// TestAccountsFindTheirMembership: who is named in a roster before they have an account belongs when it is made.
func TestAccountsFindTheirMembership(t *testing.T) {
	t.Parallel()
	d := storetest.New(t)
	s := employer.New(d.DB, nil)
	e := d.Employer(t, d.A, "Atlas")
	ctx := as(d.A, e.Organisation)
	p := upload(t, s, ctx, e.Organisation, roster)
	if _, err := s.ApplyRoster(ctx, idem.Claim{}, p.ID, false); err != nil {
		t.Fatal(err)
	}
	id := ident.New()
	err := d.InTx(context.Background(), d.A.ID, func(tx *store.Tx) error {
		return tx.CreateUser(context.Background(), store.NewUser{ID: id, Email: "n@x.ma", Name: "Nadia"})
	})
	if err != nil || d.Int(t, `select count(*) from membership where user_id = $1 and number = '1'`, id) != 1 {
		t.Errorf("%v", err)
	}
}

// TestAlarm: a roster by which most would leave is applied only by who says that it is meant.
func TestAlarm(t *testing.T) {
	t.Parallel()
	d := storetest.New(t)
	s := employer.New(d.DB, nil)
	e := d.Employer(t, d.A, "Atlas")
	ctx := as(d.A, e.Organisation)
	many := "name,email\n"
	for i := range 12 {
		many += "P,p" + string(rune('a'+i)) + "@x.ma\n"
	}
	if _, err := s.ApplyRoster(ctx, idem.Claim{}, upload(t, s, ctx, e.Organisation, many).ID, false); err != nil {
		t.Fatal(err)
	}
	part := upload(t, s, ctx, e.Organisation, "name,email\nP,pa@x.ma\n")
	if _, err := s.ApplyRoster(ctx, idem.Claim{}, part.ID, false); code(err) != "roster_alarming" {
		t.Errorf("%v", err)
	}
	if _, err := s.ApplyRoster(ctx, idem.Claim{}, part.ID, true); err != nil {
		t.Error(err)
	}
}

// Alerts of a budget are shown until their company has said that it has seen them: those up to a threshold, once, and nobody
// else's.
func TestBudgetAlertsAreSeen(t *testing.T) {
	t.Parallel()
	d := storetest.New(t)
	s := employer.New(d.DB, nil)
	e, other := d.Employer(t, d.A, "Atlas"), d.Employer(t, d.A, "Rif")
	ctx, month := as(d.A, e.Organisation), servicedate.Of(2026, 5, 1)
	for _, percent := range []int{50, 80, 100} {
		for _, m := range []string{"2026-05-01", "2026-06-01"} {
			d.Exec(t, fmt.Sprintf(`insert into programme_alert (tenant_id, programme_id, month, threshold, spent, budget) values ('%s', '%s', '%s', %d, 1, 1)`, d.A.ID, e.Programme, m, percent))
		}
	}
	open := func() (n int) {
		t.Helper()
		spend, err := s.Spend(ctx, e.Organisation, month)
		if err != nil || len(spend.Alerts) != 3 {
			t.Fatal(spend.Alerts, err)
		}
		for _, a := range spend.Alerts {
			if a.Told.IsZero() {
				n++
			}
		}
		return n
	}
	for what, c := range map[string]struct {
		ctx       context.Context
		programme uuid.UUID
	}{"another company's": {as(d.A, other.Organisation), e.Programme}, "another tenant's": {as(d.B, e.Organisation), e.Programme}, "nobody's": {ctx, uuid.New()}} {
		if err := s.SeeAlerts(c.ctx, c.programme, month, 100); code(err) != "not_found" {
			t.Errorf("%s: %v", what, err)
		}
	}
	if n := open(); n != 3 {
		t.Errorf("%d are open", n)
	}
	for range 2 {
		if err := s.SeeAlerts(ctx, e.Programme, month, 80); err != nil || open() != 1 {
			t.Errorf("up to 80 %%: %d are open, %v", open(), err)
		}
	}
	if n := d.Int(t, `select count(*) from audit where action = 'programme.alerts_seen'`); n != 1 {
		t.Errorf("noted %d times", n)
	}
	if n := d.Int(t, `select count(*) from programme_alert where told_at is not null`); n != 2 {
		t.Errorf("%d are seen", n)
	}
}

// TestOrganisationsPayInWhatIsSold: an organisation that is to pay in another currency than the operator sells in could never be billed, and
// nor could what waits when its currency is changed.
func TestOrganisationsPayInWhatIsSold(t *testing.T) {
	t.Parallel()
	d := storetest.New(t)
	s := employer.New(d.DB, nil)
	atlas := d.Employer(t, d.A, "Atlas")
	staff := policy.With(context.Background(), policy.Actor{Tenant: d.A.ID, User: d.A.Users["admin"], Session: ident.New(),
		Grants: []policy.Grant{{Permission: policy.OrganisationWritePermission}, {Permission: policy.CompanyManagePermission}}})
	var own string
	if row, err := d.Read(d.A.ID).TenantRow(t.Context()); err != nil {
		t.Fatal(err)
	} else {
		own = row.Currency
	}
	if _, err := s.Create(staff, idem.Claim{}, employer.Draft{Name: "New", Currency: "KWD"}); code(err) != "currency_not_sold" {
		t.Errorf("in what nobody sells: %v", err)
	}
	made, err := s.Create(staff, idem.Claim{}, employer.Draft{Name: "New", Currency: own, Active: true})
	if err != nil {
		t.Fatal(err)
	}
	change := func(id uuid.UUID, name, to string) string {
		_, err := s.Change(staff, id, employer.Draft{Name: name, Currency: to, Active: true})
		return code(err)
	}
	d.Exec(t, `insert into fare (tenant_id, id, source, external_id, amount, currency) values ($1, $2, 'x', 'x', 100, 'TND')`, d.A.ID.UUID(), ident.New())
	for what, got := range map[string]string{"currency_not_sold": change(made.ID, "New", "KWD"), "": change(made.ID, "New", "TND"), "organisation_currency_used": change(atlas.Organisation, "Atlas", "TND")} {
		if got != what {
			t.Errorf("%q, want %q", got, what)
		}
	}
	if got := change(atlas.Organisation, "Atlas", own); got != "" {
		t.Errorf("the same currency: %s", got)
	}
	d.Exec(t, `update programme set active = false where organisation_id = $1`, atlas.Organisation)
	d.Exec(t, `insert into usage_record (tenant_id, id, source, organisation_id, person, cost_centre, date, at, supply, country, says, quantity, unit, amount, currency)
		values ($1, $2, 'ride/' || $5::text, $3, '', '', '2026-11-01', now(), 'urban_transport', 'MA', 'x', 1, 'ride', 100, $4)`, d.A.ID.UUID(), ident.New(), atlas.Organisation, own, ident.New().String())
	if got := change(atlas.Organisation, "Atlas", "TND"); got != "organisation_currency_used" {
		t.Errorf("while a ride waits: %q", got)
	}
}
