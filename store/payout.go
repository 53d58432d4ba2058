package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/store/internal/sqlc"
)

// PayoutRun pays experts in one currency over one rail.
type PayoutRun struct {
	ID               uuid.UUID
	Rail, Currency   string
	Minimum          int64
	State            string // draft, approved, sent, closed, discarded
	MadeBy           uuid.UUID
	MadeAt           time.Time
	ApprovedBy       uuid.UUID // nil: by nobody yet
	ApprovedAt       time.Time
	SentAt, ClosedAt time.Time
	Version          int64
	Lines, Open      int   // in lists: how many, and how many of them are on their way
	Amount           int64 // in lists: what goes out
}

// PayoutLine is one expert's money in a run.
type PayoutLine struct {
	Run, ID, Expert         uuid.UUID
	N                       int
	Owed, Recovered, Amount int64
	Holder, Number          string
	Account                 uuid.UUID // whose gateway carries it; nil: a bank does
	Ref                     string    // what the gateway made
	Tries                   int
	State                   string // draft, sent, confirmed, returned, dropped
	Problem                 string
	SettledAt               time.Time
	Name                    string // in lists: the expert's
}

// Beneficiary is where an expert's money goes when a bank carries it.
type Beneficiary struct {
	User           uuid.UUID
	Holder, Number string
	Version        int64
}

// SaveBeneficiary keeps where an expert's money goes.
func (tx *Tx) SaveBeneficiary(ctx context.Context, b Beneficiary) (version int64, err error) {
	version, err = tx.q.BeneficiarySave(ctx, tx.tenant.UUID(), b.User, b.Holder, b.Number)
	if err != nil {
		return 0, fmt.Errorf("store: save beneficiary %s: %w", b.User, err)
	}
	return version, nil
}

// Beneficiary is where an expert's money goes.
func (r *Reader) Beneficiary(ctx context.Context, user uuid.UUID) (Beneficiary, error) {
	b, err := r.q.BeneficiaryGet(ctx, r.tenant.UUID(), user)
	if err != nil {
		return Beneficiary{}, fmt.Errorf("store: read beneficiary %s: %w", user, err)
	}
	return Beneficiary{user, b.Holder, b.Number, b.Version}, nil
}

// PayableByBank is who a bank can pay something to.
func (r *Reader) PayableByBank(ctx context.Context, currency string, limit int) ([]PayoutLine, error) {
	rows, err := r.q.PayoutOwedByBank(ctx, currency, r.tenant.UUID(), int32(limit))
	if err != nil {
		return nil, fmt.Errorf("store: read who is paid by bank: %w", err)
	}
	out := make([]PayoutLine, len(rows))
	for i, b := range rows {
		out[i] = PayoutLine{Expert: b.UserID, Holder: b.Holder, Number: b.Number}
	}
	return out, nil
}

// PayableByGateway is who has something at the gateway that it can send to their bank.
func (r *Reader) PayableByGateway(ctx context.Context, currency string, limit int) ([]PayoutLine, error) {
	rows, err := r.q.PayoutOwedByGateway(ctx, currency, r.tenant.UUID(), int32(limit))
	if err != nil {
		return nil, fmt.Errorf("store: read who is paid by gateway: %w", err)
	}
	out := make([]PayoutLine, len(rows))
	for i, b := range rows {
		out[i] = PayoutLine{Expert: b.UserID, Holder: b.Holder, Number: b.GatewayRef, Account: b.GatewayAccountID}
	}
	return out, nil
}

