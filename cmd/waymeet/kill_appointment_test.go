package main

import (
	"fmt"
	"io"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/internal/devstack/devtest"
	"github.com/waymeet/waymeet/internal/telemetry"
)

// TestServerKilledFromBookingToWaiting: a client books a time with a server, which sets money aside when that comes near and lets them wait when it has come, and which is
// killed with SIGKILL right after statement number n, for every n until none is left. Another node, asked the same under the same key, goes on where it stopped: one appointment, one request, money
// set aside once; by card and of the wallet.
func TestServerKilledFromBookingToWaiting(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.hush(t) // nobody else does the server's work
	tenant, rider, client := w.a.ID.UUID(), w.a.Rider, w.a.Users["client"]
	w.Exec(t, `insert into user_role (tenant_id, user_id, role_id, scope, scope_id) select tenant_id, $3, role_id, scope, scope_id from user_role where tenant_id = $1 and user_id = $2 on conflict do nothing`, tenant, client, rider)
	in := w.send(t, "", "POST", "/v1/auth/sign-in", `{"tenant":"`+w.a.Slug+`","email":"rider@`+w.a.Canary+`.example","password":"`+worldPassword+`"}`)
	w.a.tokens["cardholder"], _ = in.json()["access_token"].(string)
	if got := w.send(t, w.a.tokens["agent"], "POST", "/v1/cash/takings", `{"rider":"`+client.String()+`","amount":500000}`); got.Status != 201 { // of which every visit holds some
		t.Fatal(got)
	}
	next := w.idle(t)
	for _, v := range []visitor{{w, next, "cardholder", rider, `,"method":"` + w.a.thing("card") + `"`}, {w, next, "client", client, ""}} {
		t.Run(v.as, func(t *testing.T) {
			before, killed := v.seen(t), 0
			for n := int64(1); ; n++ {
				if n > 200 {
					t.Fatal("more than 200 statements: something else is being counted")
				}
				survived := v.comesAndDies(t, n)
				v.comes(t, w.url, n, nil)
				if got, want := v.seen(t), before.and(n); got != want {
					t.Fatalf("statement %d: %+v, want %+v", n, got, want)
				}
				if survived {
					break
				}
				killed++
			}
			if killed < 12 {
				t.Errorf("killed %d times only: this attacked little", killed)
			}
			t.Logf("killed %d times", killed)
			if _, err := w.VerifyLedger(t.Context(), w.a.ID); err != nil {
				t.Error(err)
			}
		})
	}
}

// visitor is somebody who books times, and what they pay with.
type visitor struct {
	*world
	next *node // takes over from who was killed
	as   string
	user uuid.UUID
	pays string
}

// visits is what all visits of somebody left: of each as many as there were visits.
type visits struct{ booked, waiting, funds, parts, money int64 }

func (v visits) and(n int64) visits {
	return visits{v.booked + n, v.waiting + n, v.funds + n, v.parts + n, v.money + n}
}

func (v *visitor) seen(t *testing.T) visits {
	t.Helper()
	money := v.Int(t, `select count(*) from open_hold where tenant_id = $1`, v.a.ID.UUID())
	if v.pays != "" {
		money = int64(len(v.emu.Objects("sk_test_"+v.a.Slug, "payment_intent")))
	}
	return visits{
		booked:  v.Int(t, `select count(*) from appointment where client_id = $1`, v.user),
		waiting: v.Int(t, `select count(*) from request where client_id = $1`, v.user),
		funds:   v.Int(t, `select count(*) from metered_session where client_id = $1`, v.user),
		parts:   v.Int(t, `select count(*) from metered_part p join metered_session s on s.tenant_id = p.tenant_id and s.id = p.session_id where s.client_id = $1`, v.user),
		money:   money,
	}
}

