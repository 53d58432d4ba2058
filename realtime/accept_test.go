package realtime

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/waymeet/waymeet/realtime/wire"
)

// A storm is let in as far as the burst goes; those behind are told when to come, and then find the door open.
func TestAcceptsArePaced(t *testing.T) {
	var a accepts
	now := time.Unix(1000, 0)
	in := 0
	var wait time.Duration
	for ; in <= 2*acceptBurst; in++ {
		var ok bool
		if wait, ok = a.take(now); !ok {
			break
		}
	}
	if in < acceptBurst || in > acceptBurst+1 {
		t.Fatalf("%d were let in at once", in)
	}
	if wait < time.Second {
		t.Errorf("come again in %v", wait)
	}
	if _, ok := a.take(now.Add(wait)); !ok {
		t.Error("whoever came when told was refused")
	}
}

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
}
