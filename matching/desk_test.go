package matching_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/matching"
	"github.com/waymeet/waymeet/store"
)

func code(err error) string {
	var f *fault.Error
	if errors.As(err, &f) {
		return f.Code
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

func says(t *testing.T, what string, err error, want string) {
	t.Helper()
	if got := code(err); got != want {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}

type purse struct {
	ceiling int64
	funded  bool
}

func (p purse) Funded(context.Context, matching.By, string) (ledger.Money, bool, error) {
	return ledger.Of(p.ceiling, "MAD"), p.funded, nil
}

// What cannot be is refused with a code that stays, and nothing of it is written.
func TestBadRequests(t *testing.T) {
	t.Parallel()
	l := newLounge(t, 1, 1)
	by := l.by(l.Clients[0])
	fine := matching.Ask{Queue: l.Queue, Needs: []store.Need{{Skill: l.Skill, Level: 3}}, Modality: "audio", Funding: "session/" + ident.New().String()}
	try := func(p purse, change func(*matching.Ask)) error {
		a := fine
		change(&a)
		_, err := matching.New(matching.Config{DB: l.DB.DB, Logger: quiet, Funds: p}).Request(t.Context(), by, idem.Claim{}, a)
		return err
	}
	rich := purse{900, true}
	for name, c := range map[string]struct {
		code   string
		purse  purse
		change func(*matching.Ask)
	}{
		"nothing set aside":         {"request_not_funded", purse{900, false}, func(*matching.Ask) {}},
		"nothing named":             {"request_not_funded", rich, func(a *matching.Ask) { a.Funding = "" }},
		"an unknown skill":          {"skill_not_found", rich, func(a *matching.Ask) { a.Needs = []store.Need{{Skill: ident.New(), Level: 1}} }},
		"a level beyond five":       {"out_of_range", rich, func(a *matching.Ask) { a.Needs = []store.Need{{Skill: l.Skill, Level: 6}} }},
		"a ceiling below everybody": {"ceiling_too_low", purse{499, true}, func(*matching.Ask) {}},
		"an unknown queue":          {"queue_not_found", rich, func(a *matching.Ask) { a.Queue = ident.New() }},
		"an unknown modality":       {"modality_not_offered", rich, func(a *matching.Ask) { a.Modality = "fax" }},
		"nine languages":            {"too_long", rich, func(a *matching.Ask) { a.Languages = strings.Split("aa ab ac ad ae af ag ah ai", " ") }},
		"no language":               {"bad_value", rich, func(a *matching.Ask) { a.Languages = []string{"English"} }},
		"an unknown organisation":   {"organisation_not_found", rich, func(a *matching.Ask) { a.Organisation = ident.New() }},
		"a priority beyond nine":    {"out_of_range", rich, func(a *matching.Ask) { a.Priority = 10 }},
		"a long name of funds":      {"too_long", rich, func(a *matching.Ask) { a.Funding = strings.Repeat("x", 201) }},
	} {
		says(t, name, try(c.purse, c.change), c.code)
	}
	if n := l.Int(t, `select count(*) from request`); n != 0 {
		t.Errorf("%d requests were written", n)
	}
	says(t, "as it should be", try(rich, func(*matching.Ask) {}), "")
	says(t, "with what serves another", try(rich, func(*matching.Ask) {}), "request_funds_used")
	for range 2 {
		says(t, "another", try(rich, func(a *matching.Ask) { a.Funding = ident.New().String() }), "")
	}
	says(t, "too many", try(rich, func(a *matching.Ask) { a.Funding = ident.New().String() }), "request_too_many")
}

// A queue that is written can be served: what decides is checked, and two queues never overflow into one another.
func TestBadQueues(t *testing.T) {
	t.Parallel()
	l := newLounge(t, 1, 1)
	s := matching.New(matching.Config{DB: l.DB.DB, Logger: quiet})
	by := l.by(l.Experts[0])
	fine := func(name string) matching.QueueSpec {
		return matching.QueueSpec{QueueRules: store.QueueRules{Name: name, Modalities: []string{"audio"}, SLAS: 60, RingS: 15, PushRingS: 40, FanOut: 1, Most: 10, TimeZone: "UTC", Open: true}}
	}
	big := int64(1001)
	for name, c := range map[string]struct {
		code   string
		change func(*matching.QueueSpec)
	}{
		"nothing":                  {"required", func(q *matching.QueueSpec) { *q = matching.QueueSpec{} }},
		"no modality":              {"required", func(q *matching.QueueSpec) { q.Modalities = nil }},
		"an unknown modality":      {"bad_value", func(q *matching.QueueSpec) { q.Modalities = []string{"fax"} }},
		"an unknown skill":         {"skill_not_found", func(q *matching.QueueSpec) { q.Needs = []store.SkillLevel{{Skill: ident.New(), Level: 1}} }},
		"rings that narrow":        {"queue_rings_invalid", func(q *matching.QueueSpec) { q.Rings = []matching.RingSpec{{AfterS: 0, Lower: 1}, {AfterS: 5}} }},
		"rings that begin later":   {"queue_rings_invalid", func(q *matching.QueueSpec) { q.Rings = []matching.RingSpec{{AfterS: 5}} }},
		"a weight beyond bounds":   {"out_of_range", func(q *matching.QueueSpec) { q.Weights.Idle = &big }},
		"an unknown overflow":      {"queue_not_found", func(q *matching.QueueSpec) { q.Overflow = ident.New() }},
		"an unknown zone":          {"bad_value", func(q *matching.QueueSpec) { q.TimeZone = "Mars/Olympus" }},
		"a ring of an hour":        {"out_of_range", func(q *matching.QueueSpec) { q.RingS = 3600 }},
		"hours that end too early": {"out_of_range", func(q *matching.QueueSpec) { q.Hours = []store.Hours{{Weekday: 1, From: 60, Until: 60}} }},
	} {
		q := fine("Bad")
		c.change(&q)
		_, err := s.AddQueue(t.Context(), by, idem.Claim{}, q)
		says(t, name, err, c.code)
	}
	first, err := s.AddQueue(t.Context(), by, idem.Claim{}, fine("First"))
	says(t, "as it should be", err, "")
	_, err = s.AddQueue(t.Context(), by, idem.Claim{}, fine("First"))
	says(t, "the same name", err, "queue_taken")
	into := fine("Second")
	into.Overflow = first.ID
	second, err := s.AddQueue(t.Context(), by, idem.Claim{}, into)
	says(t, "with an overflow", err, "")
	back := fine("First")
	back.ID, back.Version, back.Overflow = first.ID, first.Version, second.ID
	_, err = s.ChangeQueue(t.Context(), by, back)
	says(t, "in a circle", err, "queue_overflow_circle")
	back.Overflow = uuid.Nil
	if first, err = s.ChangeQueue(t.Context(), by, back); err != nil || first.Version != 2 {
		t.Errorf("changed: %+v, %v", first, err)
	}
	_, err = s.ChangeQueue(t.Context(), by, back)
	says(t, "as it was read before", err, "queue_changed")
}

// An expert says what they offer; whether they may is the operator's to say, and never one's own.
func TestPractice(t *testing.T) {
	t.Parallel()
	l := newLounge(t, 1, 1)
	s := matching.New(matching.Config{DB: l.DB.DB, Logger: quiet})
	me, boss := l.by(l.Clients[0]), l.by(l.Experts[0])
	fine := store.ExpertProfile{Minute: ledger.Of(700, "MAD"), Slots: 1, Modalities: []string{"chat"}, Languages: []string{"ar"}, TimeZone: "Asia/Dubai", Skills: []store.SkillLevel{{Skill: l.Skill, Level: 4}}}
	if p, err := s.Apply(t.Context(), me, fine); err != nil || p.State != "applied" || len(p.Skills) != 1 {
		t.Fatalf("%+v, %v", p, err)
	}
	_, err := s.Practise(t.Context(), me, l.Clients[0], matching.Practice{State: "approved"})
	says(t, "oneself", err, "expert_own")
	_, err = s.Practise(t.Context(), boss, l.Clients[0], matching.Practice{State: "approved"})
	says(t, "approved", err, "")
	more := fine
	more.Skills = []store.SkillLevel{{Skill: l.Skill, Level: 5}}
	_, err = s.Apply(t.Context(), me, more)
	says(t, "better than decided", err, "expert_skills_decided")
	for name, c := range map[string]struct {
		code   string
		change func(*store.ExpertProfile)
	}{
		"nine languages":   {"too_long", func(p *store.ExpertProfile) { p.Languages = strings.Split("aa ab ac ad ae af ag ah ai", " ") }},
		"another currency": {"bad_value", func(p *store.ExpertProfile) { p.Minute = ledger.Of(700, "KES") }},
		"for nothing":      {"out_of_range", func(p *store.ExpertProfile) { p.Minute.Amount = 0 }},
		"an unknown skill": {"skill_not_found", func(p *store.ExpertProfile) { p.Skills = []store.SkillLevel{{Skill: ident.New(), Level: 1}} }},
		"no slots":         {"out_of_range", func(p *store.ExpertProfile) { p.Slots = 0 }},
	} {
		p := fine
		c.change(&p)
		_, err := s.Apply(t.Context(), me, p)
		says(t, name, err, c.code)
	}
	says(t, "an unknown wish", s.Intend(t.Context(), me, "perhaps"), "bad_value")
	_, err = s.Profile(t.Context(), l.A.ID, ident.New())
	says(t, "nobody", err, "expert_not_found")
}

// An accept asks for its conversation, once however often it is repeated; and after the deadline not at all.
func TestAnAcceptOpensAConversation(t *testing.T) {
	t.Parallel()
	l := newLounge(t, 2, 2)
	s, _ := l.node(t, matching.Config{})
	r := l.ask(t, s, 0, 3)
	offer, e := l.rung(t, r)
	for range 2 {
		if _, err := s.Accept(t.Context(), l.by(e), offer); err != nil {
			t.Fatal(err)
		}
	}
	if n := l.Int(t, `select count(*) from river_job where kind = 'session_open' and args ->> 'offer' = $1 and args ->> 'request' = $2`, offer.String(), r.String()); n != 1 {
		t.Errorf("%d conversations were asked for", n)
	}
	late, e := l.rung(t, l.ask(t, s, 1, 3))
	l.Exec(t, `update offer set deadline = clock_timestamp() - interval '1 s' where id = $1`, late)
	_, err := s.Accept(t.Context(), l.by(e), late)
	says(t, "too late", err, "offer_expired")
	_, err = s.Accept(t.Context(), l.by(l.Clients[0]), offer)
	says(t, "somebody else's", err, "offer_not_found")
	if n := l.Int(t, `select count(*) from river_job where kind = 'session_open'`); n != 1 {
		t.Errorf("%d conversations were asked for", n)
	}
}