// comesAndDies asks a server of its own, and kills it after statement n. It says whether all was over before.
func (v *visitor) comesAndDies(t *testing.T, n int64) (survived bool) {
	t.Helper()
	p := devtest.NewProxy(t, v.AppURL())
	s := startServing(t, append([]string{"WAYMEET_DATABASE_URL=" + p.URL(v.AppURL()), "WAYMEET_SYSTEM_DATABASE_URL=" + v.SystemURL(),
		"WAYMEET_REDIS_URL=" + devtest.RedisURL(t), "WAYMEET_SECRET=" + worldSecret, "WAYMEET_STRIPE_URL=" + v.emu.URL()}, serving...))
	addr, _ := s.await(t, "serving")["addr"].(string)
	go func() { _, _ = io.Copy(io.Discard, s.pipe) }()
	awaitOK(t, "http://"+addr+"/readyz")

	dead := make(chan struct{})
	var said, last atomic.Int64 // statements from here on, and the piece that the last of them is
	p.Chaos(func(piece int64, toServer bool) bool {
		if toServer && said.Add(1) == n {
			last.Store(piece)
		}
		return true
	})
	p.After(func(piece int64) {
		if piece == last.Load() {
			_ = s.Process.Kill()
			<-dead // nothing more is forwarded
		}
	})
	go func() { _ = s.Wait(); close(dead) }()
	survived = v.comes(t, "http://"+addr, n, dead)
	_ = s.Process.Kill() // who survived
	<-dead
	return survived
}

// comes books visit n at a node and has its time come near, and come. A node that may die does the rest by itself; without one the next is told to, as the job that the dead one left would be
// run again, and as its clockwork looks.
func (v *visitor) comes(t *testing.T, url string, n int64, dead <-chan struct{}) (whole bool) {
	t.Helper()
	body := `{"queue":"` + v.a.thing("queue") + `","needs":[],"modality":"audio","ceiling":900,"minutes":2,"due_at":"` + bookable + `","time_zone":"UTC"` + v.pays + `}`
	text, err := postUnder(url, v.a.tokens[v.as], fmt.Sprintf("visit-%s-%d", v.as, n), "/v1/appointments", body)
	if err != nil {
		if dead == nil {
			t.Fatalf("statement %d: repeated: %v", n, err)
		}
		return false
	}
	id := uuid.MustParse(text)
	v.Exec(t, `update river_job set state = 'available', scheduled_at = now() where kind = 'appointment_fund' and state = 'scheduled' and args ->> 'appointment' = $1`, text)
	if dead == nil {
		if err := v.next.match.SetAside(t.Context(), v.a.ID, id, 1); err != nil {
			t.Fatalf("statement %d: %v", n, err)
		}
	}
	if !v.until(t, text, "funded", dead) {
		return false
	}
	v.Exec(t, `update appointment set due_at = clock_timestamp() - interval '1 second' where id = $1 and state = 'funded'`, id)
	if dead == nil {
		if err := v.next.match.SettleDue(t.Context()); err != nil {
			t.Fatalf("statement %d: %v", n, err)
		}
	}
	return v.until(t, text, "entered", dead)
}

// until waits until an appointment is so, or has gone on from there; false: its node has died.
func (v *visitor) until(t *testing.T, id, state string, dead <-chan struct{}) bool {
	t.Helper()
	for late := time.After(time.Minute); ; {
		switch now := v.Texts(t, `select state || refused from appointment where id = $1`, id)[0]; {
		case now == state, now == "entered":
			return true
		case dead == nil:
			t.Fatalf("%s is %s, want %s", id, now, state)
		}
		select {
		case <-dead:
			return false
		case <-late:
			t.Fatalf("%s: never %s", id, state)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// idle is a node that is opened as serve opens it, and does nothing by itself.
func (w *world) idle(t *testing.T) *node {
	t.Helper()
	environment := map[string]string{"WAYMEET_DATABASE_URL": w.AppURL(), "WAYMEET_SYSTEM_DATABASE_URL": w.SystemURL(), "WAYMEET_REDIS_URL": devtest.RedisURL(t),
		"WAYMEET_SECRET": worldSecret, "WAYMEET_NODE": "next", "WAYMEET_FILES_DIR": t.TempDir(), "WAYMEET_STRIPE_URL": w.emu.URL()}
	cfg, err := readConfig(func(n string) string { return environment[n] })
	if err != nil {
		t.Fatal(err)
	}
	n, err := openNode(t.Context(), cfg, telemetry.NewLogger(w.log, telemetry.LogConfig{}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(n.db.Close)
	return n
}
