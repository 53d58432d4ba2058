package billing

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/gateway"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store"
)

// Expert is somebody whom the tenant pays, with their account at its gateway if they have one.
type Expert struct {
	store.Expert
	Account *gateway.Account
}

// ExpertStory is an expert with what went out to them and what was done to where it goes.
type ExpertStory struct {
	Expert
	Payouts []store.PaidOut
	Acts    []ExpertAct
}

// ExpertAct is one thing that somebody did.
type ExpertAct struct {
	store.Audited
	By string // what they are called; empty: the system
}

// Experts is a page of them by name, after one; with a search anybody who is called so.
func (p *Payments) Experts(ctx context.Context, t tenant.ID, search string, after uuid.UUID, limit int) ([]Expert, error) {
	r := p.db.Read(t)
	ask := store.ExpertsAsk{Search: search, Limit: limit}
	if after != uuid.Nil {
		u, err := r.UserByID(ctx, after)
		if store.IsNotFound(err) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		ask.AfterName, ask.AfterID = u.Name, u.ID
	}
	var err error
	if ask.Gateway, err = p.sharingAt(ctx, t); err != nil {
		return nil, err
	}
	found, err := r.Experts(ctx, ask)
	if err != nil {
		return nil, err
	}
	out := make([]Expert, len(found))
	for i, e := range found {
		if out[i], err = expertOf(e); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// expertStoried bounds what is told of one expert's past.
const expertStoried = 50

// Expert is one of them with their past, the newest first.
func (p *Payments) Expert(ctx context.Context, t tenant.ID, id uuid.UUID) (s ExpertStory, err error) {
	r := p.db.Read(t)
	at, err := p.sharingAt(ctx, t)
	if err != nil {
		return s, err
	}
	e, err := r.Expert(ctx, at, id)
	if store.IsNotFound(err) {
		return s, fault.New("not_found")
	}
	if err != nil {
		return s, err
	}
	if s.Expert, err = expertOf(e); err != nil {
		return s, err
	}
	if s.Payouts, err = r.ExpertPayouts(ctx, id, expertStoried); err != nil {
		return s, err
	}
	trail, err := r.AuditTrail(ctx, "user/"+id.String())
	if err != nil {
		return s, err
	}
	slices.Reverse(trail)
	names := map[uuid.UUID]string{uuid.Nil: ""}
	for _, a := range trail {
		if a.Action != "beneficiary.set" && a.Action != "seller.open" {
			continue
		}
		if len(s.Acts) == expertStoried {
			break
		}
		if _, known := names[a.Actor]; !known {
			u, err := r.UserByID(ctx, a.Actor)
			if err != nil && !store.IsNotFound(err) {
				return s, err
			}
			names[a.Actor] = u.Name
		}
		s.Acts = append(s.Acts, ExpertAct{a, names[a.Actor]})
	}
	return s, nil
}

// sharingAt is the tenant's gateway that experts have accounts at; nil where there is none.
func (p *Payments) sharingAt(ctx context.Context, t tenant.ID) (uuid.UUID, error) {
	a, err := p.db.Read(t).GatewayAccountOf(ctx, string(gateway.Stripe))
	if store.IsNotFound(err) {
		return uuid.Nil, nil
	}
	return a.ID, err
}

func expertOf(e store.Expert) (Expert, error) {
	out := Expert{Expert: e}
	if e.Ref == "" {
		return out, nil
	}
	out.Account = &gateway.Account{}
	if err := json.Unmarshal(e.State, out.Account); err != nil {
		return out, fmt.Errorf("billing: account %s: %w", e.Ref, err)
	}
	return out, nil
}
