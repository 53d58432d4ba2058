package store

import (
	"context"

	"github.com/waymeet/waymeet/billing/invoice"
)

// numbers are those of invoices and credit notes: each series has each number from 1 to its last once, and a document is called
// what it is counted as.
func (v *verifier) numbers(ctx context.Context) error {
	rows, err := v.r.db.Query(ctx, `select series, year, seq, number from invoice`)
	if err != nil {
		return err
	}
	defer rows.Close()
	type series struct {
		name string
		year int
	}
	var all []invoice.Number
	last := map[series]int64{}
	for rows.Next() {
		var n invoice.Number
		var called string
		if err := rows.Scan(&n.Series, &n.Year, &n.Seq, &called); err != nil {
			return err
		}
		if read, err := invoice.ParseNumber(called); err != nil || read != n {
			return v.differs("document "+called, "its number", n, called)
		}
		of := series{n.Series, n.Year}
		all, last[of] = append(all, n), max(last[of], n.Seq)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	v.count.Documents = len(all)
	missing, twice := invoice.Gaps(all)
	if len(missing) > 0 {
		return v.differs("document "+missing[0].String(), "it", "there, because a later one is", "missing")
	}
	if len(twice) > 0 {
		return v.differs("document "+twice[0].String(), "it", "one", "there twice")
	}
	rows, err = v.r.db.Query(ctx, `select series, year, last from document_series where last > 0 order by series, year`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var of series
		var taken int64
		if err := rows.Scan(&of.name, &of.year, &taken); err != nil {
			return err
		}
		if taken != last[of] {
			return v.differs("series "+of.name, "its last number", last[of], taken)
		}
		delete(last, of)
	}
	for of, n := range last {
		return v.differs("series "+of.name, "its last number", n, "unknown")
	}
	return rows.Err()
}
