package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store/internal/sqlc"
)

// Finding is a difference that somebody has to look at.
type Finding struct {
	ID        uuid.UUID
	Kind      string // what check found it: amount_differs
	Subject   string // what it is about: payment/…
	Severity  Severity
	Detail    json.RawMessage // an object; the same difference has the same one
	State     FindingState
	Times     int
	FirstSeen time.Time
	LastSeen  time.Time
	DecidedAt time.Time // zero while it is open
	DecidedBy uuid.UUID // the nil UUID: the check itself, which passes again, or somebody at the command line
	Reason    string
}

// Severity is how much it matters.
type Severity string

// The severities.
const (
	Notice  Severity = "notice"  // worth knowing
	Warning Severity = "warning" // somebody should look today
	Serious Severity = "serious" // money is not where the books say
)

// FindingState is what became of a finding.
type FindingState string

// States of findings. An explained one stays as it is as long as the same is seen; a resolved one is over, and what is seen
// after it is another finding.
const (
	FindingOpen      FindingState = "open"
	FindingExplained FindingState = "explained"
	FindingResolved  FindingState = "resolved"
)

// SeeFinding notes what a check has found. There is one finding of a kind about one thing at a time: seen again, it counts, and
// where the detail is another one than was explained it is open again.
func (tx *Tx) SeeFinding(ctx context.Context, f Finding) (Finding, error) {
	row, err := tx.q.FindingSee(ctx, sqlc.FindingSeeParams{TenantID: tx.tenant.UUID(), ID: ident.New(), Kind: f.Kind, Subject: f.Subject,
		Severity: string(f.Severity), Detail: f.Detail})
	if err != nil {
		return Finding{}, fmt.Errorf("store: note finding %s about %s: %w", f.Kind, f.Subject, err)
	}
	tx.financeChanged(event.Findings)
	return findingOf(&row), nil
}

// PassFinding resolves what is open of some kinds about a thing: the check passes again. It says how many there were.
func (tx *Tx) PassFinding(ctx context.Context, subject, reason string, kinds ...string) (int, error) {
	ids, err := tx.q.FindingPassed(ctx, reason, tx.tenant.UUID(), kinds, subject)
	if err != nil {
		return 0, fmt.Errorf("store: pass findings about %s: %w", subject, err)
	}
	if len(ids) > 0 {
		tx.financeChanged(event.Findings)
	}
	return len(ids), nil
}

// DecideFinding is what a person says of a finding that is not resolved; a not-found error when there is none.
func (tx *Tx) DecideFinding(ctx context.Context, id uuid.UUID, state FindingState, by uuid.UUID, reason string) (Finding, error) {
	row, err := tx.q.FindingDecide(ctx, sqlc.FindingDecideParams{TenantID: tx.tenant.UUID(), ID: id, State: string(state), DecidedBy: idOrNull(by), Reason: reason})
	if errors.Is(err, pgx.ErrNoRows) {
		return Finding{}, err
	}
	if err != nil {
		return Finding{}, fmt.Errorf("store: decide finding %s: %w", id, err)
	}
	tx.financeChanged(event.Findings)
	return findingOf(&row), nil
}

// Finding is one finding.
func (r *Reader) Finding(ctx context.Context, id uuid.UUID) (Finding, error) {
	row, err := r.q.FindingGet(ctx, r.tenant.UUID(), id)
	if err != nil {
		return Finding{}, fmt.Errorf("store: read finding %s: %w", id, err)
	}
	return findingOf(&row), nil
}

// FindingsAsk asks for findings in some states, of one kind or ("") all, seen last before a point: newest first.
type FindingsAsk struct {
	States   []FindingState
	Kind     string
	Before   time.Time
	BeforeID uuid.UUID
	Limit    int
}

// Findings is a page of them.
func (r *Reader) Findings(ctx context.Context, ask FindingsAsk) ([]Finding, error) {
	states := make([]string, len(ask.States))
	for i, s := range ask.States {
		states[i] = string(s)
	}
	rows, err := r.q.FindingList(ctx, sqlc.FindingListParams{TenantID: r.tenant.UUID(), States: states, Kind: ask.Kind, Before: ask.Before,
		BeforeID: ask.BeforeID, MaxRows: int32(ask.Limit)})
	return findingsOf(rows, err)
}

// FindingsAbout is what was found about a thing, newest first.
func (r *Reader) FindingsAbout(ctx context.Context, subject string, limit int) ([]Finding, error) {
	rows, err := r.q.FindingsAbout(ctx, r.tenant.UUID(), subject, int32(limit))
	return findingsOf(rows, err)
}

// FindingSubjects is what findings of some kinds are about that are not resolved: those of one gateway account, or with the nil
// UUID of whichever.
func (r *Reader) FindingSubjects(ctx context.Context, account uuid.UUID, limit int, kinds ...string) ([]string, error) {
	of := ""
	if account != uuid.Nil {
		of = account.String()
	}
	all, err := r.q.FindingSubjects(ctx, r.tenant.UUID(), kinds, of, int32(limit))
	if err != nil {
		return nil, fmt.Errorf("store: read what findings are about: %w", err)
	}
	return all, nil
}

// Waiting is how much waits for people, of all tenants.
type Waiting struct {
	Findings   map[Severity]int // open ones
	DeadEvents int
}

// Waiting counts it.
func (s *System) Waiting(ctx context.Context) (Waiting, error) {
	w := Waiting{Findings: map[Severity]int{}}
	rows, err := s.q.FindingCounts(ctx)
	if err != nil {
		return w, fmt.Errorf("store: count findings: %w", err)
	}
	for _, r := range rows {
		w.Findings[Severity(r.Severity)] = int(r.N)
	}
	dead, err := s.q.WebhookDeadCount(ctx)
	if err != nil {
		return w, fmt.Errorf("store: count dead events: %w", err)
	}
	w.DeadEvents = int(dead)
	return w, nil
}

func findingsOf(rows []sqlc.Finding, err error) ([]Finding, error) {
	if err != nil {
		return nil, fmt.Errorf("store: list findings: %w", err)
	}
	out := make([]Finding, len(rows))
	for i := range rows {
		out[i] = findingOf(&rows[i])
	}
	return out, nil
}

func findingOf(f *sqlc.Finding) Finding {
	out := Finding{ID: f.ID, Kind: f.Kind, Subject: f.Subject, Severity: Severity(f.Severity), Detail: f.Detail, State: FindingState(f.State), Times: int(f.Times),
		FirstSeen: f.FirstSeen, LastSeen: f.LastSeen, Reason: f.Reason}
	if f.DecidedAt != nil {
		out.DecidedAt = *f.DecidedAt
	}
	if f.DecidedBy != nil {
		out.DecidedBy = *f.DecidedBy
	}
	return out
}
