package client_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"github.com/waymeet/waymeet/realtime/client"
	"github.com/waymeet/waymeet/realtime/wire"
)

// stage is a server that does what a test says, at the other end of a pipe, in a bubble
// where time is the test's.
type stage struct {
	t     *testing.T
	doors chan net.Conn
	over  context.Context // the play's end
	began time.Time

	mu     sync.Mutex
	knocks []time.Duration // guarded by mu: when somebody came
	asked  []string        // guarded by mu: every request, without its id
}

func (s *stage) Accept() (net.Conn, error) {
	if c, open := <-s.doors; open {
		return c, nil
	}
	return nil, net.ErrClosed
}
func (s *stage) Close() error   { return nil }
func (s *stage) Addr() net.Addr { return &net.TCPAddr{} }

// play runs a client against acts, one for each time that it knocks; the last is repeated.
func play(t *testing.T, edit func(*client.Config), act func(*testing.T, *stage, *client.Client), acts ...func(*actor)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(context.Background())
		s := &stage{t: t, doors: make(chan net.Conn), over: ctx, began: time.Now()}
		server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			s.mu.Lock()
			n := len(s.knocks)
			s.knocks = append(s.knocks, time.Since(s.began))
			s.mu.Unlock()
			acts[min(n, len(acts)-1)](&actor{s, w, r, nil})
		}), ErrorLog: slog.NewLogLogger(slog.DiscardHandler, 0)}
		cfg := client.Config{URL: "ws://stage/v1/realtime", Logger: slog.New(slog.DiscardHandler), Random: func() float64 { return 0.5 },
			Token: func(context.Context) (string, error) { return "token", nil },
			Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
				mine, theirs := net.Pipe()
				select {
				case s.doors <- theirs:
					return mine, nil
				case <-ctx.Done():
					return nil, ctx.Err()
				}
			}}
		if edit != nil {
			edit(&cfg)
		}
		c := client.New(cfg)
		var wg sync.WaitGroup
		wg.Go(func() { _ = server.Serve(s) })
		wg.Go(func() {
			var gone *client.Unwelcome
			var closed *client.CloseError
			if err := c.Run(ctx); err != nil && !errors.As(err, &gone) && !errors.As(err, &closed) {
				t.Error(err)
			} else if err != nil {
				s.note("over: " + err.Error())
			}
		})
		act(t, s, c)
		stop()
		close(s.doors)
		_ = server.Close()
		wg.Wait()
		synctest.Wait()
	})
}

func (s *stage) note(what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, what)
}

func (s *stage) want(what, got, want string) {
	s.t.Helper()
	if got != want {
		s.t.Errorf("%s: %s, want %s", what, got, want)
	}
}

func (s *stage) knocked() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return fmt.Sprint(s.knocks)
}

func (s *stage) heard() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.asked, " | ")
}

// actor plays one connection.
type actor struct {
	*stage
	w  http.ResponseWriter
	r  *http.Request
	ws *websocket.Conn
}

func refuse(status int, retryAfter string) func(*actor) {
	return func(a *actor) {
		a.w.Header().Set("Retry-After", retryAfter)
		a.w.WriteHeader(status)
	}
}

// welcome upgrades and says hello.
func (a *actor) welcome(epoch string, life time.Duration) {
	ws, err := websocket.Accept(a.w, a.r, &websocket.AcceptOptions{Subprotocols: []string{wire.Subprotocol}, InsecureSkipVerify: true})
	if err != nil {
		a.t.Error(err)
		return
	}
	a.ws = ws
	a.say("%s", wire.AppendHello(nil, wire.Hello{Conn: "c", Node: "n", User: "user/u", Epoch: epoch, PingMS: 25000, MaxFrame: 65536, AuthExp: time.Now().Add(life).Unix()}))
}

func (a *actor) say(format string, args ...any) {
	_ = a.ws.Write(context.Background(), websocket.MessageText, fmt.Appendf(nil, format, args...))
}

