package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/waymeet/waymeet/internal/event"
)

// financeChanged says that one of finance's lists is another one after this transaction. Verbs of this package that write what
// the lists show say it themselves.
func (tx *Tx) financeChanged(list string) {
	if !slices.Contains(tx.marks, list) {
		tx.marks = append(tx.marks, list)
	}
}

// mark counts the lists that changed, when nothing but the COMMIT is left to do: it holds their rows until then.
func (tx *Tx) mark(ctx context.Context) error {
	if len(tx.marks) == 0 {
		return nil
	}
	rows, err := tx.q.FinanceMarkBump(ctx, tx.tenant.UUID(), tx.marks)
	if err != nil {
		return fmt.Errorf("store: mark %v: %w", tx.marks, err)
	}
	for _, r := range rows {
		if err := tx.Emit(event.FinanceMark{List: r.Topic, Version: r.Version}.Change()); err != nil {
			return err
		}
	}
	return nil
}

// LiveFinance is how often each of finance's lists has changed; one that never did is not there.
func (r *Reader) LiveFinance(ctx context.Context) ([]event.FinanceMark, error) {
	rows, err := r.q.FinanceMarks(ctx, r.tenant.UUID())
	if err != nil {
		return nil, fmt.Errorf("store: read finance's marks: %w", err)
	}
	out := make([]event.FinanceMark, len(rows))
	for i, x := range rows {
		out[i] = event.FinanceMark{List: x.Topic, Version: x.Version}
	}
	return out, nil
}
