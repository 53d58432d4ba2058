package matching_test

import (
	"crypto/sha256"
	"testing"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/matching"
	"github.com/waymeet/waymeet/store"
)

func claimOf(operation string) idem.Claim {
	return idem.Claim{Actor: ident.New(), Key: ident.New().String(), Operation: operation, Hash: sha256.Sum256([]byte(operation))}
}

// queueOf adds a queue that asks for nothing, or for a skill.
func (l *lounge) queueOf(t *testing.T, s *matching.Service, name string, overflow uuid.UUID, needs ...store.SkillLevel) uuid.UUID {
	t.Helper()
	q, err := s.AddQueue(t.Context(), l.by(l.Experts[0]), idem.Claim{}, matching.QueueSpec{QueueRules: store.QueueRules{Name: name, Modalities: []string{"audio"}, SLAS: 60, RingS: 15, PushRingS: 40,
		FanOut: 1, Open: true, Most: 100, TimeZone: "UTC", Overflow: overflow, Needs: needs}})
	if err != nil {
		t.Fatal(err)
	}
	return q.ID
}

// A supervisor's word changes what it says and nothing else: the place is when they were placed, what rings goes on or is taken back, and each word is in the audit log once.
func TestSupervisorsMoveWhoWaits(t *testing.T) {
	t.Parallel()
	l := newLounge(t, 1, 3)
	s := matching.New(matching.Config{DB: l.DB.DB, Logger: quiet, Funds: funded{}})
	boss := l.by(l.Experts[0])
	first, second, third := l.ask(t, s, 0, 2), l.ask(t, s, 1, 2), l.ask(t, s, 2, 2)
	order := func(queue uuid.UUID) string {
		return l.text(t, `select coalesce(string_agg(case id when $2 then '1' when $3 then '2' else '3' end, '' order by priority desc, placed_at, id), '') from request where queue_id = $1 and state = 'waiting'`, queue, first, second)
	}
	if got := order(l.Queue); got != "123" {
		t.Fatal(got)
	}

	// Sooner: once, however often it is said under one key.
	again := claimOf("requests.prioritise")
	for range 2 {
		says(t, "sooner", s.Prioritise(t.Context(), boss, again, third, l.Queue, 5), "")
	}
	if got := order(l.Queue); got != "312" {
		t.Errorf("after a word for the third: %s", got)
	}
	says(t, "beyond nine", s.Prioritise(t.Context(), boss, claimOf("requests.prioritise"), third, l.Queue, 10), "out_of_range")
	says(t, "nobody", s.Prioritise(t.Context(), boss, claimOf("requests.prioritise"), ident.New(), l.Queue, 1), "request_not_found")
	says(t, "out of another queue", s.Prioritise(t.Context(), boss, claimOf("requests.prioritise"), third, ident.New(), 1), "request_moved")

	// Elsewhere, while somebody is rung: the ring is taken back, and asks for what the new queue does.
	special, err := s.AddSkill(t.Context(), boss, idem.Claim{}, store.Skill{Name: "Special"})
	if err != nil {
		t.Fatal(err)
	}
	general := l.queueOf(t, s, "General", uuid.Nil)
	other := l.queueOf(t, s, "Other", general, store.SkillLevel{Skill: special.ID, Level: 4})
	o, err := s.Take(t.Context(), l.A.ID, l.Queue)
	if err != nil {
		t.Fatal(err)
	}
	offer := ident.New()
	made, err := s.Offer(t.Context(), o, second, 0, []store.OfferAsk{{ID: offer, Expert: l.Experts[0], Score: []byte(`{}`)}})
	if err != nil || len(made) != 1 || made[0].Refused != "" {
		t.Fatal(made, err)
	}
	says(t, "to nowhere", s.Move(t.Context(), boss, claimOf("requests.move"), second, l.Queue, ident.New()), "queue_not_found")
	says(t, "out of another queue", s.Move(t.Context(), boss, claimOf("requests.move"), second, other, general), "request_moved")
	if got := l.text(t, `select state from offer where id = $1`, offer); got != "open" {
		t.Errorf("a move that was refused took the ring back: %s", got)
	}
	placed := l.text(t, `select placed_at::text from request where id = $1`, second)
	moving := claimOf("requests.move")
	for range 2 {
		says(t, "move", s.Move(t.Context(), boss, moving, second, l.Queue, other), "")
	}
	if got := l.text(t, `select state from offer where id = $1`, offer); got != "rescinded" {
		t.Errorf("what rang for the old queue is %s", got)
	}
	if got := l.text(t, `select placed_at::text from request where id = $1`, second); got != placed {
		t.Errorf("placed at %s, and %s after the move", placed, got)
	}
	if got := l.text(t, `select string_agg(k.name || s.level, ',' order by s.n) from request_skill s join skill k on k.id = s.skill_id where s.request_id = $1`, second); got != l.text(t, `select name from skill where id = $1`, l.Skill)+"2,Special4" {
		t.Errorf("asks for %s", got)
	}
	// And on: what the queue asked of everybody is not asked any more.
	says(t, "move on", s.Move(t.Context(), boss, claimOf("requests.move"), second, other, general), "")
	if n := l.Int(t, `select count(*)::int from request_skill where request_id = $1 and skill_id = $2`, second, special.ID); n != 0 {
		t.Error("it still asks for what the queue before asked of everybody")
	}

	// What they asked for themselves stays, also where a queue asks for it of everybody.
	fond := l.queueOf(t, s, "Fond", uuid.Nil, store.SkillLevel{Skill: l.Skill, Level: 5})
	skills := func() string {
		return l.text(t, `select coalesce(string_agg(case s.skill_id when $2 then 'own' else 'special' end || s.level, ',' order by s.n), '') from request_skill s where s.request_id = $1`, second, l.Skill)
	}
	says(t, "where more is asked", s.Move(t.Context(), boss, claimOf("requests.move"), second, general, fond), "")
	if got := skills(); got != "own5" {
		t.Errorf("where more is asked it asks for %s", got)
	}
	// And when nobody took them, by the same rule.
	l.Exec(t, `update queue set overflow_id = $2 where id = $1`, fond, other)
	o, err = s.Take(t.Context(), l.A.ID, fond)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.InTx(t.Context(), l.A.ID, func(tx *store.Tx) error {
		refused, err := tx.MoveRequest(t.Context(), o, second)
		if refused != "" {
			t.Errorf("overflows: %s", refused)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if got := skills(); got != "own2,special4" {
		t.Errorf("in the overflow it asks for %s", got)
	}
	says(t, "and back", s.Move(t.Context(), boss, claimOf("requests.move"), second, other, general), "")
	if got := skills(); got != "own2" {
		t.Errorf("back it asks for %s", got)
	}

	// The overflow takes everybody for whom nobody is rung.
	says(t, "no overflow", spill(t, s, boss, l.Queue, 0), "queue_no_overflow")
	says(t, "to the other", s.Move(t.Context(), boss, claimOf("requests.move"), first, l.Queue, other), "")
	says(t, "to the other", s.Move(t.Context(), boss, claimOf("requests.move"), third, l.Queue, other), "")
	o, err = s.Take(t.Context(), l.A.ID, other)
	if err != nil {
		t.Fatal(err)
	}
	l.Exec(t, `insert into expert_skill (tenant_id, expert_id, skill_id, level) values ($1, $2, $3, 5)`, l.A.ID.UUID(), l.Experts[0], special.ID)
	if made, err = s.Offer(t.Context(), o, first, 0, []store.OfferAsk{{ID: ident.New(), Expert: l.Experts[0], Score: []byte(`{}`)}}); err != nil || made[0].Refused != "" {
		t.Fatal(made, err)
	}
	says(t, "overflow", spill(t, s, boss, other, 1), "")
	if got := order(other) + " " + order(general); got != "1 32" {
		t.Errorf("after the overflow: %s", got)
	}
	says(t, "move whom nobody waits for", func() error {
		if _, err := s.Cancel(t.Context(), l.by(l.Clients[1]), second); err != nil {
			t.Fatal(err)
		}
		return s.Move(t.Context(), boss, claimOf("requests.move"), second, general, other)
	}(), "request_over")

	for action, want := range map[string]int64{"request.priority": 1, "request.move": 6, "queue.overflow": 1} {
		if n := l.Int(t, `select count(*)::int from audit where action = $1 and actor = $2`, action, boss.User); n != want {
			t.Errorf("%s is in the audit log %d times, not %d", action, n, want)
		}
	}
}

func spill(t *testing.T, s *matching.Service, by matching.By, queue uuid.UUID, want int) error {
	t.Helper()
	claim := claimOf("queues.spill")
	n, err := s.Spill(t.Context(), by, claim, queue)
	if err == nil {
		if again, err := s.Spill(t.Context(), by, claim, queue); err != nil || again != n {
			t.Errorf("repeated: %d, %v", again, err)
		}
	}
	if n != want {
		t.Errorf("%d were moved, not %d", n, want)
	}
	return err
}

func (l *lounge) text(t *testing.T, sql string, args ...any) string {
	t.Helper()
	got := l.Texts(t, sql, args...)
	if len(got) != 1 {
		t.Fatalf("%s: %q", sql, got)
	}
	return got[0]
}
