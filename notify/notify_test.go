package notify_test

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/internal/errand"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/matching"
	"github.com/waymeet/waymeet/notify"
	"github.com/waymeet/waymeet/notify/webpush"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/store/storetest"
)

// browser is a subscriber with a push service of its own, which reads what it is sent with the subscriber's keys.
type browser struct {
	*httptest.Server
	key  *ecdh.PrivateKey
	auth []byte

	mu     sync.Mutex
	status int      // guarded by mu: what it answers
	raw    [][]byte // guarded by mu
	heads  []http.Header
}

func newBrowser(t *testing.T) *browser {
	t.Helper()
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	b := &browser{key: key, auth: make([]byte, 16), status: http.StatusCreated}
	_, _ = rand.Read(b.auth)
	b.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		b.mu.Lock()
		defer b.mu.Unlock()
		b.raw, b.heads = append(b.raw, body), append(b.heads, r.Header.Clone())
		if b.status == http.StatusFound {
			w.Header().Set("Location", "http://127.0.0.1:1/")
		}
		w.WriteHeader(b.status)
	}))
	t.Cleanup(b.Close)
	return b
}

func (b *browser) answers(status int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.status = status
}

func (b *browser) to() webpush.Browser {
	return webpush.Browser{Endpoint: b.URL + "/send/1", Key: base64.RawURLEncoding.EncodeToString(b.key.PublicKey().Bytes()), Auth: base64.RawURLEncoding.EncodeToString(b.auth)}
}

