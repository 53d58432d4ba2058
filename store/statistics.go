package store

import (
	"context"
	"fmt"

	"github.com/waymeet/waymeet/dispatch/servicedate"
)

// RefreshStatistics lets the planner know what a bulk of writes has left in the timetable's tables and in the
// trips and bookings of some dates. Call it in a transaction of its own: it keeps others from doing the same.
func (tx *Tx) RefreshStatistics(ctx context.Context, first, last servicedate.Date) error {
	if err := tx.q.StatisticsRefresh(ctx, first.Midnight(), last.Midnight()); err != nil {
		return fmt.Errorf("store: refresh statistics: %w", err)
	}
	return nil
}
