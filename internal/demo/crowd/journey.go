package crowd

import (
	"context"
	"math/rand/v2"
	"net/url"
	"strconv"
	"time"

	"github.com/google/uuid"
)

// plan is what a rider has in mind.
type plan struct {
	trip     uuid.UUID // nil: any
	from, to uuid.UUID
	date     string
	after    string
	party    int
	hungry   bool // the trip has room for one who means it
}

// journey is one rider with the app in their hand, for a minute or two.
func (c *city) journey(ctx context.Context, rider *person) error {
	if rand.Float64() < 0.12 {
		return c.regret(ctx, rider)
	}
	want, ok, err := c.imagine(ctx, rider)
	if err != nil || !ok {
		return err
	}
	if !c.think(ctx, 2*time.Second) {
		return ctx.Err()
	}
	trip, found, err := c.search(ctx, rider, want)
	if err != nil || !found || (!want.hungry && rand.Float64() < 0.7) {
		return err // looked, and put the phone away
	}
	if !c.think(ctx, 4*time.Second) {
		return ctx.Err()
	}
	var held struct {
		ID uuid.UUID `json:"id"`
	}
	err = rider.post(ctx, "/v1/bookings", map[string]any{"trip": trip, "from": want.from, "to": want.to, "party": want.party}, &held)
	if refused(err) {
		return nil // somebody was faster
	}
	if err != nil {
		return err
	}
	if !c.think(ctx, 9*time.Second) {
		return ctx.Err()
	}
	booking := "/v1/bookings/" + held.ID.String()
	switch fate := rand.Float64(); {
	case !want.hungry || fate < 0.08:
		return rider.post(ctx, booking+"/cancel", nil, nil)
	case fate < 0.14:
		return nil // the phone rang; the hold runs out
	}
	if err := rider.post(ctx, booking+"/confirm", map[string]string{"pay": "cash"}, nil); err != nil {
		return err
	}
	if rand.Float64() < 0.5 {
		return nil
	}
	return rider.get(ctx, booking+"/ticket", nil)
}

// imagine picks a trip that this rider could want, the emptier against its appetite the likelier.
func (c *city) imagine(ctx context.Context, rider *person) (plan, bool, error) {
	now := time.Now()
	trips := c.upcoming(now)
	if len(trips) == 0 {
		return plan{}, false, nil // the city sleeps
	}
	weights, sum := make([]float64, len(trips)), 0.0
	for i, n := range trips {
		weights[i] = 0.004 + max(0, Appetite(n.ID, n.leaves().Sub(now))-n.fullness())
		sum += weights[i]
	}
	at, pick := rand.Float64()*sum, 0
	for ; pick < len(trips)-1 && at > weights[pick]; pick++ {
		at -= weights[pick]
	}
	n := trips[pick]
	w, err := c.ways.find(ctx, rider, n.Pattern)
	if err != nil || len(w.Stops) < 2 {
		return plan{}, false, err
	}
	from, to := Ride(len(w.Stops), rand.Float64(), rand.Float64())
	p := plan{trip: n.ID, from: w.Stops[from].Stop, to: w.Stops[to].Stop, party: Party(rand.Float64()), hungry: weights[pick] > 0.02}
	pickup := c.local(n.DepartsAt.Add(time.Duration(w.Stops[from].DepartS) * time.Second))
	p.date, p.after = pickup.Format(time.DateOnly), pickup.Format("15:04")
	if rand.Float64() < 0.12 { // the same ride tomorrow
		p.trip, p.date, p.hungry = uuid.Nil, pickup.AddDate(0, 0, 1).Format(time.DateOnly), true
	}
	return p, p.from != p.to, nil
}

// Ride picks the stops of a ride on a trip with that many stops from two numbers in [0, 1): most people get
// on early and stay for a good part of the way.
func Ride(stops int, a, b float64) (from, to int) {
	from = int(a * a * float64(stops-1))
	left := stops - 1 - from
	to = from + max(1, left-int(b*b*float64(left)))
	return from, to
}

// Party is how many travel together: nearly always one.
func Party(a float64) int {
	switch {
	case a < 0.86:
		return 1
	case a < 0.97:
		return 2
	}
	return 3
}

func (c *city) search(ctx context.Context, rider *person, p plan) (trip uuid.UUID, found bool, err error) {
	q := url.Values{"from": {p.from.String()}, "to": {p.to.String()}, "date": {p.date}, "after": {p.after},
		"party": {strconv.Itoa(p.party)}, "limit": {"10"}}
	var answer struct {
		Items []struct {
			Trip uuid.UUID `json:"trip"`
			Free int       `json:"free"`
		} `json:"items"`
	}
	if err := rider.get(ctx, "/v1/trips?"+q.Encode(), &answer); err != nil {
		return uuid.Nil, false, err
	}
	for _, i := range answer.Items {
		if i.Trip == p.trip {
			return i.Trip, true, nil
		}
	}
	for _, i := range answer.Items { // theirs is full: the next with room to spare, or none
		if i.Free >= 4 {
			return i.Trip, true, nil
		}
	}
	return uuid.Nil, false, nil
}

// regret gives a booking back, while it still costs nothing.
func (c *city) regret(ctx context.Context, rider *person) error {
	var own struct {
		Items []struct {
			ID     uuid.UUID `json:"id"`
			Cancel time.Time `json:"cancel_until"`
		} `json:"items"`
	}
	if err := rider.get(ctx, "/v1/bookings?state=confirmed", &own); err != nil {
		return err
	}
	for _, b := range own.Items {
		if time.Until(b.Cancel) < time.Minute || rand.Float64() < 0.5 {
			continue
		}
		if !c.think(ctx, 3*time.Second) {
			return ctx.Err()
		}
		return rider.post(ctx, "/v1/bookings/"+b.ID.String()+"/cancel", nil, nil)
	}
	return nil
}

func (c *city) think(ctx context.Context, d time.Duration) bool {
	return pause(ctx, c.mood.stretch(about(d)))
}
