package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/session/meter"
)

// talks gives the side conversations of its rider with its driver, each where a route finds it. Their time stands still: what passes
// by itself would hide what an attack changes.
func (w *world) talks(t *testing.T, s *side) {
	t.Helper()
	w.Exec(t, `create or replace function stands_still() returns trigger language plpgsql as $$ begin new.said_at = clock_timestamp() + interval '1 day'; return new; end $$`)
	w.Exec(t, `create or replace trigger stands_still before insert or update on session for each row execute function stands_still()`)
	w.Exec(t, `create or replace function stays_here() returns trigger language plpgsql as $$ begin new.seen_at = new.seen_at + interval '1 day'; return new; end $$`)
	w.Exec(t, `create or replace trigger stays_here before insert on session_party for each row execute function stays_here()`)
	x, queue, expert := s.ID.UUID(), ident.New(), s.Users["driver"]
	w.Exec(t, `insert into queue (tenant_id, id, name, time_zone) values ($1, $2, 'Talks ' || $3, 'UTC')`, x, queue, s.Canary)
	w.Exec(t, `insert into expert (tenant_id, id, state, price, currency, slots, time_zone) values ($1, $2, 'approved', 500, 'MAD', 20, 'UTC') on conflict do nothing`, x, expert)
	colleague := s.Users["dispatcher"] // who can be rung
	w.Exec(t, `insert into expert (tenant_id, id, state, intent, price, currency, slots, time_zone) values ($1, $2, 'approved', 'available', 400, 'MAD', 20, 'UTC')`, x, colleague)
	w.Exec(t, `insert into expert_presence (tenant_id, expert_id, node, until) values ($1, $2, $3, now() + interval '1 day')`, x, colleague, ident.New())
	s.things["talkQueue"], s.things["colleague"] = queue.String(), colleague.String()
	for i, name := range []string{"talk", "talkJoin", "talkLeave", "talkEnd", "talkDone", "talkRate", "talkListen", "talkListened", "talkTransfer", "talkTransferTo", "talkTransferBy", "talkSecond", "talkSecondTo", "talkSecondBy"} {
		id, request, funds := ident.New(), ident.New(), ident.New()
		w.Exec(t, `insert into request (tenant_id, id, queue_id, client_id, modality, ceiling, currency, funding) values ($1, $2, $3, $4, 'audio', 900, 'MAD', 'session/' || $5::text)`, x, request, queue, s.Rider, funds)
		w.Exec(t, `insert into offer (tenant_id, id, request_id, queue_id, expert_id, slot, epoch, ring, score, reach, deadline, state, accepted, answered_at)
			values ($1, $2, $3, $4, $5, $6, 1, 0, '{}', 'connected', now(), 'accepted', true, now())`, x, id, request, queue, expert, i+1)
		w.Exec(t, `update request set state = 'matched', expert_id = $3, offer_id = $4, matched_at = now() where tenant_id = $1 and id = $2`, x, request, expert, id)
		w.Exec(t, `insert into metered_session (tenant_id, id, client_id, expert_id, price, fee_bp, currency) values ($1, $2, $3, $4, 500, 0, 'MAD')`, x, funds, s.Rider, expert)
		m := meter.New(600, time.Now())
		var charged *int64
		if strings.HasPrefix(name, "talkTransfer") || strings.HasPrefix(name, "talkSecond") {
			m.State = meter.Live
		}
		if name == "talkDone" || name == "talkRate" {
			none := int64(0)
			m.State, m.Reason, m.Meter.Billed, charged = meter.WrapUp, meter.Said, 10*time.Second, &none
		}
		if name == "talkRate" {
			m.State = meter.Completed
		}
		w.session(t, s, id, request, funds, expert, m, charged)
		s.things[name] = id.String()
		if name == "talkDone" { // its expert has reported its client
			report := ident.New()
			w.Exec(t, `insert into person_report (tenant_id, id, session_id, by_user, about_user, reason, words) values ($1, $2, $3, $4, $5, 'other', $6)`, x, report, id, expert, s.Rider, s.Canary)
			s.things["report"] = report.String()
		}
	}
	w.Exec(t, `insert into session_party (tenant_id, session_id, user_id, role, seen_at) values ($1, $2, $3, 'observer', now())`, x, s.things["talkListened"], s.Users["admin"])
}

