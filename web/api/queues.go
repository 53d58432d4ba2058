package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/matching"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/web/rest"
)

// Skill is what experts can do and requests ask for.
type Skill struct {
	ID       uuid.UUID `json:"id" format:"uuid"`
	Name     string    `json:"name" example:"Labour law"`
	Licensed bool      `json:"licensed" doc:"Only who holds a document that has not expired is asked for it"`
	Active   bool      `json:"active"`
}

// QueueRing is how far a request's needs are relaxed after a while.
type QueueRing struct {
	AfterS int `json:"after_s" example:"10"`
	Lower  int `json:"lower" example:"1" doc:"Levels less of every skill"`
	Drop   int `json:"drop" example:"0" doc:"Skills that were named last and are not asked for; never the first"`
}

// QueueRules is where requests of a kind wait, and by which rules.
type QueueRules struct {
	Name       string              `json:"name" maxLength:"80" example:"Legal advice"`
	Modalities []string            `json:"modalities" example:"[\"audio\",\"video\",\"chat\"]"`
	SLAS       int                 `json:"sla_s" example:"60" doc:"By when somebody should be served"`
	RingS      int                 `json:"ring_s" example:"15" doc:"How long an expert has to answer"`
	PushRingS  int                 `json:"push_ring_s" example:"40" doc:"And one who must be woken first"`
	FanOut     int                 `json:"fan_out" example:"1" doc:"Rung at once, 1 to 10; the first to answer has it"`
	Rings      []QueueRing         `json:"rings" doc:"None: after 0, 10, 25 and 45 seconds"`
	Weights    matching.WeightSpec `json:"weights" doc:"Of a score's parts, 0 to 1000; what is not named counts as usual"`
	Overflow   *uuid.UUID          `json:"overflow,omitempty" format:"uuid" doc:"Where requests go after the last ring; a queue without an overflow of its own"`
	Callback   bool                `json:"callback" doc:"Who waits for long may ask to be called when their turn comes"`
	CallAfterS int                 `json:"callback_after_s,omitempty" example:"60" doc:"From when on; absent: 60"`
	CallRingS  int                 `json:"callback_ring_s,omitempty" example:"60" doc:"How long a client who is called has to come; absent: 60"`
	Calls      int                 `json:"callback_calls,omitempty" example:"2" doc:"How often they are called, with a pause between, before they wait no longer; absent: twice"`
	Days       *int                `json:"appointment_days,omitempty" example:"14" doc:"How many days ahead times may be booked; 0: none. Absent: 14"`
	Each       int                 `json:"appointment_each,omitempty" example:"4" doc:"How many of one quarter of an hour; absent: 4"`
	Open       bool                `json:"open"`
	Most       int                 `json:"most" example:"500" doc:"Waiting at once"`
	TimeZone   string              `json:"time_zone" maxLength:"60" example:"Asia/Dubai" doc:"Of its hours"`
	Needs      []Level             `json:"needs" doc:"What every request in it asks for"`
	Hours      []WeekHours         `json:"hours" doc:"When it takes requests; none: always"`
	Closings   []DayHours          `json:"days,omitempty" doc:"Days that are not as usual, in their order: away is closed, holidays for instance; else these hours. Absent: as they are"`
}

// Queue is one of the tenant's.
type Queue struct {
	ID uuid.UUID `json:"id" format:"uuid"`
	QueueRules
	Version int64 `json:"version" example:"1"`
	Waiting int   `json:"waiting" example:"4"`
	Longest int   `json:"longest_s" example:"95" doc:"How long the first of them has waited"`
	Takes   bool  `json:"takes" doc:"Requests, at this moment: it is open, and these are its hours"`
}

// BoardRequest is somebody who waits.
type BoardRequest struct {
	ID         uuid.UUID   `json:"id" format:"uuid"`
	Client     uuid.UUID   `json:"client" format:"uuid"`
	ClientName string      `json:"client_name" example:"Amal Idrissi"`
	Modality   string      `json:"modality" example:"video"`
	Languages  []string    `json:"languages" example:"[\"ar\"]"`
	About      string      `json:"about,omitempty" doc:"What they wrote"`
	Needs      []Level     `json:"needs" doc:"The most important first"`
	Ceiling    Money       `json:"ceiling"`
	Priority   int         `json:"priority" example:"0"`
	PlacedAt   time.Time   `json:"placed_at"`
	Rings      []BoardRing `json:"rings" doc:"Who is rung for it now"`
	Away       bool        `json:"away,omitempty" doc:"Its client is not there, and is called when their turn comes"`
	CallUntil  *time.Time  `json:"call_until,omitempty" doc:"Of the latest call"`
}

