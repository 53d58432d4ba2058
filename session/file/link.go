package file

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
)

// Link is what a token says: this file of this tenant, under a name, until a time.
type Link struct {
	Tenant tenant.ID
	Hash   string
	Kind   string
	Name   string
	Until  time.Time
}

// signed is a link as it is written.
type signed struct {
	Tenant string `json:"t"`
	Hash   string `json:"h"`
	Kind   string `json:"k"`
	Name   string `json:"n"`
	Until  int64  `json:"u"`
}

// Token writes a link, signed with key.
func (l Link) Token(key []byte) string {
	b, err := json.Marshal(signed{l.Tenant.String(), l.Hash, l.Kind, l.Name, l.Until.Unix()})
	if err != nil {
		panic("file: link: " + err.Error()) // texts and a number
	}
	body := base64.RawURLEncoding.EncodeToString(b)
	return body + "." + base64.RawURLEncoding.EncodeToString(macOf(key, body))
}

// Follow reads a token. One that is not ours leads nowhere; one whose time is over says so.
func Follow(key []byte, token string, now time.Time) (Link, error) {
	body, mark, _ := strings.Cut(token, ".")
	mac, err := base64.RawURLEncoding.Strict().DecodeString(mark)
	if err != nil || !hmac.Equal(mac, macOf(key, body)) {
		return Link{}, fault.New("not_found")
	}
	b, err := base64.RawURLEncoding.DecodeString(body)
	if err != nil {
		return Link{}, fault.New("not_found")
	}
	var s signed
	if err := json.Unmarshal(b, &s); err != nil {
		return Link{}, fault.New("not_found")
	}
	t, err := tenant.Parse(s.Tenant)
	if err != nil {
		return Link{}, fault.New("not_found")
	}
	l := Link{t, s.Hash, s.Kind, s.Name, time.Unix(s.Until, 0)}
	if !l.Until.After(now) {
		return Link{}, fault.New("file_link_over")
	}
	return l, nil
}

func macOf(key []byte, body string) []byte {
	m := hmac.New(sha256.New, key)
	m.Write([]byte("waymeet file link/" + body))
	return m.Sum(nil)
}
