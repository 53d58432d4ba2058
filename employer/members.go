package employer

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/store"
)

// MembersAsk is which members a page has.
type MembersAsk struct {
	Organisation uuid.UUID
	Q            string
	Gone         bool
	After        uuid.UUID
	Limit        int
}

// Members is a page of those whom the caller reaches, by name.
func (s *Service) Members(ctx context.Context, ask MembersAsk) ([]store.Membership, error) {
	a, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	r := s.db.Read(a.Tenant)
	o, _, within, err := reach(ctx, r, a, policy.CompanyRead, ask.Organisation)
	if err != nil {
		return nil, err
	}
	return r.Members(ctx, store.MemberAsk{Organisation: o.ID, Within: within, Today: s.today(o), Q: strings.ToLower(strings.TrimSpace(ask.Q)),
		Gone: ask.Gone, After: ask.After, Limit: ask.Limit})
}
