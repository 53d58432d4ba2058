package api

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/matching"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/web/rest"
)

// Appointment is a time that a client has booked in a queue.
type Appointment struct {
	ID       uuid.UUID  `json:"id" format:"uuid" doc:"Its request has the same"`
	Queue    uuid.UUID  `json:"queue" format:"uuid"`
	Kind     string     `json:"kind" enum:"appointment,callback" example:"appointment" doc:"callback: when the queue opens"`
	Modality string     `json:"modality" enum:"audio,video,chat" example:"video"`
	About    string     `json:"about,omitempty" doc:"What the client wrote"`
	Minutes  int        `json:"minutes" example:"10" doc:"For which money is set aside shortly before"`
	Ceiling  Money      `json:"ceiling" doc:"The most that a minute may cost"`
	Method   *uuid.UUID `json:"method,omitempty" format:"uuid" doc:"The saved card that pays; absent: the wallet"`
	DueAt    time.Time  `json:"due_at"`
	Here     string     `json:"here" example:"2026-11-24T07:15:00Z" doc:"due_at as the client's clocks show it: what stands before the offset is ready to be shown"`
	There    string     `json:"there" example:"2026-11-24T11:15:00+04:00" doc:"And as the queue's do"`
	TimeZone string     `json:"time_zone" example:"Asia/Dubai" doc:"The queue's"`
	State    string     `json:"state" enum:"booked,funded,unfunded,entered,cancelled,lapsed" example:"booked" doc:"unfunded: no money could be set aside, appointments.fund does it. entered: its request waits"`
	Refused  string     `json:"refused,omitempty" example:"payment_declined" doc:"Why none could be"`
}

// FreeTime is a quarter of an hour that may be booked.
type FreeTime struct {
	At    time.Time `json:"at"`
	Here  string    `json:"here" example:"2026-11-24T07:15:00Z" doc:"As clocks in the zone that was asked for show it"`
	There string    `json:"there" example:"2026-11-24T11:15:00+04:00" doc:"As the queue's do"`
}

// QueueTimes is when a queue can be asked.
type QueueTimes struct {
	TimeZone string     `json:"time_zone" example:"Asia/Dubai" doc:"The queue's"`
	Takes    bool       `json:"takes" doc:"Requests, now"`
	Opens    *FreeTime  `json:"opens,omitempty" doc:"While it takes none: when it does, and who wants to be called then books without a time"`
	Items    []FreeTime `json:"items" doc:"Times that may be booked"`
}

type askTimes struct {
	ID    uuid.UUID `path:"id" format:"uuid"`
	From  time.Time `query:"from" doc:"Absent: now"`
	Until time.Time `query:"until" doc:"Eight days later at most; absent: a day later"`
	Zone  string    `query:"zone" example:"Africa/Casablanca" doc:"The client's; absent: the queue's"`
}

type askBook struct {
	Body struct {
		Queue     uuid.UUID `json:"queue" format:"uuid"`
		Needs     []Level   `json:"needs" doc:"As requests.place takes them"`
		Languages []string  `json:"languages,omitempty" example:"[\"ar\"]"`
		Modality  string    `json:"modality" example:"video"`
		About     string    `json:"about,omitempty" maxLength:"2000"`
		Ceiling   int64     `json:"ceiling" example:"900" doc:"The most that a minute may cost, in the minor unit of the operator's currency"`
		Minutes   int       `json:"minutes" example:"10" doc:"For which money is set aside shortly before"`
		Method    uuid.UUID `json:"method,omitempty" format:"uuid" doc:"A saved card; absent: the wallet"`
		DueAt     time.Time `json:"due_at,omitempty" doc:"A time that queues.times lists; absent: when the queue opens"`
		TimeZone  string    `json:"time_zone" maxLength:"60" example:"Africa/Casablanca" doc:"The client's"`
	}
}

type askPostpone struct {
	ID   uuid.UUID `path:"id" format:"uuid"`
	Body struct {
		DueAt time.Time `json:"due_at"`
	}
}

type askFundAppointment struct {
	ID   uuid.UUID `path:"id" format:"uuid"`
	Body struct {
		Funds uuid.UUID `json:"funds" format:"uuid" doc:"What was set aside (requests.fund), for the same ceiling"`
	}
}

func appointments(a *rest.API, d adviceDesk) {
	rest.Handle(a, "queues.times", rest.Doc{Summary: "See which times of a queue may be booked", About: "Quarters of an hour within its hours, and when it opens while it is closed."}, d.times)
	rest.Handle(a, "appointments.book", rest.Doc{Summary: "Book a time with an expert", Status: http.StatusCreated,
		About: "What pays is looked at now, and money is set aside ten minutes before: no hold stands for days. At its time a request with the same id waits in the queue, placed by that time, and its client is called when their turn comes (requests.here). appointment_taken where others were quicker; queue_open where nobody needs to wait for it to open."}, d.book)
	rest.Handle(a, "appointments.list", rest.Doc{Summary: "List my appointments", About: "Those to come; live on me as appointment/ID."}, d.appointments)
	rest.Handle(a, "appointments.get", rest.Doc{Summary: "See an appointment of mine"}, d.appointment)
	rest.Handle(a, "appointments.move", rest.Doc{Summary: "Give an appointment another time", About: "Money that was set aside already comes back, and is set aside anew before the new time."}, d.moveAppointment)
	rest.Handle(a, "appointments.cancel", rest.Doc{Summary: "Give up an appointment", About: "appointment_entered once its request waits: that is to be cancelled then."}, d.cancelAppointment)
	rest.Handle(a, "appointments.fund", rest.Doc{Summary: "Pay for an appointment myself", About: "For which no money could be set aside: until fifteen minutes after its time it keeps its place."}, d.fundAppointment)
}

