package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/identity"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/devstack"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/internal/seal"
	"github.com/waymeet/waymeet/realtime/client"
	"github.com/waymeet/waymeet/store"
	stage "github.com/waymeet/waymeet/store/bench"
)

const (
	offerRate    = 100 // requests a second
	offerExperts = 200
	offerClients = 100
	offerQueues  = 4
	offerCeiling = 10_00 // a minute, above all prices
	offerPatient = 20 * time.Second
)

// offering is requests that come to one node at an even pace, and experts whose sockets another node has. Who is rung is not talked to: the
// request is called off as soon as the ring was seen, so that as many are free for the next.
type offering struct {
	place, hold *benchServer // where requests come in, and where the experts' sockets are
	http        http.Client
	stage       *stage.Stage
	practice    stage.Practice
	tokens      []string // clients'

	mu   sync.Mutex
	seen map[uuid.UUID]chan time.Time // guarded by mu: when a request's ring came, by whoever comes first
}

// benchOffers measures on the stage's database, with a Redis and two nodes of its own.
func benchOffers(ctx context.Context, o benchOptions, s *stage.Stage, db *store.DB) (p50, p99ms float64, err error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	rd, err := devstack.StartRedis(ctx, devstack.RedisConfig{Logger: o.log})
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, rd.Stop()) }()
	secret := newSecret()
	b := &offering{seen: map[uuid.UUID]chan time.Time{}, http: http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 2 * offerRate}, Timeout: offerPatient}}
	c := s.Config()
	environ := []string{"WAYMEET_DATABASE_URL=" + c.AppURL, "WAYMEET_SYSTEM_DATABASE_URL=" + c.SystemURL, "WAYMEET_REDIS_URL=" + rd.URL(), "WAYMEET_SECRET=" + secret.reveal()}
	for i, n := range []**benchServer{&b.place, &b.hold} {
		if *n, err = startNodeOn(ctx, environ, i); err != nil {
			return 0, 0, err
		}
		defer func() { err = errors.Join(err, (*n).stop()) }()
	}
	box, err := seal.Parse(secret.reveal())
	if err != nil {
		return 0, 0, err
	}
	experts, err := b.people(ctx, identity.New(identity.Config{DB: db, Box: box, Logger: o.log}), s, db)
	if err != nil {
		return 0, 0, err
	}
	sockets, ctx := errgroup.WithContext(ctx)
	for _, token := range experts {
		sockets.Go(func() error { return unlessOver(ctx, b.watch(ctx, token)) })
	}
	took, err := b.measure(ctx, o.length)
	stop()
	return percentile(took, 0.5), p99(took), errors.Join(err, sockets.Wait())
}

// people makes an operator with clients whose wallets are filled and experts who wait to be rung; it returns the experts' tokens.
func (b *offering) people(ctx context.Context, desk *identity.Service, s *stage.Stage, db *store.DB) (experts []string, err error) {
	x, err := desk.CreateTenant(ctx, tenant.Tenant{Slug: "offers-" + ident.New().String()[24:], Name: "Load test", TimeZone: "UTC", Currency: string(benchCurrency), DefaultLocale: "en",
		Live: tenant.Live{RequestsPerS: 1000, Burst: 2000}})
	if err != nil {
		return nil, err
	}
	s = s.For(x.ID)
	b.stage = s
	experts, b.tokens = make([]string, offerExperts), make([]string, offerClients)
	ids := map[string][]uuid.UUID{"expert": make([]uuid.UUID, offerExperts), "client": make([]uuid.UUID, offerClients)}
	var g errgroup.Group
	g.SetLimit(8)
	for role, tokens := range map[string][]string{"expert": experts, "client": b.tokens} {
		for i := range tokens {
			g.Go(func() error {
				u, err := desk.CreateUser(ctx, x.ID, identity.NewUser{Email: fmt.Sprintf("%s%d@%s.example", role, i, x.Slug), Name: role, Roles: []string{role}}, idem.Claim{})
				if err != nil {
					return err
				}
				ids[role][i] = u.ID
				tokens[i], err = desk.OpenSession(ctx, x.ID, u.ID)
				return err
			})
		}
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	if b.practice, err = s.PracticeOf(ctx, ids["expert"], offerQueues); err != nil {
		return nil, err
	}
	wallets := make([]ledger.Account, offerClients)
	for i, id := range ids["client"] {
		wallets[i] = ledger.Wallet(id, benchCurrency)
	}
	return experts, s.Fund(ctx, db, wallets, ledger.Of(1_000_000_00, benchCurrency))
}

// watch is one expert's socket: when a ring comes it is noted.
func (b *offering) watch(ctx context.Context, token string) error {
	line := client.New(client.Config{URL: "ws://" + b.hold.addr + "/v1/realtime", Token: func(context.Context) (string, error) { return token, nil }})
	ended := make(chan error, 1)
	go func() { ended <- line.Run(ctx) }()
	mine, known := line.Subscribe("me"), map[string]bool{}
	for {
		changed := mine.Changed()
		now := time.Now()
		mine.Look(func(held *client.Replica, _ client.Status) {
			for name, d := range held.All() {
				if !strings.HasPrefix(name, "offer/") || known[name] {
					continue
				}
				known[name] = true
				var doc struct{ Request uuid.UUID }
				if json.Unmarshal(d.JSON, &doc) == nil {
					select {
					case b.ring(doc.Request) <- now:
					default: // rung before
					}
				}
			}
		})
		select {
		case <-changed:
		case err := <-ended:
			return err
		}
	}
}

func (b *offering) ring(request uuid.UUID) chan time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	c := b.seen[request]
	if c == nil {
		c = make(chan time.Time, 1)
		b.seen[request] = c
	}
	return c
}

