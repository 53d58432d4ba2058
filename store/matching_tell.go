package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/internal/event"
)

// TellRequest emits a request as it stands now, with the offers that a decision at this instant made or ended; the zero time: none.
func (tx *Tx) TellRequest(ctx context.Context, request uuid.UUID, at time.Time) error {
	doc, err := tx.q.RequestShown(ctx, tx.tenant.UUID(), request)
	if err != nil {
		return fmt.Errorf("store: tell of request %s: %w", request, err)
	}
	var r event.Request
	if err := json.Unmarshal(doc, &r); err != nil {
		return fmt.Errorf("store: tell of request %s: %w", request, err)
	}
	if err := tx.Emit(r.Change()); err != nil || at.IsZero() {
		return err
	}
	docs, err := tx.q.OffersChanged(ctx, tx.tenant.UUID(), request, at)
	if err != nil {
		return fmt.Errorf("store: tell of offers for %s: %w", request, err)
	}
	for _, doc := range docs {
		var o event.Offer
		if err := json.Unmarshal(doc, &o); err != nil {
			return fmt.Errorf("store: tell of offers for %s: %w", request, err)
		}
		if err := tx.Emit(o.Change()); err != nil {
			return err
		}
	}
	return nil
}

// LiveRequest is one request.
func (r *Reader) LiveRequest(ctx context.Context, id uuid.UUID) (q event.Request, err error) {
	doc, err := r.q.LiveRequest(ctx, id)
	if err == nil {
		err = json.Unmarshal(doc, &q)
	}
	return q, err
}

// LiveQueue is who waits in a queue, in their places, at most limit.
func (r *Reader) LiveQueue(ctx context.Context, id uuid.UUID, limit int) (waiting []event.Request, err error) {
	doc, err := r.q.LiveQueue(ctx, int32(limit), id)
	if err == nil {
		err = json.Unmarshal(doc, &waiting)
	}
	return waiting, err
}