func sayAppointment(a store.Appointment) Appointment {
	out := Appointment{ID: a.ID, Queue: a.Queue, Kind: a.Kind, Modality: a.Modality, About: a.About, Minutes: a.Minutes, Ceiling: Money{a.Ceiling.Amount, string(a.Ceiling.Currency)}, DueAt: a.Due,
		Here: event.Clocks(a.Due, a.Zone), There: event.Clocks(a.Due, a.QueueZone), TimeZone: a.QueueZone, State: string(a.State), Refused: a.Refused}
	if a.Method != uuid.Nil {
		out.Method = &a.Method
	}
	return out
}

func (d adviceDesk) times(ctx context.Context, in *askTimes) (*rest.Answer[QueueTimes], error) {
	if in.From.IsZero() {
		in.From = time.Now()
	}
	if in.Until.IsZero() {
		in.Until = in.From.Add(24 * time.Hour)
	}
	t, err := d.s.Times(ctx, matcherOf(ctx), in.ID, in.From, in.Until)
	if err != nil {
		return nil, err
	}
	zone := in.Zone
	if zone == "" {
		zone = t.Zone
	}
	if _, err := time.LoadLocation(zone); err != nil || zone == "Local" {
		return nil, fault.New("bad_value").At("query/zone")
	}
	say := func(at time.Time) FreeTime { return FreeTime{at, event.Clocks(at, zone), event.Clocks(at, t.Zone)} }
	out := QueueTimes{TimeZone: t.Zone, Takes: t.Takes, Items: make([]FreeTime, len(t.Free))}
	if t.Open && !t.Takes {
		opens := say(t.Opens)
		out.Opens = &opens
	}
	for i, at := range t.Free {
		out.Items[i] = say(at)
	}
	return rest.Say(out), nil
}

func (d adviceDesk) book(ctx context.Context, in *askBook) (*rest.Answer[Appointment], error) {
	b := in.Body
	needs := make([]store.Need, len(b.Needs))
	for i, n := range b.Needs {
		needs[i] = store.Need(n)
	}
	a, err := d.s.Book(ctx, matcherOf(ctx), rest.ClaimOf(ctx), matching.Booking{Ask: matching.Ask{Queue: b.Queue, Needs: needs, Languages: b.Languages, Modality: b.Modality, About: b.About},
		Due: b.DueAt, Ceiling: b.Ceiling, Minutes: b.Minutes, Method: b.Method, Zone: b.TimeZone})
	if err != nil {
		return nil, err
	}
	return rest.Say(sayAppointment(a)), nil
}

func (d adviceDesk) appointments(ctx context.Context, _ *struct{}) (*rest.Answer[rest.Page[Appointment]], error) {
	all, err := d.s.Appointments(ctx, matcherOf(ctx))
	if err != nil {
		return nil, err
	}
	page := rest.Page[Appointment]{Items: make([]Appointment, len(all))}
	for i, a := range all {
		page.Items[i] = sayAppointment(a)
	}
	return rest.Say(page), nil
}

func (d adviceDesk) appointment(ctx context.Context, in *thingID) (*rest.Answer[Appointment], error) {
	a, err := d.s.Appointment(ctx, matcherOf(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	return rest.Say(sayAppointment(a)), nil
}

func (d adviceDesk) moveAppointment(ctx context.Context, in *askPostpone) (*rest.Answer[Appointment], error) {
	if err := d.s.MoveAppointment(ctx, matcherOf(ctx), rest.ClaimOf(ctx), in.ID, in.Body.DueAt); err != nil {
		return nil, err
	}
	return d.appointment(ctx, &thingID{ID: in.ID})
}

func (d adviceDesk) cancelAppointment(ctx context.Context, in *thingID) (*rest.Answer[Appointment], error) {
	if err := d.s.CancelAppointment(ctx, matcherOf(ctx), in.ID); err != nil {
		return nil, err
	}
	return d.appointment(ctx, in)
}

func (d adviceDesk) fundAppointment(ctx context.Context, in *askFundAppointment) (*rest.Answer[Appointment], error) {
	if err := d.s.Pay(ctx, matcherOf(ctx), in.ID, in.Body.Funds); err != nil {
		return nil, err
	}
	return d.appointment(ctx, &thingID{ID: in.ID})
}
