package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/store/internal/sqlc"
)

// Need is one skill that is asked for, and how much of it.
type Need struct {
	Skill uuid.UUID
	Level int
}

// RequestState is where a request stands.
type RequestState string

// States of requests.
const (
	RequestWaiting   RequestState = "waiting"
	RequestMatched   RequestState = "matched"
	RequestCancelled RequestState = "cancelled"
)

// Request is somebody who waits, or waited.
type Request struct {
	ID, Queue, Client uuid.UUID
	Organisation      uuid.UUID // nil: nobody else pays
	Modality          string
	Languages         []string
	Ceiling           ledger.Money // of a minute's price
	Priority          int
	Funding           string // what was set aside for it
	Ahead             int    // how many were before it when it came
	State             RequestState
	PlacedAt          time.Time
	Expert, Offer     uuid.UUID // once matched
	Version           int64
	About             string    // what they wrote
	Follows, Only     uuid.UUID // the conversation that its client is in, and the one expert who is rung; nil: none, whoever can
	Calling
}

// SkillsKnown says how many of these skills the tenant has.
func (r *Reader) SkillsKnown(ctx context.Context, ids []uuid.UUID) (int, error) {
	n, err := r.q.SkillsKnown(ctx, r.tenant.UUID(), ids)
	if err != nil {
		return 0, fmt.Errorf("store: count skills: %w", err)
	}
	return int(n), nil
}

// CheapestMinute is the least that an expert asks for in a currency; 0: nobody does.
func (r *Reader) CheapestMinute(ctx context.Context, c ledger.Currency) (int64, error) {
	n, err := r.q.CheapestExpert(ctx, r.tenant.UUID(), string(c))
	if err != nil {
		return 0, fmt.Errorf("store: find cheapest expert: %w", err)
	}
	return n, nil
}

// Request is one request.
func (r *Reader) Request(ctx context.Context, id uuid.UUID) (Request, error) {
	row, err := r.q.RequestGet(ctx, r.tenant.UUID(), id)
	if err != nil {
		return Request{}, fmt.Errorf("store: read request %s: %w", id, err)
	}
	q := requestOf(&row)
	if q.About, err = r.q.RequestAbout(ctx, r.tenant.UUID(), id); err != nil {
		return q, fmt.Errorf("store: read what request %s is about: %w", id, err)
	}
	return q, nil
}

// Ahead is how many are served before a request that waits.
func (r *Reader) Ahead(ctx context.Context, id uuid.UUID) (int, error) {
	n, err := r.q.RequestAhead(ctx, r.tenant.UUID(), id)
	if err != nil {
		return 0, fmt.Errorf("store: find place of request %s: %w", id, err)
	}
	return int(n), nil
}

// ServesAlready says whether what was set aside under this name serves a request of the client already.
func (r *Reader) ServesAlready(ctx context.Context, client uuid.UUID, funding string) (bool, error) {
	serves, err := r.q.RequestsFundedBy(ctx, r.tenant.UUID(), client, funding)
	if err != nil {
		return false, fmt.Errorf("store: look for a request that is funded by %s: %w", funding, err)
	}
	return serves, nil
}

// Waiter is a request that waits, as its matcher sees it.
type Waiter struct {
	Request
	Out    int           // experts who are rung for it now
	Waited time.Duration // by PostgreSQL's clock
}

// Waiting is who waits in a queue, in the order of their places.
func (r *Reader) Waiting(ctx context.Context, queue uuid.UUID, limit int) ([]Waiter, error) {
	rows, err := r.q.RequestsWaiting(ctx, r.tenant.UUID(), queue, int32(limit))
	if err != nil {
		return nil, fmt.Errorf("store: list requests of queue %s: %w", queue, err)
	}
	out := make([]Waiter, len(rows))
	for i, w := range rows {
		out[i] = Waiter{Request{w.ID, w.QueueID, w.ClientID, idOf(w.OrganisationID), w.Modality, w.Languages, ledger.Of(w.Ceiling, ledger.Currency(w.Currency)), int(w.Priority),
			w.Funding, int(w.Ahead), RequestState(w.State), w.PlacedAt, idOf(w.ExpertID), idOf(w.OfferID), w.Version, "", idOf(w.Follows), idOf(w.OnlyID), Calling{w.CallbackAt != nil, orZero(w.CallUntil), int(w.Calls)}}, int(w.Out), w.At.Sub(w.PlacedAt)}
	}
	return out, nil
}

func requestOf(r *sqlc.Request) Request {
	return Request{r.ID, r.QueueID, r.ClientID, idOf(r.OrganisationID), r.Modality, r.Languages, ledger.Of(r.Ceiling, ledger.Currency(r.Currency)), int(r.Priority), r.Funding, int(r.Ahead),
		RequestState(r.State), r.PlacedAt, idOf(r.ExpertID), idOf(r.OfferID), r.Version, "", idOf(r.Follows), idOf(r.OnlyID), Calling{r.CallbackAt != nil, orZero(r.CallUntil), int(r.Calls)}}
}