// hear is the next request; zero when the connection has ended.
func (a *actor) hear() (r wire.Request) {
	_, msg, err := a.ws.Read(context.Background())
	if err != nil {
		return r
	}
	r, _, err = wire.Next(msg)
	if err != nil {
		a.t.Errorf("%s: %v", msg, err)
	}
	_, rest, _ := strings.Cut(string(msg), ",")
	a.note(rest)
	return r
}

func (a *actor) answer(r wire.Request, format string, args ...any) {
	a.say("%s", wire.AppendOK(nil, r.ID, fmt.Appendf(nil, format, args...)))
}

// Those who are refused come back later: as late as they were told, or with jitter that grows.
func TestRefusedComesBackLater(t *testing.T) {
	play(t, nil, func(_ *testing.T, s *stage, c *client.Client) {
		time.Sleep(time.Minute)
		s.want("knocks", s.knocked(), "[0s 125ms 7.375s 7.875s]") // half of 250 ms, 7 s + half of 500 ms, half of 1 s
		if n := c.Stats().Connections; n != 1 {
			t.Errorf("%d connections", n)
		}
	}, refuse(503, ""), refuse(429, "7"), refuse(401, ""), func(a *actor) {
		a.welcome("e", time.Hour)
		for a.hear().HasID {
		}
	})
}

// Where coming back would be wrong, Run ends.
func TestUnwelcomeStays(t *testing.T) {
	for want, act := range map[string]func(*actor){
		"over: client: the upgrade was refused with 403": refuse(403, ""),
		"over: client: closed with 4009: newer": func(a *actor) {
			a.welcome("e", time.Hour)
			_ = a.ws.Close(4009, "newer")
		},
		"over: client: closed with 4003: no": func(a *actor) {
			a.welcome("e", time.Hour)
			_ = a.ws.Close(4003, "no")
		},
	} {
		play(t, nil, func(_ *testing.T, s *stage, c *client.Client) {
			time.Sleep(time.Minute)
			s.want("the end", s.heard(), want)
			if _, err := c.Call(context.Background(), "x", "", nil); !errors.Is(err, client.ErrEnded) {
				t.Errorf("a call afterwards: %v", err)
			}
		}, act)
	}
}

// A goodbye names a range: within it the client leaves by itself, or waits if it is closed sooner.
func TestBye(t *testing.T) {
	for _, closes := range []bool{false, true} {
		play(t, nil, func(_ *testing.T, s *stage, c *client.Client) {
			time.Sleep(3 * time.Second)
			s.want("knocks", s.knocked(), "[0s 2s]")
			if st := c.Stats(); st.Byes != 1 || st.Breaches != 0 {
				t.Errorf("%+v", st)
			}
		}, func(a *actor) {
			a.welcome("e", time.Hour)
			a.say("%s", wire.AppendBye(nil, "drain", 1000, 3000))
			if closes {
				_ = a.ws.Close(1012, "leaving")
			}
			a.hear()
		}, func(a *actor) { a.welcome("e", time.Hour); a.hear() })
	}
}

// The credential is renewed before it expires, on the same connection, again and again.
func TestRenewal(t *testing.T) {
	tokens := 0
	play(t, func(c *client.Config) {
		c.Token = func(context.Context) (string, error) { tokens++; return fmt.Sprintf("token-%d", tokens), nil }
	}, func(_ *testing.T, s *stage, c *client.Client) {
		time.Sleep(240 * time.Second)
		s.want("requests", s.heard(), `"auth":"token-2"} | "auth":"token-3"} | "auth":"token-4"}`) // every 80 s of 100
		if st := c.Stats(); st.Renewals != 2 || st.Connections != 1 {
			t.Errorf("%+v", st)
		}
	}, func(a *actor) {
		a.welcome("e", 100*time.Second)
		go a.pings()
		for i := 0; ; i++ {
			r := a.hear()
			if !r.HasID {
				return
			}
			if i == 1 { // is tried again before it is too late
				a.say("%s", wire.AppendErr(nil, r.ID, true, wire.Refusal{Code: "unavailable", Retry: true}))
				continue
			}
			a.answer(r, `{"auth_exp":%d}`, time.Now().Add(100*time.Second).Unix())
		}
	})
}

