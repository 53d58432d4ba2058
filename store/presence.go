package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/store/internal/sqlc"
)

// Present is one connection of a user.
type Present struct {
	Tenant  tenant.ID
	User    uuid.UUID
	Conn    uuid.UUID
	Device  uuid.UUID // the sign-in behind it
	Browser bool
	Since   time.Time
}

// Device is where a user is connected with one of their sign-ins.
type Device struct {
	ID          uuid.UUID
	Node        string
	Browser     bool
	Since       time.Time
	Connections int
}

// NodeBeat renews a node's lease. It says true when there was none: whatever was present there must be told again.
func (s *System) NodeBeat(ctx context.Context, epoch uuid.UUID, name string, lease time.Duration) (fresh bool, err error) {
	return s.q.NodeBeat(ctx, epoch, name, lease.Seconds())
}

// NodeGone gives the lease up, and with it everybody who was connected there.
func (s *System) NodeGone(ctx context.Context, epoch uuid.UUID) error {
	return s.q.NodeGone(ctx, epoch)
}

// NodesReap forgets nodes whose lease ran out. Any node may do it, any number of times.
func (s *System) NodesReap(ctx context.Context) error { return s.q.NodesReap(ctx) }

// PresenceEnter notes connections of a node; those that are noted already stay as they are.
func (s *System) PresenceEnter(ctx context.Context, epoch uuid.UUID, who []Present) error {
	p := columns(who)
	browsers, sinces, devices := make([]bool, len(who)), make([]time.Time, len(who)), make([]uuid.UUID, len(who))
	for i, x := range who {
		browsers[i], sinces[i], devices[i] = x.Browser, x.Since, x.Device
	}
	return s.q.PresenceEnter(ctx, sqlc.PresenceEnterParams{Epoch: epoch, Tenants: p.tenants, Users: p.users, Conns: p.conns,
		Devices: devices, Browsers: browsers, Sinces: sinces})
}

// PresenceLeave forgets connections.
func (s *System) PresenceLeave(ctx context.Context, who []Present) error {
	p := columns(who)
	return s.q.PresenceLeave(ctx, p.tenants, p.users, p.conns)
}

type presenceColumns struct{ tenants, users, conns []uuid.UUID }

func columns(who []Present) (p presenceColumns) {
	for _, x := range who {
		p.tenants, p.users, p.conns = append(p.tenants, x.Tenant.UUID()), append(p.users, x.User), append(p.conns, x.Conn)
	}
	return p
}

// Presence is where a user is connected now, oldest first.
func (r *Reader) Presence(ctx context.Context, user uuid.UUID) ([]Device, error) {
	rows, err := r.q.PresenceOf(ctx, r.tenant.UUID(), user)
	if err != nil {
		return nil, fmt.Errorf("store: where user %s is connected: %w", user, err)
	}
	out := make([]Device, len(rows))
	for i, x := range rows {
		out[i] = Device{ID: x.Device, Node: x.Node, Browser: x.Browser, Since: x.Since, Connections: int(x.Connections)}
	}
	return out, nil
}
