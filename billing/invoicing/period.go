package invoicing

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/invoice"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/store"
)

// Periods is the locked ones, the newest first.
func (s *Service) Periods(ctx context.Context, t tenant.ID) ([]store.PeriodLock, error) {
	return s.db.Read(t).PeriodLocks(ctx, 60)
}

// LockPeriod closes a month of the tenant's for journals. It is not opened again: what belongs there is recorded in the next one.
func (s *Service) LockPeriod(ctx context.Context, t tenant.ID, by uuid.UUID, claim idem.Claim, month invoice.Month) error {
	zone, err := s.zone(ctx, t)
	if err != nil {
		return err
	}
	_, until := month.Bounds(zone)
	if until.After(s.now().Add(-time.Hour)) {
		return fault.New("period_not_over")
	}
	err = s.db.InTx(ctx, t, func(tx *store.Tx) error {
		_, _, err := tx.Once(ctx, claim, 204, func() (any, error) {
			if err := tx.LockPeriod(ctx, store.PeriodLock{Month: month, Until: until, By: by}); err != nil {
				return nil, err
			}
			return struct{}{}, tx.Audit(store.Audit{Actor: by, Action: "period.lock", Target: "period/" + month.String()})
		})
		return err
	})
	if errors.Is(err, store.ErrPeriod) {
		return fault.New("period_out_of_order").Because(err)
	}
	return err
}

// maxExport bounds the entries of one export.
const maxExport = 100_000

// Export writes a month's posted entries as CSV for an accounting program, in an order that never changes, or nothing when they
// do not balance. A locked month's export is the same bytes for ever.
func (s *Service) Export(ctx context.Context, t tenant.ID, month invoice.Month, w io.Writer, d invoice.Dialect) error {
	zone, err := s.zone(ctx, t)
	if err != nil {
		return err
	}
	since, until := month.Bounds(zone)
	entries, err := s.entries(ctx, t, since, until)
	if err != nil {
		return err
	}
	rows := [][]string{{"date", "journal", "kind", "subject", "account", "debit", "credit", "currency", "recorded", "reason"}}
	apart := map[string]int64{}
	for _, e := range entries {
		apart[e.Currency] += e.Debit - e.Credit
		rows = append(rows, []string{e.Effective.In(zone).Format(time.DateOnly), e.Key, e.Kind, e.Subject, e.Account, d.Amount(e.Debit, e.Currency), d.Amount(e.Credit, e.Currency),
			e.Currency, e.At.UTC().Format(time.RFC3339), invoice.Inert(e.Reason)})
	}
	for c, n := range apart {
		if n != 0 {
			return fmt.Errorf("invoicing: export of %v is %d %s apart", month, n, c)
		}
	}
	if d.BOM {
		if _, err := io.WriteString(w, "\uFEFF"); err != nil {
			return err
		}
	}
	out := csv.NewWriter(w)
	out.Comma = d.Comma
	return out.WriteAll(rows)
}

// entries is all of a period, read in pages that end with a whole journal.
func (s *Service) entries(ctx context.Context, t tenant.ID, since, until time.Time) (all []store.PeriodEntry, err error) {
	const page = 5000 // more than a journal has
	r, at, after := s.db.Read(t), time.Unix(0, 0), uuid.Nil
	for {
		rows, err := r.PeriodEntries(ctx, since, until, at, after, page)
		if err != nil {
			return nil, err
		}
		n := len(rows)
		if n == page { // the last journal may be cut: it comes again, whole, with the next page
			for n > 0 && rows[n-1].Journal == rows[page-1].Journal {
				n--
			}
		}
		if all = append(all, rows[:n]...); len(all) > maxExport {
			return nil, fault.New("export_too_long")
		}
		if len(rows) < page {
			return all, nil
		}
		at, after = rows[n-1].Effective, rows[n-1].Journal
	}
}

// FileName is what an export or a document is saved as.
func FileName(parts ...string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || r == '.' || (r >= '0' && r <= '9') || (r >= 'a' && r <= 'z') || (r >= 'A' && r <= 'Z') {
			return r
		}
		return '-'
	}, strings.Join(parts, "-"))
}
