package store_test

import (
	"testing"

	"github.com/waymeet/waymeet/store/storetest"
)

// An operator of a commute has nothing to do with advice until they have a queue; one of neither yet may begin with either.
func TestWhoseTenantAdvises(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	advises := func(want bool, why string) {
		t.Helper()
		if got, err := db.Read(db.A.ID).Advises(t.Context()); err != nil || got != want {
			t.Errorf("%s: %v, %v", why, got, err)
		}
	}
	if db.Int(t, `select count(*) from line where tenant_id = $1`, db.A.ID.UUID()) == 0 {
		advises(true, "nothing yet")
	} else {
		advises(false, "a commute")
	}
	db.Advice(t, db.A, 1, 1)
	advises(true, "a queue")
}
