package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/ledger"
)

// Earned is a conversation of an expert's that is over.
type Earned struct {
	ID                 uuid.UUID
	State, Modality    string
	CreatedAt, EndedAt time.Time
	Charged            int64 // seconds
	Cost, Part         ledger.Money
	Settled            bool // what of it is theirs is decided
	Beside             bool // they were its second expert: the operator pays
}

// Earnings is what an expert's conversations brought them: of this day and this week, in their own zone.
type Earnings struct {
	Today, Week         ledger.Money
	TodayN, WeekN       int
	TodayTalk, WeekTalk time.Duration
}

// Earnings is an expert's.
func (r *Reader) Earnings(ctx context.Context, expert uuid.UUID) (Earnings, error) {
	e, err := r.q.ExpertEarnings(ctx, r.tenant.UUID(), expert)
	if err != nil {
		return Earnings{}, fmt.Errorf("store: earnings of %s: %w", expert, err)
	}
	c := ledger.Currency(e.Currency)
	return Earnings{ledger.Of(e.Today, c), ledger.Of(e.Week, c), int(e.TodayN), int(e.WeekN), time.Duration(e.TodayS) * time.Second, time.Duration(e.WeekS) * time.Second}, nil
}

// Earned is an expert's conversations that are over, before one (nil: all), the newest first; at most limit.
func (r *Reader) Earned(ctx context.Context, expert, before uuid.UUID, limit int) ([]Earned, error) {
	rows, err := r.q.ExpertEarned(ctx, r.tenant.UUID(), expert, idOrNull(before), int32(limit))
	if err != nil {
		return nil, fmt.Errorf("store: list what %s earned: %w", expert, err)
	}
	out := make([]Earned, len(rows))
	for i, s := range rows {
		c := ledger.Currency(s.Currency)
		out[i] = Earned{ID: s.ID, State: s.State, Modality: s.Modality, CreatedAt: s.CreatedAt, EndedAt: *s.EndedAt, Charged: s.ChargedS, Cost: ledger.Of(s.Cost, c), Part: ledger.Of(s.Part, c), Settled: s.Settled, Beside: s.Beside}
	}
	return out, nil
}
