package booking

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/booking/seat"
	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store"
)

// Search asks for trips between two stops on a day.
type Search struct {
	From, To uuid.UUID
	Date     servicedate.Date // on the wall; zero is today
	AfterS   int              // second of that day
	Party    int
	Limit    int
}

// Offers is what was found, and for which day.
type Offers struct {
	Offers []Offer
	Date   servicedate.Date
}

// Offer is a trip that has the seats.
type Offer struct {
	store.Found
	LineName, Color string
	Headsign        string
	Pickup, Leave   event.Halt
	Fare            seat.Fare
}

// farthest is how far ahead or back a search may look; trips beyond are in no partition.
const farthest = 400

// Search is the trips of a day that serve both stops in this order and have seats for the party on every leg between
// them, by pickup. Trips that have left the pickup are not shown.
func (s *Service) Search(ctx context.Context, t tenant.ID, q Search) (Offers, error) {
	if q.Party < 1 || q.Party > seat.MaxParty {
		return Offers{}, fault.New("party_invalid", fault.Params{"max": seat.MaxParty}).At("query/party")
	}
	if q.From == q.To {
		return Offers{}, fault.New("same_stop").At("query/to")
	}
	feed, err := s.feed(ctx, t)
	if err != nil {
		return Offers{}, err
	}
	today := servicedate.On(feed.Now, feed.loc)
	if q.Date.IsZero() {
		q.Date = today
	}
	if away := today.Until(q.Date); away < -farthest || away > farthest {
		return Offers{}, fault.New("date_invalid").At("query/date")
	}
	y, m, d := q.Date.Civil()
	first := time.Date(y, m, d, 0, 0, q.AfterS, 0, feed.loc)
	last := time.Date(y, m, d+1, 0, 0, 0, 0, feed.loc)
	r := s.db.Read(t)
	found, err := r.Search(ctx, store.Search{From: q.From, To: q.To, Date: q.Date, First: first, Last: last, Party: int16(q.Party), Limit: q.Limit})
	if err != nil {
		return Offers{}, fmt.Errorf("booking: search: %w", err)
	}
	offers := make([]Offer, len(found))
	for i, f := range found {
		table, err := s.book.timetable(ctx, r, f.Feed, f.Pattern)
		if err != nil {
			return Offers{}, err
		}
		ride := seat.Interval{From: int(f.From), To: int(f.To)}
		if ride.To >= len(table.Stops) {
			return Offers{}, fmt.Errorf("booking: search: pattern %s changed while it was read", f.Pattern)
		}
		o := Offer{Found: f, LineName: table.LineName, Color: table.Color, Headsign: table.Headsign, Pickup: table.halt(f.DepartsAt, ride.From), Leave: table.halt(f.DepartsAt, ride.To)}
		o.Leave.At = table.arrival(f.DepartsAt, ride.To)
		o.Leave.Time = table.clock(o.Leave.At)
		o.Fare = table.quote(ride, q.Party, feed.terms)
		offers[i] = o
	}
	return Offers{offers, q.Date}, nil
}

// feed is a tenant's terms, zone and newest import, for readers.
type feed struct {
	store.Terms
	terms terms
	loc   *time.Location
}

func (s *Service) feed(ctx context.Context, t tenant.ID) (feed, error) {
	row, err := s.db.Read(t).Terms(ctx)
	if err != nil {
		return feed{}, fmt.Errorf("booking: read the tenant's terms: %w", err)
	}
	f := feed{Terms: row}
	if f.terms, err = readTerms(row.Currency, row.Settings); err != nil {
		return feed{}, err
	}
	if f.loc, err = time.LoadLocation(row.TimeZone); err != nil {
		return feed{}, fmt.Errorf("booking: the tenant's zone: %w", err)
	}
	return f, nil
}
