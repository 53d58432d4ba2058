package invoicing_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/waymeet/waymeet/store"
)

// Whoever takes a document away, doubles it or moves its series' count behind the tables' back is found by the verifier.
func TestNumbersAreVerified(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct{ sql, says string }{
		"nothing":    {`null`, ""},
		"a gap":      {`delete from invoice where seq = 2`, "FA-2026-000002"},
		"the last":   {`delete from invoice where seq = 3`, "its last number"},
		"twice":      {`alter table invoice drop constraint invoice_number; update invoice set seq = 2, number = 'FA-2026-000002' where seq = 3`, "twice"},
		"the series": {`update document_series set last = last + 1`, "its last number"},
		"no series":  {`delete from document_series`, "its last number"},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			for _, m := range []string{"2026-08", "2026-09", "2026-10"} {
				o.add(o.ride(month(t, m).First(), 500))
				o.finalise(m)
			}
			o.Exec(t, "do $$ begin perform set_config('session_replication_role', 'replica', true); "+c.sql+"; end $$")
			n, err := o.VerifyLedger(context.Background(), o.id)
			var d *store.LedgerDifference
			if c.says == "" && (err != nil || n.Documents != 3) || c.says != "" && (!errors.As(err, &d) || !strings.Contains(d.Error(), c.says)) {
				t.Errorf("%+v, %v", n, err)
			}
		})
	}
}
