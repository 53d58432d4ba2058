package realtime

import (
	"context"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/turns"
)

// readTurns lets reads of sets go to half of the connections to PostgreSQL; the other half is whoever else's. One tenant may have as
// many turns as there are processors, because building what was read costs these, and leaves half to others.
func readTurns(connections, processors int) *turns.Turns {
	atOnce := max(connections/2, 2)
	return turns.Of(atOnce, min(max(processors, 2), atOnce/2))
}

// inTurn waits for a tenant's turn. Without an error the caller must give it back.
func inTurn(ctx context.Context, q *turns.Turns, t tenant.ID) error {
	if err := q.Take(ctx, t); err != nil {
		return fault.New("unavailable").Because(err)
	}
	return nil
}
