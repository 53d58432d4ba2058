package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/store/internal/sqlc"
)

// Skill is what experts can do and requests ask for.
type Skill struct {
	ID       uuid.UUID
	Name     string
	Licensed bool
	Active   bool
}

// Skills is a tenant's, by name.
func (r *Reader) Skills(ctx context.Context) ([]Skill, error) {
	rows, err := r.q.Skills(ctx, r.tenant.UUID())
	if err != nil {
		return nil, fmt.Errorf("store: list skills: %w", err)
	}
	out := make([]Skill, len(rows))
	for i, s := range rows {
		out[i] = Skill(s)
	}
	return out, nil
}

// AddSkill adds one; false: there is one of that name.
func (tx *Tx) AddSkill(ctx context.Context, s Skill) (bool, error) {
	n, err := tx.q.SkillAdd(ctx, tx.tenant.UUID(), s.ID, s.Name, s.Licensed)
	if err != nil {
		return false, fmt.Errorf("store: add skill: %w", err)
	}
	return n == 1, nil
}

// SkillLevel is a skill and how much of it.
type SkillLevel struct {
	Skill uuid.UUID `json:"skill"`
	Level int       `json:"level"`
}

// Hours is a stretch of a weekday, in minutes from its midnight.
type Hours struct {
	Weekday int `json:"weekday"` // 1 is Monday
	From    int `json:"from"`
	Until   int `json:"until"`
}

// QueueRules is a queue as a supervisor writes it.
type QueueRules struct {
	ID         uuid.UUID
	Name       string
	Modalities []string
	SLAS       int
	RingS      int
	PushRingS  int
	FanOut     int
	Rings      json.RawMessage
	Weights    json.RawMessage
	Overflow   uuid.UUID // nil: none
	Callbacks
	Times
	Open       bool
	Most       int
	TimeZone   string
	Needs      []SkillLevel
	Hours      []Hours // none: always
	Exceptions []Day   // days on which those do not count, in their order
	Version    int64
	Waiting    int  // now
	LongestS   int  // how long the first of them has waited
	Takes      bool // at this moment, by its hours
}

// Queues is a tenant's, by name; with an id, that one.
func (r *Reader) Queues(ctx context.Context, id uuid.UUID) ([]QueueRules, error) {
	rows, err := r.q.Queues(ctx, r.tenant.UUID(), idOrNull(id))
	if err != nil {
		return nil, fmt.Errorf("store: list queues: %w", err)
	}
	out := make([]QueueRules, len(rows))
	for i, q := range rows {
		out[i] = QueueRules{ID: q.ID, Name: q.Name, Modalities: q.Modalities, SLAS: int(q.SlaS), RingS: int(q.RingS), PushRingS: int(q.PushRingS), FanOut: int(q.FanOut),
			Rings: q.Rings, Weights: q.Weights, Overflow: q.OverflowID, Open: q.Open,
			Callbacks: callbacksOf(q.Callback, q.CallbackAfterS, q.CallbackRingS, q.CallbackCalls), Times: Times{new(int(q.AppointmentDays)), int(q.AppointmentEach)}, Most: int(q.Most), TimeZone: q.TimeZone, Version: q.Version, Waiting: int(q.Waiting), LongestS: int(q.LongestS), Takes: q.Takes}
		if err = json.Unmarshal(q.Needs, &out[i].Needs); err == nil {
			err = json.Unmarshal(q.Hours, &out[i].Hours)
		}
		if err == nil {
			err = json.Unmarshal(q.Days, &out[i].Exceptions)
		}
		if err != nil {
			return nil, fmt.Errorf("store: queue %s: %w", q.ID, err)
		}
	}
	return out, nil
}

// AddQueue adds one; false: there is one of that name.
func (tx *Tx) AddQueue(ctx context.Context, q QueueRules) (bool, error) {
	n, err := tx.q.QueueAdd(ctx, sqlc.QueueAddParams{TenantID: tx.tenant.UUID(), ID: q.ID, Name: q.Name, Modalities: q.Modalities, SlaS: int32(q.SLAS), RingS: int32(q.RingS),
		PushRingS: int32(q.PushRingS), FanOut: int16(q.FanOut), Rings: q.Rings, Weights: q.Weights, OverflowID: idOrNull(q.Overflow), Callback: q.Callback, CallbackAfterS: int32(q.After / time.Second),
		CallbackRingS: int32(q.Call / time.Second), CallbackCalls: int16(q.Calls), AppointmentDays: int16(*q.Days), AppointmentEach: int16(q.Each), Open: q.Open,
		Most: int16(q.Most), TimeZone: q.TimeZone})
	if err != nil {
		return false, fmt.Errorf("store: add queue: %w", err)
	}
	if n == 0 {
		return false, nil
	}
	return true, tx.queueParts(ctx, q)
}