// BoardRing is an expert who is rung, and why they.
type BoardRing struct {
	Offer    uuid.UUID      `json:"offer" format:"uuid"`
	Expert   uuid.UUID      `json:"expert" format:"uuid"`
	Name     string         `json:"name" example:"Dr Layla Haddad"`
	Deadline time.Time      `json:"deadline"`
	Reach    string         `json:"reach" enum:"connected,push" example:"connected"`
	Why      map[string]any `json:"why" doc:"The parts of the score, the ring, and how many there were to choose from"`
}

// BoardExpert is what an expert is doing.
type BoardExpert struct {
	ID      uuid.UUID `json:"id" format:"uuid"`
	Name    string    `json:"name" example:"Dr Layla Haddad"`
	Intent  string    `json:"intent" enum:"available,break,off" example:"available"`
	Asked   bool      `json:"asked"`
	Reach   string    `json:"reach" enum:"connected,suspect,push,gone" example:"connected"`
	Slots   int       `json:"slots" example:"1"`
	Ringing int       `json:"ringing" example:"0"`
	Busy    int       `json:"busy" example:"1"`
	Rating  int       `json:"rating" example:"470" doc:"Hundredths of a star"`
	Price   Money     `json:"price" doc:"Of a minute"`
	Fits    bool      `json:"fits" doc:"Has every skill that the queue asks of everybody"`
}

// BoardSession is a conversation that is not over.
type BoardSession struct {
	ID           uuid.UUID  `json:"id" format:"uuid"`
	Client       uuid.UUID  `json:"client" format:"uuid"`
	ClientName   string     `json:"client_name" example:"Amal Idrissi"`
	Expert       uuid.UUID  `json:"expert" format:"uuid"`
	ExpertName   string     `json:"expert_name" example:"Dr Layla Haddad"`
	State        string     `json:"state" enum:"connecting,live,reconnecting,interrupted,wrap_up" example:"live"`
	Modality     string     `json:"modality" example:"video"`
	Rate         Money      `json:"rate" doc:"Of a minute"`
	BilledS      int64      `json:"billed_s" example:"145" doc:"Count on from running_since while it is there"`
	RunningSince *time.Time `json:"running_since,omitempty"`
	CreatedAt    time.Time  `json:"created_at"`
	WaitedS      int        `json:"waited_s" example:"12" doc:"Before it"`
	Here         int        `json:"here" example:"2" doc:"How many of the two have a connection"`
}

// QueueBoard is who waits in a queue, in their places, and what the experts are doing.
type QueueBoard struct {
	Queue    Queue          `json:"queue"`
	Waiting  []BoardRequest `json:"waiting" doc:"At most 500"`
	Experts  []BoardExpert  `json:"experts" doc:"At most 500; those who want to be rung first"`
	Sessions []BoardSession `json:"sessions" doc:"Of this queue, that are not over; at most 500, the oldest first"`
	At       time.Time      `json:"at" doc:"When it was read"`
}

type askSkill struct {
	Body struct {
		Name     string `json:"name" maxLength:"80" example:"Labour law"`
		Licensed bool   `json:"licensed,omitempty"`
	}
}

type askQueue struct{ Body QueueRules }

type askQueueChange struct {
	ID   uuid.UUID `path:"id" format:"uuid"`
	Body struct {
		QueueRules
		Version int64 `json:"version" example:"1" doc:"As it was read: queue_changed when somebody has written it since"`
	}
}

func queues(a *rest.API, d adviceDesk) {
	rest.Handle(a, "skills.list", rest.Doc{Summary: "List skills"}, d.skills)
	rest.Handle(a, "skills.add", rest.Doc{Summary: "Add a skill", Status: http.StatusCreated}, d.addSkill)
	rest.Handle(a, "queues.list", rest.Doc{Summary: "List queues"}, d.queues)
	rest.Handle(a, "queues.add", rest.Doc{Summary: "Add a queue", Status: http.StatusCreated}, d.addQueue)
	rest.Handle(a, "queues.change", rest.Doc{Summary: "Write a queue anew", About: "Who waits is served by the new rules within seconds."}, d.changeQueue)
	rest.Handle(a, "queues.board", rest.Doc{Summary: "See who waits in a queue, what the experts do, and who talks", About: "Who waits is live as queue:ID."}, d.board)
}