// gathered waits until all experts can be reached: a node writes down who came in its own time.
func (b *offering) gathered(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		n, err := b.stage.Present(ctx)
		if err != nil || n == offerExperts {
			return err
		}
		if err := sleep(ctx, 100*time.Millisecond); err != nil {
			return fmt.Errorf("%d of %d experts are there: %w", n, offerExperts, err)
		}
	}
}

// measure sets money aside for all requests first, and then places them, each at its moment.
func (b *offering) measure(ctx context.Context, length time.Duration) ([]time.Duration, error) {
	const warm = 2 * offerRate
	n := warm + int(length.Seconds()*offerRate)
	funds := make([]uuid.UUID, n)
	setting, within := errgroup.WithContext(ctx)
	setting.SetLimit(8)
	for i := range funds {
		setting.Go(func() error {
			var got struct{ Funds uuid.UUID }
			err := b.post(within, i, "/v1/requests/funds", map[string]any{"ceiling": offerCeiling, "minutes": 1, "pay": "wallet"}, &got)
			funds[i] = got.Funds
			return err
		})
	}
	if err := errors.Join(setting.Wait(), b.gathered(ctx)); err != nil {
		return nil, err
	}
	took := make([]time.Duration, n)
	placing, within := errgroup.WithContext(ctx)
	began := time.Now()
	for i := range funds {
		due := began.Add(time.Duration(i) * time.Second / offerRate)
		if err := sleep(within, max(0, time.Until(due))); err != nil {
			break // one has failed, and says why
		}
		placing.Go(func() (err error) {
			took[i], err = b.one(within, i, funds[i], due)
			return err
		})
	}
	err := placing.Wait()
	return took[warm:], err
}

// one places a request, waits for the ring, and calls the request off.
func (b *offering) one(ctx context.Context, i int, funds uuid.UUID, due time.Time) (time.Duration, error) {
	var placed struct{ ID uuid.UUID }
	err := b.post(ctx, i, "/v1/requests", map[string]any{"queue": b.practice.Queues[i%offerQueues], "needs": []map[string]any{{"skill": b.practice.Skill, "level": 1 + i%4}}, "modality": "audio", "funds": funds}, &placed)
	if err != nil {
		return 0, err
	}
	var rung time.Time
	select {
	case rung = <-b.ring(placed.ID):
	case <-ctx.Done():
		return 0, ctx.Err()
	case <-time.After(offerPatient):
		return 0, fmt.Errorf("nobody was rung for request %s", placed.ID)
	}
	return rung.Sub(due), b.post(ctx, i, "/v1/requests/"+placed.ID.String()+"/cancel", nil, nil)
}

// post asks the first node as a client, who comes from an address of their own.
func (b *offering) post(ctx context.Context, i int, path string, body, into any) error {
	i %= offerClients
	sent, err := json.Marshal(body)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+b.place.addr+path, bytes.NewReader(sent))
	if err != nil {
		return err
	}
	r.Header = http.Header{"Authorization": {"Bearer " + b.tokens[i]}, "Content-Type": {"application/json"}, "Idempotency-Key": {ident.New().String()}, "X-Forwarded-For": {fmt.Sprintf("10.1.%d.%d", i/250, i%250+1)}}
	res, err := b.http.Do(r)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode >= 300 {
		var said bytes.Buffer
		_, _ = said.ReadFrom(res.Body)
		return fmt.Errorf("%s: %d %s", path, res.StatusCode, said.String())
	}
	if into == nil {
		return nil
	}
	return json.NewDecoder(res.Body).Decode(into)
}
