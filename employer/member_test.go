package employer_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/employer"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store/storetest"
)

// TestOneMember: one member is moved and removed without a roster, by the same rules: what was stays, coming rides are asked to be cancelled,
// and a roster that was compared before is refused.
func TestOneMember(t *testing.T) {
	t.Parallel()
	d := storetest.New(t)
	monday := servicedate.Of(2026, 11, 23)
	s := employer.New(d.DB, func() time.Time { return monday.At(12*3600, time.UTC) })
	e, rival := d.Employer(t, d.A, "Atlas"), d.Employer(t, d.A, "Rival")
	plant, office := d.Unit(t, e, e.Organisation, "Plant"), d.Unit(t, e, e.Organisation, "Office")
	m := d.Member(t, e, plant, d.A.Rider)
	ctx := as(d.A, plant)
	ride := func(day servicedate.Date, state string) uuid.UUID {
		id := ident.New()
		d.Exec(t, `insert into programme_ride (tenant_id, service_date, booking_id, programme_id, organisation_id, unit_id, membership_id, employee_id, month, line_id, line_name, from_name, to_name,
			pickup_at, fare, subsidy, booked, currency, cost_centre, state, settled_at)
			values ($1, $2, $3, $4, $5, $6, $7, $8, date_trunc('month', $2::date), $3, 'L', 'A', 'B', now(), 1200, 600, 600, 'MAD', 'CC-1', $9, case when $9 = 'reserved' then null else now() end)`,
			d.A.ID.UUID(), day.Midnight(), id, e.Programme, e.Organisation, plant, m, d.A.Rider, state)
		return id
	}
	ride(monday.AddDays(-1), "used")
	ride(monday, "reserved")
	ride(monday.AddDays(9), "reserved")
	jobs := func() int64 { return d.Int(t, `select count(*) from river_job where kind = 'withdraw_rides'`) }

	for who, c := range map[string]struct {
		ctx  context.Context
		org  uuid.UUID
		id   uuid.UUID
		want string
	}{
		"the office's manager":  {as(d.A, office), e.Organisation, m, "not_found"},
		"another company's":     {as(d.A, rival.Organisation), e.Organisation, m, "not_found"},
		"in another company":    {as(d.A, rival.Organisation), rival.Organisation, m, "not_found"},
		"nobody":                {ctx, e.Organisation, ident.New(), "not_found"},
		"another tenant's":      {as(d.B, plant), e.Organisation, m, "not_found"},
		"whoever manages none":  {as(d.A, uuid.Nil), e.Organisation, m, "not_found"},
		"nobody who signed in":  {context.Background(), e.Organisation, m, "unauthenticated"},
		"a company that is not": {ctx, ident.New(), m, "not_found"},
	} {
		if _, err := s.MoveMember(c.ctx, c.org, c.id, "CC-9", 0); code(err) != c.want {
			t.Errorf("moved by %s: %v", who, err)
		}
		if _, err := s.RemoveMember(c.ctx, c.org, c.id, 0); code(err) != c.want {
			t.Errorf("removed by %s: %v", who, err)
		}
	}
	for want, day := range map[string]servicedate.Date{"out_of_range": monday.AddDays(-32), "out_of_range ": monday.AddDays(367)} {
		if _, err := s.RemoveMember(ctx, e.Organisation, m, day); code(err) != "out_of_range" {
			t.Errorf("%s: %v", want, err)
		}
	}
	if _, err := s.MoveMember(ctx, e.Organisation, m, "CC\a", 0); code(err) != "bad_value" {
		t.Errorf("a hostile centre: %v", err)
	}

	before := upload(t, s, as(d.A, e.Organisation), e.Organisation, roster)
	moved, err := s.MoveMember(ctx, e.Organisation, m, " CC-9 ", monday.AddDays(3))
	if err != nil || moved.CostCentre != "CC-1" || len(moved.Tenure.Postings) != 2 || moved.Tenure.Postings[1].CostCentre != "CC-9" || moved.Tenure.Postings[1].From != monday.AddDays(3) {
		t.Fatalf("%+v %v", moved, err)
	}
	if now, err := s.MoveMember(ctx, e.Organisation, m, "CC-5", 0); err != nil || now.CostCentre != "CC-5" || len(now.Tenure.Postings) != 3 {
		t.Fatalf("%+v %v", now, err)
	}
	if _, err := s.ApplyRoster(as(d.A, e.Organisation), idem.Claim{}, before.ID, true); code(err) != "roster_changed" {
		t.Errorf("a roster that was compared before: %v", err)
	}
	if got := d.Texts(t, `select cost_centre from programme_ride group by 1`); len(got) != 1 || got[0] != "CC-1" || jobs() != 0 {
		t.Errorf("what was booked carries %q; %d jobs", got, jobs())
	}

	for range 2 { // twice is once
		gone, err := s.RemoveMember(ctx, e.Organisation, m, 0)
		if err != nil || gone.Tenure.Left != monday {
			t.Fatalf("%+v %v", gone, err)
		}
	}
	if _, err := s.RemoveMember(ctx, e.Organisation, m, monday.AddDays(20)); err != nil {
		t.Error(err)
	}
	if still, err := s.MoveMember(ctx, e.Organisation, m, "CC-7", 0); err != nil || len(still.Tenure.Postings) != 3 || still.Tenure.Left != monday {
		t.Errorf("who has left is moved: %+v %v", still, err)
	}
	if n := jobs(); n != 1 || d.Int(t, `select count(*) from audit where action = 'member.removed'`) != 1 || d.Int(t, `select count(*) from audit where action = 'member.moved'`) != 2 {
		t.Errorf("%d jobs, or acts are not in the log", n)
	}
	all, err := d.Read(d.A.ID).ToWithdraw(context.Background(), m)
	if err != nil || len(all) != 2 {
		t.Errorf("%d rides are withdrawn (%v), want today's and the one to come, not yesterday's", len(all), err)
	}
}
