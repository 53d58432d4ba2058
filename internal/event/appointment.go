package event

import (
	"encoding/json"
	"time"

	"github.com/google/uuid"
)

// Appointment is what an appointment's document is made from.
type Appointment struct {
	ID        uuid.UUID `json:"id"`
	Queue     uuid.UUID `json:"queue"`
	Client    uuid.UUID `json:"client"`
	Kind      string    `json:"kind"`
	Modality  string    `json:"modality"`
	Minutes   int       `json:"minutes"`
	Ceiling   int64     `json:"ceiling"`
	Currency  string    `json:"currency"`
	DueAt     time.Time `json:"due_at"`
	Zone      string    `json:"zone"`       // its client's
	QueueZone string    `json:"queue_zone"` // its queue's
	State     string    `json:"state"`
	Refused   string    `json:"refused"`
	Version   int64     `json:"version"`
}

type appointmentDoc struct {
	Queue    uuid.UUID `json:"queue"`
	Kind     string    `json:"kind"`
	Modality string    `json:"modality"`
	Minutes  int       `json:"minutes"`
	Ceiling  Money     `json:"ceiling"`
	DueAt    time.Time `json:"due_at"`
	Here     string    `json:"here"`  // as its client's clocks show it
	There    string    `json:"there"` // as its queue's do
	Zone     string    `json:"time_zone"`
	State    string    `json:"state"`
	Refused  string    `json:"refused,omitempty"` // why no money was set aside: a code
}

// Entity is the appointment's name on the wire.
func (a *Appointment) Entity() string { return "appointment/" + a.ID.String() }

// Doc is the appointment as its client sees it.
func (a *Appointment) Doc() json.RawMessage {
	return must(appointmentDoc{a.Queue, a.Kind, a.Modality, a.Minutes, Money{a.Ceiling, a.Currency}, a.DueAt.UTC(), Clocks(a.DueAt, a.Zone), Clocks(a.DueAt, a.QueueZone), a.QueueZone, a.State, a.Refused})
}

// Change is the appointment as it stands: one that is over leaves its client's own set.
func (a *Appointment) Change() Change {
	c := Change{Entity: a.Entity(), Version: a.Version, Docs: map[Projection]json.RawMessage{OnAppointment: a.Doc()}}
	if me := []string{"me:" + a.Client.String()}; a.State == "booked" || a.State == "funded" || a.State == "unfunded" {
		c.Channels = me
	} else {
		c.Left = me
	}
	return c
}

// Clocks is an instant as clocks of a zone show it, with their offset: ready to be shown where there is no zone data, or old data.
func Clocks(at time.Time, zone string) string {
	z, err := time.LoadLocation(zone)
	if err != nil {
		z = time.UTC // one that was never written
	}
	return at.In(z).Format(time.RFC3339)
}
