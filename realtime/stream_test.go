package realtime

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/pace"
	"github.com/waymeet/waymeet/realtime/wire"
)

// stub is a hub without PostgreSQL and Redis: whoever comes may see nothing, so nothing is read.
// end waits until everything in it is over.
func stub(t testing.TB) (h *Hub, end func()) {
	h = &Hub{cfg: Config{Auth: nobody{}, Refuse: refuse, Address: address, Timing: Timing{}.withDefaults()}, log: slog.New(slog.DiscardHandler), crew: newCrew(), misses: pace.New(misses, missers), stale: pace.New(stale, missers), accept: newAccepts()}
	h.cfg.Limits = func(Principal) Limits {
		l := DefaultLimits
		l.UserConns = 1 << 20
		return l
	}
	h.crowd.conns, h.crowd.users = map[*Conn]struct{}{}, map[person][]*Conn{}
	h.crowd.quotas, h.here = map[tenant.ID]*quota{}, newPresence(h)
	epoch := "e"
	h.epoch.Store(&epoch)
	ctx, stop := context.WithCancel(context.Background())
	h.running = ctx
	end = func() { stop(); h.tasks.Wait() }
	t.Cleanup(end)
	return h, end
}

// nobody is let in, and may nothing.
type nobody struct{}

func (nobody) Ticket(context.Context, string) (Principal, error) {
	return Principal{}, fault.New("unauthenticated")
}
func (nobody) Bearer(context.Context, string) (Principal, error) {
	return Principal{Expires: time.Now().Add(time.Hour)}, nil
}
func (nobody) Made(token string) (string, bool)                          { return token, token != "" }
func (nobody) Refresh(_ context.Context, p Principal) (Principal, error) { return p, nil }

// knocking is an upgrade over a pipe, with what came early.
type knocking struct {
	net.Conn
	header http.Header
}

func (k knocking) Header() http.Header { return k.header }
func (k knocking) WriteHeader(int)     {}
func (k knocking) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return k.Conn, bufio.NewReadWriter(bufio.NewReader(k.Conn), bufio.NewWriter(k.Conn)), nil
}

// feed gives a client's bytes to a socket and its connection, and returns when both have ended.
func feed(t testing.TB, h *Hub, stream []byte) {
	client, server := net.Pipe()
	limit := time.AfterFunc(30*time.Second, func() {
		t.Errorf("it hangs on %x", stream)
		_ = client.Close()
	})
	defer limit.Stop()
	heard := make(chan struct{})
	go func() { defer close(heard); _, _ = io.Copy(io.Discard, client) }()
	r, err := http.NewRequest(http.MethodGet, "http://x/v1/realtime", nil)
	if err != nil {
		t.Fatal(err)
	}
	for k, v := range map[string]string{"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
		"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Protocol": wire.Subprotocol, "Authorization": "Bearer x"} {
		r.Header.Set(k, v)
	}
	h.ServeHTTP(knocking{server, http.Header{}}, r)
	_, _ = client.Write(stream) // the other side may have ended it
	_ = client.Close()
	<-heard
}

// FuzzStream: nothing that a client sends crashes its connection, or makes it stand still.
func FuzzStream(f *testing.F) {
	h, _ := stub(f)
	r := rand.New(rand.NewPCG(1, 1))
	for range 8 {
		f.Add(stream(r))
	}
	f.Fuzz(func(t *testing.T, in []byte) { feed(t, h, in) })
}

// Many thousand streams of frames that are mostly right: no crash, no hang, and everything is over afterwards.
func TestAnyStreamEnds(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	h, end := stub(t)
	const streams = 10_000
	var wg sync.WaitGroup
	workers := runtime.GOMAXPROCS(0)
	for w := range workers {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(seed, uint64(w)))
			for range streams / workers {
				feed(t, h, stream(r))
			}
		})
	}
	wg.Wait()
	for deadline := time.Now().Add(time.Minute); len(h.crowd.all()) > 0 && time.Now().Before(deadline); {
		runtime.Gosched() // of themselves: end would close them
	}
	left := len(h.crowd.all())
	end()
	if asked := h.counts.requests.Load(); left > 0 || asked < streams/4 {
		t.Errorf("%d connections are left, %d requests were understood", left, asked)
	}
}

var requests = []string{`{"id":1,"sub":"trip:0190b7a6-1111-7abc-8def-0123456789ab"}`, `{"id":2,"sub":["trip:1","board:2026-11-23"],"have":{"trip/1":5},"epoch":"e"}`, `{"id":3,"unsub":"é"}`, `{"id":4,"call":"x","args":{}}`,
	`{"id":5,"signal":"trip:1","d":{"lat":1}}`, `{"id":6,"auth":"x"}`, `{}`, `{"id":7`, "\xff", ""}

// stream is frames as clients write them, a few of them broken.
func stream(r *rand.Rand) (b []byte) {
	open := false
	for range r.IntN(12) {
		payload := []byte(requests[r.IntN(len(requests))])
		first := byte(0x81)
		switch k := r.IntN(12); {
		case k == 0:
			first = 0x89
		case k == 1:
			first = 0x8a
		case k == 2 && r.IntN(6) == 0:
			first, payload = 0x88, []byte{3, byte(r.Uint32())}
		case k == 3 && r.IntN(6) == 0:
			first = byte(r.Uint32())
		case open:
			first, open = 0x80, false
		case k < 6:
			first, open = 0x01, true
		}
		b = append(b, first, 0x80|byte(len(payload)), 0, 0, 0, 0)
		b = append(b, payload...)
	}
	if len(b) > 0 && r.IntN(3) == 0 {
		b[r.IntN(len(b))] ^= 1 << r.IntN(8)
	}
	return b[:len(b)-r.IntN(min(len(b), 4)+1)]
}
