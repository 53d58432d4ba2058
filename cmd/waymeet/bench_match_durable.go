package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/matching"
	"github.com/waymeet/waymeet/store"
	stage "github.com/waymeet/waymeet/store/bench"
)

// durableReport is requests that find experts through PostgreSQL, on one node: how many a second, beside pgbench in the same run.
type durableReport struct {
	AssignedPerS   float64 `json:"assigned_per_s"` // from a request to its accepted offer
	PgbenchPerS    float64 `json:"pgbench_per_s"`  // pgbench -b simple-update
	Ratio          float64 `json:"ratio"`
	DoubleAssigned int     `json:"double_assigned"`
	AssignP50MS    float64 `json:"assign_p50_ms"` // with as many at once as is good for the rate
	AssignP99MS    float64 `json:"assign_p99_ms"`
	OfferP50MS     float64 `json:"offer_p50_ms"` // from when a request was due at one node to the ring on an expert's socket at another
	OfferP99MS     float64 `json:"offer_p99_ms"`
}

const (
	// Each at its best. A request waits through the transactions of others, the round's and the answers', so more of them are under way before the
	// rate stands still; pgbench has the most with 32.
	assignClients = 192
	theirClients  = 32
	assignExperts = 2000
	assignQueues  = 4
)

// benchAssign measures the rate.
func benchAssign(ctx context.Context, o benchOptions) (r durableReport, err error) {
	err = besidePgbench(ctx, o, ".waymeet", tpcbScale, func(s *stage.Stage, theirs *stage.TPCB, db *store.DB) (err error) {
		b := &assigning{stage: s, rung: make(chan stage.Rung, 4*assignExperts), taken: map[uuid.UUID]chan struct{}{}}
		db.OnCommit(b.hear)
		if b.practice, err = s.Practice(ctx, assignExperts, assignQueues); err != nil {
			return err
		}
		b.match = matching.New(matching.Config{DB: db, Logger: o.log, Funds: paid{}})
		if r, err = b.measure(ctx, theirs, o.length); err != nil {
			return err
		}
		r.OfferP50MS, r.OfferP99MS, err = benchOffers(ctx, o, s, db)
		return err
	})
	return r, err
}

// paid is money that is there: what setting it aside costs, bench ledger says.
type paid struct{}

func (paid) Funded(context.Context, matching.By, string) (ledger.Money, bool, error) {
	return ledger.Of(1000, benchCurrency), true, nil
}

// assigning is clients who ask, one request after the other, and experts who take whatever they are rung for.
type assigning struct {
	stage    *stage.Stage
	match    *matching.Service
	practice stage.Practice
	clients  []uuid.UUID
	rung     chan stage.Rung

	mu    sync.Mutex
	taken map[uuid.UUID]chan struct{} // guarded by mu: closed when a request's offer was accepted; made by whoever comes first
}

func (b *assigning) measure(ctx context.Context, theirs *stage.TPCB, length time.Duration) (r durableReport, err error) {
	if b.clients, err = b.stage.Users(ctx, "client", 50*assignClients); err != nil { // nobody waits for three at once
		return r, err
	}
	work, stop := context.WithCancelCause(ctx)
	var behind sync.WaitGroup
	defer behind.Wait()
	defer stop(nil)
	behind.Go(func() { stop(b.match.Run(work)) })
	behind.Go(func() { stop(b.take(work)) })
	load := &ledgerLoad{clients: assignClients, act: b.ask}
	const turns = 3
	slice := max(length/(2*turns), time.Second)
	if err := load.run(work, slice); err != nil { // warm up: connections, statements, who owns the queues
		return r, err
	}
	load.took, load.time = nil, 0
	if _, err := theirs.Script(ctx, "simple-update", theirClients, 2*time.Second); err != nil {
		return r, err
	}
	if err := b.stage.Settle(ctx); err != nil {
		return r, err
	}
	var pgbench float64
	for range turns {
		n, err := theirs.Script(ctx, "simple-update", theirClients, slice)
		if err != nil {
			return r, err
		}
		pgbench += n / turns
		if err := load.run(work, slice); err != nil {
			return r, err
		}
	}
	r.PgbenchPerS, r.AssignedPerS, r.AssignP50MS, r.AssignP99MS = round(pgbench), load.perS(), percentile(load.took, 0.5), p99(load.took)
	r.Ratio = round(r.AssignedPerS / pgbench)
	assigned, double, err := b.stage.DoubleAssigned(ctx)
	if err == nil && assigned < len(load.took) {
		err = fmt.Errorf("%d were told that they are assigned, and %d are", len(load.took), assigned)
	}
	r.DoubleAssigned = double
	return r, err
}

