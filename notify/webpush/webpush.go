// Package webpush speaks to browsers' push services: a message is encrypted for the one browser (RFC 8291) and signed with the installation's key (VAPID, RFC 8292).
//
// Where a message goes says the browser, which is somebody else's program: an address is https, is dialled only where its name leads to a public network, and leads nowhere else
// (no redirects). For development alone this machine may be reached as well.
package webpush

import (
	"context"
	"crypto/ecdh"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"

	push "github.com/SherClockHolmes/webpush-go"
)

// What becomes of a message that is not taken.
var (
	ErrGone    = errors.New("webpush: the browser has unsubscribed")
	ErrRefused = errors.New("webpush: no address of a push service")
)

const patience = 5 * time.Second

// Browser is where a message goes, and for whose eyes.
type Browser struct{ Endpoint, Key, Auth string }

// Config is what it is given.
type Config struct {
	Key     []byte // 32 bytes: the private one
	Contact string // whom a push service writes to: an https address, or of mail
	Local   bool   // this machine is reached, too
}

// Speaker sends. It is safe for use by many goroutines.
type Speaker struct {
	private, public, contact string
	local                    bool
	client                   *http.Client
}

// New makes one.
func New(c Config) (*Speaker, error) {
	key, err := ecdh.P256().NewPrivateKey(c.Key)
	if err != nil {
		return nil, fmt.Errorf("webpush: key: %w", err)
	}
	s := &Speaker{private: base64.RawURLEncoding.EncodeToString(key.Bytes()), public: base64.RawURLEncoding.EncodeToString(key.PublicKey().Bytes()), contact: c.Contact, local: c.Local}
	dial := &net.Dialer{Timeout: patience, Control: s.judge}
	s.client = &http.Client{Timeout: patience, Transport: &http.Transport{DialContext: dial.DialContext, TLSHandshakeTimeout: patience, MaxIdleConns: 20, IdleConnTimeout: time.Minute},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return s, nil
}

// Key is the public one, as browsers want it.
func (s *Speaker) Key() string { return s.public }

// Check says whether a message could go there at all: ErrRefused where not. Where its name leads is judged when it is dialled, each time.
func (s *Speaker) Check(b Browser) error {
	u, err := url.Parse(b.Endpoint)
	if err != nil || u.Host == "" || u.User != nil {
		return ErrRefused
	}
	if plain := u.Scheme == "http" && s.local; u.Scheme != "https" && !plain {
		return ErrRefused
	}
	if ip, err := netip.ParseAddr(u.Hostname()); err == nil && !s.may(ip) {
		return ErrRefused
	}
	key, err := base64.RawURLEncoding.DecodeString(b.Key)
	if err == nil {
		_, err = ecdh.P256().NewPublicKey(key)
	}
	if auth, aerr := base64.RawURLEncoding.DecodeString(b.Auth); err != nil || aerr != nil || len(auth) != 16 {
		return ErrRefused
	}
	return nil
}

// judge is asked with the address that is dialled, after its name was looked up.
func (s *Speaker) judge(_, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil || !s.may(to.Addr()) {
		return ErrRefused
	}
	return nil
}

var reserved = []netip.Prefix{netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"), netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("240.0.0.0/4"), netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("2002::/16"), netip.MustParsePrefix("2001::/23")}

func (s *Speaker) may(ip netip.Addr) bool {
	ip = ip.Unmap()
	if ip.IsLoopback() {
		return s.local
	}
	if !ip.IsGlobalUnicast() || ip.IsPrivate() {
		return false
	}
	for _, p := range reserved {
		if p.Contains(ip) {
			return false
		}
	}
	return true
}

// Send brings a message to a browser, or to its push service for so long. ErrGone: it will never take one again.
func (s *Speaker) Send(ctx context.Context, b Browser, message []byte, keep time.Duration, topic string) error {
	if err := s.Check(b); err != nil {
		return err
	}
	res, err := push.SendNotificationWithContext(ctx, message, &push.Subscription{Endpoint: b.Endpoint, Keys: push.Keys{Auth: b.Auth, P256dh: b.Key}}, &push.Options{HTTPClient: s.client,
		Subscriber: s.contact, Topic: topic, TTL: int(keep / time.Second), Urgency: push.UrgencyHigh, VAPIDPublicKey: s.public, VAPIDPrivateKey: s.private, RecordSize: 2048})
	if err != nil {
		return fmt.Errorf("webpush: send: %w", err)
	}
	defer res.Body.Close()
	_, _ = io.CopyN(io.Discard, res.Body, 4<<10)
	switch {
	case res.StatusCode == http.StatusNotFound || res.StatusCode == http.StatusGone:
		return ErrGone
	case res.StatusCode >= 300:
		return fmt.Errorf("webpush: the push service answers %d", res.StatusCode)
	}
	return nil
}