// What may stand in the way of changing a queue.
const (
	QueueChanged = "queue_changed"
	QueueTaken   = "queue_taken"
)

// ChangeQueue writes a queue anew; refused: somebody changed it since, or another has the name.
func (tx *Tx) ChangeQueue(ctx context.Context, q QueueRules) (refused string, err error) {
	n, err := tx.q.QueueChange(ctx, sqlc.QueueChangeParams{TenantID: tx.tenant.UUID(), ID: q.ID, Name: q.Name, Modalities: q.Modalities, SlaS: int32(q.SLAS), RingS: int32(q.RingS),
		PushRingS: int32(q.PushRingS), FanOut: int16(q.FanOut), Rings: q.Rings, Weights: q.Weights, OverflowID: idOrNull(q.Overflow), Callback: q.Callback, CallbackAfterS: int32(q.After / time.Second),
		CallbackRingS: int32(q.Call / time.Second), CallbackCalls: int16(q.Calls), AppointmentDays: int16(*q.Days), AppointmentEach: int16(q.Each), Open: q.Open,
		Most: int16(q.Most), TimeZone: q.TimeZone, Version: q.Version})
	switch {
	case constraint(err) == "queue_tenant_id_name_key":
		return QueueTaken, nil
	case err != nil:
		return "", fmt.Errorf("store: change queue %s: %w", q.ID, err)
	case n == 0:
		return QueueChanged, nil
	}
	return "", tx.queueParts(ctx, q)
}

func (tx *Tx) queueParts(ctx context.Context, q QueueRules) error {
	t := tx.tenant.UUID()
	skills, levels := split(q.Needs)
	days, froms, untils := splitHours(q.Hours)
	err := tx.q.QueueSkillsClear(ctx, t, q.ID)
	if err == nil {
		err = tx.q.QueueSkillsAdd(ctx, t, q.ID, skills, levels)
	}
	if err == nil {
		err = tx.q.QueueHoursClear(ctx, t, q.ID)
	}
	if err == nil {
		err = tx.q.QueueHoursAdd(ctx, sqlc.QueueHoursAddParams{TenantID: t, QueueID: q.ID, Weekdays: days, Froms: froms, Untils: untils})
	}
	if err == nil && q.Exceptions != nil {
		if err = tx.q.QueueDaysClear(ctx, t, q.ID); err == nil {
			d := splitDays(q.Exceptions)
			err = tx.q.QueueDaysAdd(ctx, sqlc.QueueDaysAddParams{TenantID: t, QueueID: q.ID, Dates: d.Dates, Numbers: d.Numbers, Froms: d.Froms, Untils: d.Untils})
		}
	}
	if err != nil {
		return fmt.Errorf("store: write queue %s: %w", q.ID, err)
	}
	return nil
}

// Overflowing says of a queue whether it exists, is another's overflow, and has one itself.
func (r *Reader) Overflowing(ctx context.Context, queue uuid.UUID) (known, isOne, hasOne bool, err error) {
	row, err := r.q.QueueOverflows(ctx, r.tenant.UUID(), queue)
	if err != nil {
		return false, false, false, fmt.Errorf("store: read overflow of %s: %w", queue, err)
	}
	return row.Known, row.IsOne, row.HasOne, nil
}

// ExpertProfile is an expert as they and the operator see them.
type ExpertProfile struct {
	ID         uuid.UUID
	Name       string
	State      string // applied, approved, refused
	Intent     string
	Asked      bool // are you there?
	Minute     ledger.Money
	Slots      int
	Modalities []string
	Rating     int // hundredths of a star
	Rated      int
	TimeZone   string
	Suspended  bool
	Why        string // of the suspension
	Version    int64
	Languages  []string
	Skills     []SkillLevel
	Hours      []Hours
	Days       []Day // that are not as usual; where it is written nil: as they are
}

// ExpertProfile is one expert's.
func (r *Reader) ExpertProfile(ctx context.Context, id uuid.UUID) (ExpertProfile, error) {
	all, err := r.practices(ctx, []uuid.UUID{id})
	if err != nil {
		return ExpertProfile{}, err
	}
	if len(all) == 0 {
		return ExpertProfile{}, fmt.Errorf("store: read expert %s: %w", id, pgx.ErrNoRows)
	}
	return all[0], nil
}

// Practices are experts whose practice is in a state, or all, after one, in the order in which they came; at most limit.
func (r *Reader) Practices(ctx context.Context, state string, after uuid.UUID, limit int) ([]ExpertProfile, error) {
	ids, err := r.q.ExpertsPractising(ctx, r.tenant.UUID(), state, after, int32(limit))
	if err != nil {
		return nil, fmt.Errorf("store: list experts: %w", err)
	}
	return r.practices(ctx, ids)
}

