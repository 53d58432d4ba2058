package event

import (
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/dispatch/servicedate"
)

// Trip is what the documents of a trip are made from: its row.
type Trip struct {
	ID           uuid.UUID
	Date         servicedate.Date
	Line         uuid.UUID
	Pattern      uuid.UUID
	Dep          string // local, ready to show
	DepartsAt    time.Time
	Status       string
	Capacity     int16
	Free         []int16 // per leg
	Overload     []int16 // per leg
	Held         int16
	Booked       int16
	Boarded      int16
	DelayS       int32
	VehicleLabel string
	Driver       uuid.UUID // nil: nobody was put on it
	DriverName   string
	Incident     string
	Vanished     bool
	Version      int64
}

type tripDoc struct {
	Line      uuid.UUID        `json:"line"`
	Pattern   uuid.UUID        `json:"pattern"`
	Date      servicedate.Date `json:"date"`
	Dep       string           `json:"dep"`
	DepartsAt time.Time        `json:"departs_at"`
	Status    string           `json:"status"`
	Capacity  int16            `json:"capacity"`
	Free      []int16          `json:"free"`
	Boarded   int16            `json:"boarded"`
	DelayS    int32            `json:"delay_s"`
	Vehicle   string           `json:"vehicle,omitempty"`
	Reason    string           `json:"reason,omitempty"` // for riders: the board has the incident
}

type boardDoc struct {
	tripDoc
	Load     []int16 `json:"load"`
	Overload []int16 `json:"overload,omitempty"` // only when there is any
	Held     int16   `json:"held"`
	Booked   int16   `json:"booked"`
	Driver   string  `json:"driver,omitempty"`
	Incident string  `json:"incident,omitempty"`
	Vanished bool    `json:"vanished,omitempty"`
}

type lineDoc struct {
	Pattern   uuid.UUID `json:"pattern"`
	Dep       string    `json:"dep"`
	DepartsAt time.Time `json:"departs_at"`
	Status    string    `json:"status"`
	FreeMin   int16     `json:"free_min"` // seats free all the way
	DelayS    int32     `json:"delay_s"`
}

// Entity is the trip's name on the wire.
func (t *Trip) Entity() string { return "trip/" + t.ID.String() }

// Doc is the trip in one projection.
func (t *Trip) Doc(p Projection) json.RawMessage {
	switch p {
	case OnTrip:
		d := t.rider()
		d.Reason = t.Reason()
		return must(d)
	case OnLine:
		least := t.Capacity
		for _, f := range t.Free {
			least = min(least, f)
		}
		return must(lineDoc{t.Pattern, t.Dep, t.DepartsAt.UTC(), t.Status, least, t.DelayS})
	case OnBoard:
		d := boardDoc{tripDoc: t.rider(), Load: make([]int16, len(t.Free)), Held: t.Held, Booked: t.Booked,
			Driver: t.DriverName, Incident: t.Incident, Vanished: t.Vanished}
		for i := range t.Free {
			d.Load[i] = t.Capacity + t.Overload[i] - t.Free[i]
			if t.Overload[i] > 0 {
				d.Overload = t.Overload
			}
		}
		return must(d)
	}
	return nil
}

func (t *Trip) rider() tripDoc {
	return tripDoc{t.Line, t.Pattern, t.Date, t.Dep, t.DepartsAt.UTC(), t.Status, t.Capacity, t.Free, t.Boarded, t.DelayS, t.VehicleLabel, ""}
}

// Reason is why a cancelled trip does not run, as riders are told. Other incidents are the operator's own business.
func (t *Trip) Reason() string {
	if t.Status != "cancelled" {
		return ""
	}
	return t.Incident
}

// Change is the trip as it stands, for all who watch it.
func (t *Trip) Change() Change {
	return Change{Entity: t.Entity(), Version: t.Version,
		Docs:     map[Projection]json.RawMessage{OnTrip: t.Doc(OnTrip), OnLine: t.Doc(OnLine), OnBoard: t.Doc(OnBoard)},
		Channels: []string{"trip:" + t.ID.String(), "line:" + t.Line.String() + ":" + t.Date.String(), "board:" + t.Date.String()}}
}