func (r QueueRules) spec(id uuid.UUID, version int64) (q matching.QueueSpec, err error) {
	days, err := daysOf(r.Closings)
	if err != nil {
		return q, err
	}
	q = matching.QueueSpec{Weights: r.Weights, QueueRules: store.QueueRules{ID: id, Name: r.Name, Modalities: r.Modalities, SLAS: r.SLAS, RingS: r.RingS, PushRingS: r.PushRingS, FanOut: r.FanOut,
		Callbacks: store.Callbacks{Callback: r.Callback, After: time.Duration(r.CallAfterS) * time.Second, Call: time.Duration(r.CallRingS) * time.Second, Calls: r.Calls},
		Times:     store.Times{Days: r.Days, Each: r.Each},
		Open:      r.Open, Most: r.Most, TimeZone: r.TimeZone, Needs: levelsOf(r.Needs), Hours: hoursOf(r.Hours), Exceptions: days, Version: version}}
	for _, x := range r.Rings {
		q.Rings = append(q.Rings, matching.RingSpec(x))
	}
	if r.Overflow != nil {
		q.Overflow = *r.Overflow
	}
	return q, nil
}

func queueOf(q store.QueueRules) (Queue, error) {
	out := Queue{ID: q.ID, Version: q.Version, Waiting: q.Waiting, Longest: q.LongestS, Takes: q.Takes, QueueRules: QueueRules{Name: q.Name, Modalities: q.Modalities, SLAS: q.SLAS, RingS: q.RingS, PushRingS: q.PushRingS, FanOut: q.FanOut,
		Callback: q.Callback, CallAfterS: int(q.After / time.Second), CallRingS: int(q.Call / time.Second), Calls: q.Calls, Days: q.Days, Each: q.Each, Open: q.Open, Most: q.Most, TimeZone: q.TimeZone, Needs: sayLevels(q.Needs), Hours: sayHours(q.Hours), Closings: sayDays(q.Exceptions)}}
	if q.Overflow != uuid.Nil {
		out.Overflow = &q.Overflow
	}
	err := json.Unmarshal(q.Rings, &out.Rings)
	if err == nil {
		err = json.Unmarshal(q.Weights, &out.Weights)
	}
	if err != nil {
		return out, fmt.Errorf("api: rules of queue %s: %w", q.ID, err)
	}
	return out, nil
}

func sayQueue(q store.QueueRules, err error) (*rest.Answer[Queue], error) {
	if err != nil {
		return nil, err
	}
	out, err := queueOf(q)
	return rest.Say(out), err
}

func (d adviceDesk) skills(ctx context.Context, _ *struct{}) (*rest.Answer[rest.Page[Skill]], error) {
	all, err := d.s.Skills(ctx, matcherOf(ctx).Tenant)
	if err != nil {
		return nil, err
	}
	page := rest.Page[Skill]{Items: make([]Skill, len(all))}
	for i, s := range all {
		page.Items[i] = Skill(s)
	}
	return rest.Say(page), nil
}

func (d adviceDesk) addSkill(ctx context.Context, in *askSkill) (*rest.Answer[Skill], error) {
	k, err := d.s.AddSkill(ctx, matcherOf(ctx), rest.ClaimOf(ctx), store.Skill{Name: in.Body.Name, Licensed: in.Body.Licensed})
	if err != nil {
		return nil, err
	}
	return rest.Say(Skill(k)), nil
}

func (d adviceDesk) queues(ctx context.Context, _ *struct{}) (*rest.Answer[rest.Page[Queue]], error) {
	all, err := d.s.Queues(ctx, matcherOf(ctx).Tenant)
	if err != nil {
		return nil, err
	}
	page := rest.Page[Queue]{Items: []Queue{}}
	for _, q := range all {
		if !offered(ctx) && mayRun(ctx, policy.QueueRead, q.ID) != nil {
			continue
		}
		one, err := queueOf(q)
		if err != nil {
			return nil, err
		}
		page.Items = append(page.Items, one)
	}
	return rest.Say(page), nil
}

