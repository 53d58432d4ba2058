package matching

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
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
	r, err := s.places.submit(ctx, by.Tenant, placing{by, claim, a})
	if err == nil {
		p, err = r.Placed, r.refused
	}
	if err == nil {
		s.matcher.placed(by.Tenant, a.Queue)
	}
	return p, err
}
