package matching

import (
	"context"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store"
)

// mostOnBoard is how many who wait, how many experts and how many conversations a board shows.
const mostOnBoard = 500

// See is one request, and how many are served before it while it waits.
func (s *Service) See(ctx context.Context, t tenant.ID, request uuid.UUID) (q store.Request, ahead int, err error) {
	r := s.db.Read(t)
	q, err = r.Request(ctx, request)
	if store.IsNotFound(err) {
		return q, 0, fault.New("request_not_found")
	}
	if err == nil && q.State == store.RequestWaiting {
		ahead, err = r.Ahead(ctx, request)
	}
	return q, ahead, err
}

// Board is a queue as whoever runs it sees it.
type Board struct {
	Queue    store.QueueRules
	Waiting  []store.OnBoard      // in their places
	Experts  []store.BoardExpert  // those who want to be rung first
	Sessions []store.BoardSession // of this queue, that are not over
}

// Board is who waits in a queue, what the experts are doing, and who talks.
func (s *Service) Board(ctx context.Context, t tenant.ID, queue uuid.UUID) (b Board, err error) {
	r := s.db.Read(t)
	if b.Queue, err = queueOf(ctx, r, queue); err != nil {
		return b, err
	}
	if b.Waiting, b.Experts, err = r.Board(ctx, queue, mostOnBoard); err != nil {
		return b, err
	}
	b.Sessions, err = r.BoardSessions(ctx, queue, mostOnBoard)
	return b, err
}
