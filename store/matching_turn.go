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

// Turn is a request that somebody waits with, behind its lock, and what is decided by about it.
type Turn struct {
	Request
	Callbacks                 // of its queue
	Rings     json.RawMessage // of its queue
	Out       int             // experts who are rung for it now
	At        time.Time       // PostgreSQL's clock, behind the lock
}

// LockTurn locks a request until the transaction ends.
func (tx *Tx) LockTurn(ctx context.Context, request uuid.UUID) (Turn, error) {
	r, err := tx.q.TurnLock(ctx, tx.tenant.UUID(), request)
	if err != nil {
		return Turn{}, fmt.Errorf("store: lock request %s: %w", request, err)
	}
	g, err := tx.q.TurnGround(ctx, request, tx.tenant.UUID(), r.QueueID)
	if err != nil {
		return Turn{}, fmt.Errorf("store: read what request %s is called by: %w", request, err)
	}
	return Turn{requestOf(&r), callbacksOf(g.Callback, g.CallbackAfterS, g.CallbackRingS, g.CallbackCalls),
		g.Rings, int(g.Out), g.At}, nil
}

// KeepTurn writes whether a request's client is there or to be called, and tells of it.
func (tx *Tx) KeepTurn(ctx context.Context, t Turn, c Calling) error {
	p := sqlc.TurnKeepParams{TenantID: tx.tenant.UUID(), ID: t.ID, Calls: int16(c.Calls)}
	if c.Away {
		p.CallbackAt = &t.At
	}
	if !c.Until.IsZero() {
		p.CallUntil = &c.Until
	}
	if err := tx.q.TurnKeep(ctx, p); err != nil {
		return fmt.Errorf("store: keep turn of request %s: %w", t.ID, err)
	}
	return tx.TellRequests(ctx, t.ID)
}

// HoldQueue says whether a queue is still o's; if it is, until the transaction ends.
func (tx *Tx) HoldQueue(ctx context.Context, o Owned) (bool, error) {
	_, err := tx.q.QueueHeld(ctx, tx.tenant.UUID(), o.Queue, o.Epoch)
	if IsNotFound(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("store: hold queue %s: %w", o.Queue, err)
	}
	return true, nil
}

// IsCalled says whether a client is being called for a request.
func (r *Reader) IsCalled(ctx context.Context, request uuid.UUID) (bool, error) {
	called, err := r.q.RequestIsCalled(ctx, r.tenant.UUID(), request)
	if err != nil {
		return false, fmt.Errorf("store: look whether request %s calls: %w", request, err)
	}
	return called, nil
}

// RequestIn is a request of a tenant.
type RequestIn struct {
	Tenant tenant.ID
	ID     uuid.UUID
}

// Uncalled finds clients, of whichever tenant, who did not come when they were called for the last time.
func (s *System) Uncalled(ctx context.Context, limit int) ([]RequestIn, error) {
	rows, err := s.q.RequestsCalled(ctx, int32(limit))
	if err != nil {
		return nil, fmt.Errorf("store: find clients who did not come: %w", err)
	}
	out := make([]RequestIn, len(rows))
	for i, r := range rows {
		out[i] = RequestIn{tenant.ID(r.TenantID), r.ID}
	}
	return out, nil
}
