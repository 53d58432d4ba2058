package store

import "context"

// rows compares what rows say beside the ledger with the journals and rows that brought it there: who owes, paid or may still spend is read from them.
func (v *verifier) rows(ctx context.Context) error {
	for _, c := range restated {
		if err := v.restate(ctx, c.what, c.sql); err != nil {
			return err
		}
	}
	return nil
}

func (v *verifier) restate(ctx context.Context, what, sql string) error {
	rows, err := v.r.db.Query(ctx, `select name, coalesce(made::text, 'nothing'), coalesce(found::text, 'nothing') from (`+sql+`) as x (name, made, found) where made is distinct from found order by 1 limit 1`)
	if err != nil {
		return err
	}
	defer rows.Close()
	if !rows.Next() {
		return rows.Err()
	}
	var where, made, found string
	if err := rows.Scan(&where, &made, &found); err != nil {
		return err
	}
	return v.differs(where, what, made, found)
}

// Each is set-based: name, what it should be, what it is.
const (
	totals = `(values ('captured', p.captured), ('refunded', p.refunded), ('refund_returned', p.returned), ('disputed', p.disputed), ('dispute_lost', p.lost), ('dispute_won', p.won))`
	// stands is what was matched and not taken back.
	stands = `(select r.tenant_id, r.bank_line_id, r.invoice_id, r.amount from receipt r where not exists (select from unmatch u where u.tenant_id = r.tenant_id and u.match_id = r.id)
		union all select p.tenant_id, p.bank_line_id, null, p.amount from bank_payout p where not exists (select from unmatch u where u.tenant_id = p.tenant_id and u.match_id = p.id))`
	// desks is what the bank desk has booked, and took back.
	desks = `(select j.key, j.subject, sum(e.dr)::bigint as amount from journal j join entry e on e.tenant_id = j.tenant_id and e.journal_id = j.id
		where j.key like 'receipt:%' or j.key like 'bank_payout:%' group by 1, 2)`
)

var restated = []struct{ what, sql string }{
	{"what its journals add up to", `select 'payment ' || p.id || ', ' || t.what, coalesce(b.amount, 0), t.total
		from payment p cross join lateral ` + totals + ` t(what, total)
		left join (select j.subject, j.kind, sum(e.dr)::bigint as amount from journal j join entry e on e.tenant_id = j.tenant_id and e.journal_id = j.id
			where j.subject like 'payment/%' and j.kind like 'payment\_%' group by 1, 2) b on b.subject = 'payment/' || p.id and b.kind = 'payment_' || t.what`},
	{"the journal of its total", `select 'payment ' || p.id, 'payment:' || p.id || ':' || t.what || ':' || t.total, j.key
		from payment p cross join lateral ` + totals + ` t(what, total)
		left join journal j on j.tenant_id = p.tenant_id and j.key = 'payment:' || p.id || ':' || t.what || ':' || t.total where t.total > 0`},
	{"what was asked to be given back", `select 'payment ' || p.id, coalesce(b.amount, 0), p.refunding + p.refunded_elsewhere
		from payment p left join (select j.subject, sum(case j.kind when 'refund_asked' then e.dr else -e.dr end)::bigint as amount
			from journal j join entry e on e.tenant_id = j.tenant_id and e.journal_id = j.id
			where j.subject like 'payment/%' and j.kind in ('refund_asked', 'refund_refused') group by 1) b on b.subject = 'payment/' || p.id`},
	{"what came", `select 'bank line ' || l.id, coalesce(b.amount, 0), l.amount
		from bank_line l left join (select j.key, sum(e.dr)::bigint as amount from journal j join entry e on e.tenant_id = j.tenant_id and e.journal_id = j.id
			where j.key like 'bank\_line:%:came' group by 1) b on b.key = 'bank_line:' || l.id || ':came'`},
	{"what of it is matched", `select 'bank line ' || l.id, coalesce(s.amount, 0), l.matched
		from bank_line l left join (select bank_line_id, sum(amount)::bigint as amount from ` + stands + ` s group by 1) s on s.bank_line_id = l.id`},
	{"what was paid of it", `select 'document ' || i.number, coalesce(s.amount, 0), i.paid
		from invoice i left join (select invoice_id, sum(amount)::bigint as amount from ` + stands + ` s group by 1) s on s.invoice_id = i.id`},
	{"what the bank desk matched, by its journals", `select coalesce(m.key, j.key), j.subject || ' ' || j.amount, m.subject || ' ' || m.amount
		from (select 'receipt:' || id as key, 'invoice/' || invoice_id as subject, amount from receipt
			union all select 'receipt:' || r.id || ':undone', 'invoice/' || r.invoice_id, r.amount from unmatch u join receipt r on r.tenant_id = u.tenant_id and r.id = u.receipt_id
			union all select 'bank_payout:' || id, 'bank_line/' || bank_line_id, amount from bank_payout
			union all select 'bank_payout:' || p.id || ':undone', 'bank_line/' || p.bank_line_id, p.amount from unmatch u join bank_payout p on p.tenant_id = u.tenant_id and p.id = u.bank_payout_id) m
		full join ` + desks + ` j on j.key = m.key`},
	{"what was used of it", `select 'programme ' || u.programme_id || ' of ' || case when u.employee_id = '00000000-0000-0000-0000-000000000000' then 'all' else u.employee_id::text end || ' in ' || u.month,
			coalesce(r.used, 0), u.used
		from programme_use u left join (select programme_id, coalesce(employee_id, '00000000-0000-0000-0000-000000000000') as employee_id, month, sum(subsidy)::bigint as used
			from programme_ride group by grouping sets ((programme_id, employee_id, month), (programme_id, month))) r
			on r.programme_id = u.programme_id and r.employee_id = u.employee_id and r.month = u.month`},
}
