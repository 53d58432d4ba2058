package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/matching/solver"
	"github.com/waymeet/waymeet/store/internal/sqlc"
)

// QueueTerms is what the owner of a queue decides by.
type QueueTerms struct {
	ID       uuid.UUID
	Ring     time.Duration // how long an expert has to answer
	Rings    json.RawMessage
	Weights  json.RawMessage
	Version  int64
	Overflow uuid.UUID // nil: what nobody takes stays
	Callbacks
}

// Callbacks is what a queue says of clients who are called when their turn comes.
type Callbacks struct {
	Callback bool          // they may ask for it
	After    time.Duration // of waiting
	Call     time.Duration // how long they have to come
	Calls    int           // how often they are called
}

// Times is what a queue says of times that clients book.
type Times struct {
	Days *int // ahead; 0: none are booked. nil, where it is written: as usual
	Each int  // at one quarter of an hour
}

func callbacksOf(offered bool, afterS, ringS int32, calls int16) Callbacks {
	return Callbacks{offered, time.Duration(afterS) * time.Second, time.Duration(ringS) * time.Second, int(calls)}
}

// Calling is where a request stands whose client is called when their turn comes.
type Calling struct {
	Away  bool      // the client is not there, and will be called
	Until time.Time // of the latest call; zero: there was none
	Calls int
}

// QueueTerms is those of some queues.
func (r *Reader) QueueTerms(ctx context.Context, ids []uuid.UUID) ([]QueueTerms, error) {
	rows, err := r.q.QueueTerms(ctx, r.tenant.UUID(), ids)
	if err != nil {
		return nil, fmt.Errorf("store: read terms of queues: %w", err)
	}
	out := make([]QueueTerms, len(rows))
	for i, q := range rows {
		out[i] = QueueTerms{q.ID, time.Duration(q.RingS) * time.Second, q.Rings, q.Weights, q.Version, q.OverflowID,
			callbacksOf(q.Callback, q.CallbackAfterS, q.CallbackRingS, q.CallbackCalls)}
	}
	return out, nil
}

// ToServe is a request that waits, with all that is asked of an expert.
type ToServe struct {
	ID, Queue, Client uuid.UUID
	Modality          string
	Languages         []string
	Ceiling           ledger.Money
	Priority          int
	PlacedAt          time.Time
	Waited            time.Duration // by PostgreSQL's clock
	Out               int           // experts who are rung for it now
	Room              int           // how many more may be; where nobody may, what follows is only known with everything
	Needs             []solver.Need
	Asked             map[uuid.UUID]int // who declined it or let it pass, and in which ring at the latest
	Never             []uuid.UUID       // who may not meet its client
	Before            []uuid.UUID       // whom its client talked to lately
	Only              uuid.UUID         // the one expert who is rung; nil: whoever can
	Calling
}

// RequestsToServe is who waits in some queues, in the order of their places.
func (r *Reader) RequestsToServe(ctx context.Context, queues []uuid.UUID, everything bool, limit int) ([]ToServe, error) {
	rows, err := r.q.RequestsToServe(ctx, everything, r.tenant.UUID(), queues, int32(limit))
	if err != nil {
		return nil, fmt.Errorf("store: list requests to serve: %w", err)
	}
	out := make([]ToServe, len(rows))
	for i, w := range rows {
		out[i] = ToServe{ID: w.ID, Queue: w.QueueID, Client: w.ClientID, Modality: w.Modality, Languages: w.Languages, Ceiling: ledger.Of(w.Ceiling, ledger.Currency(w.Currency)),
			Priority: int(w.Priority), PlacedAt: w.PlacedAt, Waited: w.At.Sub(w.PlacedAt), Out: int(w.Out), Room: int(w.Room), Never: w.Never, Before: w.Before, Only: idOf(w.OnlyID), Calling: Calling{w.CallbackAt != nil, orZero(w.CallUntil), int(w.Calls)}}
		if out[i].Needs, err = needsAsNumbers(w.Needs); err == nil {
			err = json.Unmarshal(w.Asked, &out[i].Asked)
		}
		if err != nil {
			return nil, fmt.Errorf("store: request %s: %w", w.ID, err)
		}
	}
	return out, nil
}

// ReadyExpert is an expert who may be rung now, but for their slots.
type ReadyExpert struct {
	ID         uuid.UUID
	Minute     ledger.Money
	Rating     int // hundredths of a star
	Modalities []string
	Languages  []string
	Skills     []solver.Need // what they have; a licensed skill only with its document
	IdleSince  time.Time
	Slots      int  // that are free
	Push       bool // they must be woken first
}

// ExpertsReady is which of these experts may be rung now; nil: of all.
func (r *Reader) ExpertsReady(ctx context.Context, ids []uuid.UUID) ([]ReadyExpert, error) {
	var rows []sqlc.ExpertsReadyRow
	var err error
	if ids != nil {
		rows, err = r.q.ExpertsReady(ctx, r.tenant.UUID(), ids)
	} else {
		var all []sqlc.ExpertsReadyAllRow
		all, err = r.q.ExpertsReadyAll(ctx, r.tenant.UUID())
		for i := range all {
			rows = append(rows, sqlc.ExpertsReadyRow(all[i]))
		}
	}
	if err != nil {
		return nil, fmt.Errorf("store: list experts who are ready: %w", err)
	}
	out := make([]ReadyExpert, len(rows))
	for i, e := range rows {
		out[i] = ReadyExpert{ID: e.ID, Minute: ledger.Of(e.Price, ledger.Currency(e.Currency)), Rating: int(e.Rating), Modalities: e.Modalities, Languages: e.Languages,
			IdleSince: e.IdleSince, Slots: int(e.Free), Push: e.Reach == "push"}
		if out[i].Skills, err = needsAsNumbers(e.Skills); err != nil {
			return nil, fmt.Errorf("store: skills of expert %s: %w", e.ID, err)
		}
	}
	return out, nil
}

// ServedWait is a wait that ended in service.
type ServedWait struct {
	Request   uuid.UUID
	Needs     []solver.Need
	Ahead     int
	Waited    time.Duration
	MatchedAt time.Time
}

// ServedWaits is those of a queue after an instant, the newest first.
func (r *Reader) ServedWaits(ctx context.Context, queue uuid.UUID, after time.Time, limit int) ([]ServedWait, error) {
	rows, err := r.q.RequestsServed(ctx, r.tenant.UUID(), queue, after, int32(limit))
	if err != nil {
		return nil, fmt.Errorf("store: read waits of queue %s: %w", queue, err)
	}
	out := make([]ServedWait, len(rows))
	for i, w := range rows {
		out[i] = ServedWait{Request: w.ID, Ahead: int(w.Ahead), Waited: w.MatchedAt.Sub(w.PlacedAt), MatchedAt: w.MatchedAt}
		if out[i].Needs, err = needsAsNumbers(w.Needs); err != nil {
			return nil, fmt.Errorf("store: request %s: %w", w.ID, err)
		}
	}
	return out, nil
}

// needsAsNumbers reads [[skill, level], …] with skills as the solver numbers them.
func needsAsNumbers(text []byte) ([]solver.Need, error) {
	var pairs [][2]uint16
	if err := json.Unmarshal(text, &pairs); err != nil {
		return nil, err
	}
	needs := make([]solver.Need, len(pairs))
	for i, p := range pairs {
		needs[i] = solver.Need{Skill: solver.Skill(p[0]), Level: uint8(p[1])}
	}
	return needs, nil
}
