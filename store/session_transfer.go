package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/internal/event"
)

// TransferState is where a handover stands. The last two are final.
type TransferState string

// States of handovers, and of a second expert's coming.
const (
	TransferAsked TransferState = "asked" // somebody is rung for
	TransferTaken TransferState = "taken" // by an expert, who is not there yet
	TransferHere  TransferState = "here"  // the expert has joined: the client may come
	TransferDone  TransferState = "done"  // the client has come; the second has gone
	TransferOff   TransferState = "off"
)

// Open says that it may still come to something.
func (s TransferState) Open() bool {
	return s == TransferAsked || s == TransferTaken || s == TransferHere
}

// Summons is another expert who is asked for while two talk. Its id is that of the request that waits for them.
type Summons struct {
	ID     uuid.UUID     `json:"id"`
	State  TransferState `json:"state"`
	Queue  uuid.UUID     `json:"queue"`
	Expert uuid.UUID     `json:"expert,omitzero"` // who alone is rung; nil: whoever can
	By     uuid.UUID     `json:"by"`
	Note   string        `json:"note,omitempty"`   // for whoever is rung
	Reason string        `json:"reason,omitempty"` // why it is off, or over
}

// Transfer is a handover of a conversation to another expert. Its id is that of what is set aside for it, too.
type Transfer struct {
	Summons
	Session uuid.UUID `json:"session,omitzero"` // that follows; nil: nobody has taken it
}

// Open says that it may still come to something.
func (h *Transfer) Open() bool { return h != nil && h.State.Open() }

// textOf is how a row keeps it; empty: there is none.
func textOf[T any](v *T) (string, error) {
	if v == nil {
		return "", nil
	}
	b, err := json.Marshal(v)
	return string(b), err
}

func (h *Transfer) event() *event.SessionTransfer {
	if h == nil {
		return nil
	}
	return &event.SessionTransfer{ID: h.ID, State: string(h.State), Queue: h.Queue, Session: h.Session, Reason: h.Reason}
}

// SessionBefore is the conversation that one follows; nil: none.
func (r *Reader) SessionBefore(ctx context.Context, session uuid.UUID) (uuid.UUID, error) {
	id, err := r.q.SessionBefore(ctx, r.tenant.UUID(), session)
	if err != nil {
		return uuid.Nil, fmt.Errorf("store: read what session %s follows: %w", session, err)
	}
	return id, nil
}

// Unbegun is the conversations of a request in which nobody has heard the other yet.
func (r *Reader) Unbegun(ctx context.Context, request uuid.UUID) ([]uuid.UUID, error) {
	ids, err := r.q.SessionsOfRequest(ctx, r.tenant.UUID(), request)
	if err != nil {
		return nil, fmt.Errorf("store: list sessions of request %s: %w", request, err)
	}
	return ids, nil
}

// SessionAsks says whether a conversation still asks for whom a request is to wait for, and keeps it so until the transaction ends.
func (tx *Tx) SessionAsks(ctx context.Context, session, request uuid.UUID) (bool, error) {
	asked, err := tx.q.SessionAsks(ctx, request, tx.tenant.UUID(), session)
	if err != nil {
		return false, fmt.Errorf("store: look for what session %s asks with %s: %w", session, request, err)
	}
	return asked, nil
}

// Colleague is an expert to whom a client can be handed now.
type Colleague struct {
	ID   uuid.UUID
	Name string
}

// Colleagues is who can be rung now to take a conversation over, with a queue's skills; but one: whether they can.
func (r *Reader) Colleagues(ctx context.Context, session, queue, only uuid.UUID) ([]Colleague, error) {
	rows, err := r.q.SessionColleagues(ctx, r.tenant.UUID(), session, only, queue)
	if err != nil {
		return nil, fmt.Errorf("store: list colleagues for session %s: %w", session, err)
	}
	out := make([]Colleague, len(rows))
	for i, c := range rows {
		out[i] = Colleague(c)
	}
	return out, nil
}

// ForOne is which of some requests wait for one expert alone.
func (r *Reader) ForOne(ctx context.Context, requests []uuid.UUID) ([]uuid.UUID, error) {
	ids, err := r.q.RequestsForOne(ctx, r.tenant.UUID(), requests)
	if err != nil {
		return nil, fmt.Errorf("store: look for requests for one expert: %w", err)
	}
	return ids, nil
}
