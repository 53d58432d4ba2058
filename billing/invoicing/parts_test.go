package invoicing_test

import (
	"context"
	"testing"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
)

// A month with more rides than a document holds is billed to its last one: in documents that are full, and one with the rest.
// None is billed twice, none is left, and then the month is over.
func TestALongMonthIsBilledInParts(t *testing.T) {
	t.Parallel()
	o, ctx := newOffice(t), context.Background()
	const rides = 10_003
	o.Exec(t, `insert into usage_record (tenant_id, id, source, organisation_id, person_id, person, cost_centre, date, at, supply, country, says, quantity, unit, amount, currency)
		select $1, gen_random_uuid(), 'ride/' || gen_random_uuid(), $2, $3, 'Amal Idrissi', '', '2026-11-03', '2026-11-03 07:00Z', 'urban_transport', 'MA', 'L12', 1, 'ride', 100, 'MAD'
		from generate_series(1, $4)`, o.id.UUID(), o.employer, o.A.Rider, rides)
	november := month(t, "2026-11")
	var parts []uuid.UUID
	for part, want := range []int{10_000, 3} {
		seen, err := o.Preview(ctx, o.id, o.employer, november)
		if err != nil || len(seen.Lines) != want || seen.Part != part+1 || seen.More != (part == 0) {
			t.Fatalf("part %d: %d lines, part %d, more %v, %v", part+1, len(seen.Lines), seen.Part, seen.More, err)
		}
		id, err := o.Finalise(ctx, o.id, o.by, idem.Claim{}, o.employer, november, &seen.Total.Gross)
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, id)
		if d := o.document(id); d.Part != part+1 || d.LineCount != want || d.Total.Gross != int64(want)*100 {
			t.Errorf("part %d: %d lines, part %d, %+v", part+1, d.LineCount, d.Part, d.Total)
		}
	}
	if n := o.Int(t, `select count(distinct usage_id) from invoice_line where tenant_id = $1`, o.id.UUID()); n != rides {
		t.Errorf("%d rides were billed", n)
	}
	if _, err := o.Finalise(ctx, o.id, o.by, idem.Claim{}, o.employer, november, nil); !fault.Is(err, "month_billed") {
		t.Errorf("a third: %v", err)
	}
	// And a full one is credited whole.
	if _, err := o.Credit(ctx, o.id, o.by, idem.Claim{}, parts[0], nil, "all of it"); err != nil || o.document(parts[0]).Credited != 10_000*100 {
		t.Errorf("credited: %v, %d", err, o.document(parts[0]).Credited)
	}
	o.verified()
}
