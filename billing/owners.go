package billing

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/tenant"
)

// Owners is what those are called whom accounts belong to, by the account's code: a rider, an agent, an expert, an organisation. Accounts of
// the operator's own are not in it.
func (f *Finance) Owners(ctx context.Context, t tenant.ID, codes ...string) (map[string]string, error) {
	of := map[string]uuid.UUID{}
	var ids []uuid.UUID
	for _, code := range codes {
		_, owner, _ := strings.Cut(code, ":")
		owner, _, _ = strings.Cut(owner, ":")
		if id, err := uuid.Parse(owner); err == nil && len(owner) == 36 {
			of[code] = id
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	names, err := f.db.Read(t).AccountOwners(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := make(map[string]string, len(of))
	for code, id := range of {
		if name := names[id]; name != "" {
			out[code] = name
		}
	}
	return out, nil
}
