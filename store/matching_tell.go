package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/internal/errand"
	"github.com/waymeet/waymeet/internal/event"
)

// told is what of requests and offers has changed: their documents as the views show them.
type told struct {
	Requests []event.Request `json:"requests"`
	Offers   []event.Offer   `json:"offers"`
}

// emitTold emits what has changed; whoever is rung and looks at no screen is to be woken.
func (tx *Tx) emitTold(ctx context.Context, t told) error {
	for i := range t.Requests {
		if err := tx.Emit(t.Requests[i].Change()); err != nil {
			return err
		}
	}
	for i := range t.Offers {
		if err := tx.Emit(t.Offers[i].Change()); err != nil {
			return err
		}
		if o := &t.Offers[i]; o.State == "open" && o.Reach == "push" {
			p := errand.Push{User: o.Expert, What: errand.PushRing, About: o.ID, Until: o.Deadline}
			if err := tx.AddJob(ctx, p, p.Key()); err != nil {
				return err
			}
		}
	}
	return nil
}

// TellRequests emits requests as they stand now.
func (tx *Tx) TellRequests(ctx context.Context, ids ...uuid.UUID) error {
	docs, err := tx.q.RequestsShown(ctx, tx.tenant.UUID(), ids)
	if err != nil {
		return fmt.Errorf("store: tell of %d requests: %w", len(ids), err)
	}
	t := told{Requests: make([]event.Request, len(docs))}
	for i, doc := range docs {
		if err := json.Unmarshal(doc, &t.Requests[i]); err != nil {
			return fmt.Errorf("store: tell of %d requests: %w", len(ids), err)
		}
	}
	return tx.emitTold(ctx, t)
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
