package matching

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store"
)

// placing is somebody who wants to wait.
type placing struct {
	by    By
	claim idem.Claim
	Ask
}

// placed is what became of it.
type placed struct {
	Placed
	refused error
}

// placeAll is the transaction of a batch. What is refused leaves no trace: its key may be tried again.
func (s *Service) placeAll(ctx context.Context, t tenant.ID, batch []placing) (all []placed, err error) {
	err = s.db.InTx(ctx, t, func(tx *store.Tx) error {
		all = make([]placed, len(batch)) // the closure may run twice
		g, err := tx.PlaceGround(ctx, asked(batch))
		if err != nil {
			return err
		}
		var fresh []store.NewRequest
		var answers []store.Answer
		for i := range batch {
			q := &batch[i]
			if repeated(q, &g, &all[i]) {
				continue
			}
			r, err := place(&g, q)
			if err != nil {
				all[i].refused = err
				continue
			}
			fresh, all[i].Request = append(fresh, r), r.ID
			if q.claim.None() {
				continue
			}
			body, err := json.Marshal(all[i].Placed)
			if err != nil {
				return fmt.Errorf("matching: keep an answer: %w", err)
			}
			answers = append(answers, store.Answer{Claim: q.claim, Status: http.StatusCreated, Body: body})
		}
		tx.Keep(answers)
		return tx.AddRequests(ctx, fresh...)
	})
	return all, err
}

func asked(batch []placing) (a store.PlaceAsk) {
	for i := range batch {
		q := &batch[i]
		if !q.claim.None() {
			a.Claims = append(a.Claims, q.claim)
		}
		a.Queues, a.Clients, a.Fundings = append(a.Queues, q.Queue), append(a.Clients, q.by.User), append(a.Fundings, q.Funding)
		for _, n := range q.Needs {
			a.Skills = append(a.Skills, n.Skill)
		}
		if !slices.Contains(a.Currencies, q.Ceiling.Currency) {
			a.Currencies = append(a.Currencies, q.Ceiling.Currency)
		}
		if q.Organisation != uuid.Nil {
			a.Organisations = append(a.Organisations, q.Organisation)
		}
	}
	return a
}

// repeated answers what was asked under the same key before.
func repeated(q *placing, g *store.PlaceGround, to *placed) bool {
	before, ok := g.Repeats[store.KeyOf(q.claim)]
	switch {
	case q.claim.None() || !ok:
		return false
	case before.Hash != q.claim.Hash:
		to.refused = fault.New("idempotency_conflict").At("header/Idempotency-Key")
	default:
		if err := json.Unmarshal(before.Answer, &to.Placed); err != nil {
			to.refused = fmt.Errorf("matching: read a kept answer: %w", err)
		}
	}
	return true
}

// place decides about one, and counts it for those after it.
func place(g *store.PlaceGround, a *placing) (r store.NewRequest, err error) {
	q := g.Queues[a.Queue]
	funds := store.Funded{Client: a.by.User, Funding: a.Funding}
	session, _ := store.FundsOf(a.Funding)
	switch {
	case q == nil:
		return r, fault.New("queue_not_found")
	case !q.Takes:
		return r, fault.New("queue_closed")
	case q.Waiting >= q.Most:
		return r, fault.New("queue_full")
	case !slices.Contains(q.Modalities, a.Modality):
		return r, fault.New("modality_not_offered")
	case g.Waiting[a.by.User] >= mostWaiting:
		return r, fault.New("request_too_many")
	case g.Served[funds]:
		return r, fault.New("request_funds_used")
	case g.Ended[session]: // of what is no session's, who answers for funds has said that it is there
		return r, fault.New("request_not_funded")
	}
	needs, err := needsOf(a.Needs, q.Needs, g.Skills)
	if err != nil {
		return r, err
	}
	if least := g.Cheapest[a.Ceiling.Currency]; least == 0 || a.Ceiling.Amount < least {
		return r, fault.New("ceiling_too_low")
	}
	if a.Organisation != uuid.Nil && !g.Organisations[a.Organisation] {
		return r, fault.New("organisation_not_found").At("/organisation")
	}
	r = store.NewRequest{Needs: needs, Request: store.Request{ID: ident.New(), Queue: a.Queue, Client: a.by.User, Organisation: a.Organisation, Modality: a.Modality,
		Languages: a.Languages, Ceiling: ledger.Of(a.Ceiling.Amount, a.Ceiling.Currency), Priority: a.Priority, Funding: a.Funding, Ahead: q.Waiting, About: a.About}}
	q.Waiting++
	g.Waiting[a.by.User]++
	g.Served[funds] = true
	return r, nil
}

// needsOf is what is asked for: the request's own, then what its queue asks of everybody, at the higher level.
func needsOf(own, all []store.Need, known map[uuid.UUID]bool) ([]store.Wanted, error) {
	needs := make([]store.Wanted, 0, len(own)+len(all))
	for i, n := range slices.Concat(own, all) {
		x := store.Wanted{Need: n}
		if i < len(own) {
			x.Own = n.Level
		}
		if at := slices.IndexFunc(needs, func(o store.Wanted) bool { return o.Skill == n.Skill }); at >= 0 {
			needs[at].Level, needs[at].Own = max(needs[at].Level, n.Level), max(needs[at].Own, x.Own)
			continue
		}
		needs = append(needs, x)
		if n.Level < 1 || n.Level > 5 {
			return nil, fault.New("out_of_range").At("/needs")
		}
	}
	if len(needs) > mostNeeds {
		return nil, fault.New("too_long").At("/needs")
	}
	for _, n := range needs {
		if !known[n.Skill] {
			return nil, fault.New("skill_not_found")
		}
	}
	return needs, nil
}
