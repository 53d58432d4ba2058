package store

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/store/internal/sqlc"
)

// PushTo is a browser that may be woken.
type PushTo struct {
	ID                  uuid.UUID
	Endpoint, Key, Auth string
	Locale              string
}

// AddPush keeps a browser of somebody's, and most of theirs at all: the oldest makes room. An expert may be rung by it from now on.
func (tx *Tx) AddPush(ctx context.Context, user uuid.UUID, p PushTo, most int) error {
	t := tx.tenant.UUID()
	err := tx.q.PushAdd(ctx, sqlc.PushAddParams{TenantID: t, ID: p.ID, UserID: user, Endpoint: p.Endpoint, P256dh: p.Key, Auth: p.Auth, Locale: p.Locale})
	if err == nil {
		err = tx.q.PushTrim(ctx, t, user, int32(most))
	}
	if err == nil {
		err = tx.q.PushSettle(ctx, t, user)
	}
	if err != nil {
		return fmt.Errorf("store: add push of %s: %w", user, err)
	}
	return nil
}

// RemovePush forgets a browser of somebody's, by its address or its id. An expert without another cannot be rung by push any more.
func (tx *Tx) RemovePush(ctx context.Context, user uuid.UUID, endpoint string, id uuid.UUID) error {
	t := tx.tenant.UUID()
	err := tx.q.PushRemove(ctx, t, user, endpoint, idOrNull(id))
	if err == nil {
		err = tx.q.PushSettle(ctx, t, user)
	}
	if err != nil {
		return fmt.Errorf("store: remove push of %s: %w", user, err)
	}
	return nil
}

// PushTo are somebody's browsers, the newest first.
func (r *Reader) PushTo(ctx context.Context, user uuid.UUID) ([]PushTo, error) {
	rows, err := r.q.PushOf(ctx, r.tenant.UUID(), user)
	if err != nil {
		return nil, fmt.Errorf("store: list push of %s: %w", user, err)
	}
	out := make([]PushTo, len(rows))
	for i, p := range rows {
		out[i] = PushTo{p.ID, p.Endpoint, p.P256dh, p.Auth, p.Locale}
	}
	return out, nil
}

// Rings says whether an expert is still rung by an offer.
func (r *Reader) Rings(ctx context.Context, expert, offer uuid.UUID) (bool, error) {
	open, err := r.OpenOffersOf(ctx, expert)
	for _, o := range open {
		if o == offer {
			return true, nil
		}
	}
	return false, err
}
