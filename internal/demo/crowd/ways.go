package crowd

import (
	"context"
	"math"
	"sync"

	"github.com/google/uuid"
)

// ways knows the patterns that somebody asked for. They never change under one id, so each is read once.
type ways struct {
	city *city
	mu   sync.Mutex
	byID map[uuid.UUID]*way // guarded by mu
}

// way is a pattern with its path on the ground.
type way struct {
	Stops []halt `json:"stops"`
	Shape string `json:"shape"`

	path  []place
	along []float64 // metres from the start, for each point of path
	at    []float64 // metres from the start, for each stop
}

type halt struct {
	Stop    uuid.UUID `json:"stop"`
	Name    string    `json:"name"`
	Lat     float64   `json:"lat"`
	Lon     float64   `json:"lon"`
	ArriveS int       `json:"arrive_s"`
	DepartS int       `json:"depart_s"`
}

type place struct{ lat, lon float64 }

func (w *ways) find(ctx context.Context, p *person, id uuid.UUID) (*way, error) {
	w.mu.Lock()
	found := w.byID[id]
	w.mu.Unlock()
	if found != nil {
		return found, nil
	}
	found = &way{}
	if err := p.get(ctx, "/v1/patterns/"+id.String(), found); err != nil {
		return nil, err
	}
	found.lay()
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.byID == nil {
		w.byID = map[uuid.UUID]*way{}
	}
	w.byID[id] = found
	return found, nil
}

// lay puts the stops on the path, each behind the one before. Without a shape vehicles fly straight.
func (w *way) lay() {
	if w.path = decode(w.Shape); len(w.path) < 2 {
		w.path = w.path[:0]
		for _, h := range w.Stops {
			w.path = append(w.path, place{h.Lat, h.Lon})
		}
	}
	w.along = make([]float64, len(w.path))
	for i := 1; i < len(w.path); i++ {
		w.along[i] = w.along[i-1] + metres(w.path[i-1], w.path[i])
	}
	w.at = make([]float64, len(w.Stops))
	from := 0.0
	for i, h := range w.Stops {
		switch i {
		case 0:
		case len(w.Stops) - 1:
			from = w.along[len(w.along)-1]
		default:
			from = w.nearest(place{h.Lat, h.Lon}, from)
		}
		w.at[i] = from
	}
}

// nearest is how far along the path one is closest to a place, not before from. Where the path passes
// several times, the first time that is about as close as the closest counts.
func (w *way) nearest(p place, from float64) float64 {
	best, close := from, math.Inf(1)
	for i := 1; i < len(w.path); i++ {
		if w.along[i] < from {
			continue
		}
		d, part := beside(p, w.path[i-1], w.path[i])
		at := w.along[i-1] + part*(w.along[i]-w.along[i-1])
		if at < from { // that is behind: the nearest there is from here on
			here, _ := w.point(from)
			at, d = from, metres(p, here)
		}
		if d < close-30 || (d < close && at-best < 200) {
			best, close = at, d
		}
	}
	return best
}

// position is where the vehicle is some seconds after it left the first stop, where it heads and how fast
// it goes in metres a second. Before and after it stands at the ends.
func (w *way) position(s float64) (p place, bearing, speed float64) {
	last := len(w.Stops) - 1
	at := w.at[last]
	for i := 0; i <= last; i++ {
		h := w.Stops[i]
		if s < float64(h.ArriveS) && i > 0 {
			left, took := float64(w.Stops[i-1].DepartS), float64(h.ArriveS-w.Stops[i-1].DepartS)
			part := min(1, max(0, (s-left)/max(1, took)))
			// It draws away from a stop and brakes before the next: half its mean speed there, half more in between.
			smooth := part - math.Sin(2*math.Pi*part)/(4*math.Pi)
			at = w.at[i-1] + smooth*(w.at[i]-w.at[i-1])
			speed = (w.at[i] - w.at[i-1]) / max(1, took) * (1 - math.Cos(2*math.Pi*part)/2)
			break
		}
		if s < float64(h.DepartS) || (i == 0 && s <= 0) {
			at = w.at[i]
			break
		}
	}
	p, bearing = w.point(at)
	return p, bearing, speed
}

func (w *way) point(at float64) (place, float64) {
	i := 1
	for i < len(w.path)-1 && w.along[i] < at {
		i++
	}
	a, b := w.path[i-1], w.path[i]
	part := 0.0
	if length := w.along[i] - w.along[i-1]; length > 0 {
		part = min(1, max(0, (at-w.along[i-1])/length))
	}
	return place{a.lat + part*(b.lat-a.lat), a.lon + part*(b.lon-a.lon)}, heading(a, b)
}