// pings keeps a connection alive as a server does.
func (a *actor) pings() {
	for a.ws.Ping(a.over) == nil {
		select {
		case <-time.After(25 * time.Second):
		case <-a.over.Done():
			return
		}
	}
}

// A node from which no byte comes is left, and what is held is shown as stale since then.
func TestSilenceIsDeath(t *testing.T) {
	play(t, nil, func(_ *testing.T, s *stage, c *client.Client) {
		sub := c.Subscribe("me")
		if err := sub.Wait(context.Background(), func(r *client.Replica, st client.Status) bool { return st.Current() && r.Len() == 1 }); err != nil {
			t.Fatal(err)
		}
		time.Sleep(59 * time.Second)
		s.want("knocks", s.knocked(), "[0s]")
		time.Sleep(2 * time.Second)
		s.want("knocks", s.knocked(), "[0s 1m0.125s]")
		s.want("requests", s.heard(), `"sub":"me"} | "sub":"me","epoch":"e","have":{"user/u":3}}`)
		if st := sub.Status(); st.Phase != client.Live || len(sub.Snapshot()) != 1 {
			t.Errorf("%+v", st)
		}
	}, func(a *actor) {
		a.welcome("e", time.Hour)
		a.answer(a.hear(), `{"set":{"user/u":{"v":3,"d":{}}}}`)
		a.hear()
	}, func(a *actor) {
		a.welcome("e", time.Hour)
		a.answer(a.hear(), `{"set":{}}`)
		a.hear()
	})
}

// A call with a key survives its connection, one without tells that it may have been done.
func TestCallsOfALostConnection(t *testing.T) {
	play(t, nil, func(_ *testing.T, s *stage, c *client.Client) {
		type end struct {
			client.Result
			error
		}
		keyed, bare := make(chan end, 1), make(chan end, 1)
		go func() {
			r, err := c.Call(context.Background(), "hold", "k", map[string]any{"body": 1})
			keyed <- end{r, err}
		}()
		go func() { r, err := c.Call(context.Background(), "move", "", nil); bare <- end{r, err} }()
		if e := <-bare; !errors.Is(e.error, client.ErrLost) {
			t.Errorf("without a key: %+v", e)
		}
		if e := <-keyed; e.error != nil || e.Status != 201 || string(e.Body) != `{"a":1}` {
			t.Errorf("with a key: %+v", e)
		}
		var refusal *client.Refusal
		if _, err := c.Call(context.Background(), "full", "k2", nil); !errors.As(err, &refusal) || refusal.Code != "trip_full" || string(refusal.Problem) != `{}` {
			t.Errorf("%v", err)
		}
		if err := c.Signal(context.Background(), client.Say{Channel: "trip:x", Data: json.RawMessage(`{"x":1}`)}); err != nil {
			t.Error(err)
		}
		if _, err := c.Call(context.Background(), "large", "", strings.Repeat("x", 70_000)); !errors.Is(err, client.ErrTooLarge) {
			t.Errorf("%v", err)
		}
	}, func(a *actor) {
		a.welcome("e", time.Hour)
		a.hear()
		a.hear()
		_ = a.ws.CloseNow()
	}, func(a *actor) {
		a.welcome("e", time.Hour)
		if r := a.hear(); r.Op != "hold" || r.Key != "k" || string(r.Args) != `{"body":1}` {
			t.Errorf("%+v", r)
		} else {
			a.answer(r, `{"status":201,"body":{"a":1}}`)
		}
		a.say("%s", wire.AppendErr(nil, a.hear().ID, true, wire.Refusal{Code: "trip_full", Problem: []byte(`{}`)}))
		a.answer(a.hear(), `{}`)
		a.hear()
	})
}

