package api

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/booking"
	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/web/rest"
)

type askBoarding struct {
	Body struct {
		Token   string     `json:"token,omitempty" maxLength:"400" example:"AQEBkLem…" doc:"What was scanned. This or booking"`
		Booking *uuid.UUID `json:"booking,omitempty" format:"uuid" doc:"A row of the manifest. This or token"`
		Trip    *uuid.UUID `json:"trip,omitempty" format:"uuid" doc:"Where it was scanned: a ticket of another trip is refused then"`
	}
}

// Boarding is riders who got on.
type Boarding struct {
	Booking   uuid.UUID `json:"booking" format:"uuid"`
	Name      string    `json:"name" example:"Amal Idrissi"`
	Party     int16     `json:"party" example:"2"`
	From      string    `json:"from" example:"Sidi Maarouf"`
	To        string    `json:"to" example:"Casa Port"`
	Short     string    `json:"short" example:"K7P2QX"`
	BoardedAt time.Time `json:"boarded_at"`
	Already   bool      `json:"already" doc:"True when they had boarded before: boarded_at says when"`
}

// Boardings is riders getting on.
func Boardings(s *booking.Service) func(*rest.API) {
	d := bookingDesk{s: s}
	return func(a *rest.API) {
		rest.Handle(a, "boardings.create", rest.Doc{Summary: "Board riders", Status: http.StatusCreated,
			About: "By a scanned ticket, or by a row of the manifest. A second scan changes nothing and says when the first was; scans that a phone kept while it was offline may come late."}, d.board)
	}
}

func (d bookingDesk) board(ctx context.Context, in *askBoarding) (*rest.Answer[Boarding], error) {
	by, trip := byOf(ctx), orNil(in.Body.Trip)
	id := orNil(in.Body.Booking)
	if (in.Body.Token == "") == (id == uuid.Nil) {
		return nil, fault.New("required").At("/token")
	}
	if in.Body.Token != "" {
		var err error
		if id, err = d.s.Scanned(ctx, by.Tenant, in.Body.Token, trip); err != nil {
			return nil, err
		}
	}
	b, err := d.may(ctx, policy.BoardingWrite, id)
	if err != nil {
		return nil, err
	}
	if trip != uuid.Nil && b.Trip != trip {
		return nil, fault.New("ticket_other_trip").At("/trip")
	}
	r, err := d.s.Board(ctx, by, rest.ClaimOf(ctx), id)
	if err != nil {
		return nil, err
	}
	return rest.Say(Boarding{Booking: id, Name: b.RiderName, Party: b.Party, From: b.From.Name, To: b.To.Name, Short: b.Short,
		BoardedAt: r.Booking.BoardedAt.UTC(), Already: r.Already}), nil
}

func orNil(id *uuid.UUID) uuid.UUID {
	if id == nil {
		return uuid.Nil
	}
	return *id
}
