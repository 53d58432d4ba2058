package seal

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"
)

func box(t *testing.T, fill byte) *Box {
	t.Helper()
	b, err := Parse(base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{fill}, 32)))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestOpensOnlyWhatItSealed(t *testing.T) {
	b, plain := box(t, 1), []byte("a private key")
	sealed := b.Seal("token keys", "k1", plain)
	if bytes.Contains(sealed, plain) {
		t.Fatal("the secret shows")
	}
	if got, err := b.Open("token keys", "k1", sealed); err != nil || !bytes.Equal(got, plain) {
		t.Fatal(got, err)
	}
	broken := bytes.Clone(sealed)
	broken[len(broken)-1] ^= 1
	for name, open := range map[string]func() ([]byte, error){
		"another name":    func() ([]byte, error) { return b.Open("token keys", "k2", sealed) },
		"another purpose": func() ([]byte, error) { return b.Open("ticket keys", "k1", sealed) },
		"another secret":  func() ([]byte, error) { return box(t, 2).Open("token keys", "k1", sealed) },
		"a changed bit":   func() ([]byte, error) { return b.Open("token keys", "k1", broken) },
		"a stump":         func() ([]byte, error) { return b.Open("token keys", "k1", sealed[:5]) },
	} {
		if _, err := open(); err == nil {
			t.Errorf("%s opens it", name)
		}
	}
}

func TestParseSaysNothingOfABadSecret(t *testing.T) {
	for _, s := range []string{"", "short", strings.Repeat("A", 200)} {
		if _, err := Parse(s); err == nil || (s != "" && strings.Contains(err.Error(), s)) {
			t.Errorf("%q: %v", s, err)
		}
	}
}
