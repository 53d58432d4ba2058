package billing

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/store"
)

// Findings is a page of what checks have found.
func (r *Reconciler) Findings(ctx context.Context, t tenant.ID, ask store.FindingsAsk) ([]store.Finding, error) {
	return r.db.Read(t).Findings(ctx, ask)
}

// Finding is one finding.
func (r *Reconciler) Finding(ctx context.Context, t tenant.ID, id uuid.UUID) (store.Finding, error) {
	f, err := r.db.Read(t).Finding(ctx, id)
	if store.IsNotFound(err) {
		return f, fault.New("not_found")
	}
	return f, err
}

// longestReason bounds what a person says of a finding or a refund.
const longestReason = 500

// Decide is what a person says of a finding: it is explained (and stays so as long as the same is seen), or resolved (what is seen
// after it is another one). by is the nil UUID at the command line.
func (r *Reconciler) Decide(ctx context.Context, t tenant.ID, by uuid.UUID, claim idem.Claim, id uuid.UUID, state store.FindingState, reason string) (f store.Finding, err error) {
	reason = strings.TrimSpace(reason)
	if reason == "" || len(reason) > longestReason {
		return f, fault.New("reason_required").At("/reason")
	}
	decide := func(tx *store.Tx) (store.Finding, error) {
		f, err := tx.DecideFinding(ctx, id, state, by, reason)
		if store.IsNotFound(err) {
			return f, errNotOpen
		}
		if err != nil {
			return f, err
		}
		return f, tx.Audit(store.Audit{Actor: by, Action: "finding." + string(state), Target: "finding/" + id.String(),
			Detail: map[string]any{"kind": f.Kind, "subject": f.Subject, "reason": reason}})
	}
	err = r.db.InTx(ctx, t, func(tx *store.Tx) error {
		if claim.Key == "" {
			f, err = decide(tx)
			return err
		}
		answer, _, err := tx.Once(ctx, claim, 200, func() (any, error) { return decide(tx) })
		if err != nil {
			return err
		}
		return json.Unmarshal(answer, &f)
	})
	if errors.Is(err, errNotOpen) {
		err = r.notOpen(ctx, t, id) // once the transaction has given its connection back
	}
	var refused *fault.Error
	if err != nil && !errors.As(err, &refused) {
		err = fmt.Errorf("billing: decide finding %s: %w", id, err)
	}
	return f, err
}

var errNotOpen = errors.New("billing: no open finding")

// notOpen tells a finding that is over from one that nobody knows.
func (r *Reconciler) notOpen(ctx context.Context, t tenant.ID, id uuid.UUID) error {
	if _, err := r.Finding(ctx, t, id); err != nil {
		return err
	}
	return fault.New("finding_over")
}
