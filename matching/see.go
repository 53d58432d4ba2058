package matching

import (
	"context"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store"
)

// mostOnBoard is how many who wait, and how many experts, a board shows.
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

// Board is who waits in a queue, and what the experts are doing.
func (s *Service) Board(ctx context.Context, t tenant.ID, queue uuid.UUID) (store.QueueRules, []store.OnBoard, []store.BoardExpert, error) {
	r := s.db.Read(t)
	q, err := queueOf(ctx, r, queue)
	if err != nil {
		return q, nil, nil, err
	}
	waiting, experts, err := r.Board(ctx, queue, mostOnBoard)
	return q, waiting, experts, err
}