// AddPayoutRun makes a run with its lines; ErrTaken when one is open on this rail and in this currency.
func (tx *Tx) AddPayoutRun(ctx context.Context, r PayoutRun, lines []PayoutLine) error {
	n, err := tx.q.PayoutRunAdd(ctx, sqlc.PayoutRunAddParams{TenantID: tx.tenant.UUID(), ID: r.ID, Rail: r.Rail, Currency: r.Currency, Minimum: r.Minimum, MadeBy: r.MadeBy})
	if err != nil {
		return fmt.Errorf("store: add payout run: %w", err)
	}
	if n == 0 {
		return ErrTaken
	}
	for _, l := range lines {
		err := tx.q.PayoutLineAdd(ctx, sqlc.PayoutLineAddParams{TenantID: tx.tenant.UUID(), RunID: r.ID, ID: l.ID, N: int16(l.N), ExpertID: l.Expert, Owed: l.Owed,
			Recovered: l.Recovered, Amount: l.Amount, Holder: l.Holder, Number: l.Number, GatewayAccountID: idOrNull(l.Account)})
		if err != nil {
			return fmt.Errorf("store: add line %d of payout run %s: %w", l.N, r.ID, err)
		}
	}
	tx.financeChanged(event.Payouts)
	return nil
}

// PayoutRun is one run.
func (r *Reader) PayoutRun(ctx context.Context, id uuid.UUID) (PayoutRun, error) {
	row, err := r.q.PayoutRunGet(ctx, r.tenant.UUID(), id)
	if err != nil {
		return PayoutRun{}, fmt.Errorf("store: read payout run %s: %w", id, err)
	}
	return payoutRunOf(&row), nil
}

// LockPayoutRun is one run, which nobody else moves until the transaction ends. Lock it before its lines.
func (tx *Tx) LockPayoutRun(ctx context.Context, id uuid.UUID) (PayoutRun, error) {
	row, err := tx.q.PayoutRunLock(ctx, tx.tenant.UUID(), id)
	if err != nil {
		return PayoutRun{}, fmt.Errorf("store: lock payout run %s: %w", id, err)
	}
	return payoutRunOf(&row), nil
}

// PayoutRuns is runs before one of them, the newest first.
func (r *Reader) PayoutRuns(ctx context.Context, before time.Time, beforeID uuid.UUID, limit int) ([]PayoutRun, error) {
	rows, err := r.q.PayoutRuns(ctx, r.tenant.UUID(), before, beforeID, int32(limit))
	if err != nil {
		return nil, fmt.Errorf("store: list payout runs: %w", err)
	}
	out := make([]PayoutRun, len(rows))
	for i, p := range rows {
		out[i] = payoutRunOf(&sqlc.PayoutRun{ID: p.ID, Rail: p.Rail, Currency: p.Currency, Minimum: p.Minimum, State: p.State, MadeBy: p.MadeBy, MadeAt: p.MadeAt,
			ApprovedBy: p.ApprovedBy, ApprovedAt: p.ApprovedAt, SentAt: p.SentAt, ClosedAt: p.ClosedAt, Version: p.Version})
		out[i].Lines, out[i].Open, out[i].Amount = int(p.Lines), int(p.Open), p.Amount
	}
	return out, nil
}

// PayoutLines is a run's lines in their order.
func (r *Reader) PayoutLines(ctx context.Context, run uuid.UUID) ([]PayoutLine, error) {
	rows, err := r.q.PayoutLines(ctx, r.tenant.UUID(), run)
	if err != nil {
		return nil, fmt.Errorf("store: read lines of payout run %s: %w", run, err)
	}
	out := make([]PayoutLine, len(rows))
	for i, l := range rows {
		out[i] = payoutLineOf(&sqlc.PayoutLine{RunID: l.RunID, ID: l.ID, N: l.N, ExpertID: l.ExpertID, Owed: l.Owed, Recovered: l.Recovered, Amount: l.Amount, Holder: l.Holder,
			Number: l.Number, GatewayAccountID: l.GatewayAccountID, GatewayRef: l.GatewayRef, Tries: l.Tries, State: l.State, Problem: l.Problem, SettledAt: l.SettledAt})
		out[i].Name = l.ExpertName
	}
	return out, nil
}

// PayoutLine is one line.
func (r *Reader) PayoutLine(ctx context.Context, id uuid.UUID) (PayoutLine, error) {
	row, err := r.q.PayoutLineGet(ctx, r.tenant.UUID(), id)
	if err != nil {
		return PayoutLine{}, fmt.Errorf("store: read payout %s: %w", id, err)
	}
	return payoutLineOf(&row), nil
}

