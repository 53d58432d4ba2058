package realtime

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/realtime/wire"
)

// knock asks to be let in, and says what was answered.
func knock(t *testing.T, h *Hub, from, bearer string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "/v1/realtime", nil)
	r.RemoteAddr = from + ":1234"
	r.Header.Set("Sec-WebSocket-Protocol", wire.Subprotocol)
	if bearer != "" {
		r.Header.Set("Authorization", "Bearer "+bearer)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r) // whoever is let in is told that this is no handshake
	return w
}

// Strangers, however many they are, take nobody's place; those of one address are soon not looked at any more.
func TestStrangersTakeNoPlace(t *testing.T) {
	h, _ := stub(t)
	for i := range acceptBurst + 5_000 {
		if w := knock(t, h, fmt.Sprintf("10.%d.%d.%d", i>>16, i>>8&255, i&255), ""); w.Code != http.StatusUnauthorized || w.Header().Get("Connection") != "close" {
			t.Fatalf("stranger %d: %d %v", i, w.Code, w.Header())
		}
	}
	if w := knock(t, h, "192.0.2.1", "good"); w.Code != http.StatusUpgradeRequired {
		t.Errorf("behind the strangers: %d %s", w.Code, w.Body)
	}
	for i := range misses.Burst {
		if w := knock(t, h, "192.0.2.2", ""); w.Code != http.StatusUnauthorized {
			t.Fatalf("miss %d: %d", i, w.Code)
		}
	}
	refused := 0
	for range misses.Burst {
		if w := knock(t, h, "192.0.2.2", ""); w.Code == http.StatusTooManyRequests && w.Header().Get("Retry-After") != "" {
			refused++
		}
	}
	if refused < misses.Burst*9/10 {
		t.Errorf("%d of %d misses of one address were refused", refused, misses.Burst)
	}
	if w := knock(t, h, "192.0.2.1", "good"); w.Code != http.StatusUpgradeRequired {
		t.Errorf("another address: %d %s", w.Code, w.Body)
	}
	if strangers, later := h.counts.strangers.Load(), h.counts.refused.Load(); strangers != uint64(acceptBurst+5_000+2*misses.Burst) || later != 0 {
		t.Errorf("%d strangers are counted, and %d as a storm of those who may come in", strangers, later)
	}
}

// A token's scheme may be written in any letter case.
func TestBearerInAnyCase(t *testing.T) {
	for header, want := range map[string]string{"Bearer x.y": "x.y", "bearer x.y": "x.y", "BEARER  x.y": "x.y", "Basic x.y": "", "Bearer": "", "": "", "Bearerx.y": ""} {
		if got, ticket := credential(http.Header{"Authorization": {header}}, nil); got != want || ticket {
			t.Errorf("%q: %q", header, got)
		}
	}
}

// Who is known and asks for no WebSocket takes no place of those who do, however often they ask.
func TestNoHandshakeTakesNoPlace(t *testing.T) {
	h, _ := stub(t)
	for i := range acceptBurst + 10_000 {
		if w := knock(t, h, "192.0.2.1", "good"); w.Code != http.StatusUpgradeRequired {
			t.Fatalf("knock %d: %d %s", i, w.Code, w.Body)
		}
	}
}

// registry is an identity that counts how often it looks.
type registry struct {
	nobody
	looked int
}

func (r *registry) Made(token string) (string, bool) {
	_, made := strings.CutPrefix(token, "ours/")
	mark, _, _ := strings.Cut(token, "/tampered") // the same seal
	return mark, made
}

func (r *registry) Bearer(ctx context.Context, token string) (Principal, error) {
	r.looked++
	switch {
	case strings.HasPrefix(token, "ours/good/tampered"):
		return Principal{}, fault.New("unauthenticated")
	case token == "ours/good":
		return r.nobody.Bearer(ctx, token)
	}
	return Principal{}, fmt.Errorf("%w: %w", ErrSpent, fault.New("unauthenticated"))
}

// An address is not its worst guest: while made-up credentials flood from it, they are not looked at, and whoever has a good one
// is let in. One that was good once is looked at a few times.
func TestAnAddressOutlivesItsAttacker(t *testing.T) {
	h, _ := stub(t)
	r := &registry{}
	h.cfg.Auth = r
	const office = "192.0.2.3"
	for i := range misses.Burst {
		if w := knock(t, h, office, fmt.Sprint("guess ", i)); w.Code != http.StatusUnauthorized {
			t.Fatalf("guess %d: %d", i, w.Code)
		}
	}
	began := time.Now()
	flood := func() {
		for range misses.Burst {
			knock(t, h, office, "another guess")
		}
	}
	flood()
	if most := misses.Burst + int(time.Since(began)/misses.Every) + 1; r.looked > most {
		t.Errorf("%d of %d guesses were looked at, %d may be", r.looked, 2*misses.Burst, most)
	}
	for range 3 {
		if w := knock(t, h, office, "ours/good"); w.Code != http.StatusUpgradeRequired {
			t.Errorf("beside the flood: %d %s", w.Code, w.Body)
		}
		flood()
	}
	began, r.looked = time.Now(), 0
	for i := range 100 {
		flood()
		w := knock(t, h, office, "ours/ended")
		if want := http.StatusUnauthorized; i < stale.Burst && w.Code != want {
			t.Errorf("an ended one, %d: %d", i, w.Code)
		}
	}
	if most := stale.Burst + int(time.Since(began)/misses.Every) + int(time.Since(began)/stale.Every) + 2; r.looked > most {
		t.Errorf("%d were looked at, %d may be", r.looked, most)
	}
	if w := knock(t, h, office, "ours/good"); w.Code != http.StatusUpgradeRequired {
		t.Errorf("behind it: %d %s", w.Code, w.Body)
	}
}

// Whoever has seen a token without its signature, or takes the token itself where it may not be shown, locks nobody out: neither
// from elsewhere nor from the owner's own address.
func TestTamperedCopiesCountAgainstNobody(t *testing.T) {
	h, _ := stub(t)
	h.cfg.Auth = &registry{}
	const office, elsewhere = "192.0.2.4", "198.51.100.1"
	for range misses.Burst + 1 {
		knock(t, h, office, "a guess")
	}
	for i := range 20 * stale.Burst {
		for _, from := range []string{office, elsewhere} {
			if w := knock(t, h, from, fmt.Sprint("ours/good/tampered", i%3)); w.Code == http.StatusUpgradeRequired {
				t.Fatalf("a tampered copy is let in")
			}
		}
		r := httptest.NewRequest(http.MethodGet, "/v1/realtime", nil) // the good one, without a subprotocol
		r.RemoteAddr = elsewhere + ":1234"
		r.Header.Set("Authorization", "Bearer ours/good")
		w := httptest.NewRecorder()
		if h.ServeHTTP(w, r); w.Code != http.StatusBadRequest {
			t.Fatalf("without a subprotocol: %d", w.Code)
		}
	}
	if w := knock(t, h, office, "a guess"); w.Code != http.StatusTooManyRequests {
		t.Fatalf("the address is not flooded: %d", w.Code)
	}
	if w := knock(t, h, office, "ours/good"); w.Code != http.StatusUpgradeRequired {
		t.Errorf("the good token after tampered copies of it: %d %s", w.Code, w.Body)
	}
}
