package store

import (
	"context"

	"github.com/google/uuid"
)

// credits compares what each organisation's credit has with how it came and where it went: opening balances, moves of invoices, refunds; and what each
// invoice got of it with its moves.
func (v *verifier) credits(ctx context.Context) error {
	rows, err := v.r.db.Query(ctx, `select a.code || ' ' || a.currency, -a.posted,
			coalesce((select sum(e.cr - e.dr) from journal j join entry e on e.tenant_id = j.tenant_id and e.journal_id = j.id and e.account_id = a.id
				where j.tenant_id = a.tenant_id and j.key = 'opening:' || a.code || ':' || a.currency), 0)::bigint
			- coalesce((select sum(m.amount) from invoice i join credit_move m on m.tenant_id = i.tenant_id and m.invoice_id = i.id
				where i.tenant_id = o.tenant_id and i.organisation_id = o.id and i.currency = a.currency), 0)::bigint
			- coalesce((select sum(r.amount) from credit_refund r
				where r.tenant_id = o.tenant_id and r.organisation_id = o.id and r.currency = a.currency and r.state in ('approved', 'paid')), 0)::bigint
		from organisation o join account a on a.tenant_id = o.tenant_id and a.code = 'credit:' || o.id order by 1`)
	if err != nil {
		return err
	}
	defer rows.Close()
	var where string
	var found, made int64
	for rows.Next() {
		if err := rows.Scan(&where, &found, &made); err != nil {
			return err
		}
		if found != made {
			return v.differs(where, "what the organisation has", made, found)
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	invoices, err := v.r.db.Query(ctx, `select i.id, i.from_credit, coalesce(m.amount, 0) from invoice i
		left join (select tenant_id, invoice_id, sum(amount)::bigint as amount from credit_move group by 1, 2) m on m.tenant_id = i.tenant_id and m.invoice_id = i.id
		where i.from_credit <> coalesce(m.amount, 0) order by i.id limit 1`)
	if err != nil {
		return err
	}
	defer invoices.Close()
	var id uuid.UUID
	if invoices.Next() {
		if err := invoices.Scan(&id, &found, &made); err != nil {
			return err
		}
		return v.differs("document "+id.String(), "what it got of its organisation's credit", made, found)
	}
	return invoices.Err()
}
