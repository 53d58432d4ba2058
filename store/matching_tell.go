package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/errand"
	"github.com/waymeet/waymeet/internal/event"
)

// told is what of requests and offers has changed: their documents as the views show them.
type told struct {
	Requests []event.Request `json:"requests"`
	Offers   []event.Offer   `json:"offers"`
}

// emitTold emits what has changed; whoever is rung and looks at no screen is to be woken, and whoever let a ring pass is asked whether they are there.
func (tx *Tx) emitTold(ctx context.Context, t told) error {
	var asked []uuid.UUID
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
		if t.Offers[i].State == "missed" {
			asked = append(asked, t.Offers[i].Expert)
		}
	}
	return tx.TellExperts(ctx, asked...)
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

// TellExperts emits experts as they stand now, behind their rows. Who is no expert is nothing to tell of.
func (tx *Tx) TellExperts(ctx context.Context, ids ...uuid.UUID) error {
	return tx.showExperts(ctx, false, ids)
}

// TellLapsed emits those of these experts who can be reached otherwise than was shown.
func (tx *Tx) TellLapsed(ctx context.Context, ids ...uuid.UUID) error {
	return tx.showExperts(ctx, true, ids)
}

func (tx *Tx) showExperts(ctx context.Context, lapsed bool, ids []uuid.UUID) error {
	if len(ids) == 0 {
		return nil
	}
	docs, err := tx.q.ExpertsShow(ctx, tx.tenant.UUID(), ids, lapsed)
	if err != nil {
		return fmt.Errorf("store: tell of %d experts: %w", len(ids), err)
	}
	for _, doc := range docs {
		var e event.Expert
		if err := json.Unmarshal(doc, &e); err != nil {
			return fmt.Errorf("store: tell of %d experts: %w", len(ids), err)
		}
		if err := tx.Emit(e.Change()); err != nil {
			return err
		}
	}
	return nil
}

// Lapsed finds experts, of whichever tenant, who can be reached otherwise than was shown.
func (s *System) Lapsed(ctx context.Context, limit int) (map[tenant.ID][]uuid.UUID, error) {
	rows, err := s.q.ExpertsLapsed(ctx, int32(limit))
	if err != nil {
		return nil, fmt.Errorf("store: find experts whose reach lapsed: %w", err)
	}
	out := map[tenant.ID][]uuid.UUID{}
	for _, r := range rows {
		out[tenant.ID(r.TenantID)] = append(out[tenant.ID(r.TenantID)], r.ExpertID)
	}
	return out, nil
}

// Floor is what the board of a queue shows.
type Floor struct {
	Waiting []event.Request // in their places
	Talks   []event.Session // of this queue, that are not over: as much of them as boards show
	Experts []event.Expert  // on duty, whatever they can do
	Offers  []event.Offer   // that take somebody's slot, whichever queue they are of
}

// LiveQueue is the board of a queue, with at most limit who wait.
func (r *Reader) LiveQueue(ctx context.Context, id uuid.UUID, limit int) (f Floor, err error) {
	row, err := r.q.LiveQueue(ctx, int32(limit), id)
	if err != nil {
		return f, err
	}
	for doc, into := range map[*[]byte]any{&row.Waiting: &f.Waiting, &row.Talks: &f.Talks, &row.Experts: &f.Experts, &row.Offers: &f.Offers} {
		if err := json.Unmarshal(*doc, into); err != nil {
			return f, fmt.Errorf("store: read the board of queue %s: %w", id, err)
		}
	}
	return f, nil
}
