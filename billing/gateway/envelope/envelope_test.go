package envelope

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/waymeet/waymeet/billing/gateway"
	"github.com/waymeet/waymeet/internal/seal"
)

func kms(t *testing.T, current string, ids ...string) *Environment {
	t.Helper()
	boxes := map[string]*seal.Box{}
	for _, id := range ids {
		b, err := seal.Parse(base64.StdEncoding.EncodeToString(bytes.Repeat([]byte(id[len(id)-1:]), 32)))
		if err != nil {
			t.Fatal(err)
		}
		boxes[id] = b
	}
	e, err := NewEnvironment(current, boxes)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

var credentials = gateway.Credentials{
	Kind: gateway.Stripe, Merchant: gateway.Merchant{Role: gateway.TenantIsMerchant, Name: "Atlas Commute"}, SecretKey: gateway.Hide("sk_test_hush"),
	Publishable: "pk_test_open", WebhookSecrets: []gateway.Secret{gateway.Hide("whsec_1"), gateway.Hide("whsec_2")}, Options: map[string]string{"a": "b"},
}

func TestOpensForItsTenantAlone(t *testing.T) {
	k, ctx := kms(t, "k1", "k1"), t.Context()
	s, err := SealCredentials(ctx, k, "t1", "r1", credentials)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(s.Data, []byte("sk_test")) {
		t.Fatal("the secret shows")
	}
	got, err := OpenCredentials(ctx, k, "t1", "r1", s)
	if err != nil || string(got.Encode()) != string(credentials.Encode()) {
		t.Fatal(got, err)
	}
	flip := func(b []byte) []byte { b = bytes.Clone(b); b[len(b)-1] ^= 1; return b }
	other, _ := SealCredentials(ctx, k, "t1", "r1", credentials)
	for name, open := range map[string]func() error{
		"another tenant": func() error { _, err := OpenCredentials(ctx, k, "t2", "r1", s); return err },
		"another row":    func() error { _, err := OpenCredentials(ctx, k, "t1", "r2", s); return err },
		"a shifted name": func() error { _, err := OpenCredentials(ctx, k, "t1/r1", "", s); return err },
		"changed data": func() error {
			_, err := OpenCredentials(ctx, k, "t1", "r1", Sealed{s.KeyID, s.Key, flip(s.Data)})
			return err
		},
		"a changed key": func() error {
			_, err := OpenCredentials(ctx, k, "t1", "r1", Sealed{s.KeyID, flip(s.Key), s.Data})
			return err
		},
		"another record's key": func() error {
			_, err := OpenCredentials(ctx, k, "t1", "r1", Sealed{s.KeyID, other.Key, s.Data})
			return err
		},
		"a stump": func() error {
			_, err := OpenCredentials(ctx, k, "t1", "r1", Sealed{s.KeyID, s.Key, s.Data[:5]})
			return err
		},
		"an unknown key id": func() error { _, err := OpenCredentials(ctx, k, "t1", "r1", Sealed{"k9", s.Key, s.Data}); return err },
	} {
		if err := open(); err == nil {
			t.Errorf("%s opens it", name)
		} else if strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: the error tells: %v", name, err)
		}
	}
}

// careless is a KMS that forgets what a key was wrapped for.
type careless struct{ *Environment }

func (c careless) Wrap(ctx context.Context, keyID, _ string, key []byte) ([]byte, error) {
	return c.Environment.Wrap(ctx, keyID, "", key)
}

func (c careless) Unwrap(ctx context.Context, keyID, _ string, wrapped []byte) ([]byte, error) {
	return c.Environment.Unwrap(ctx, keyID, "", wrapped)
}

// The record is bound to its name by itself too.
func TestBoundWithoutTheKMS(t *testing.T) {
	k, ctx := careless{kms(t, "k1", "k1")}, t.Context()
	s, err := SealCredentials(ctx, k, "t1", "r1", credentials)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := OpenCredentials(ctx, k, "t1", "r1", s); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenCredentials(ctx, k, "t2", "r1", s); err == nil {
		t.Fatal("another tenant opens it")
	}
}

// A key is rotated without touching what it protects; the old one may go afterwards, not before.
func TestRotation(t *testing.T) {
	ctx := t.Context()
	s, err := SealCredentials(ctx, kms(t, "k1", "k1"), "t1", "r1", credentials)
	if err != nil {
		t.Fatal(err)
	}
	both := kms(t, "k2", "k1", "k2")
	moved, err := RewrapCredentials(ctx, both, "t1", "r1", s)
	if err != nil || moved.KeyID != "k2" || !bytes.Equal(moved.Data, s.Data) || bytes.Equal(moved.Key, s.Key) {
		t.Fatal(moved.KeyID, err)
	}
	if again, err := RewrapCredentials(ctx, both, "t1", "r1", moved); err != nil || !bytes.Equal(again.Key, moved.Key) {
		t.Fatal("moved twice", err)
	}
	if _, err := RewrapCredentials(ctx, both, "t2", "r1", s); err == nil {
		t.Fatal("re-wrapped under another tenant's name")
	}
	only := kms(t, "k2", "k2")
	if _, err := OpenCredentials(ctx, only, "t1", "r1", moved); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenCredentials(ctx, only, "t1", "r1", s); err == nil {
		t.Fatal("opens without its key")
	}
}

func TestSecretsDoNotShow(t *testing.T) {
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("opened", "credentials", credentials, "key", credentials.SecretKey)
	said := log.String() + fmt.Sprintf("%v %+v %#v %s %x %q", credentials, credentials, credentials, credentials.SecretKey, credentials.SecretKey, credentials.WebhookSecrets)
	for _, secret := range []string{"hush", "whsec", fmt.Sprintf("%x", "sk_test")} {
		if strings.Contains(said, secret) {
			t.Errorf("%s shows in %s", secret, said)
		}
	}
}
