package matching

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store"
)

const (
	mostNeeds   = 8 // skills of a request, its queue's included
	mostWaiting = 3 // requests of one client

	longestFunding = 200
	longestAbout   = 2000
)

// Ask is what somebody needs.
type Ask struct {
	Queue        uuid.UUID
	Needs        []store.Need // the most important first
	Languages    []string     // any of them will do
	Modality     string
	Ceiling      ledger.Money // of a minute's price: what was agreed on when the money was set aside, whatever is said here
	Organisation uuid.UUID
	Priority     int
	Funding      string // what was set aside for it
	About        string // what they write about it, for whoever is rung
}

// Placed is somebody who waits now.
type Placed struct {
	Request uuid.UUID `json:"request"`
}

// Request lets somebody wait: no hold, no queue.
func (s *Service) Request(ctx context.Context, by By, claim idem.Claim, a Ask) (p Placed, err error) {
	if s.funds == nil || a.Funding == "" {
		return p, fault.New("request_not_funded")
	}
	if err := first(checkLanguages(a.Languages), between(a.Priority, 0, 9, "/priority")); err != nil {
		return p, err
	}
	if len(a.Funding) > longestFunding {
		return p, fault.New("too_long").At("/funding")
	}
	if a.About = strings.TrimSpace(a.About); utf8.RuneCountInString(a.About) > longestAbout {
		return p, fault.New("too_long").At("/about")
	}
	// Asked before the transaction: what holds the money may be far away, and it holds it whether this commits or not.
	ceiling, funded, err := s.funds.Funded(ctx, by, a.Funding)
	if err != nil || !funded {
		if err == nil {
			err = fault.New("request_not_funded")
		}
		return p, err
	}
	a.Ceiling = ceiling
	err = s.db.InTx(ctx, by.Tenant, func(tx *store.Tx) error {
		answer, _, err := tx.Once(ctx, claim, http.StatusCreated, func() (any, error) { return place(ctx, tx, by, a) })
		if err != nil {
			return err
		}
		return json.Unmarshal(answer, &p)
	})
	if err == nil {
		s.matcher.placed(by.Tenant, a.Queue)
	}
	return p, err
}

func place(ctx context.Context, tx *store.Tx, by By, a Ask) (p Placed, err error) {
	q, err := tx.Queue(ctx, a.Queue)
	switch {
	case store.IsNotFound(err):
		return p, fault.New("queue_not_found")
	case err != nil:
		return p, err
	case !q.Takes:
		return p, fault.New("queue_closed")
	case q.Waiting >= q.Most:
		return p, fault.New("queue_full")
	case !slices.Contains(q.Modalities, a.Modality):
		return p, fault.New("modality_not_offered")
	}
	if n, err := tx.WaitingOf(ctx, by.User); err != nil || n >= mostWaiting {
		if err == nil {
			err = fault.New("request_too_many")
		}
		return p, err
	}
	if serves, err := tx.ServesAlready(ctx, by.User, a.Funding); err != nil || serves {
		if err == nil {
			err = fault.New("request_funds_used")
		}
		return p, err
	}
	if err := stillSetAside(ctx, tx, a.Funding); err != nil {
		return p, err
	}
	needs, err := needsOf(ctx, tx, a)
	if err != nil {
		return p, err
	}
	if least, err := tx.CheapestMinute(ctx, a.Ceiling.Currency); err != nil || least == 0 || a.Ceiling.Amount < least {
		if err == nil {
			err = fault.New("ceiling_too_low")
		}
		return p, err
	}
	if a.Organisation != uuid.Nil {
		if _, err := tx.Organisation(ctx, a.Organisation); err != nil {
			if store.IsNotFound(err) {
				err = fault.New("organisation_not_found").At("/organisation")
			}
			return p, err
		}
	}
	p.Request = ident.New()
	return p, tx.AddRequest(ctx, store.Request{ID: p.Request, Queue: a.Queue, Client: by.User, Organisation: a.Organisation, Modality: a.Modality,
		Languages: a.Languages, Ceiling: a.Ceiling, Priority: a.Priority, Funding: a.Funding, Ahead: q.Waiting, About: a.About}, needs)
}

// stillSetAside holds the money's row until the request is there: who lets unused money go looks for requests behind the same lock.
func stillSetAside(ctx context.Context, tx *store.Tx, funding string) error {
	id, named := store.FundsOf(funding)
	if !named {
		return nil
	}
	m, err := tx.LockMetered(ctx, id)
	switch {
	case store.IsNotFound(err): // who answers for funds has said that they are there
		return nil
	case err == nil && m.Ended:
		return fault.New("request_not_funded")
	}
	return err
}

// needsOf is what is asked for: the request's own, then what its queue asks of everybody, at the higher level.
func needsOf(ctx context.Context, tx *store.Tx, a Ask) ([]store.Need, error) {
	all, err := tx.QueueNeeds(ctx, a.Queue)
	if err != nil {
		return nil, err
	}
	needs := make([]store.Need, 0, len(a.Needs)+len(all))
	var ids []uuid.UUID
	for _, n := range slices.Concat(a.Needs, all) {
		if i := slices.Index(ids, n.Skill); i >= 0 {
			needs[i].Level = max(needs[i].Level, n.Level)
			continue
		}
		ids, needs = append(ids, n.Skill), append(needs, n)
		if n.Level < 1 || n.Level > 5 {
			return nil, fault.New("out_of_range").At("/needs")
		}
	}
	if len(needs) > mostNeeds {
		return nil, fault.New("too_long").At("/needs")
	}
	if known, err := tx.SkillsKnown(ctx, ids); err != nil || known != len(ids) {
		if err == nil {
			err = fault.New("skill_not_found")
		}
		return nil, err
	}
	return needs, nil
}