// LockPayoutLine is one line, which nobody else moves until the transaction ends.
func (tx *Tx) LockPayoutLine(ctx context.Context, id uuid.UUID) (PayoutLine, error) {
	row, err := tx.q.PayoutLineLock(ctx, tx.tenant.UUID(), id)
	if err != nil {
		return PayoutLine{}, fmt.Errorf("store: lock payout %s: %w", id, err)
	}
	return payoutLineOf(&row), nil
}

// MovePayoutRun moves a run on; by approves it, if it is somebody. Lock it first.
func (tx *Tx) MovePayoutRun(ctx context.Context, id uuid.UUID, state string, by uuid.UUID) error {
	if _, err := tx.q.PayoutRunMove(ctx, state, idOrNull(by), tx.tenant.UUID(), id); err != nil {
		return fmt.Errorf("store: move payout run %s: %w", id, err)
	}
	tx.financeChanged(event.Payouts)
	return nil
}

// MovePayoutLine moves a line on. Lock it first.
func (tx *Tx) MovePayoutLine(ctx context.Context, id uuid.UUID, state, problem, ref string) error {
	_, err := tx.q.PayoutLineMove(ctx, sqlc.PayoutLineMoveParams{State: state, Problem: textOrNull(problem), GatewayRef: textOrNull(ref), TenantID: tx.tenant.UUID(), ID: id})
	if err != nil {
		return fmt.Errorf("store: move payout %s: %w", id, err)
	}
	tx.financeChanged(event.Payouts)
	return nil
}

// TryPayoutLine notes, before the gateway is asked, that it may have been.
func (tx *Tx) TryPayoutLine(ctx context.Context, id uuid.UUID) error {
	if err := tx.q.PayoutLineTry(ctx, tx.tenant.UUID(), id); err != nil {
		return fmt.Errorf("store: try payout %s: %w", id, err)
	}
	return nil
}

// NotePayoutLine keeps what is known of a payout that is on its way.
func (tx *Tx) NotePayoutLine(ctx context.Context, id uuid.UUID, problem, ref string) error {
	if err := tx.q.PayoutLineNote(ctx, textOrNull(problem), textOrNull(ref), tx.tenant.UUID(), id); err != nil {
		return fmt.Errorf("store: note payout %s: %w", id, err)
	}
	tx.financeChanged(event.Payouts)
	return nil
}

// PayoutsOpen is how many lines of a run are on their way.
func (tx *Tx) PayoutsOpen(ctx context.Context, run uuid.UUID) (int, error) {
	n, err := tx.q.PayoutLinesOpen(ctx, tx.tenant.UUID(), run)
	if err != nil {
		return 0, fmt.Errorf("store: count payouts of run %s: %w", run, err)
	}
	return int(n), nil
}

func payoutRunOf(r *sqlc.PayoutRun) PayoutRun {
	return PayoutRun{ID: r.ID, Rail: r.Rail, Currency: r.Currency, Minimum: r.Minimum, State: r.State, MadeBy: r.MadeBy, MadeAt: r.MadeAt, ApprovedBy: idOf(r.ApprovedBy),
		ApprovedAt: instant(r.ApprovedAt), SentAt: instant(r.SentAt), ClosedAt: instant(r.ClosedAt), Version: r.Version}
}

func payoutLineOf(l *sqlc.PayoutLine) PayoutLine {
	return PayoutLine{Run: l.RunID, ID: l.ID, N: int(l.N), Expert: l.ExpertID, Owed: l.Owed, Recovered: l.Recovered, Amount: l.Amount, Holder: l.Holder, Number: l.Number,
		Account: idOf(l.GatewayAccountID), Ref: text(l.GatewayRef), Tries: int(l.Tries), State: l.State, Problem: text(l.Problem), SettledAt: instant(l.SettledAt)}
}
