package identity

import (
	"context"
	"time"

	"github.com/waymeet/waymeet/identity/tenant"
)

type zoneRead struct {
	loc *time.Location
	at  time.Time
}

// Zone is where a tenant's clocks hang: read once in a while, because it is asked for with each request.
func (s *Service) Zone(ctx context.Context, t tenant.ID) (*time.Location, error) {
	now := s.now()
	if was, ok := s.zones.Load(t); ok {
		if r, fresh := was.(zoneRead); fresh && now.Sub(r.at) < rememberFor {
			return r.loc, nil
		}
	}
	row, err := s.db.Read(t).TenantRow(ctx)
	if err != nil {
		return nil, err
	}
	loc, err := row.Location()
	if err != nil {
		return nil, err
	}
	s.zones.Store(t, zoneRead{loc, now})
	return loc, nil
}
