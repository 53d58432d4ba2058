package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/store/internal/sqlc"
)

// Webhook is an event that a gateway has sent: what it is about, not what it says.
type Webhook struct {
	ID         uuid.UUID
	Account    uuid.UUID // the tenant's gateway account
	Ref        string
	Connected  string // the connected account; empty: the tenant's own
	Kind       string // payment_intent.succeeded
	Object     string // payment_intent
	ObjectID   string
	HappenedAt time.Time // by the gateway's clock

	ReceivedAt time.Time
	State      WebhookState
	Tries      int
	Replays    int
	Problem    string
	SettledAt  time.Time // zero while it waits
}

// WebhookState is what became of an event.
type WebhookState string

// States of events. A dead one has been tried often enough: people look at it, and replay it.
const (
	WebhookWaiting WebhookState = "waiting"
	WebhookDone    WebhookState = "done"
	WebhookIgnored WebhookState = "ignored"
	WebhookDead    WebhookState = "dead"
)

// AddWebhook stores an event unless it is stored already, and says which it was. Its own id is a new one.
func (tx *Tx) AddWebhook(ctx context.Context, w Webhook) (added bool, err error) {
	endpoint, account := "platform", (*string)(nil)
	if w.Connected != "" {
		endpoint, account = "connect", &w.Connected
	}
	n, err := tx.q.WebhookAdd(ctx, sqlc.WebhookAddParams{TenantID: tx.tenant.UUID(), ID: w.ID, GatewayAccountID: w.Account,
		GatewayRef: w.Ref, Endpoint: endpoint, Account: account, Kind: w.Kind, ObjectKind: w.Object, ObjectID: w.ObjectID, HappenedAt: w.HappenedAt})
	if err != nil {
		return false, fmt.Errorf("store: add webhook %s: %w", w.Ref, err)
	}
	if n == 1 {
		tx.financeChanged(event.Events)
	}
	return n == 1, nil
}

// Webhook is one event.
func (r *Reader) Webhook(ctx context.Context, id uuid.UUID) (Webhook, error) {
	row, err := r.q.WebhookGet(ctx, r.tenant.UUID(), id)
	if err != nil {
		return Webhook{}, fmt.Errorf("store: read webhook %s: %w", id, err)
	}
	return webhookOf(&row), nil
}

// Webhooks is events in some states that came before a point, newest first.
func (r *Reader) Webhooks(ctx context.Context, states []WebhookState, before time.Time, beforeID uuid.UUID, limit int) ([]Webhook, error) {
	names := make([]string, len(states))
	for i, s := range states {
		names[i] = string(s)
	}
	rows, err := r.q.WebhookList(ctx, sqlc.WebhookListParams{TenantID: r.tenant.UUID(), States: names, Before: before, BeforeID: beforeID, MaxRows: int32(limit)})
	if err != nil {
		return nil, fmt.Errorf("store: list webhooks: %w", err)
	}
	out := make([]Webhook, len(rows))
	for i := range rows {
		out[i] = webhookOf(&rows[i])
	}
	return out, nil
}

// SettleWebhook ends an event that waits; false: somebody else has ended it.
func (tx *Tx) SettleWebhook(ctx context.Context, id uuid.UUID, state WebhookState, why string) (bool, error) {
	n, err := tx.q.WebhookSettle(ctx, string(state), textOrNull(why), tx.tenant.UUID(), id)
	if err != nil {
		return false, fmt.Errorf("store: settle webhook %s: %w", id, err)
	}
	tx.financeChanged(event.Events)
	return n == 1, nil
}

// FailWebhook notes a try that did not come through. After so many the event is dead.
func (tx *Tx) FailWebhook(ctx context.Context, id uuid.UUID, problem string, maxTries int) (tries int, dead bool, err error) {
	row, err := tx.q.WebhookFailed(ctx, &problem, int32(maxTries), tx.tenant.UUID(), id)
	if err != nil {
		return 0, false, fmt.Errorf("store: note a failed webhook %s: %w", id, err)
	}
	tx.financeChanged(event.Events)
	return int(row.Tries), row.Dead, nil
}

// ReplayWebhook has an event that is over wait again, and says how often that was done; a not-found error when it waits.
func (tx *Tx) ReplayWebhook(ctx context.Context, id uuid.UUID) (replays int, err error) {
	n, err := tx.q.WebhookReplay(ctx, tx.tenant.UUID(), id)
	if err != nil {
		return 0, fmt.Errorf("store: replay webhook %s: %w", id, err)
	}
	tx.financeChanged(event.Events)
	return int(n), nil
}

func webhookOf(w *sqlc.WebhookEvent) Webhook {
	out := Webhook{ID: w.ID, Account: w.GatewayAccountID, Ref: w.GatewayRef, Kind: w.Kind, Object: w.ObjectKind, ObjectID: w.ObjectID,
		HappenedAt: shown(w.HappenedAt), ReceivedAt: w.ReceivedAt, State: WebhookState(w.State), Tries: int(w.Tries), Replays: int(w.Replays)}
	if w.Account != nil {
		out.Connected = *w.Account
	}
	if w.Problem != nil {
		out.Problem = *w.Problem
	}
	if w.SettledAt != nil {
		out.SettledAt = *w.SettledAt
	}
	return out
}

func textOrNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// shown is a time that somebody outside said, as far as it can be written: years have four digits.
func shown(t time.Time) time.Time {
	switch year := t.UTC().Year(); {
	case year < 1:
		return time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
	case year > 9999:
		return time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)
	}
	return t
}
