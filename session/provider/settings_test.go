package provider_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/waymeet/waymeet/billing/gateway/envelope"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/seal"
	"github.com/waymeet/waymeet/internal/secret"
	"github.com/waymeet/waymeet/session/media"
	"github.com/waymeet/waymeet/session/media/peer"
	"github.com/waymeet/waymeet/session/provider"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/store/storetest"
)

// standIn is a provider that knows what it was opened with.
type standIn struct {
	media.Provider
	with media.Credentials
}

func (*standIn) Profile() media.Profile { return media.Profile{Kind: media.LiveKit} }

type opener struct{}

func (opener) Kind() media.Kind { return media.LiveKit }
func (opener) Open(c media.Credentials) (media.Provider, error) {
	if c.Key.IsZero() {
		return nil, &media.Misconfigured{Text: "a key is needed"}
	}
	return &standIn{with: c}, nil
}

type world struct {
	*storetest.DB
	db *store.DB
}

func kms(t *testing.T, current string, ids ...string) *envelope.Environment {
	t.Helper()
	boxes := map[string]*seal.Box{}
	for _, id := range ids {
		b, err := seal.Parse(base64.StdEncoding.EncodeToString(bytes.Repeat([]byte(id[len(id)-1:]), 32)))
		if err != nil {
			t.Fatal(err)
		}
		boxes[id] = b
	}
	e, err := envelope.NewEnvironment(current, boxes)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func (w world) settings(k envelope.KMS) *provider.Settings {
	return provider.New(w.db, k, media.Openers{peer.New(peer.Config{}), opener{}})
}

func open(t *testing.T) world {
	t.Helper()
	d := storetest.New(t)
	return world{d, d.DB}
}

func is[T error](t *testing.T, err error) {
	t.Helper()
	var e T
	if !errors.As(err, &e) {
		t.Fatalf("%v (%T)", err, err)
	}
}

var given = media.Credentials{Kind: media.LiveKit, URL: "wss://media.example", KeyID: "k", Key: secret.Hide("hush-hush"), WebhookSecrets: []secret.Text{secret.Hide("hush-old")}}

func TestATenantChooses(t *testing.T) {
	t.Parallel()
	w, ctx := open(t), t.Context()
	one, other := w.settings(kms(t, "k1", "k1")), w.settings(kms(t, "k1", "k1")) // two nodes
	kind := func(s *provider.Settings, x storetest.Tenant) media.Profile {
		t.Helper()
		p, err := s.Of(ctx, x.ID)
		if err != nil {
			t.Fatal(err)
		}
		if in, ok := p.(*standIn); ok {
			if string(in.with.Encode()) != string(given.Encode()) {
				t.Fatalf("%s", in.with.Encode())
			}
			return media.Profile{Kind: media.LiveKit}
		}
		return p.Profile()
	}
	if p := kind(one, w.A); p.Kind != media.Peer || p.Can(media.Hides) {
		t.Fatalf("%+v", p)
	}
	if err := other.Choose(ctx, w.A.ID, media.Credentials{Kind: media.Peer, RelayOnly: true}); err != nil {
		t.Fatal(err)
	}
	if p := kind(one, w.A); p.Kind != media.Peer || !p.Can(media.Hides) {
		t.Fatalf("the other node's choice is not heard: %+v", p)
	}
	is[*media.Misconfigured](t, one.Choose(ctx, w.A.ID, media.Credentials{Kind: media.LiveKit}))
	is[*media.Misconfigured](t, one.Choose(ctx, w.A.ID, media.Credentials{Kind: "zoom", Key: secret.Hide("x")}))
	if err := one.Choose(ctx, w.A.ID, given); err != nil {
		t.Fatal(err)
	}
	if kind(one, w.A).Kind != media.LiveKit || kind(other, w.A).Kind != media.LiveKit || kind(one, w.B).Kind != media.Peer {
		t.Fatal("one tenant's choice is that of its nodes, and of nobody else")
	}
	a, err := one.Of(ctx, w.A.ID)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := one.Of(ctx, w.A.ID); err != nil || a != b {
		t.Fatal("opened anew for each call", err)
	}
	if n := w.Int(t, `select count(*) from media_setting where position('hush' in encode(sealed_credentials, 'escape')) > 0`); n != 0 {
		t.Fatal("credentials lie open")
	}
	if n := w.Int(t, `select count(*) from audit where action = 'media.set' and tenant_id = $1 and detail::text not like '%hush%'`, w.A.ID.UUID()); n != 2 {
		t.Fatal(n, "audit rows")
	}
}

func TestTwoChangeAtOnce(t *testing.T) {
	t.Parallel()
	w, ctx := open(t), t.Context()
	s := w.settings(kms(t, "k1", "k1"))
	if err := s.Choose(ctx, w.A.ID, given); err != nil {
		t.Fatal(err)
	}
	err := s.Change(ctx, w.A.ID, func(c *media.Credentials) {
		c.Key = secret.Hide("first read, last written")
		if err := s.Change(ctx, w.A.ID, func(c *media.Credentials) { c.KeyID = "k2" }); err != nil {
			t.Fatal(err)
		}
	})
	if !fault.Is(err, "media_changed") {
		t.Fatal("the second overwrites the first:", err)
	}
	p, err := s.Of(ctx, w.A.ID)
	if err != nil {
		t.Fatal(err)
	}
	if c := p.(*standIn).with; c.KeyID != "k2" || c.Key.Reveal() != "hush-hush" {
		t.Fatalf("%s", c.Encode())
	}
}

// What is sealed opens for its tenant, with its key, and nothing takes its place.
func TestSealedForOneTenant(t *testing.T) {
	t.Parallel()
	w, ctx := open(t), t.Context()
	if err := w.settings(kms(t, "k1", "k1")).Choose(ctx, w.A.ID, given); err != nil {
		t.Fatal(err)
	}
	w.Exec(t, `insert into media_setting (tenant_id, provider, kms_key, wrapped_key, sealed_credentials) select $2, provider, kms_key, wrapped_key, sealed_credentials from media_setting where tenant_id = $1`,
		w.A.ID.UUID(), w.B.ID.UUID())
	_, err := w.settings(kms(t, "k1", "k1")).Of(ctx, w.B.ID)
	is[*media.Misconfigured](t, err)
	if strings.Contains(fmt.Sprintf("%+v", err), "hush") {
		t.Fatal("the error tells")
	}
	p, err := w.settings(kms(t, "k2", "k2")).Of(ctx, w.A.ID)
	is[*media.Misconfigured](t, err)
	if p != nil {
		t.Fatal("without its key there is another provider")
	}
}

func TestRotate(t *testing.T) {
	t.Parallel()
	w, ctx := open(t), t.Context()
	if err := w.settings(kms(t, "k1", "k1")).Choose(ctx, w.A.ID, given); err != nil {
		t.Fatal(err)
	}
	both := w.settings(kms(t, "k2", "k1", "k2"))
	for _, want := range [][2]bool{{true, false}, {false, true}} {
		if moved, there, err := both.Rotate(ctx, w.A.ID); err != nil || [2]bool{moved, there} != want {
			t.Fatal(moved, there, err)
		}
	}
	if moved, there, err := both.Rotate(ctx, w.B.ID); err != nil || moved || there {
		t.Fatal("of nothing:", moved, there, err)
	}
	if _, err := w.settings(kms(t, "k2", "k2")).Of(ctx, w.A.ID); err != nil {
		t.Fatal("the old key may not go:", err)
	}
	if _, _, err := w.settings(kms(t, "k3", "k3")).Rotate(ctx, w.A.ID); err == nil {
		t.Fatal("moved without its key")
	}
}

// A session stays with what it began with: the built-in provider needs nothing of the tenant's, hidden parties stay hidden, and a provider
// that the tenant has left is an error, never another one instead.
func TestASessionStaysWithItsProvider(t *testing.T) {
	t.Parallel()
	w, ctx := open(t), t.Context()
	s := w.settings(kms(t, "k1", "k1"))
	if _, err := s.For(ctx, w.A.ID, media.LiveKit, false); err == nil {
		t.Error("a provider that nobody chose")
	}
	if err := s.Choose(ctx, w.A.ID, given); err != nil {
		t.Fatal(err)
	}
	for _, hidden := range []bool{true, false} {
		p, err := s.For(ctx, w.A.ID, media.Peer, hidden)
		if err != nil || p.Profile().Kind != media.Peer || p.Profile().Can(media.Hides) != hidden {
			t.Errorf("%+v, %v", p, err)
		}
	}
	if p, err := s.For(ctx, w.A.ID, media.LiveKit, false); err != nil || p.Profile().Kind != media.LiveKit {
		t.Errorf("%+v, %v", p, err)
	}
	_, err := s.For(ctx, w.A.ID, media.Daily, false)
	is[*media.Misconfigured](t, err)
	_, err = s.For(ctx, w.B.ID, media.LiveKit, false)
	is[*media.Misconfigured](t, err)
}