func (d adviceDesk) addQueue(ctx context.Context, in *askQueue) (*rest.Answer[Queue], error) {
	q, err := in.Body.spec(uuid.Nil, 0)
	if err != nil {
		return nil, err
	}
	return sayQueue(d.s.AddQueue(ctx, matcherOf(ctx), rest.ClaimOf(ctx), q))
}

// offered says whether queues are the caller's to see because they ask or answer there: all are. Whoever runs some sees those.
func offered(ctx context.Context) bool {
	a, _ := policy.ActorFrom(ctx)
	return a.Holds(policy.AdviceAskPermission) || a.Holds(policy.AdviceGivePermission)
}

// mayRun asks whether a queue is the caller's to see or to run; one that is not is not there.
func mayRun(ctx context.Context, action policy.Action, queue uuid.UUID) error {
	err := policy.Can(ctx, action, policy.Resource{Tenant: matcherOf(ctx).Tenant, Kind: "queue", ID: queue, Queue: queue})
	if fault.Is(err, "not_found") || fault.Is(err, "forbidden") {
		return fault.New("queue_not_found")
	}
	return err
}

func (d adviceDesk) changeQueue(ctx context.Context, in *askQueueChange) (*rest.Answer[Queue], error) {
	if err := mayRun(ctx, policy.QueueWrite, in.ID); err != nil {
		return nil, err
	}
	q, err := in.Body.spec(in.ID, in.Body.Version)
	if err != nil {
		return nil, err
	}
	return sayQueue(d.s.ChangeQueue(ctx, matcherOf(ctx), q))
}

func (d adviceDesk) board(ctx context.Context, in *thingID) (*rest.Answer[QueueBoard], error) {
	if err := mayRun(ctx, policy.QueueRead, in.ID); err != nil {
		return nil, err
	}
	board, err := d.s.Board(ctx, matcherOf(ctx).Tenant, in.ID)
	if err != nil {
		return nil, err
	}
	out := QueueBoard{Waiting: make([]BoardRequest, len(board.Waiting)), Experts: make([]BoardExpert, len(board.Experts)), Sessions: make([]BoardSession, len(board.Sessions)), At: time.Now()}
	if out.Queue, err = queueOf(board.Queue); err != nil {
		return nil, err
	}
	for i, w := range board.Waiting {
		b := BoardRequest{ID: w.ID, Client: w.Client, ClientName: w.ClientName, Modality: w.Modality, Languages: w.Languages, Ceiling: Money{w.Ceiling.Amount, string(w.Ceiling.Currency)},
			Priority: w.Priority, PlacedAt: w.PlacedAt, About: w.About, Away: w.Away, CallUntil: w.CallUntil, Needs: sayLevels(w.Needs), Rings: make([]BoardRing, len(w.Rings))}
		for n, r := range w.Rings {
			b.Rings[n] = BoardRing{Offer: r.Offer, Expert: r.Expert, Name: r.Name, Deadline: r.Deadline, Reach: r.Reach}
			if err := json.Unmarshal(r.Score, &b.Rings[n].Why); err != nil {
				return nil, fmt.Errorf("api: reason of offer %s: %w", r.Offer, err)
			}
		}
		out.Waiting[i] = b
	}
	for i, e := range board.Experts {
		out.Experts[i] = BoardExpert{ID: e.ID, Name: e.Name, Intent: e.Intent, Asked: e.Asked, Reach: e.Reach, Slots: e.Slots, Ringing: e.Ringing, Busy: e.Busy, Rating: e.Rating,
			Price: Money{e.Minute.Amount, string(e.Minute.Currency)}, Fits: e.Fits}
	}
	for i, s := range board.Sessions {
		out.Sessions[i] = BoardSession{ID: s.ID, Client: s.Client, ClientName: s.ClientName, Expert: s.Expert, ExpertName: s.ExpertName, State: s.State, Modality: s.Modality,
			Rate: Money{s.Minute.Amount, string(s.Minute.Currency)}, BilledS: s.Shown, RunningSince: some(s.Running), CreatedAt: s.CreatedAt, WaitedS: int(s.Waited / time.Second), Here: s.Here}
	}
	return rest.Say(out), nil
}
