package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/store/internal/sqlc"
)

// Operation is one thing that is asked of a gateway about a payment, under one key.
type Operation struct {
	Payment   uuid.UUID
	Op        string // pay, capture, cancel, refund
	N         int
	Amount    int64
	Why       string
	State     OperationState
	Tries     int // how often the gateway may have been asked
	Problem   string
	Ref       string // what it made
	CreatedAt time.Time
}

// OperationState is whether the gateway has answered.
type OperationState string

// States of operations. Waiting is also "nobody knows": the gateway may have done it.
const (
	OperationWaiting OperationState = "waiting"
	OperationDone    OperationState = "done"
	OperationRefused OperationState = "refused"
)

// AddOperation commits to asking; false: it was committed to before.
func (tx *Tx) AddOperation(ctx context.Context, o Operation) (bool, error) {
	n, err := tx.q.PaymentOperationAdd(ctx, sqlc.PaymentOperationAddParams{TenantID: tx.tenant.UUID(), PaymentID: o.Payment, Op: o.Op, N: int16(o.N), Amount: o.Amount, Why: o.Why})
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

// TryOperation notes, before the gateway is asked, that it may have been.
func (tx *Tx) TryOperation(ctx context.Context, o Operation) error {
	if err := tx.q.PaymentOperationTry(ctx, tx.tenant.UUID(), o.Payment, o.Op, int16(o.N)); err != nil {
		return fmt.Errorf("store: try %s of payment %s: %w", o.Op, o.Payment, err)
	}
	return nil
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
	return Operation{Payment: o.PaymentID, Op: o.Op, N: int(o.N), Amount: o.Amount, Why: o.Why, State: OperationState(o.State), Tries: int(o.Tries),
		Problem: text(o.Problem), Ref: text(o.GatewayRef), CreatedAt: o.CreatedAt}
}