func (r *Reader) practices(ctx context.Context, ids []uuid.UUID) ([]ExpertProfile, error) {
	rows, err := r.q.ExpertProfiles(ctx, r.tenant.UUID(), ids)
	if err != nil {
		return nil, fmt.Errorf("store: read experts: %w", err)
	}
	out := make([]ExpertProfile, len(rows))
	for i := range rows {
		if out[i], err = profileOf(&rows[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func profileOf(e *sqlc.ExpertProfilesRow) (ExpertProfile, error) {
	p := ExpertProfile{ID: e.ID, Name: e.Name, State: e.State, Intent: e.Intent, Asked: e.AskedAt != nil, Minute: ledger.Of(e.Price, ledger.Currency(e.Currency)), Slots: int(e.Slots),
		Modalities: e.Modalities, Rating: int(e.Rating), Rated: int(e.Rated), TimeZone: e.TimeZone, Suspended: e.SuspendedAt != nil, Why: e.SuspendedWhy, Version: e.Version, Languages: e.Languages}
	err := json.Unmarshal(e.Skills, &p.Skills)
	if err == nil {
		err = json.Unmarshal(e.Hours, &p.Hours)
	}
	if err != nil {
		return p, fmt.Errorf("store: expert %s: %w", e.ID, err)
	}
	return p, nil
}

// SaveExpert keeps what an expert says of themselves, and answers whether they may practise. Skills are written by WriteExpertSkills.
func (tx *Tx) SaveExpert(ctx context.Context, p ExpertProfile) (state string, err error) {
	t := tx.tenant.UUID()
	state, err = tx.q.ExpertSave(ctx, sqlc.ExpertSaveParams{TenantID: t, ID: p.ID, Price: p.Minute.Amount, Currency: string(p.Minute.Currency), Slots: int16(p.Slots),
		Modalities: p.Modalities, TimeZone: p.TimeZone})
	days, froms, untils := splitHours(p.Hours)
	if err == nil {
		err = tx.q.ExpertLanguagesClear(ctx, t, p.ID)
	}
	if err == nil {
		err = tx.q.ExpertLanguagesAdd(ctx, t, p.ID, p.Languages)
	}
	if err == nil {
		err = tx.q.ExpertHoursClear(ctx, t, p.ID)
	}
	if err == nil {
		err = tx.q.ExpertHoursAdd(ctx, sqlc.ExpertHoursAddParams{TenantID: t, ExpertID: p.ID, Weekdays: days, Froms: froms, Untils: untils})
	}
	if err != nil {
		return "", fmt.Errorf("store: save expert %s: %w", p.ID, err)
	}
	return state, tx.TellExperts(ctx, p.ID)
}

// WriteExpertSkills is what an expert can do from now on.
func (tx *Tx) WriteExpertSkills(ctx context.Context, expert uuid.UUID, all []SkillLevel) error {
	skills, levels := split(all)
	err := tx.q.ExpertSkillsClear(ctx, tx.tenant.UUID(), expert)
	if err == nil {
		err = tx.q.ExpertSkillsAdd(ctx, tx.tenant.UUID(), expert, skills, levels)
	}
	if err != nil {
		return fmt.Errorf("store: write skills of %s: %w", expert, err)
	}
	return tx.TellExperts(ctx, expert)
}

// PractiseExpert says whether an expert may practise, and why they are suspended; false: no such expert.
func (tx *Tx) PractiseExpert(ctx context.Context, expert uuid.UUID, state string, suspended bool, why string, by uuid.UUID) (bool, error) {
	n, err := tx.q.ExpertPractice(ctx, sqlc.ExpertPracticeParams{State: state, Suspended: suspended, Why: why, ByUser: by, TenantID: tx.tenant.UUID(), ID: expert})
	if err != nil {
		return false, fmt.Errorf("store: decide on expert %s: %w", expert, err)
	}
	return n == 1, tx.TellExperts(ctx, expert)
}

// OnBoard is somebody who waits, as whoever runs the queue sees them.
type OnBoard struct {
	ID, Client uuid.UUID
	ClientName string
	Modality   string
	Languages  []string
	Ceiling    ledger.Money
	Priority   int
	PlacedAt   time.Time
	Version    int64
	Away       bool       // their client is not there, and is called when their turn comes
	CallUntil  *time.Time // of the latest call
	About      string     // what they wrote
	Needs      []SkillLevel
	Rings      []BoardRing
}

// BoardRing is an expert who is rung for a request now, and why they.
type BoardRing struct {
	Offer    uuid.UUID       `json:"offer"`
	Expert   uuid.UUID       `json:"expert"`
	Name     string          `json:"name"`
	Deadline time.Time       `json:"deadline"`
	Reach    string          `json:"reach"`
	Score    json.RawMessage `json:"score"`
}

// BoardExpert is what an expert is doing.
type BoardExpert struct {
	ID      uuid.UUID
	Name    string
	Intent  string
	Asked   bool
	Reach   string
	Slots   int
	Ringing int
	Busy    int
	Rating  int // hundredths of a star
	Minute  ledger.Money
	Fits    bool // has every skill that the queue asks of everybody, at whatever level
}

// BoardSession is a conversation that is not over.
type BoardSession struct {
	ID, Client, Expert     uuid.UUID
	ClientName, ExpertName string
	State, Modality        string
	Minute                 ledger.Money
	Shown                  int64     // seconds that were billed
	Running                time.Time // and since when more are; zero: the meter stands
	CreatedAt              time.Time
	Waited                 time.Duration // before it
	Here                   int           // how many of them have a connection
}

// BoardSessions is a queue's conversations that are not over, the oldest first.
func (r *Reader) BoardSessions(ctx context.Context, queue uuid.UUID, limit int) ([]BoardSession, error) {
	rows, err := r.q.BoardSessions(ctx, r.tenant.UUID(), queue, int32(limit))
	if err != nil {
		return nil, fmt.Errorf("store: read conversations of queue %s: %w", queue, err)
	}
	out := make([]BoardSession, len(rows))
	for i, s := range rows {
		out[i] = BoardSession{ID: s.ID, Client: s.ClientID, Expert: s.ExpertID, ClientName: s.Client, ExpertName: s.Expert, State: s.State, Modality: s.Modality,
			Minute: ledger.Of(s.Price, ledger.Currency(s.Currency)), Shown: s.ShownS, CreatedAt: s.CreatedAt, Waited: time.Duration(s.WaitedS) * time.Second, Here: int(s.Here)}
		if s.RunningSince != nil {
			out[i].Running = *s.RunningSince
		}
	}
	return out, nil
}

// Board is who waits in a queue, in their places, and what the tenant's experts are doing.
func (r *Reader) Board(ctx context.Context, queue uuid.UUID, limit int) ([]OnBoard, []BoardExpert, error) {
	rows, err := r.q.BoardWaiting(ctx, r.tenant.UUID(), queue, int32(limit))
	if err != nil {
		return nil, nil, fmt.Errorf("store: read board of queue %s: %w", queue, err)
	}
	waiting := make([]OnBoard, len(rows))
	for i, w := range rows {
		waiting[i] = OnBoard{ID: w.ID, Client: w.ClientID, ClientName: w.Client, Modality: w.Modality, Languages: w.Languages, Ceiling: ledger.Of(w.Ceiling, ledger.Currency(w.Currency)),
			Priority: int(w.Priority), PlacedAt: w.PlacedAt, Version: w.Version, About: w.About, Away: w.CallbackAt != nil, CallUntil: w.CallUntil}
		err := json.Unmarshal(w.Rings, &waiting[i].Rings)
		if err == nil {
			err = json.Unmarshal(w.Needs, &waiting[i].Needs)
		}
		if err != nil {
			return nil, nil, fmt.Errorf("store: rings of request %s: %w", w.ID, err)
		}
	}
	people, err := r.q.BoardExperts(ctx, queue, r.tenant.UUID(), int32(limit))
	if err != nil {
		return nil, nil, fmt.Errorf("store: read experts: %w", err)
	}
	experts := make([]BoardExpert, len(people))
	for i, e := range people {
		experts[i] = BoardExpert{e.ID, e.Name, e.Intent, e.Asked, e.Reach, int(e.Slots), int(e.Ringing), int(e.Busy), int(e.Rating), ledger.Of(e.Price, ledger.Currency(e.Currency)), e.Fits}
	}
	return waiting, experts, nil
}

func split(all []SkillLevel) (skills []uuid.UUID, levels []int16) {
	skills, levels = make([]uuid.UUID, len(all)), make([]int16, len(all))
	for i, s := range all {
		skills[i], levels[i] = s.Skill, int16(s.Level)
	}
	return skills, levels
}

func splitHours(all []Hours) (days, froms, untils []int16) {
	days, froms, untils = make([]int16, len(all)), make([]int16, len(all)), make([]int16, len(all))
	for i, h := range all {
		days[i], froms[i], untils[i] = int16(h.Weekday), int16(h.From), int16(h.Until)
	}
	return days, froms, untils
}
