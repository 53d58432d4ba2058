package booking

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/booking/seat"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/store"
)

// timetable is a pattern, ready to sell rides of.
type timetable struct {
	store.Timetable
	loc    *time.Location
	stops  []uuid.UUID
	tariff seat.Tariff
}

// find is the ride between two stops.
func (t *timetable) find(from, to uuid.UUID) (seat.Interval, error) {
	ride, err := seat.Find(t.stops, from, to)
	if err != nil {
		return ride, err
	}
	if t.Stops[ride.From].NoPickup {
		return ride, &seat.Refusal{Reason: seat.StopNotOnTrip, Field: "from"}
	}
	if t.Stops[ride.To].NoLeave {
		return ride, &seat.Refusal{Reason: seat.StopNotOnTrip, Field: "to"}
	}
	return ride, nil
}

// halt is a stop of a trip as it is sold, with the time at which the trip leaves it.
func (t *timetable) halt(departs time.Time, i int) event.Halt {
	at := departs.Add(time.Duration(t.Stops[i].DepartS) * time.Second).UTC()
	return event.Halt{Stop: t.Stops[i].Stop, Name: t.Stops[i].Name, Index: int16(i), At: at, Time: t.clock(at)}
}

func (t *timetable) arrival(departs time.Time, i int) time.Time {
	return departs.Add(time.Duration(t.Stops[i].ArriveS) * time.Second).UTC()
}

// clock is an instant as people on that line read it.
func (t *timetable) clock(at time.Time) string { return at.In(t.loc).Format("15:04") }

// quote is what a ride costs a party: a fare of the feed, else the tenant's flat fare.
func (t *timetable) quote(ride seat.Interval, party int, terms terms) seat.Fare {
	r := seat.Ride{Line: t.Line.String(), Origin: t.Stops[ride.From].Zone, Destination: t.Stops[ride.To].Zone}
	for i := ride.From; i <= ride.To; i++ {
		r.Zones = append(r.Zones, t.Stops[i].Zone)
	}
	if fare, ok := t.tariff.Quote(r, party, terms.currency); ok {
		return fare
	}
	return seat.Fare{Amount: terms.flatFare * int64(party), Currency: terms.currency}
}

// book keeps timetables in memory. They change with an import alone, so each tenant's part is stamped with the newest
// import as the reader's own transaction saw it: a stamp that differs empties the part, and nothing old is ever sold.
type book struct {
	mu    sync.Mutex
	parts map[tenant.ID]*part // guarded by mu
}

type part struct {
	feed    uuid.UUID
	tables  map[uuid.UUID]*timetable
	tariffs map[string]seat.Tariff
}

// mostTables bounds a tenant's part; a part that is full starts anew.
const mostTables = 20_000

func newBook() *book { return &book{parts: map[tenant.ID]*part{}} }

// timetable is a pattern as of that import, read through r if it is not here.
func (b *book) timetable(ctx context.Context, r *store.Reader, feed, pattern uuid.UUID) (*timetable, error) {
	b.mu.Lock()
	p := b.parts[r.Tenant()]
	if p == nil || p.feed != feed || len(p.tables) >= mostTables {
		p = &part{feed: feed, tables: map[uuid.UUID]*timetable{}, tariffs: map[string]seat.Tariff{}}
		b.parts[r.Tenant()] = p
	}
	t := p.tables[pattern]
	b.mu.Unlock()
	if t != nil {
		return t, nil
	}
	t, err := b.load(ctx, r, p, pattern)
	if err != nil {
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	p.tables[pattern], p.tariffs[t.Source] = t, t.tariff
	return t, nil
}

func (b *book) load(ctx context.Context, r *store.Reader, p *part, pattern uuid.UUID) (*timetable, error) {
	row, err := r.Timetable(ctx, pattern)
	if err != nil {
		return nil, fmt.Errorf("booking: timetable %s: %w", pattern, err)
	}
	t := &timetable{Timetable: row}
	if t.loc, err = time.LoadLocation(row.TimeZone); err != nil {
		return nil, fmt.Errorf("booking: timetable %s: %w", pattern, err)
	}
	for _, s := range row.Stops {
		t.stops = append(t.stops, s.Stop)
	}
	b.mu.Lock()
	tariff, known := p.tariffs[row.Source]
	b.mu.Unlock()
	if !known {
		rows, err := r.Fares(ctx, row.Source)
		if err != nil {
			return nil, err
		}
		tariff = tariffOf(rows)
	}
	t.tariff = tariff
	return t, nil
}

func tariffOf(rows []store.FareRow) (t seat.Tariff) {
	for i, r := range rows {
		if i == 0 || rows[i-1].Fare != r.Fare {
			t = append(t, seat.FareClass{Price: seat.Fare{Amount: r.Amount, Currency: r.Currency}})
		}
		if !r.Ruled {
			continue
		}
		rule := seat.FareRule{Origin: r.Origin, Destination: r.Destination, Contains: r.Contains}
		if has(r.Line) {
			rule.Line = r.Line.String()
		}
		last := &t[len(t)-1]
		last.Rules = append(last.Rules, rule)
	}
	return t
}
