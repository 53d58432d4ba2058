package crowd

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// passenger is a line of the manifest.
type passenger struct {
	Booking uuid.UUID `json:"booking"`
	State   string    `json:"state"`
	From    int       `json:"from"` // index of the stop
}

// letOn boards who waits at each stop that the vehicle comes to, one after the other as at a real door. Who
// has not come by the time it leaves is a no-show.
func (c *city) letOn(ctx context.Context, driver *person, trip uuid.UUID, w *way, visits <-chan int) {
	for {
		var stop int
		select {
		case stop = <-visits:
		case <-ctx.Done():
			return
		}
		for len(visits) > 0 { // joined on the way, or held up: everybody who should be on by now, at once
			stop = <-visits
		}
		waiting, err := c.waiting(ctx, driver, trip, stop)
		c.try(ctx, "manifest", err)
		for _, booking := range waiting {
			if !pause(ctx, c.mood.stretch(about(2*time.Second))) {
				return
			}
			if draw(booking, "comes") < 0.94 {
				c.try(ctx, "boarding", driver.post(ctx, "/v1/boardings", map[string]any{"booking": booking, "trip": trip}, nil))
			} else {
				c.people.Go(func() { c.missed(ctx, driver, trip, booking, w.Stops[stop].DepartS) })
			}
		}
	}
}

func (c *city) waiting(ctx context.Context, driver *person, trip uuid.UUID, stop int) ([]uuid.UUID, error) {
	var manifest struct {
		Items []passenger `json:"items"`
	}
	if err := driver.get(ctx, "/v1/trips/"+trip.String()+"/manifest", &manifest); err != nil {
		return nil, err
	}
	var out []uuid.UUID
	for _, p := range manifest.Items {
		if p.State == "confirmed" && p.From <= stop {
			out = append(out, p.Booking)
		}
	}
	return out, nil
}

// missed reports a rider who was not there, once the vehicle has left the stop.
func (c *city) missed(ctx context.Context, driver *person, trip, booking uuid.UUID, departS int) {
	n, ok := c.see(trip)
	if !ok {
		return
	}
	left := n.leaves().Add(time.Duration(departS)*time.Second + 20*time.Second)
	if pause(ctx, time.Until(left)) {
		c.try(ctx, "no-show", driver.post(ctx, "/v1/bookings/"+booking.String()+"/no-show", nil, nil))
	}
}

// try notes what could not be done; the crowd goes on.
func (c *city) try(ctx context.Context, what string, err error) {
	if err != nil && ctx.Err() == nil {
		c.log.DebugContext(ctx, "not done", "what", what, "cause", err)
	}
}
