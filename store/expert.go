package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/waymeet/waymeet/store/internal/sqlc"
)

// Expert is somebody whom the tenant pays, or may: where their money goes, what waits for them, and what went out last.
type Expert struct {
	ID             uuid.UUID
	Name           string
	Holder, Number string // where a bank brings it; empty: nobody has said
	NumberSince    time.Time
	Ref            string          // of their account at the gateway; empty: they have none
	State          json.RawMessage // of it, as last seen
	SeenAt         time.Time
	Owed           []Owed
	Paid           PaidOut // the last; its Run is nil when there is none
}

// Owed is what is in one of an expert's accounts.
type Owed struct {
	Currency  string
	Amount    int64
	AtGateway bool // it lies in their own account there
	Back      bool // they owe it
}

// PaidOut is a payout that went to an expert.
type PaidOut struct {
	Run, ID                         uuid.UUID
	Amount                          int64
	Currency, Rail, Number, Problem string
	State                           string // as a line's; draft while its run is not sent
	At                              time.Time
}

// ExpertsAsk asks for experts by name, after one of them: those whom the tenant pays, or with a search anybody who is called so.
type ExpertsAsk struct {
	Gateway   uuid.UUID // whose accounts to look at; nil: of none
	Search    string
	AfterName string
	AfterID   uuid.UUID
	Limit     int
}

// Experts is a page of them.
func (r *Reader) Experts(ctx context.Context, ask ExpertsAsk) ([]Expert, error) {
	return r.experts(ctx, sqlc.ExpertsParams{GatewayAccountID: idOrNull(ask.Gateway), TenantID: r.tenant.UUID(), AfterName: ask.AfterName, AfterID: ask.AfterID,
		Search: ask.Search, MaxRows: int32(ask.Limit)})
}

// Expert is one user as somebody who is paid; nobody is none of the tenant's.
func (r *Reader) Expert(ctx context.Context, gateway, id uuid.UUID) (Expert, error) {
	found, err := r.experts(ctx, sqlc.ExpertsParams{GatewayAccountID: idOrNull(gateway), TenantID: r.tenant.UUID(), ID: &id, MaxRows: 1})
	if err != nil {
		return Expert{}, err
	}
	if len(found) == 0 {
		return Expert{}, fmt.Errorf("store: read expert %s: %w", id, pgx.ErrNoRows)
	}
	return found[0], nil
}

func (r *Reader) experts(ctx context.Context, ask sqlc.ExpertsParams) ([]Expert, error) {
	rows, err := r.q.Experts(ctx, ask)
	if err != nil {
		return nil, fmt.Errorf("store: list experts: %w", err)
	}
	out, ids, at := make([]Expert, len(rows)), make([]uuid.UUID, len(rows)), make(map[uuid.UUID]int, len(rows))
	for i, e := range rows {
		out[i] = Expert{ID: e.ID, Name: e.Name, Holder: e.Holder, Number: e.Number, NumberSince: instant(e.NumberSince), Ref: e.GatewayRef, State: e.AccountState,
			SeenAt: instant(e.SeenAt), Paid: PaidOut{Run: e.RunID, Amount: e.Paid, Currency: e.PaidIn, State: e.PaidState, At: instant(e.PaidAt)}}
		ids[i], at[e.ID] = e.ID, i
	}
	owed, err := r.q.ExpertsOwed(ctx, ids, r.tenant.UUID())
	if err != nil {
		return nil, fmt.Errorf("store: read what is owed to experts: %w", err)
	}
	for _, o := range owed {
		e := &out[at[o.ID]]
		e.Owed = append(e.Owed, Owed{Currency: o.Currency, Amount: o.Amount, AtGateway: o.AtGateway, Back: o.Kind == "recovery"})
	}
	return out, nil
}

// ExpertPayouts is an expert's lines in runs, the newest first.
func (r *Reader) ExpertPayouts(ctx context.Context, expert uuid.UUID, limit int) ([]PaidOut, error) {
	rows, err := r.q.ExpertPayouts(ctx, r.tenant.UUID(), expert, int32(limit))
	if err != nil {
		return nil, fmt.Errorf("store: read payouts to %s: %w", expert, err)
	}
	out := make([]PaidOut, len(rows))
	for i, p := range rows {
		out[i] = PaidOut{Run: p.RunID, ID: p.ID, Amount: p.Amount, Currency: p.Currency, Rail: p.Rail, Number: p.Number, Problem: p.Problem, State: p.State, At: p.MadeAt}
	}
	return out, nil
}
