package crowd

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/google/uuid"
)

// city is one tenant's people at work.
type city struct {
	tenant Tenant
	nodes  []string
	http   *http.Client
	log    *slog.Logger
	mood   mood
	door   chan struct{} // held by who is signing in
	dial   func(url string, token func(context.Context) (string, error)) Socket

	dispatcher *person
	riders     []*person
	drivers    []*person
	gateways   []*gateway // one socket for each
	ways       ways

	mu      sync.Mutex
	zone    *time.Location       // guarded by mu
	board   map[uuid.UUID]notice // guarded by mu: as last read
	driven  map[uuid.UUID]bool   // guarded by mu: has a driver, or had one
	driving int                  // guarded by mu
	people  sync.WaitGroup       // every goroutine below run
}

func newCity(t Tenant, nodes []string, client *http.Client, log *slog.Logger) *city {
	c := &city{tenant: t, nodes: nodes, http: client, log: log, door: make(chan struct{}, 1), zone: time.UTC, driven: map[uuid.UUID]bool{}}
	who := func(email string, i int) *person { return &person{city: c, email: email, node: i} }
	c.dispatcher = who(t.Dispatcher, 0)
	c.ways.city = c
	for i, email := range t.Riders {
		c.riders = append(c.riders, who(email, i))
	}
	for i, email := range t.Drivers {
		d := who(email, i)
		c.drivers = append(c.drivers, d)
		c.gateways = append(c.gateways, &gateway{box: who(t.Dispatcher, i), driver: d, out: make(chan signal, 64)})
	}
	return c
}

// run lives until ctx ends, and until everybody has gone home.
func (c *city) run(ctx context.Context) {
	defer c.people.Wait()
	for _, g := range c.gateways {
		c.people.Go(func() { g.run(ctx) })
	}
	c.people.Go(func() { c.walkRiders(ctx) })
	c.people.Go(func() { c.dispatch(ctx) })
	c.watch(ctx)
}

const boardEvery = 8 * time.Second

// watch reads the board and puts a driver on every vehicle that should be on the road.
func (c *city) watch(ctx context.Context) {
	for {
		board, err := c.readBoard(ctx, time.Now())
		switch {
		case err == nil:
			c.mu.Lock()
			c.board = board
			c.mu.Unlock()
			c.staff(ctx, time.Now())
		case ctx.Err() == nil:
			c.log.WarnContext(ctx, "the crowd cannot read the board", "cause", err)
		}
		if !pause(ctx, c.mood.stretch(boardEvery)) {
			return
		}
	}
}

// staff starts a drive for each trip that is on the road or about to leave.
func (c *city) staff(ctx context.Context, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for id := range c.driven {
		if _, there := c.board[id]; !there {
			delete(c.driven, id) // long over
		}
	}
	for id, n := range c.board {
		if c.driving >= c.tenant.Vehicles {
			return
		}
		if c.driven[id] || n.over() || now.Before(n.leaves().Add(-boardingTime)) {
			continue
		}
		c.driven[id] = true
		c.driving++
		g := c.gateways[int(draw(id, "driver")*float64(len(c.gateways)))]
		c.people.Go(func() {
			err := c.drive(ctx, g, id)
			c.try(ctx, "drive", err)
			c.mu.Lock()
			defer c.mu.Unlock()
			c.driving--
			if err != nil {
				delete(c.driven, id) // somebody else may try
			}
		})
	}
}

// see is a trip as the board had it last.
func (c *city) see(id uuid.UUID) (notice, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n, ok := c.board[id]
	return n, ok
}

// upcoming is the trips that have not left yet.
func (c *city) upcoming(now time.Time) []notice {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []notice
	for _, n := range c.board {
		if n.Status == "scheduled" && n.leaves().After(now.Add(2*time.Minute)) {
			out = append(out, n)
		}
	}
	return out
}

func (c *city) learnZone(name string) {
	loc, err := time.LoadLocation(name)
	if name == "" || err != nil {
		return // a server that says nonsense: the dates are those of UTC
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.zone = loc
}

func (c *city) local(t time.Time) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return t.In(c.zone)
}