// What is refused for now is asked again; a list of which one is refused is no loss for the
// others; another epoch is never told what is held, and replaces it as one.
func TestAsking(t *testing.T) {
	play(t, nil, func(_ *testing.T, s *stage, c *client.Client) {
		two := c.Subscribe("trip:2")
		var said []client.Signal
		one := c.Subscribe("trip:1", func(s client.Signal) { said = append(said, s) })
		time.Sleep(time.Second)
		synctest.Wait()
		one.Look(func(r *client.Replica, st client.Status) {
			s.want("trip:1", string(r.Canonical()), `{"set":{"trip/1":{"d":{"a":1},"v":5}}}`)
			if !st.Current() {
				t.Errorf("%+v", st)
			}
		})
		if st := two.Status(); st.Phase != client.Closed || st.Code != "not_found" {
			t.Errorf("%+v", st)
		}
		if len(said) != 1 || said[0].Key != "vehicle/7" || string(said[0].Data) != `{"lat":1}` || said[0].From != "user/d" || said[0].At.IsZero() {
			t.Errorf("%+v", said)
		}
		time.Sleep(10 * time.Second)
		one.Look(func(r *client.Replica, st client.Status) {
			s.want("after the epoch", string(r.Canonical()), `{"set":{"trip/9":{"d":{},"v":1}}}`)
			if st.Current() || st.Phase != client.Live || st.Stale.Year() != 2020 {
				t.Errorf("a node that says it is stale: %+v", st)
			}
		})
		if st := c.Stats(); st.Epochs != 1 || st.Breaches != 0 || st.Gaps != 0 {
			t.Errorf("%+v", st)
		}
		one.Leave()
		time.Sleep(time.Second)
		if heard := s.heard(); !strings.HasSuffix(heard, `"sub":"trip:1"} | "unsub":"trip:1"}`) || strings.Contains(heard, "have") {
			t.Error(heard)
		}
	}, func(a *actor) {
		a.welcome("e", time.Hour)
		for r := a.hear(); r.HasID; r = a.hear() {
			var all []string
			for _, ch := range r.Channels {
				one := map[string]string{"trip:1": `{"set":{"trip/1":{"v":5,"d":{"a":1}}},"sig":{"vehicle/7":{"sig":"position","from":"user/d","d":{"lat":1},"at":"2026-01-01T00:00:00Z"}}}`,
					"trip:2": `{"err":{"code":"not_found","message":"","retry":false}}`}[ch]
				if r.List {
					one = fmt.Sprintf("%q:%s", ch, one)
				}
				all = append(all, one)
			}
			switch {
			case r.List:
				a.answer(r, `{%s}`, strings.Join(all, ","))
			case r.Channels[0] == "trip:1":
				a.answer(r, `%s`, all[0])
			default:
				a.say("%s", wire.AppendErr(nil, r.ID, true, wire.Refusal{Code: "not_found"}))
			}
			time.AfterFunc(2*time.Second, func() { _ = a.ws.CloseNow() })
		}
	}, func(a *actor) {
		a.welcome("another", time.Hour)
		a.say("%s", wire.AppendErr(nil, a.hear().ID, true, wire.Refusal{Code: "unavailable", Retry: true}))
		a.answer(a.hear(), `{"set":{"trip/9":{"v":1,"d":{}}}}`)
		a.say(`{"ch":"trip:1","sig":"stale","key":"node","d":{"since":"2020-01-01T00:00:00Z"},"at":"2026-01-01T00:00:00Z"}`)
		a.answer(a.hear(), `{}`)
		a.hear()
	})
}

