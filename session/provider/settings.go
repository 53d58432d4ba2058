package provider

import (
	"context"
	"fmt"
	"sync"

	"github.com/waymeet/waymeet/billing/gateway/envelope"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/session/media"
	"github.com/waymeet/waymeet/store"
)

// Settings opens tenants' providers.
type Settings struct {
	db      *store.DB
	kms     envelope.KMS
	openers media.Openers

	mu   sync.Mutex
	open map[tenant.ID]opened // guarded by mu
}

type opened struct {
	version  int64
	provider media.Provider
}

// New opens with these adapters; kms unwraps the credentials' keys.
func New(db *store.DB, kms envelope.KMS, openers media.Openers) *Settings {
	return &Settings{db: db, kms: kms, openers: openers, open: map[tenant.ID]opened{}}
}

// Of is a tenant's provider.
func (s *Settings) Of(ctx context.Context, t tenant.ID) (media.Provider, error) {
	row, err := s.db.Read(t).MediaSetting(ctx)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	o, ok := s.open[t]
	s.mu.Unlock()
	if ok && o.version == row.Version {
		return o.provider, nil
	}
	c, err := s.credentials(ctx, t, row)
	if err != nil {
		return nil, err
	}
	p, err := s.openers.Open(c)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if o, ok := s.open[t]; ok && o.version >= row.Version { // somebody was faster, maybe with a newer row
		return o.provider, nil
	}
	s.open[t] = opened{row.Version, p}
	return p, nil
}

// For is the provider of a session that began with this kind, its parties hidden from each other or not. What the tenant has chosen since changes neither:
// the built-in one needs nothing of theirs, and another that they have left is an error.
func (s *Settings) For(ctx context.Context, t tenant.ID, kind media.Kind, relayOnly bool) (media.Provider, error) {
	if kind == media.Peer {
		return s.openers.Open(media.Credentials{Kind: kind, RelayOnly: relayOnly})
	}
	p, err := s.Of(ctx, t)
	if err == nil && p.Profile().Kind != kind {
		return nil, &media.Misconfigured{Text: "the tenant has left the provider that the session began with"}
	}
	return p, err
}

// Choose makes a provider a tenant's, with credentials that are complete. They are opened once before, so that what is kept can be
// used; whether the provider accepts them, its first answer says. Sessions that have begun stay where they are.
func (s *Settings) Choose(ctx context.Context, t tenant.ID, c media.Credentials) error {
	row, err := s.db.Read(t).MediaSetting(ctx)
	if err != nil {
		return err
	}
	return s.put(ctx, t, row, c)
}

// Change replaces parts of what a tenant has: a new key, a webhook's secret that counts beside the old one, relaying.
func (s *Settings) Change(ctx context.Context, t tenant.ID, change func(*media.Credentials)) error {
	row, err := s.db.Read(t).MediaSetting(ctx)
	if err != nil {
		return err
	}
	c, err := s.credentials(ctx, t, row)
	if err != nil {
		return err
	}
	kind := c.Kind
	change(&c)
	c.Kind = kind
	return s.put(ctx, t, row, c)
}

func (s *Settings) put(ctx context.Context, t tenant.ID, row store.MediaSetting, c media.Credentials) error {
	if _, err := s.openers.Open(c); err != nil {
		return err
	}
	next := store.MediaSetting{Provider: string(c.Kind), RelayOnly: c.RelayOnly, Version: row.Version}
	if c.Kind != media.Peer {
		sealed, err := envelope.Seal(ctx, s.kms, named(t), c.Encode())
		if err != nil {
			return fmt.Errorf("provider: seal credentials: %w", err)
		}
		next.Sealed = store.Sealed(sealed)
	}
	return s.db.InTx(ctx, t, func(tx *store.Tx) error {
		if done, err := tx.PutMediaSetting(ctx, next); err != nil || !done {
			if err == nil {
				err = fault.New("media_changed")
			}
			return err
		}
		return tx.Audit(store.Audit{Action: "media.set", Target: "media/" + string(c.Kind),
			Detail: map[string]any{"provider": c.Kind, "before": row.Provider, "relay_only": c.RelayOnly}})
	})
}

func (s *Settings) credentials(ctx context.Context, t tenant.ID, row store.MediaSetting) (media.Credentials, error) {
	c := media.Credentials{Kind: media.Kind(row.Provider)}
	if row.Sealed.KeyID != "" {
		plain, err := envelope.Open(ctx, s.kms, named(t), envelope.Sealed(row.Sealed))
		if err != nil {
			return media.Credentials{}, &media.Misconfigured{Text: err.Error()} // its name and its key's, nothing of what it holds
		}
		if c, err = media.DecodeCredentials(plain); err != nil {
			return media.Credentials{}, err
		}
	}
	c.RelayOnly = row.RelayOnly
	return c, nil
}

// Rotate moves a tenant's credentials under the current key; there: they were under it, or there are none.
func (s *Settings) Rotate(ctx context.Context, t tenant.ID) (moved, there bool, err error) {
	for range 3 { // somebody changes it at the same time: what they sealed may be under the current key already
		row, err := s.db.Read(t).MediaSetting(ctx)
		if err != nil || row.Sealed.KeyID == "" {
			return false, false, err
		}
		sealed, err := envelope.Rewrap(ctx, s.kms, named(t), envelope.Sealed(row.Sealed))
		if err != nil || sealed.KeyID == row.Sealed.KeyID {
			return false, err == nil, err
		}
		if _, err := envelope.Open(ctx, s.kms, named(t), sealed); err != nil {
			return false, false, err // nothing is written that does not open
		}
		from := row.Sealed.KeyID
		row.Sealed = store.Sealed(sealed)
		var done bool
		err = s.db.InTx(ctx, t, func(tx *store.Tx) (err error) {
			if done, err = tx.PutMediaSetting(ctx, row); err != nil || !done {
				return err
			}
			return tx.Audit(store.Audit{Action: "media.rotate", Target: "media/" + row.Provider, Detail: map[string]any{"from": from, "to": sealed.KeyID}})
		})
		if err != nil || done {
			return done, false, err
		}
	}
	return false, false, fault.New("media_changed")
}

// named binds what is sealed to its tenant.
func named(t tenant.ID) string { return "media credentials/" + t.String() }
