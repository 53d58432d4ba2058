package crowd

import (
	"context"
	"math"
	"time"

	"github.com/google/uuid"
)

const (
	boardingTime = 4 * time.Minute // the vehicle stands at its first stop
	reportEvery  = 2500 * time.Millisecond
	standEvery   = 10 * time.Second // while it does not move
)

// drive brings one trip to its last stop: it lets people on, leaves, and tells where it is on the way.
func (c *city) drive(ctx context.Context, g *gateway, id uuid.UUID) error {
	n, ok := c.see(id)
	if !ok {
		return nil
	}
	w, err := c.ways.find(ctx, g.driver, n.Pattern)
	if err != nil || len(w.Stops) < 2 {
		return err
	}
	ctx, arrive := context.WithCancel(ctx)
	defer arrive()
	visits := make(chan int, len(w.Stops))
	c.people.Go(func() { c.letOn(ctx, g.driver, id, w, visits) })
	visited := -1
	left := n.Status == "departed"
	for {
		now := time.Now()
		if n, ok = c.see(id); !ok || n.over() {
			return nil
		}
		s := now.Sub(n.leaves()).Seconds()
		for i := visited + 1; i < len(w.Stops)-1 && s > float64(w.Stops[i].ArriveS)-boardEarly(i); i++ {
			visits <- i
			visited = i
		}
		if s >= 0 && !left {
			left = true
			if err := c.dispatcher.post(ctx, "/v1/trips/"+id.String()+"/depart", nil, nil); err != nil && ctx.Err() == nil {
				c.log.DebugContext(ctx, "a trip could not be reported as departed", "trip", id, "cause", err)
			}
		}
		if s > float64(w.Stops[len(w.Stops)-1].ArriveS)+60 {
			return nil
		}
		p, bearing, speed := w.position(s)
		g.report(n, p, bearing, speed)
		every := reportEvery
		if speed == 0 {
			every = standEvery
		}
		if !pause(ctx, c.mood.stretch(about(every))) {
			return ctx.Err()
		}
	}
}

// boardEarly is how long before a stop's time people get on: the first stop is open for a while.
func boardEarly(stop int) float64 {
	if stop == 0 {
		return 150
	}
	return 0
}

// report queues a position; when the socket is behind, the next report will do.
func (g *gateway) report(n notice, p place, bearing, speed float64) {
	vehicle := n.Vehicle
	key := "vehicle/" + vehicle
	if vehicle == "" {
		key = "trip/" + n.ID.String()
	}
	s := signal{Signal: "trip:" + n.ID.String(), Sig: "position", Key: key, D: position{
		Lat: round(p.lat, 5), Lon: round(p.lon, 5), Bearing: round(bearing, 0), Speed: round(speed, 1), Vehicle: vehicle}}
	select {
	case g.out <- s:
	default:
	}
}

func round(v float64, digits int) float64 {
	scale := math.Pow10(digits)
	return math.Round(v*scale) / scale
}
