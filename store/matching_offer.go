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

// OffersAsk is who is to be rung for a request of a queue that a node owns.
type OffersAsk struct {
	Owned
	Request uuid.UUID
	Ring    int // how far the request was relaxed
	Who     []OfferAsk
}

// OfferMade is what became of an OfferAsk.
type OfferMade struct {
	Offer    uuid.UUID `json:"offer"`
	Expert   uuid.UUID `json:"expert"`
	Refused  string    `json:"refused"` // a code; "": the expert is rung
	Deadline time.Time `json:"deadline"`
	Repeated bool      `json:"repeated"`
}

// Refusals that are about the request, whoever is asked for it.
const (
	OwnerLost       = "owner_lost" // somebody else makes the offers of this queue by now
	RequestNotFound = "request_not_found"
)

// MakeOffers rings experts for requests, where the queue is still its owner's. PostgreSQL decides each, in the order of asks; what it refused, it
// wrote nothing of. An expert can be asked for once at a time, and locks are taken in the order of requests and experts: one call a transaction.
func (tx *Tx) MakeOffers(ctx context.Context, asks ...OffersAsk) (made [][]OfferMade, err error) {
	p := sqlc.RingRoundParams{TenantID: tx.tenant.UUID()}
	var scores []json.RawMessage
	for _, a := range asks {
		for _, w := range a.Who {
			p.Queues, p.Epochs, p.Requests, p.Rings = append(p.Queues, a.Queue), append(p.Epochs, a.Epoch), append(p.Requests, a.Request), append(p.Rings, int16(a.Ring))
			p.Ids, p.Experts, scores = append(p.Ids, w.ID), append(p.Experts, w.Expert), append(scores, w.Score)
		}
	}
	if p.Scores, err = json.Marshal(scores); err != nil {
		return nil, fmt.Errorf("store: scores of %d offers: %w", len(scores), err)
	}
	raw, err := tx.q.RingRound(ctx, p)
	if err != nil {
		return nil, fmt.Errorf("store: make %d offers: %w", len(scores), err)
	}
	var a struct {
		Answers []OfferMade `json:"answers"`
		told
	}
	if err := json.Unmarshal(raw, &a); err != nil {
		return nil, fmt.Errorf("store: make %d offers: %w", len(scores), err)
	}
	rest := a.Answers
	for _, x := range asks {
		made, rest = append(made, rest[:len(x.Who)]), rest[len(x.Who):]
	}
	return made, tx.emitTold(ctx, a.told)
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
		err = tx.TellRequests(ctx, request)
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
		err = tx.TellRequests(ctx, request)
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

	RequestCancel OfferVerb = "cancel" // of a request, with whatever rings for it
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

// OfferDeed is what somebody wants of an offer.
type OfferDeed struct {
	Verb    OfferVerb
	Offer   uuid.UUID
	Request uuid.UUID // of a cancel, which has no offer
	By      uuid.UUID // the expert who asks, or the client who cancels; nil: nobody but the system
}

// deferred is said of a deed when another before it was about the same request: it is decided next.
const deferred = "deferred"

// DecideOffers decides about offers, in one place and by one clock; of those about one request in their order. A refusal is an answer, and the
// transaction is to be committed all the same: what was due meanwhile was settled with it. Locks are taken in the order of requests and experts: one
// call a transaction, unless it is about the same request.
func (tx *Tx) DecideOffers(ctx context.Context, deeds []OfferDeed) ([]Decision, error) {
	out, todo := make([]Decision, len(deeds)), make([]int, len(deeds))
	for i := range deeds {
		todo[i] = i
	}
	for len(todo) > 0 {
		p := sqlc.OffersDecideParams{TenantID: tx.tenant.UUID()}
		for _, i := range todo {
			d := deeds[i]
			p.Verbs, p.Requests, p.Offers, p.Bys = append(p.Verbs, string(d.Verb)), append(p.Requests, d.Request), append(p.Offers, d.Offer), append(p.Bys, d.By)
		}
		raw, err := tx.q.OffersDecide(ctx, p)
		if err != nil {
			return nil, fmt.Errorf("store: decide about %d offers: %w", len(todo), err)
		}
		var a struct {
			Answers []Decision `json:"answers"`
			told
		}
		if err := json.Unmarshal(raw, &a); err != nil {
			return nil, fmt.Errorf("store: decide about %d offers: %w", len(todo), err)
		}
		if err := tx.emitTold(ctx, a.told); err != nil {
			return nil, err
		}
		var next []int
		for n, i := range todo {
			if out[i] = a.Answers[n]; out[i].Refused == deferred {
				next = append(next, i)
			}
		}
		todo = next
	}
	return out, nil
}

// DecideOffer decides about one.
func (tx *Tx) DecideOffer(ctx context.Context, verb OfferVerb, offer, by uuid.UUID) (Decision, error) {
	all, err := tx.DecideOffers(ctx, []OfferDeed{{Verb: verb, Offer: offer, By: by}})
	if err != nil {
		return Decision{}, err
	}
	return all[0], nil
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
