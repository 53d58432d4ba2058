package api

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/booking"
	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/web/rest"
)

type askOffers struct {
	From  uuid.UUID `query:"from" format:"uuid" required:"true" doc:"The stop where the ride begins"`
	To    uuid.UUID `query:"to" format:"uuid" required:"true" doc:"The stop where it ends"`
	Date  string    `query:"date" format:"date" example:"2026-11-23" doc:"On the wall at the operator's; today when absent"`
	Party int       `query:"party" default:"1" doc:"People, 1 to 60"`
	After string    `query:"after" pattern:"^([01][0-9]|2[0-3]):[0-5][0-9]$" example:"07:00" doc:"Pickups from then on"`
	Limit int       `query:"limit" minimum:"1" maximum:"100" default:"20"`
}

// Offer is a trip that has the seats.
type Offer struct {
	Trip      uuid.UUID `json:"trip" format:"uuid"`
	Line      uuid.UUID `json:"line" format:"uuid"`
	LineName  string    `json:"line_name" example:"L1 Sidi Maarouf – Casa Port"`
	Color     string    `json:"color,omitempty" example:"#00aa77"`
	Pattern   uuid.UUID `json:"pattern" format:"uuid"`
	Headsign  string    `json:"headsign" example:"Casa Port" doc:"Where the vehicle goes: a line's name is the same both ways"`
	Date      string    `json:"date" format:"date" example:"2026-11-23" doc:"The service date: past midnight it is the day before's"`
	From      Halt      `json:"from"`
	To        Halt      `json:"to"`
	Free      int16     `json:"free" example:"9" doc:"Seats free on every leg between the two"`
	Status    string    `json:"status" enum:"scheduled,boarding" example:"scheduled"`
	DelayS    int32     `json:"delay_s" example:"0"`
	Fare      Money     `json:"fare" doc:"Of the whole party"`
	DurationS int       `json:"duration_s" example:"1500"`
}

type offers struct {
	Items []Offer `json:"items"`
	Date  string  `json:"date" format:"date"`
}

type tripID struct {
	ID uuid.UUID `path:"id" format:"uuid"`
}

// Manifest is who travels on a trip.
type Manifest struct {
	Trip  uuid.UUID      `json:"trip" format:"uuid"`
	Stops []Halt         `json:"stops"`
	Items []ManifestItem `json:"items"`
}

// ManifestItem is a booking as a driver needs it.
type ManifestItem struct {
	Booking   uuid.UUID  `json:"booking" format:"uuid"`
	Name      string     `json:"name" example:"Amal Idrissi"`
	Party     int16      `json:"party" example:"1"`
	From      int16      `json:"from" example:"0" doc:"Index of the stop where they get on"`
	To        int16      `json:"to" example:"4"`
	State     string     `json:"state" enum:"confirmed,boarded,completed,no_show" example:"confirmed"`
	Pay       string     `json:"pay,omitempty" example:"cash"`
	Fare      Money      `json:"fare"`
	Short     string     `json:"short" example:"K7P2QX"`
	BoardedAt *time.Time `json:"boarded_at,omitempty"`
}

// Offers is finding a trip with seats, and who has them.
func Offers(s *booking.Service) func(*rest.API) {
	return func(a *rest.API) {
		rest.Handle(a, "trips.search", rest.Doc{Summary: "Find trips with free seats",
			About: "Trips of a day that serve both stops in this order and have the seats on every leg between them, by pickup."},
			func(ctx context.Context, in *askOffers) (*rest.Answer[offers], error) {
				q := booking.Search{From: in.From, To: in.To, Party: in.Party, Limit: in.Limit}
				if in.Date != "" {
					var err error
					if q.Date, err = servicedate.Parse(in.Date); err != nil {
						return nil, fault.New("bad_date").At("query/date")
					}
				}
				if in.After != "" {
					at, err := time.Parse("15:04", in.After)
					if err != nil {
						return nil, fault.New("bad_value").At("query/after")
					}
					q.AfterS = at.Hour()*3600 + at.Minute()*60
				}
				found, err := s.Search(ctx, byOf(ctx).Tenant, q)
				if err != nil {
					return nil, err
				}
				out := offers{Items: make([]Offer, len(found.Offers)), Date: found.Date.String()}
				for i, o := range found.Offers {
					out.Items[i] = offerOf(o)
				}
				return rest.Say(out), nil
			})
		rest.Handle(a, "trips.manifest", rest.Doc{Summary: "See who travels on a trip"},
			func(ctx context.Context, in *tripID) (*rest.Answer[Manifest], error) {
				by := byOf(ctx)
				m, err := s.Manifest(ctx, by.Tenant, in.ID)
				if err != nil {
					return nil, err
				}
				if err := policy.Can(ctx, policy.ManifestRead, policy.Resource{Tenant: by.Tenant, Kind: "trip", ID: in.ID, Line: m.Trip.Line}); err != nil {
					return nil, err
				}
				return rest.Say(manifestOf(m)), nil
			})
	}
}

func offerOf(o booking.Offer) Offer {
	out := Offer{Trip: o.Trip, Line: o.Line, LineName: o.LineName, Pattern: o.Pattern, Headsign: o.Headsign, Date: o.Date.String(), From: haltOf(o.Pickup), To: haltOf(o.Leave),
		Free: o.Free, Status: o.Status, DelayS: o.DelayS, Fare: Money(o.Fare), DurationS: int(o.Leave.At.Sub(o.Pickup.At) / time.Second)}
	if o.Color != "" {
		out.Color = "#" + o.Color
	}
	return out
}

func manifestOf(m booking.Manifest) Manifest {
	out := Manifest{Trip: m.Trip.ID, Stops: make([]Halt, len(m.Stops)), Items: make([]ManifestItem, len(m.Items))}
	for i, h := range m.Stops {
		out.Stops[i] = haltOf(h)
	}
	for i, b := range m.Items {
		out.Items[i] = ManifestItem{Booking: b.ID, Name: b.RiderName, Party: b.Party, From: b.From.Index, To: b.To.Index, State: b.State,
			Pay: b.Pay, Fare: Money(b.Fare), Short: b.Short, BoardedAt: some(b.BoardedAt)}
	}
	return out
}
