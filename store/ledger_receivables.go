package store

import "context"

// receivables compares what each organisation owes with what is open of its invoices, and what was taken over when that could still be: money that
// paid one without its journal, or a journal without a receipt, is a difference.
func (v *verifier) receivables(ctx context.Context) error {
	rows, err := v.r.db.Query(ctx, `select coalesce(a.code || ' ' || a.currency, 'receivable:' || w.organisation_id || ' ' || w.currency), coalesce(a.posted, 0),
			coalesce(w.open, 0) + coalesce((select sum(e.dr - e.cr) from journal j join entry e on e.tenant_id = j.tenant_id and e.journal_id = j.id and e.account_id = a.id
				where j.tenant_id = a.tenant_id and j.key = 'opening:' || a.code || ':' || a.currency), 0)::bigint
		from (select organisation_id, currency, sum(gross - credited - paid - from_credit)::bigint as open from invoice where kind = 'invoice' group by 1, 2) w
		full join (select * from account where code like 'receivable:%') a on a.code = 'receivable:' || w.organisation_id and a.currency = w.currency order by 1`)
	if err != nil {
		return err
	}
	defer rows.Close()
	var where string
	var found, open int64
	for rows.Next() {
		if err := rows.Scan(&where, &found, &open); err != nil {
			return err
		}
		if found != open {
			return v.differs(where, "what the organisation owes by its invoices", open, found)
		}
	}
	return rows.Err()
}