// ask is one client's request, until somebody has taken it.
func (b *assigning) ask(ctx context.Context, key string, dice *rand.Rand) error {
	by := matching.By{Tenant: b.stage.Tenant, User: b.clients[dice.IntN(len(b.clients))]}
	a := matching.Ask{Queue: b.practice.Queues[dice.IntN(len(b.practice.Queues))], Needs: []store.Need{{Skill: b.practice.Skill, Level: 1 + dice.IntN(5)}},
		Modality: "audio", Funding: "bench/" + key}
	p, err := b.match.Request(ctx, by, idem.Claim{Actor: by.User, Operation: "requests.place", Key: key, Hash: idem.HashOf(a)}, a)
	if err != nil {
		return err
	}
	select {
	case <-b.when(p.Request):
		b.mu.Lock()
		delete(b.taken, p.Request)
		b.mu.Unlock()
		return nil
	case <-ctx.Done():
		return nil // the bench is over, or whoever broke it says why
	case <-time.After(20 * time.Second):
		return fmt.Errorf("nobody took request %s", p.Request)
	}
}

func (b *assigning) when(request uuid.UUID) chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	c := b.taken[request]
	if c == nil {
		c = make(chan struct{})
		b.taken[request] = c
	}
	return c
}

// hear is where an expert's socket would be told of a ring: by the commit that made it.
func (b *assigning) hear(c store.Committed) {
	for _, x := range c.Changes {
		id, offer := strings.CutPrefix(x.Entity, "offer/")
		if !offer || len(x.Channels) == 0 {
			continue // somebody else's, or over
		}
		var doc struct{ Request uuid.UUID }
		if err := json.Unmarshal(x.Docs[event.OnOffer], &doc); err != nil {
			panic(err) // our own document
		}
		b.rung <- stage.Rung{Offer: uuid.MustParse(id), Request: doc.Request, Expert: uuid.MustParse(strings.TrimPrefix(x.Channels[0], "me:"))}
	}
}

// take is all experts: whoever is rung accepts.
func (b *assigning) take(ctx context.Context) error {
	accepting, ctx := errgroup.WithContext(ctx)
	for range 2 * assignClients {
		accepting.Go(func() error {
			for {
				select {
				case <-ctx.Done():
					return nil
				case o := <-b.rung:
					if err := b.accept(ctx, o); err != nil {
						return unlessOver(ctx, err)
					}
				}
			}
		})
	}
	return accepting.Wait()
}

func (b *assigning) accept(ctx context.Context, o stage.Rung) error {
	if _, err := b.match.Accept(ctx, matching.By{Tenant: b.stage.Tenant, User: o.Expert}, o.Offer); err != nil {
		return err
	}
	close(b.when(o.Request))
	_, err := b.match.Done(ctx, b.stage.Tenant, o.Offer) // they have talked: the slot is there for the next
	return err
}

// unlessOver is an error of work that goes on; what breaks because the bench is over is none.
func unlessOver(ctx context.Context, err error) error {
	over := ctx.Err() != nil
	if over {
		err = nil
	}
	return err
}
