package api

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/dispatch"
	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/web/rest"
)

// Trip is a trip as riders see it: the live document with its id, version and names.
type Trip struct {
	ID        uuid.UUID `json:"id" format:"uuid" example:"019ab1a8-5e80-7abc-8def-0123456789ab"`
	V         int64     `json:"v" example:"7" doc:"Grows by one with each change"`
	Line      uuid.UUID `json:"line" format:"uuid" example:"0190b7a6-5555-7abc-8def-0123456789ab"`
	LineName  string    `json:"line_name" example:"L1 Sidi Maarouf – Casa Port"`
	Color     string    `json:"color,omitempty" example:"#00aa77"`
	Headsign  string    `json:"headsign,omitempty" example:"Casa Port"`
	Pattern   uuid.UUID `json:"pattern" format:"uuid" example:"0190b7a6-6666-7abc-8def-0123456789ab"`
	Date      string    `json:"date" format:"date" example:"2026-11-23" doc:"The service date: past midnight it is the day before's"`
	Dep       string    `json:"dep" example:"07:10" doc:"On the wall there"`
	DepartsAt time.Time `json:"departs_at" example:"2026-11-23T06:10:00Z"`
	Status    string    `json:"status" enum:"scheduled,boarding,departed,completed,cancelled" example:"scheduled"`
	Capacity  int16     `json:"capacity" example:"14"`
	Free      []int16   `json:"free" example:"[14,12,12,13]" doc:"Seats free on each leg"`
	Boarded   int16     `json:"boarded" example:"3"`
	DelayS    int32     `json:"delay_s" example:"0"`
	Vehicle   string    `json:"vehicle,omitempty" example:"WM-014"`
	Reason    string    `json:"reason,omitempty" example:"No driver" doc:"Why it was cancelled"`
	Flags     []string  `json:"flags,omitempty" enum:"vanished" doc:"vanished: the timetable no longer has it, it runs for its riders"`
}

type askCapacity struct {
	ID   uuid.UUID `path:"id" format:"uuid" example:"019ab1a8-5e80-7abc-8def-0123456789ab"`
	Body struct {
		Capacity int `json:"capacity" example:"8" doc:"Seats, 0 to 500. What no longer fits becomes overload"`
	}
}

type askDelay struct {
	ID   uuid.UUID `path:"id" format:"uuid" example:"019ab1a8-5e80-7abc-8def-0123456789ab"`
	Body struct {
		DelayS int `json:"delay_s" example:"300" doc:"Seconds, an hour early (-3600) to a day late (86400)"`
	}
}

type askCancelTrip struct {
	ID   uuid.UUID `path:"id" format:"uuid" example:"019ab1a8-5e80-7abc-8def-0123456789ab"`
	Body struct {
		Reason string `json:"reason" minLength:"1" maxLength:"200" example:"No driver" doc:"Its riders read it, and dispatchers on the board"`
	}
}

// tripDesk is the handlers of trips.
type tripDesk struct{ d *dispatch.Desk }

// Trips is looking at trips and running them.
func Trips(d *dispatch.Desk) func(*rest.API) {
	t := tripDesk{d}
	return func(a *rest.API) {
		rest.Handle(a, "trips.get", rest.Doc{Summary: "See a trip"}, t.get)
		rest.Handle(a, "trips.capacity", rest.Doc{Summary: "Record another vehicle's seats",
			About: "At once, whatever is sold: riders who no longer fit are overload, the legs concerned are closed, seats that come back pay overload first."},
			func(ctx context.Context, in *askCapacity) (*rest.Answer[Trip], error) {
				return t.operate(ctx, in.ID, func(by dispatch.By, c idem.Claim) (event.Trip, error) {
					return d.Capacity(ctx, by, c, in.ID, in.Body.Capacity)
				})
			})
		rest.Handle(a, "trips.delay", rest.Doc{Summary: "Record a delay"}, func(ctx context.Context, in *askDelay) (*rest.Answer[Trip], error) {
			return t.operate(ctx, in.ID, func(by dispatch.By, c idem.Claim) (event.Trip, error) {
				return d.Delay(ctx, by, c, in.ID, in.Body.DelayS)
			})
		})
		rest.Handle(a, "trips.cancel", rest.Doc{Summary: "Cancel a trip", About: "Nobody can take a seat on it any more; who has one gets everything back."},
			func(ctx context.Context, in *askCancelTrip) (*rest.Answer[Trip], error) {
				return t.operate(ctx, in.ID, func(by dispatch.By, c idem.Claim) (event.Trip, error) {
					return d.Cancel(ctx, by, c, in.ID, in.Body.Reason)
				})
			})
		rest.Handle(a, "trips.depart", rest.Doc{Summary: "Let a trip leave", About: "Its sale is over."}, func(ctx context.Context, in *byID) (*rest.Answer[Trip], error) {
			return t.operate(ctx, in.ID, func(by dispatch.By, c idem.Claim) (event.Trip, error) { return d.Depart(ctx, by, c, in.ID) })
		})
	}
}

func (t tripDesk) get(ctx context.Context, in *byID) (*rest.Answer[Trip], error) {
	trip, err := t.may(ctx, policy.TripRead, in.ID)
	if err != nil {
		return nil, err
	}
	return t.answer(ctx, trip)
}

// may loads a trip and asks whether the caller may do this to it.
func (t tripDesk) may(ctx context.Context, action policy.Action, id uuid.UUID) (event.Trip, error) {
	by := byOf(ctx)
	trip, err := t.d.Trip(ctx, by.Tenant, id)
	if err != nil {
		return trip, err
	}
	return trip, policy.Can(ctx, action, policy.Resource{Tenant: by.Tenant, Kind: "trip", ID: id, Line: trip.Line})
}

func (t tripDesk) operate(ctx context.Context, id uuid.UUID, verb func(dispatch.By, idem.Claim) (event.Trip, error)) (*rest.Answer[Trip], error) {
	if _, err := t.may(ctx, policy.TripOperate, id); err != nil {
		return nil, err
	}
	trip, err := verb(dispatch.By(byOf(ctx)), rest.ClaimOf(ctx))
	if err != nil {
		return nil, err
	}
	return t.answer(ctx, trip)
}

func (t tripDesk) answer(ctx context.Context, e event.Trip) (*rest.Answer[Trip], error) {
	names, err := t.d.TripNames(ctx, byOf(ctx).Tenant, e.Pattern)
	if err != nil {
		return nil, err
	}
	out := Trip{ID: e.ID, V: e.Version, Line: e.Line, LineName: names.Line, Color: hexColor(names.Color), Headsign: names.Headsign, Pattern: e.Pattern,
		Date: e.Date.String(), Dep: e.Dep, DepartsAt: e.DepartsAt.UTC(), Status: e.Status, Capacity: e.Capacity, Free: e.Free,
		Boarded: e.Boarded, DelayS: e.DelayS, Vehicle: e.VehicleLabel, Reason: e.Reason()}
	if e.Vanished {
		out.Flags = []string{"vanished"}
	}
	return rest.Say(out), nil
}
