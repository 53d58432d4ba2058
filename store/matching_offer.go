package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/store/internal/sqlc"
)

// OfferAsk is one expert who is to be rung. A repeat under the same ID is answered as the first was.
type OfferAsk struct {
	ID, Expert uuid.UUID
	Score      json.RawMessage // why this one: an object
}

// Owned is a queue that a node makes the offers of.
type Owned struct {
	Tenant tenant.ID
	Queue  uuid.UUID
	Epoch  int64
}

// OfferMade is what became of an OfferAsk.
type OfferMade struct {
	Offer    uuid.UUID `json:"offer"`
	Expert   uuid.UUID `json:"expert"`
	Refused  string    `json:"refused"` // a code; "": the expert is rung
	Deadline time.Time `json:"deadline"`
	Repeated bool      `json:"repeated"`
}

// Outcomes of making offers.
const (
	OffersDecided   = "decided"    // each says what became of it
	OwnerLost       = "owner_lost" // somebody else makes the offers of this queue by now
	RequestNotFound = "request_not_found"
)

// MakeOffers rings experts for one request, if the queue is still o's. PostgreSQL decides each; what it refused, it wrote
// nothing of. One request a transaction: locks are taken in the order of request and experts.
func (tx *Tx) MakeOffers(ctx context.Context, o Owned, request uuid.UUID, ring int, who []OfferAsk) (outcome string, made []OfferMade, err error) {
	p := sqlc.OffersMakeParams{TenantID: tx.tenant.UUID(), QueueID: o.Queue, Epoch: o.Epoch, RequestID: request, Ring: int16(ring)}
	scores := make([]json.RawMessage, len(who))
	for i, w := range who {
		p.Ids, p.Experts, scores[i] = append(p.Ids, w.ID), append(p.Experts, w.Expert), w.Score
	}
	if p.Scores, err = json.Marshal(scores); err != nil {
		return "", nil, fmt.Errorf("store: scores of request %s: %w", request, err)
	}
	raw, err := tx.q.OffersMake(ctx, p)
	if err != nil {
		return "", nil, fmt.Errorf("store: make offers of request %s: %w", request, err)
	}
	var a struct {
		Outcome string      `json:"outcome"`
		At      time.Time   `json:"at"`
		Offers  []OfferMade `json:"offers"`
	}
	if err := json.Unmarshal(raw, &a); err != nil {
		return "", nil, fmt.Errorf("store: offers of request %s: %w", request, err)
	}
	if a.Outcome == OffersDecided {
		err = tx.TellRequest(ctx, request, a.At)
	}
	return a.Outcome, a.Offers, err
}

// MoveRequest lets a request of o's queue wait on in the queue's overflow, in its place. refused says why it does not.
func (tx *Tx) MoveRequest(ctx context.Context, o Owned, request uuid.UUID) (refused string, err error) {
	raw, err := tx.q.RequestMove(ctx, tx.tenant.UUID(), o.Queue, o.Epoch, request)
	if err != nil {
		return "", fmt.Errorf("store: move request %s: %w", request, err)
	}
	var a struct {
		Refused string `json:"refused"`
	}
	if err := json.Unmarshal(raw, &a); err != nil {
		return "", fmt.Errorf("store: move request %s: %w", request, err)
	}
	if a.Refused == "" {
		err = tx.TellRequest(ctx, request, time.Time{})
	}
	return a.Refused, err
}

// Supervise gives a request another priority or another queue, or both; nil and the nil UUID: as it is. refused says why it does not.
func (tx *Tx) Supervise(ctx context.Context, request uuid.UUID, priority *int, queue uuid.UUID) (refused string, err error) {
	var p *int16
	if priority != nil {
		n := int16(*priority)
		p = &n
	}
	raw, err := tx.q.RequestSupervise(ctx, tx.tenant.UUID(), request, p, idOrNull(queue))
	if err != nil {
		return "", fmt.Errorf("store: supervise request %s: %w", request, err)
	}
	var a struct {
		Refused string `json:"refused"`
	}
	if err := json.Unmarshal(raw, &a); err != nil {
		return "", fmt.Errorf("store: supervise request %s: %w", request, err)
	}
	if a.Refused == "" {
		err = tx.TellRequest(ctx, request, time.Time{})
	}
	return a.Refused, err
}