// What a correct server never sends is not applied, and is told.
func TestBreaches(t *testing.T) {
	const at = `{"ch":"me","e":"x/1",`
	bad := map[string]string{
		at + `"v":3,"p":{"a":9}}`:                  "a version that does not grow",
		at + `"v":2,"d":{}}`:                       "a version that does not grow",
		`{"ch":"me","e":"x/2","v":1,"gone":true}`:  "what is not there left",
		`{"ch":"you","e":"x/1","v":9,"d":{}}`:      "a push of a channel that is not subscribed, or of no kind",
		`{"ch":"me","set":{}}`:                     "a part of a set that was whole",
		`{"id":99,"ok":{}}`:                        "an answer that nobody waits for",
		`not JSON`:                                 "a push of a channel that is not subscribed, or of no kind",
		at + `"v":4,"d":{"a":1,"a":2}}`:            "wire: duplicate member",
		at + `"v":4,"from":3,"p":[]}`:              "a patch that is none",
		`{"id":null,"err":{"code":"bad_request"}}`: "a request was not understood: bad_request",
		`{"hello":{"epoch":"f"}}`:                  "a second hello",
	}
	var told []client.Breach
	play(t, func(c *client.Config) { c.OnBreach = func(b client.Breach) { told = append(told, b) } },
		func(t *testing.T, s *stage, c *client.Client) {
			sub := c.Subscribe("me")
			time.Sleep(time.Second)
			synctest.Wait()
			sub.Look(func(r *client.Replica, _ client.Status) {
				s.want("it", string(r.Canonical()), `{"set":{"x/1":{"d":{"a":1},"v":3}}}`)
			})
			if st := c.Stats(); int(st.Breaches) != len(bad) || len(told) != len(bad) || st.Connections != 1 {
				t.Errorf("%+v %+v", st, told)
			}
		}, func(a *actor) {
			a.welcome("e", time.Hour)
			a.answer(a.hear(), `{"set":{"x/1":{"v":3,"d":{"a":1}}}}`)
			for frame, want := range bad {
				n := len(told)
				a.say("%s", frame)
				synctest.Wait()
				if len(told) != n+1 || told[n].What != want {
					a.t.Errorf("%s: %+v, want %s", frame, told[n:], want)
				}
			}
			a.hear()
		})
}

// A channel that is left and wanted again at once is asked for anew, whatever was under way: what still comes of the
// earlier life is not taken for the answer.
func TestLeftAndWantedAgain(t *testing.T) {
	play(t, nil, func(t *testing.T, s *stage, c *client.Client) {
		sub := c.Subscribe("me")
		again := func() {
			sub.Leave()
			sub = c.Subscribe("me")
		}
		holds := func(when, want string) {
			t.Helper()
			time.Sleep(time.Second)
			synctest.Wait()
			sub.Look(func(r *client.Replica, st client.Status) {
				s.want(when, string(r.Canonical()), want)
				if !st.Current() {
					t.Errorf("%s: %+v", when, st)
				}
			})
		}
		time.Sleep(time.Second)
		again()
		holds("left while it was live", `{"set":{"x/1":{"d":{"a":2},"v":4}}}`)
		time.Sleep(9 * time.Second) // into the second connection, whose answer is slow
		again()
		time.Sleep(9 * time.Second)
		holds("left while it was asked for", `{"set":{"x/1":{"d":{"a":2},"v":4},"x/2":{"d":{},"v":1}}}`)
		s.want("requests", s.heard(), `"sub":"me"} | "sub":"me"} | "sub":"me","epoch":"e","have":{"x/1":4}} | "sub":"me"}`)
		if st := c.Stats(); st.Breaches != 0 || st.Gaps != 0 {
			t.Errorf("%+v", st)
		}
	}, func(a *actor) {
		a.welcome("e", time.Hour)
		a.answer(a.hear(), `{"set":{"x/1":{"v":3,"d":{"a":1}}}}`)
		r := a.hear()
		a.say(`{"ch":"me","e":"x/1","v":4,"p":{"a":2}}`)
		a.answer(r, `{"set":{"x/1":{"v":4,"d":{"a":2}}}}`)
		time.Sleep(5 * time.Second)
		_ = a.ws.CloseNow()
	}, func(a *actor) {
		a.welcome("e", time.Hour)
		r := a.hear()
		time.Sleep(10 * time.Second)
		a.answer(r, `{"set":{"x/2":{"v":1,"d":{}}}}`) // what differs
		a.answer(a.hear(), `{"set":{"x/1":{"v":4,"d":{"a":2}},"x/2":{"v":1,"d":{}}}}`)
		a.hear()
	})
}
