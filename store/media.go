package store

import (
	"context"
	"fmt"

	"github.com/waymeet/waymeet/store/internal/sqlc"
)

// MediaSetting is what carries a tenant's voices and pictures. Credentials are sealed; whoever may open them knows the key.
type MediaSetting struct {
	Provider  string // peer, livekit, daily
	RelayOnly bool
	Sealed    Sealed // zero: there are none
	Version   int64  // 0: there is no row
}

// MediaSetting is the tenant's; without a row it is the built-in provider.
func (r *Reader) MediaSetting(ctx context.Context) (MediaSetting, error) {
	s, err := r.q.MediaSettingGet(ctx, r.tenant.UUID())
	if IsNotFound(err) {
		return MediaSetting{Provider: "peer"}, nil
	}
	if err != nil {
		return MediaSetting{}, fmt.Errorf("store: read the media setting: %w", err)
	}
	out := MediaSetting{Provider: s.Provider, RelayOnly: s.RelayOnly, Version: s.Version}
	if s.KmsKey != nil {
		out.Sealed = Sealed{*s.KmsKey, s.WrappedKey, s.SealedCredentials}
	}
	return out, nil
}

// PutMediaSetting replaces the setting that was read; false: it is another by now.
func (tx *Tx) PutMediaSetting(ctx context.Context, s MediaSetting) (bool, error) {
	p := sqlc.MediaSettingPutParams{TenantID: tx.tenant.UUID(), Provider: s.Provider, RelayOnly: s.RelayOnly, Version: s.Version}
	if s.Sealed.KeyID != "" {
		p.KmsKey, p.WrappedKey, p.SealedCredentials = &s.Sealed.KeyID, s.Sealed.Key, s.Sealed.Data
	}
	n, err := tx.q.MediaSettingPut(ctx, p)
	if err != nil {
		return false, fmt.Errorf("store: put the media setting: %w", err)
	}
	return n == 1, nil
}