// A whisper into another tenant's conversation is one into a conversation that nobody has, also where none could be heard.
func TestAWhisperStaysInItsTenant(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	whisper := func(as, id string) answered {
		return w.send(t, w.a.tokens[as], "POST", "/v1/sessions/"+id+"/whisper", "")
	}
	mine, theirs, nobody := whisper("admin", w.a.things["talkListen"]), whisper("admin", w.b.things["talkListen"]), whisper("admin", ident.New().String())
	if !strings.Contains(mine.Body, "media_not_supported") || theirs.Status != 404 || !same(theirs, nobody) {
		t.Errorf("%v\n%v\n%v", mine, theirs, nobody)
	}
	for _, way := range []string{"listen", "whisper", "barge"} {
		if got := w.send(t, w.a.tokens["driver"], "POST", "/v1/sessions/"+w.a.things["talkListen"]+"/"+way, ""); got.Status != 403 {
			t.Errorf("%s without a right: %v", way, got)
		}
	}
	w.clean(t, w.b, theirs)
}

func (w *world) session(t *testing.T, s *side, id, request, funds, expert uuid.UUID, m meter.Session, charged *int64) {
	t.Helper()
	text, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	policy, err := json.Marshal(meter.DefaultPolicy)
	if err != nil {
		t.Fatal(err)
	}
	x := s.ID.UUID()
	w.Exec(t, `insert into session (tenant_id, id, request_id, funds_id, client_id, expert_id, modality, price, currency, policy, state, meter, billed_s, funded_s, free_s, charged_s, cost, ended_at, messages)
		values ($1, $2, $3, $4, $5, $6, 'audio', 500, 'MAD', $7, $8, $9, $10, 600, 0, $11, $11, case when $11::bigint is not null then now() end, 1)`,
		x, id, request, funds, s.Rider, expert, string(policy), string(m.State), string(text), m.Meter.Seconds(), charged)
	w.Exec(t, `insert into session_party (tenant_id, session_id, user_id, role, epoch, joined_at) values ($1, $2, $3, 'client', 1, now()), ($1, $2, $4, 'expert', 1, now())`, x, id, s.Rider, expert)
	w.Exec(t, `insert into session_message (tenant_id, session_id, n, by_user, body) values ($1, $2, 1, $3, $4)`, x, id, s.Rider, s.Canary)
	w.Exec(t, `insert into session_file (tenant_id, session_id, n, hash, kind, size) values ($1, $2, 1, repeat('0', 64), 'text/plain', 1)`, x, id)
}

// A heartbeat in another tenant's conversation, or in one that is somebody else's, is one in a conversation that nobody has.
func TestAHeartbeatStaysInItsTenant(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	beat := func(as, id string) answered {
		return w.send(t, w.a.tokens[as], "POST", "/v1/sessions/"+id+"/beat", `{"epoch":1,"media":true}`)
	}
	mine, theirs, nobody, stranger := beat("rider", w.a.things["talk"]), beat("rider", w.b.things["talk"]), beat("rider", ident.New().String()), beat("dispatcher", w.a.things["talk"])
	if mine.Status != 204 || theirs.Status != 404 || !same(theirs, nobody) || !same(stranger, nobody) {
		t.Errorf("%v\n%v\n%v\n%v", mine, theirs, nobody, stranger)
	}
	w.clean(t, w.b, theirs)
	for _, role := range []string{"admin", "dispatcher", "finance"} { // a conversation is its parties' own
		if got := w.send(t, w.a.tokens[role], "GET", "/v1/sessions/"+w.a.things["talk"], ""); got.Status != 404 {
			t.Errorf("%s: %v", role, got)
		}
	}
}
