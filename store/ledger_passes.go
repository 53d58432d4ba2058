package store

import (
	"context"
	"fmt"
)

// passes compares what each pass holds with what is left of it: of one that goes on its price less what was spent, of one that nobody paid nothing. One that has ended
// holds nothing either, but for what its buyer's bank is deciding on.
func (v *verifier) passes(ctx context.Context) error {
	rows, err := v.r.db.Query(ctx, `with undecided as (
			select subject, sum(disputed - won - lost)::bigint as amount from payment where subject like 'pass/%' group by 1),
		held as (
			select a.code || ' ' || a.currency as name, -a.posted as found, p.ended_at is not null as over,
				case when p.ended_at is not null then coalesce(u.amount, 0) when p.activated_at is null then 0 else p.price - p.spent end as made
			from pass p join account a on a.tenant_id = p.tenant_id and a.code = 'pass:' || p.id and a.currency = p.currency
			left join undecided u on u.subject = 'pass/' || p.id)
		select name, found, made, over from held where case when over then found not between 0 and made else found <> made end order by name limit 1`)
	if err != nil {
		return err
	}
	defer rows.Close()
	if !rows.Next() {
		return rows.Err()
	}
	var where string
	var found, made int64
	var over bool
	if err := rows.Scan(&where, &found, &made, &over); err != nil {
		return err
	}
	if over {
		return v.differs(where, "what is in a pass that has ended", fmt.Sprintf("at most %d, that a bank decides on", made), found)
	}
	return v.differs(where, "what is left of the pass", made, found)
}
