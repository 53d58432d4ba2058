package realtime

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
)

func someone(t tenant.ID) policy.Actor { return policy.Actor{Tenant: t, User: uuid.New()} }

// A storm of one tenant's people, of more than a node lets in at once, comes in to the last of them in the time that the node
// needs, by doing as told; and meanwhile nobody of another tenant waits.
func TestAStormComesInAsToldAndAlone(t *testing.T) {
	const people = 45_000
	a, storm, calm := newAccepts(), tenant.ID(uuid.New()), tenant.ID(uuid.New())
	start := time.Unix(1000, 0)
	due := map[time.Duration][]policy.Actor{}
	for range people {
		due[0] = append(due[0], someone(storm))
	}
	in, last := 0, time.Duration(0)
	for at := time.Duration(0); in < people; at += 10 * time.Millisecond {
		for _, who := range due[at] {
			wait, ok := a.take(who, 20, start.Add(at))
			if ok {
				in++
				last = at
				continue
			}
			if wait < time.Second {
				t.Fatalf("come again in %v", wait)
			}
			due[at+wait.Round(10*time.Millisecond)] = append(due[at+wait.Round(10*time.Millisecond)], who)
		}
		delete(due, at)
		if most := acceptBurst + int(at.Seconds()*acceptPerS) + 1; in > most {
			t.Fatalf("%d are in after %v", in, at)
		}
		if wait, ok := a.take(someone(calm), 20, start.Add(at)); !ok {
			t.Fatalf("after %v another tenant's is told to come in %v", at, wait)
		}
		if at > time.Minute {
			t.Fatalf("%d of %d are in after %v", in, people, at)
		}
	}
	t.Logf("%d in %v", people, last)
	if in0 := tenantShare * acceptBurst / (1 + tenantShare); in0 < 15_000 {
		t.Errorf("%d of a node's that died are let in at once", in0)
	}
}

// However many tenants storm, there is a place for one that did not.
func TestManyStormsLeaveRoom(t *testing.T) {
	for _, many := range []int{1, 2, 10, 300} {
		a, now := newAccepts(), time.Unix(1000, 0)
		storms := make([]tenant.ID, many)
		for i := range storms {
			storms[i] = tenant.ID(uuid.New())
		}
		in := 0
		for more := true; more; {
			more = false
			for _, s := range storms {
				if _, ok := a.take(someone(s), 20, now); ok {
					in++
					more = true
				}
			}
		}
		if in > acceptBurst {
			t.Errorf("%d storms: %d are in at once", many, in)
		}
		if _, ok := a.take(someone(tenant.ID(uuid.New())), 20, now); !ok {
			t.Errorf("%d storms: another tenant is refused", many)
		}
	}
}

// opens upgrades for one user and hangs up, and says what was answered.
func opens(t *testing.T, h *Hub, who policy.Actor, knocks *knocks) int {
	t.Helper()
	knocks.who = who
	client, server := net.Pipe()
	defer client.Close()
	r, err := http.NewRequest(http.MethodGet, "http://x/v1/realtime", nil)
	if err != nil {
		t.Fatal(err)
	}
	for k, v := range map[string]string{"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
		"Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==", "Sec-WebSocket-Protocol": "waymeet.v1", "Authorization": "Bearer x"} {
		r.Header.Set(k, v)
	}
	answer := make(chan int, 1)
	go func() {
		b := make([]byte, 12)
		n, _ := client.Read(b)
		code := 0
		_, _ = fmt.Sscanf(string(b[:n]), "HTTP/1.1 %d", &code)
		_ = client.Close()
		answer <- code
	}()
	h.greet(server, r, nil)
	return <-answer
}

// knocks is an identity that knows who knocks.
type knocks struct {
	nobody
	who policy.Actor
}

func (k *knocks) Bearer(context.Context, string) (Principal, error) {
	return Principal{Actor: k.who, Expires: time.Now().Add(time.Hour)}, nil
}

// One user who opens and hangs up in a loop is told to wait; everybody else is let in.
func TestOneUsersLoopIsNobodyElses(t *testing.T) {
	h, _ := stub(t)
	h.cfg.Limits = func(Principal) Limits { return DefaultLimits }
	k := &knocks{}
	h.cfg.Auth = k
	ours, theirs := tenant.ID(uuid.New()), tenant.ID(uuid.New())
	loop := someone(ours)
	got := map[int]int{}
	began := time.Now()
	for range 1_000 {
		got[opens(t, h, loop, k)]++
	}
	rate := opening(DefaultLimits.UserConns)
	if most := rate.Burst + int(time.Since(began)/rate.Every) + 1; got[101] > most || got[101] < rate.Burst || got[101]+got[429] != 1_000 {
		t.Errorf("%v, at most %d may be let in", got, most)
	}
	for range 50 {
		for _, who := range []policy.Actor{someone(theirs), someone(ours)} {
			if code := opens(t, h, who, k); code != 101 {
				t.Fatalf("somebody else: %d", code)
			}
		}
	}
	for ok := true; ok; { // what has come free meanwhile, and comes in the next second
		_, ok = h.accept.take(loop, DefaultLimits.UserConns, time.Now().Add(time.Second))
	}
	if f := fault.As(h.Expects(loop)); f == nil || f.Code != "rate_limited" || f.RetryAfter <= 0 {
		t.Errorf("the loop's ticket: %v", f)
	}
	if err := h.Expects(someone(ours)); err != nil {
		t.Errorf("somebody else's ticket: %v", err)
	}
}

// All the people of a tenant together, opening and hanging up, leave another tenant's theirs; and those who come to one that
// has all its connections take nobody's place.
func TestATenantsLoopsAreNoOtherTenants(t *testing.T) {
	h, _ := stub(t)
	k := &knocks{}
	h.cfg.Auth = k
	ours, theirs := tenant.ID(uuid.New()), tenant.ID(uuid.New())
	now := time.Now()
	for { // at once, sooner than sockets could be opened
		if _, ok := h.accept.take(someone(ours), 20, now.Add(time.Minute)); !ok { // nothing comes free meanwhile
			break
		}
	}
	if code := opens(t, h, someone(ours), k); code != 429 {
		t.Errorf("one more of the tenant: %d", code)
	}
	for range 100 {
		if code := opens(t, h, someone(theirs), k); code != 101 {
			t.Fatalf("another tenant: %d", code)
		}
	}

	full := tenant.ID(uuid.New())
	h.cfg.Limits = func(p Principal) Limits {
		l := DefaultLimits
		l.Tenant.Connections = 1
		return l
	}
	if h.crowd.reserve(h, full, TenantLimits{Connections: 1}) == nil {
		t.Fatal("no place")
	}
	h.accept = newAccepts()
	for i := range 2_000 {
		if code := opens(t, h, someone(full), k); code != 429 {
			t.Fatalf("knock %d at a full tenant: %d", i, code)
		}
	}
	if f := fault.As(h.Expects(someone(full))); f == nil || f.Code != "too_many" || f.RetryAfter != retryFull {
		t.Errorf("a full tenant's ticket: %v", f)
	}
	h.accept.mu.Lock()
	defer h.accept.mu.Unlock()
	if h.accept.all != 0 || len(h.accept.taken) != 0 {
		t.Errorf("they took %v places: %v", h.accept.all, h.accept.taken)
	}
}