// OpenOffersFor is the offers of a request that nobody has answered.
func (r *Reader) OpenOffersFor(ctx context.Context, request uuid.UUID) ([]uuid.UUID, error) {
	rows, err := r.q.OffersOpenFor(ctx, r.tenant.UUID(), request)
	if err != nil {
		return nil, fmt.Errorf("store: list offers for %s: %w", request, err)
	}
	return rows, nil
}

// OfferVerb is what is to become of an offer.
type OfferVerb string

// Verbs of offers.
const (
	OfferAccept  OfferVerb = "accept"
	OfferDecline OfferVerb = "decline"
	OfferTimeOut OfferVerb = "timeout" // its deadline is over
	OfferRescind OfferVerb = "rescind"
	OfferDrop    OfferVerb = "drop"    // its expert is gone
	OfferDone    OfferVerb = "done"    // of an accepted one: the slot comes back
	OfferRequeue OfferVerb = "requeue" // of an accepted one: the slot comes back, and the request waits again in its place
)

// Decision is what became of an offer, or of a request that was cancelled.
type Decision struct {
	Refused      string       `json:"refused"` // a code; "": done
	Repeated     bool         `json:"repeated"`
	At           time.Time    `json:"at"`
	Offer        uuid.UUID    `json:"offer"`
	State        string       `json:"state"` // of the offer now
	Expert       uuid.UUID    `json:"expert"`
	Deadline     time.Time    `json:"deadline"`
	Request      uuid.UUID    `json:"request"`
	RequestState RequestState `json:"request_state"`
	Version      int64        `json:"version"`
	Queue        uuid.UUID    `json:"queue"`
	Freed        []uuid.UUID  `json:"freed"` // experts whose slots came back
}

// DecideOffer decides about one offer, in one place and by one clock. A refusal is an answer, and the transaction is to be
// committed all the same: what was due meanwhile was settled with it. by is the expert who asks; nil: nobody but the system.
func (tx *Tx) DecideOffer(ctx context.Context, verb OfferVerb, offer, by uuid.UUID) (Decision, error) {
	return tx.decide(ctx, sqlc.OfferDecideParams{TenantID: tx.tenant.UUID(), Verb: string(verb), OfferID: &offer, ByUser: idOrNull(by)})
}

// CancelRequest lets a request wait no longer. by is its client; nil: the system.
func (tx *Tx) CancelRequest(ctx context.Context, request, by uuid.UUID) (Decision, error) {
	return tx.decide(ctx, sqlc.OfferDecideParams{TenantID: tx.tenant.UUID(), Verb: "cancel", RequestID: &request, ByUser: idOrNull(by)})
}

func (tx *Tx) decide(ctx context.Context, p sqlc.OfferDecideParams) (d Decision, err error) {
	raw, err := tx.q.OfferDecide(ctx, p)
	if err != nil {
		return d, fmt.Errorf("store: %s an offer: %w", p.Verb, err)
	}
	if err := json.Unmarshal(raw, &d); err != nil {
		return d, fmt.Errorf("store: %s an offer: %w", p.Verb, err)
	}
	if d.Request != uuid.Nil && (len(d.Freed) > 0 || d.Refused == "" && !d.Repeated) { // something has changed
		err = tx.TellRequest(ctx, d.Request, d.At)
	}
	return d, err
}

// OpenOffersOf is what an expert is rung for now.
func (r *Reader) OpenOffersOf(ctx context.Context, expert uuid.UUID) ([]uuid.UUID, error) {
	ids, err := r.q.OffersOpenOf(ctx, r.tenant.UUID(), expert)
	if err != nil {
		return nil, fmt.Errorf("store: list offers of %s: %w", expert, err)
	}
	return ids, nil
}

// DueOffer is an offer that nobody waits for any more.
type DueOffer struct {
	Tenant tenant.ID
	ID     uuid.UUID
	Verb   OfferVerb // OfferTimeOut or OfferDrop
}

// DueOffers finds offers, of whichever tenant, whose time is over or whose expert is gone: the longest due first.
func (s *System) DueOffers(ctx context.Context, limit int) ([]DueOffer, error) {
	rows, err := s.q.OffersDue(ctx, int32(limit))
	if err != nil {
		return nil, fmt.Errorf("store: find due offers: %w", err)
	}
	out := make([]DueOffer, len(rows))
	for i, o := range rows {
		out[i] = DueOffer{tenant.ID(o.TenantID), o.ID, OfferVerb(o.Verb)}
	}
	return out, nil
}
