package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/internal/errand"
	"github.com/waymeet/waymeet/store/internal/sqlc"
)

// Operation is one thing that is asked of a gateway about a payment, under one key.
type Operation struct {
	Payment   uuid.UUID
	Op        string // pay, capture, cancel, refund
	N         int
	Amount    int64
	Why       string
	Cause     string // what it was asked for: one cause asks once; empty: nothing in particular
	State     OperationState
	Tries     int // how often the gateway may have been asked
	Problem   string
	Ref       string // what it made
	CreatedAt time.Time
	SettledAt time.Time // zero while it waits
}

// OperationState is whether the gateway has answered.
type OperationState string

// States of operations. Waiting is also "nobody knows": the gateway may have done it.
const (
	OperationWaiting OperationState = "waiting"
	OperationDone    OperationState = "done"
	OperationRefused OperationState = "refused"
)

// Ask commits to asking a gateway, and to a job that does from an instant on; false: it was committed to before.
func (tx *Tx) Ask(ctx context.Context, o Operation, at time.Time) (bool, error) {
	added, err := tx.AddOperation(ctx, o)
	if err != nil || !added {
		return false, err
	}
	return true, tx.AskAgain(ctx, o, at)
}

// AskAgain has an operation carried from an instant on.
func (tx *Tx) AskAgain(ctx context.Context, o Operation, at time.Time) error {
	return tx.AddJobAt(ctx, errand.CarryPayment{Payment: o.Payment, Op: o.Op, N: o.N}, fmt.Sprintf("%s/%s/%d/%d", o.Payment, o.Op, o.N, o.Tries), at)
}

// Hasten has an operation that waits for its time carried now.
func (tx *Tx) Hasten(ctx context.Context, o Operation) error {
	return tx.AddJob(ctx, errand.CarryPayment{Payment: o.Payment, Op: o.Op, N: o.N}, fmt.Sprintf("%s/%s/%d/now", o.Payment, o.Op, o.N))
}

// NextOperation is the number of the next operation of a kind. Lock the payment first.
func (tx *Tx) NextOperation(ctx context.Context, p uuid.UUID, op string) (int, error) {
	n, err := tx.q.PaymentOperationLast(ctx, tx.tenant.UUID(), p, op)
	if err != nil {
		return 0, fmt.Errorf("store: count %s of payment %s: %w", op, p, err)
	}
	return int(n) + 1, nil
}

// OperationFor is what was asked for a cause and not refused.
func (r *Reader) OperationFor(ctx context.Context, p uuid.UUID, op, cause string) (Operation, error) {
	row, err := r.q.PaymentOperationFor(ctx, r.tenant.UUID(), p, op, cause)
	if err != nil {
		return Operation{}, fmt.Errorf("store: read %s of payment %s for %s: %w", op, p, cause, err)
	}
	return operationOf(&row), nil
}

// AddOperation commits to asking; false: it was committed to before.
func (tx *Tx) AddOperation(ctx context.Context, o Operation) (bool, error) {
	n, err := tx.q.PaymentOperationAdd(ctx, sqlc.PaymentOperationAddParams{TenantID: tx.tenant.UUID(), PaymentID: o.Payment, Op: o.Op, N: int16(o.N), Amount: o.Amount, Why: o.Why, Cause: o.Cause})
	if err != nil {
		return false, fmt.Errorf("store: add %s of payment %s: %w", o.Op, o.Payment, err)
	}
	return n == 1, nil
}

// Operation is one operation.
func (r *Reader) Operation(ctx context.Context, p uuid.UUID, op string, n int) (Operation, error) {
	row, err := r.q.PaymentOperationGet(ctx, r.tenant.UUID(), p, op, int16(n))
	if err != nil {
		return Operation{}, fmt.Errorf("store: read %s of payment %s: %w", op, p, err)
	}
	return operationOf(&row), nil
}

// Operations is all that was asked about a payment, the oldest first.
func (r *Reader) Operations(ctx context.Context, p uuid.UUID) ([]Operation, error) {
	rows, err := r.q.PaymentOperations(ctx, r.tenant.UUID(), p)
	if err != nil {
		return nil, fmt.Errorf("store: operations of payment %s: %w", p, err)
	}
	out := make([]Operation, len(rows))
	for i := range rows {
		out[i] = operationOf(&rows[i])
	}
	return out, nil
}

// TryOperation notes, before the gateway is asked, that it may have been, and says how often it may have been before.
func (tx *Tx) TryOperation(ctx context.Context, o Operation) (before int, err error) {
	tries, err := tx.q.PaymentOperationTry(ctx, tx.tenant.UUID(), o.Payment, o.Op, int16(o.N))
	switch {
	case IsNotFound(err): // somebody has just settled it: they asked
		return o.Tries + 1, nil
	case err != nil:
		return 0, fmt.Errorf("store: try %s of payment %s: %w", o.Op, o.Payment, err)
	}
	return int(tries) - 1, nil
}

// SettleOperation notes what the gateway answered; waiting notes a problem and leaves it to be asked again. False: it was
// settled before.
func (tx *Tx) SettleOperation(ctx context.Context, o Operation, state OperationState, problem, ref string) (bool, error) {
	n, err := tx.q.PaymentOperationSettle(ctx, sqlc.PaymentOperationSettleParams{TenantID: tx.tenant.UUID(), PaymentID: o.Payment, Op: o.Op, N: int16(o.N),
		State: string(state), Problem: textOrNull(problem), GatewayRef: textOrNull(ref)})
	if err != nil {
		return false, fmt.Errorf("store: settle %s of payment %s: %w", o.Op, o.Payment, err)
	}
	return n == 1, nil
}

func operationOf(o *sqlc.PaymentOperation) Operation {
	out := Operation{Payment: o.PaymentID, Op: o.Op, N: int(o.N), Amount: o.Amount, Why: o.Why, Cause: o.Cause, State: OperationState(o.State), Tries: int(o.Tries),
		Problem: text(o.Problem), Ref: text(o.GatewayRef), CreatedAt: o.CreatedAt}
	if o.SettledAt != nil {
		out.SettledAt = *o.SettledAt
	}
	return out
}
