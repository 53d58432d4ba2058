package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// PayoutNews is what an approver should know of a line that a bank carries.
type PayoutNews struct {
	First   bool   // nothing was ever paid to them by bank
	Changed bool   // the money goes another way than the last time, or it is the first
	Shared  string // whom else the number belongs to
	Sets    []NumberSet
}

// NumberSet is that somebody said where an expert's money goes.
type NumberSet struct {
	By   uuid.UUID
	Name string
	At   time.Time
}

// PayoutNews is that of a run's lines, with who set what changed since the last that was paid, the latest first.
func (r *Reader) PayoutNews(ctx context.Context, run uuid.UUID) (map[uuid.UUID]PayoutNews, error) {
	rows, err := r.q.PayoutLineNews(ctx, r.tenant.UUID(), run)
	if err != nil {
		return nil, fmt.Errorf("store: what is new in payout %s: %w", run, err)
	}
	out := map[uuid.UUID]PayoutNews{}
	for _, n := range rows {
		news := out[n.ID]
		news.First, news.Changed, news.Shared = n.First, n.Changed, n.Shared
		if n.Actor != nil && n.At != nil {
			news.Sets = append(news.Sets, NumberSet{*n.Actor, n.ActorName, *n.At})
		}
		out[n.ID] = news
	}
	return out, nil
}