// read decrypts what came (RFC 8291), as a browser does.
func (b *browser) read(t *testing.T, body []byte) (m notify.Message, text string) {
	t.Helper()
	salt, from, sealed := body[:16], body[21:21+65], body[21+65:]
	theirs, err := ecdh.P256().NewPublicKey(from)
	if err != nil {
		t.Fatal(err)
	}
	shared, err := b.key.ECDH(theirs)
	if err != nil {
		t.Fatal(err)
	}
	derive := func(secret, salt []byte, info string, n int) []byte {
		k, err := hkdf.Key(sha256.New, secret, salt, info, n)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	ikm := derive(shared, b.auth, "WebPush: info\x00"+string(b.key.PublicKey().Bytes())+string(from), 32)
	block, err := aes.NewCipher(derive(ikm, salt, "Content-Encoding: aes128gcm\x00", 16))
	if err != nil {
		t.Fatal(err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := gcm.Open(nil, derive(ikm, salt, "Content-Encoding: nonce\x00", 12), sealed, nil)
	if err != nil {
		t.Fatal("the browser cannot read it:", err)
	}
	text = string(plain[:bytes.LastIndexByte(plain, 2)])
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		t.Fatal(text, err)
	}
	return m, text
}

func newSpeaker(t *testing.T, local bool) *webpush.Speaker {
	t.Helper()
	s, err := webpush.New(webpush.Config{Key: bytes.Repeat([]byte{7}, 32), Contact: "https://operator.example", Local: local})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

type funded struct{}

func (funded) Funded(context.Context, matching.By, string) (ledger.Money, bool, error) {
	return ledger.Of(900, "MAD"), true, nil
}

// An expert whose last socket closed is rung by push, for longer: the ring asks for a message in its own transaction, the browser reads it, and nothing of the client
// is in it. A browser that has unsubscribed is forgotten, and with the last of them the expert cannot be rung any more.
func TestAPushOnlyExpertIsWoken(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	floor := db.Advice(t, db.A, 1, 2)
	quiet := slog.New(slog.DiscardHandler)
	wake := notify.New(db.DB, newSpeaker(t, true), quiet)
	s := matching.New(matching.Config{DB: db.DB, Funds: funded{}, Logger: quiet})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); _ = s.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-ended })
	b, me := newBrowser(t), matching.By{Tenant: db.A.ID, User: floor.Experts[0]}
	if err := wake.Subscribe(t.Context(), db.A.ID, me.User, b.to(), "ar"); err != nil {
		t.Fatal(err)
	}
	epoch, err := s.Connect(t.Context(), me)
	if err == nil {
		err = s.Beat(t.Context(), me, epoch)
	}
	if err == nil {
		err = s.Close(t.Context(), me, epoch)
	}
	if err != nil {
		t.Fatal(err)
	}
	if reach, err := db.Read(db.A.ID).Reach(t.Context(), me.User); err != nil || reach != "push" {
		t.Fatal(reach, err)
	}
	ask := func(client int) uuid.UUID {
		t.Helper()
		key := ident.New().String()
		by := matching.By{Tenant: db.A.ID, User: floor.Clients[client]}
		p, err := s.Request(t.Context(), by, idem.Claim{Actor: by.User, Key: key, Operation: "requests.place", Hash: sha256.Sum256([]byte(key))}, matching.Ask{Queue: floor.Queue,
			Needs: []store.Need{{Skill: floor.Skill, Level: 3}}, Modality: "audio", Funding: key, About: "A secret of the client's"})
		if err != nil {
			t.Fatal(err)
		}
		return p.Request
	}
	r := ask(0)
	job := wait(t, db, `select args::text from river_job where kind = 'push' and args ->> 'what' = 'ring'`)
	var e errand.Push
	if err := json.Unmarshal([]byte(job), &e); err != nil || e.User != me.User {
		t.Fatal(job, err)
	}
	if left := time.Until(e.Until); left < 30*time.Second {
		t.Errorf("somebody who must be woken is rung for %s", left)
	}
	if err := wake.Deliver(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	if len(b.raw) != 1 {
		t.Fatalf("%d messages", len(b.raw))
	}
	m, text := b.read(t, b.raw[0])
	if m.What != "ring" || m.Tag != e.About || m.Path != "/practice" || m.Locale != "ar" {
		t.Error(text)
	}
	for _, secret := range []string{"secret", floor.Clients[0].String(), me.User.String(), r.String()} {
		if strings.Contains(text, secret) {
			t.Errorf("%s says %s", text, secret)
		}
	}
	signed(t, b)
	if _, err := s.Decline(t.Context(), me, e.About); err != nil {
		t.Fatal(err)
	}
	if err := wake.Deliver(t.Context(), e); err != nil || len(b.raw) != 1 {
		t.Error("woken for a ring that is over:", err, len(b.raw))
	}
	b.answers(http.StatusGone)
	db.Exec(t, `update request set priority = 0`)
	ask(1)
	job = wait(t, db, `select args::text from river_job where kind = 'push' and args ->> 'about' <> $1`, e.About.String())
	if err := json.Unmarshal([]byte(job), &e); err != nil {
		t.Fatal(err)
	}
	if err := wake.Deliver(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	if n := db.Int(t, `select count(*) from push_subscription`); n != 0 {
		t.Errorf("%d browsers are left of one that unsubscribed", n)
	}
	if reach, _ := db.Read(db.A.ID).Reach(t.Context(), me.User); reach == "push" {
		t.Error("an expert without a browser can be rung by push")
	}
}

// signed holds a message's signature against the key that browsers are told of.
func signed(t *testing.T, b *browser) {
	t.Helper()
	head := b.heads[0]
	token, _, _ := strings.Cut(strings.TrimPrefix(head.Get("Authorization"), "vapid t="), ",")
	claims := jwt.MapClaims{}
	if _, _, err := jwt.NewParser().ParseUnverified(token, claims); err != nil || claims["aud"] != b.URL || claims["sub"] != "https://operator.example" {
		t.Error(claims, err)
	}
	if head.Get("Urgency") != "high" || head.Get("Ttl") == "0" || head.Get("Content-Encoding") != "aes128gcm" || !strings.Contains(head.Get("Authorization"), "k="+newSpeaker(t, true).Key()) {
		t.Error(head)
	}
}

func wait(t *testing.T, db *storetest.DB, sql string, args ...any) string {
	t.Helper()
	for late := time.Now().Add(10 * time.Second); time.Now().Before(late); time.Sleep(5 * time.Millisecond) {
		if got := db.Texts(t, sql, args...); len(got) == 1 {
			return got[0]
		}
	}
	t.Fatal("never:", sql)
	return ""
}

// A browser says where it is reached: never inside.
func TestNoMessageGoesInside(t *testing.T) {
	t.Parallel()
	b := newBrowser(t)
	outside := newSpeaker(t, false)
	for _, endpoint := range []string{b.URL, "http://push.example/x", "https://127.0.0.1/x", "https://[::1]/x", "https://10.0.0.7/x", "https://192.168.1.1/x", "https://169.254.169.254/latest", "https://[fd00::1]/x",
		"https://[::ffff:10.0.0.1]/x", "https://100.64.0.1/x", "https://0.0.0.0/x", "https://user:pw@push.example/x", "ftp://push.example/x", "https:///x", "x", ""} {
		to := b.to()
		to.Endpoint = endpoint
		if err := outside.Check(to); !errors.Is(err, webpush.ErrRefused) {
			t.Errorf("%q: %v", endpoint, err)
		}
	}
	// A name that leads inside is judged when it is dialled.
	to := b.to()
	to.Endpoint = "https://localhost:" + b.URL[strings.LastIndex(b.URL, ":")+1:] + "/x"
	if err := outside.Send(t.Context(), to, []byte("{}"), time.Minute, "x"); err == nil || !strings.Contains(err.Error(), webpush.ErrRefused.Error()) {
		t.Error("a name of this machine is dialled:", err)
	}
	b.answers(http.StatusFound)
	if err := newSpeaker(t, true).Send(t.Context(), b.to(), []byte("{}"), time.Minute, "x"); err == nil || len(b.raw) != 1 {
		t.Error("a redirect is followed:", err)
	}
	for name, change := range map[string]func(*webpush.Browser){"no key": func(x *webpush.Browser) { x.Key = "AAAA" }, "a short secret": func(x *webpush.Browser) { x.Auth = "AAAA" }} {
		to := b.to()
		change(&to)
		if newSpeaker(t, true).Check(to) == nil {
			t.Error(name, "is taken")
		}
	}
}

// Ten browsers a person; a browser is whose it was given last; another's is not removed.
func TestWhoseBrowsersTheyAre(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	wake := notify.New(db.DB, newSpeaker(t, true), slog.New(slog.DiscardHandler))
	a := db.Advice(t, db.A, 1, 2)
	b := newBrowser(t)
	for i := range 12 {
		to := b.to()
		to.Endpoint += strings.Repeat("x", i)
		if err := wake.Subscribe(t.Context(), db.A.ID, a.Clients[0], to, "fr"); err != nil {
			t.Fatal(err)
		}
	}
	if n := db.Int(t, `select count(*) from push_subscription`); n != 10 {
		t.Errorf("%d browsers", n)
	}
	if err := wake.Subscribe(t.Context(), db.A.ID, a.Clients[1], webpush.Browser{Endpoint: b.to().Endpoint + strings.Repeat("x", 11), Key: b.to().Key, Auth: b.to().Auth}, "en"); err != nil {
		t.Fatal(err)
	}
	if err := wake.Unsubscribe(t.Context(), db.A.ID, a.Clients[0], b.to().Endpoint+strings.Repeat("x", 11)); err != nil {
		t.Fatal(err)
	}
	if n := db.Int(t, `select count(*) from push_subscription where user_id = $1`, a.Clients[1]); n != 1 {
		t.Errorf("%d browsers of whoever signed in last", n)
	}
	bad := b.to()
	bad.Endpoint = "https://10.0.0.1/"
	if err := wake.Subscribe(t.Context(), db.A.ID, a.Clients[1], bad, "en"); !fault.Is(err, "push_refused") {
		t.Error(err)
	}
}
