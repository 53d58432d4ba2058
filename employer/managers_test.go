package employer_test

import (
	"context"
	"testing"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/employer"
	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store/storetest"
)

// TestManagersAreRemoved: with an audit row and a change of access, once; and nothing of another organisation, tenant or unit is
// found, whoever asks.
func TestManagersAreRemoved(t *testing.T) {
	t.Parallel()
	d := storetest.New(t)
	s := employer.New(d.DB, nil)
	e, rival, abroad := d.Employer(t, d.A, "Atlas"), d.Employer(t, d.A, "Rival"), d.Employer(t, d.B, "Far")
	plant := d.Unit(t, e, e.Organisation, "Plant")
	who, far := d.Manager(t, e, plant, "who"), d.Manager(t, abroad, abroad.Organisation, "far")
	staff := policy.With(context.Background(), policy.Actor{Tenant: d.A.ID, User: d.A.Users["admin"], Session: ident.New(),
		Grants: []policy.Grant{{Permission: policy.OrganisationWritePermission}}})
	written := func() int64 {
		return d.Int(t, `select (select count(*) from audit where action = 'manager.removed') + (select count(distinct xid) from outbox where entity = 'access/' || $1::text)`, who)
	}
	given := written() // the role itself was told as well
	root, nowhere := e.Organisation, ident.New()
	for name, c := range map[string]struct {
		ctx       context.Context
		org, user uuid.UUID
		unit      *uuid.UUID
		want      string
	}{
		"another tenant's organisation": {staff, abroad.Organisation, far, nil, "not_found"},
		"nobody's organisation":         {staff, nowhere, who, nil, "not_found"},
		"another tenant's user":         {staff, root, far, nil, "not_found"},
		"nobody":                        {staff, root, nowhere, nil, "not_found"},
		"another organisation's unit":   {staff, root, who, &rival.Organisation, "not_found"},
		"another tenant's unit":         {staff, root, who, &abroad.Organisation, "not_found"},
		"nobody's unit":                 {staff, root, who, &nowhere, "not_found"},
		"by a manager of all of it":     {as(d.A, root), root, who, nil, "forbidden"},
		"who manages nothing of it":     {staff, rival.Organisation, who, nil, ""},
		"who manages another unit":      {staff, root, who, &root, ""},
	} {
		if err := s.RemoveManager(c.ctx, c.org, c.user, c.unit); code(err) != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := s.Managers(as(d.A, root), root, uuid.Nil, uuid.Nil, 10); code(err) != "forbidden" {
		t.Errorf("listed for a manager: %v", err)
	}
	if _, err := s.Managers(staff, abroad.Organisation, uuid.Nil, uuid.Nil, 10); code(err) != "not_found" {
		t.Errorf("another tenant's listed: %v", err)
	}
	if all, err := s.Managers(staff, root, uuid.Nil, uuid.Nil, 10); err != nil || len(all) != 1 || all[0].User != who || all[0].Unit != plant || all[0].Since.IsZero() {
		t.Errorf("listed: %v %v", all, err)
	}
	if n := written() - given; n != 0 {
		t.Errorf("%d rows of what did not happen", n)
	}
	for range 2 { // again changes nothing
		if err := s.RemoveManager(staff, root, who, nil); err != nil {
			t.Fatal(err)
		}
		all, err := s.Managers(staff, root, uuid.Nil, uuid.Nil, 10)
		if n := written() - given; err != nil || len(all) != 0 || n != 2 {
			t.Errorf("%d rows, %v %v", n, all, err)
		}
	}
	if n := d.Int(t, `select count(*) from user_role where scope = 'unit'`); n != 1 {
		t.Errorf("%d hold something within a unit: the other tenant's manager alone does", n)
	}
}
