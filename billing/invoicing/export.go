package invoicing

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"maps"
	"time"

	"github.com/waymeet/waymeet/billing/invoice"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store"
)

const (
	exportPage = 1000 // journals that are in memory at once
	exporting  = 2    // exports at a time on a node: each keeps a connection
)

// Export writes a month's posted entries as CSV for an accounting program, in an order that never changes, or nothing when they
// do not balance. A locked month's export is the same bytes for ever.
//
// A month may have any number of entries: they are read page by page in one snapshot, so what is recorded meanwhile is not in it
// and memory does not grow. begin is told before the first byte how many there will be; and what was written is counted and
// added up again, against what PostgreSQL counted: whoever gets no error has the whole month, whoever gets one has a torso.
func (s *Service) Export(ctx context.Context, t tenant.ID, month invoice.Month, d invoice.Dialect, begin func(entries int) (io.Writer, error)) error {
	select {
	case s.exports <- struct{}{}:
		defer func() { <-s.exports }()
	default:
		return fault.New("export_busy").After(10 * time.Second)
	}
	zone, err := s.zone(ctx, t)
	if err != nil {
		return err
	}
	since, until := month.Bounds(zone)
	return s.db.Snapshot(ctx, t, store.Page, func(r *store.Reader) error {
		want, err := r.PeriodSums(ctx, since, until)
		if err != nil {
			return err
		}
		n := 0
		for c, sum := range want {
			if sum.Debit != sum.Credit {
				return fmt.Errorf("invoicing: export of %v is %d %s apart", month, sum.Debit-sum.Credit, c)
			}
			n += sum.Entries
		}
		w, err := begin(n)
		if err != nil {
			return err
		}
		got, err := writeEntries(w, d, zone, func(after store.PeriodPlace) ([]store.PeriodEntry, store.PeriodPlace, bool, error) {
			return r.PeriodEntries(ctx, since, until, after, exportPage)
		})
		if err == nil && !maps.Equal(got, want) {
			err = fmt.Errorf("invoicing: export of %v wrote %v, there are %v", month, got, want)
		}
		return err
	})
}

// writeEntries writes pages until the last, and says what it wrote.
func writeEntries(w io.Writer, d invoice.Dialect, zone *time.Location, page func(after store.PeriodPlace) ([]store.PeriodEntry, store.PeriodPlace, bool, error)) (map[string]store.PeriodSum, error) {
	if d.BOM {
		if _, err := io.WriteString(w, "\uFEFF"); err != nil {
			return nil, fmt.Errorf("invoicing: export: %w", err)
		}
	}
	out := csv.NewWriter(w)
	out.Comma = d.Comma
	row := []string{"date", "journal", "kind", "subject", "account", "debit", "credit", "currency", "recorded", "reason"}
	_ = out.Write(row) // it keeps its error for Flush
	wrote := map[string]store.PeriodSum{}
	for after, more := (store.PeriodPlace{}), true; more; {
		var entries []store.PeriodEntry
		var err error
		entries, after, more, err = page(after)
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			row = append(row[:0], e.Effective.In(zone).Format(time.DateOnly), e.Key, e.Kind, e.Subject, e.Account, d.Amount(e.Debit, e.Currency), d.Amount(e.Credit, e.Currency),
				e.Currency, e.At.UTC().Format(time.RFC3339), invoice.Inert(e.Reason))
			_ = out.Write(row)
			sum := wrote[e.Currency]
			wrote[e.Currency] = store.PeriodSum{Entries: sum.Entries + 1, Debit: sum.Debit + e.Debit, Credit: sum.Credit + e.Credit}
		}
		if out.Flush(); out.Error() != nil { // whoever asked has gone, say
			return nil, fmt.Errorf("invoicing: export: %w", out.Error())
		}
	}
	return wrote, nil
}
