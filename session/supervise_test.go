package session_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/session"
	"github.com/waymeet/waymeet/session/media"
)

// rights is what people hold now.
type rights map[uuid.UUID][]policy.Grant

func (r rights) Holder(_ context.Context, t tenant.ID, user uuid.UUID) (policy.Actor, error) {
	if r[user] == nil {
		return policy.Actor{}, fault.New("unauthenticated")
	}
	return policy.Actor{Tenant: t, User: user, Grants: r[user]}, nil
}

// served is a provider with a server, of which is kept what it was told.
type served struct {
	media.Unsupported
	mu   sync.Mutex
	told []string
}

func (p *served) For(context.Context, tenant.ID, media.Kind, bool) (media.Provider, error) {
	return p, nil
}
func (p *served) Profile() media.Profile {
	return media.Profile{Kind: media.LiveKit, Party: 3, Capabilities: []media.Capability{media.Listen, media.Observe, media.Whisper, media.Eject}}
}
func (p *served) Open(context.Context, media.RoomOrder) error { return nil }
func (p *served) Close(context.Context, string) error         { return nil }
func (p *served) Admit(_ context.Context, s media.Seat) (media.Entry, error) {
	return media.Entry{Provider: media.LiveKit, Sends: s.Role.Sends(s.VoiceOnly)}, s.Check(p.Profile(), time.Now())
}
func (p *served) Arrange(_ context.Context, a media.Arrangement) error {
	roles := make([]string, len(a.Party))
	for i, m := range a.Party {
		roles[i] = string(m.Role)
	}
	p.note("arrange " + strings.Join(roles, " "))
	return a.Check(p.Profile())
}
func (p *served) Eject(_ context.Context, _, who string) error { p.note("eject " + who); return nil }
func (p *served) note(what string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.told = append(p.told, what)
}

// watched is a conversation that goes on, with somebody who may do all of it to those of its queue.
type watched struct {
	*talk
	boss   session.By
	rights rights
}

func (w *world) watched(t *testing.T, m session.Media) *watched {
	t.Helper()
	k := &watched{talk: w.talk(t, 60), boss: session.By{Tenant: w.A.ID, User: w.Clients[1]}, rights: rights{}}
	for _, p := range []policy.Permission{policy.SessionListenPermission, policy.SessionWhisperPermission, policy.SessionBargePermission} {
		k.rights[k.boss.User] = append(k.rights[k.boss.User], policy.Grant{Permission: p, Scope: policy.Scope{Queue: w.Queue}})
	}
	k.s = session.New(session.Config{DB: w.DB.DB, Media: m, Holders: k.rights, Logger: slog.New(slog.DiscardHandler)})
	k.s.Clocks(func(time.Time) time.Time { return start.Add(w.time + w.jump) }, func() time.Duration { return w.time })
	k.both(t)
	return k
}

func (k *watched) supervise(way policy.Action, by session.By) error {
	return k.s.Supervise(context.Background(), by, k.claim(by, string(way)), k.id, way)
}

// doc is who takes part, as those who watch are shown it.
func (k *watched) doc(t *testing.T) string {
	t.Helper()
	x, _, err := k.Read(k.A.ID).LiveSession(context.Background(), k.id)
	if err != nil {
		t.Fatal(err)
	}
	return string(x.Doc())
}

func (k *watched) audited(t *testing.T) (out []string) {
	t.Helper()
	all, err := k.Read(k.A.ID).AuditTrail(context.Background(), "session/"+k.id.String())
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range all {
		out = append(out, fmt.Sprint(a.Action, " ", a.Actor == k.boss.User, " ", string(a.Detail)))
	}
	return out
}

// A supervisor listens and then speaks with both: each is written down with the act, both are shown it, and neither the seconds nor the pauses know of them, however
// they beat. Whispering is what browsers cannot do.
func TestSupervisorsAreShownAndNotPaid(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, 2)
	k, ctx := w.watched(t, builtIn{}), context.Background()
	wants(t, k.supervise(policy.SessionWhisper, k.boss), "media_not_supported")
	wants(t, k.supervise(policy.SessionListen, k.client), "session_own")
	_, err := k.s.Join(ctx, k.boss, w.claim(k.boss, "join"), k.id)
	wants(t, err, "session_not_found")
	if len(k.audited(t)) != 0 || strings.Contains(k.doc(t), k.boss.User.String()) {
		t.Fatalf("refused, and still %v", k.audited(t))
	}
	k.talks(t, 3)
	if err := k.supervise(policy.SessionListen, k.boss); err != nil {
		t.Fatal(err)
	}
	before := k.row(t)
	j := k.join(t, k.s, k.boss)
	if j.Role != "observer" || len(j.Media.Sends) != 0 || len(j.Media.Links) != 2 || k.row(t).Generation != before.Generation {
		t.Errorf("%+v, generation %d after %d", j, k.row(t).Generation, before.Generation)
	}
	wants(t, k.s.Say(ctx, k.boss, w.claim(k.boss, "say"), k.id, "psst"), "session_listens")
	wants(t, k.s.End(ctx, k.boss, w.claim(k.boss, "end"), k.id), "session_not_found")
	beats := func(n int, both bool) {
		for range n {
			if both {
				k.talks(t, 1)
			} else {
				k.passes(t, 1)
				if err := k.s.Beat(ctx, k.client, k.id, k.clientEpoch, true); err != nil {
					t.Fatal(err)
				}
			}
			if err := k.s.Beat(ctx, k.boss, k.id, j.Epoch, true); err != nil {
				t.Fatal(err)
			}
			if err := k.s.Flush(ctx); err != nil {
				t.Fatal(err)
			}
		}
	}
	beats(10, true)
	if k.stands(t, "live  12"); !strings.Contains(k.doc(t), `"role":"observer","here":true`) {
		t.Errorf("nobody is shown who listens: %s", k.doc(t))
	}
	if err := k.supervise(policy.SessionBarge, k.boss); err != nil {
		t.Fatal(err)
	}
	if err := k.s.Say(ctx, k.boss, w.claim(k.boss, "say"), k.id, "hello"); err != nil {
		t.Error(err)
	}
	beats(10, false) // the expert is gone, and somebody else talks on with the client
	if x := k.stands(t, "reconnecting  12"); !x.RunningSince.IsZero() || x.Meter.Meter.Sides[0].Epoch != k.clientEpoch || x.Meter.Meter.Sides[1].Epoch != k.expertEpoch {
		t.Errorf("%+v", x)
	}
	if err := k.s.Withdraw(ctx, k.boss, w.claim(k.boss, "withdraw"), k.id); err != nil {
		t.Fatal(err)
	}
	wants(t, k.s.Withdraw(ctx, k.boss, w.claim(k.boss, "withdraw"), k.id), "session_not_found")
	wants(t, k.s.Withdraw(ctx, k.expert, w.claim(k.expert, "withdraw"), k.id), "session_own")
	got := k.audited(t)
	if len(got) != 3 || !strings.HasPrefix(got[0], "session.listen true") || !strings.HasPrefix(got[1], "session.barge true") || !strings.HasPrefix(got[2], "session.supervised true") || strings.Contains(k.doc(t), k.boss.User.String()) {
		t.Errorf("%v\n%s", got, k.doc(t))
	}
	if !strings.Contains(k.doc(t), `"name":"`) {
		t.Errorf("nobody is named: %s", k.doc(t))
	}
}

// What a supervisor may do ends with the right to it, with the conversation, and with their page; each with its row in the audit, and with a word to their own connections.
func TestSupervisionEnds(t *testing.T) {
	t.Parallel()
	for why, end := range map[string]func(k *watched){
		"revoked": func(k *watched) {
			k.rights[k.boss.User] = []policy.Grant{{Permission: policy.SessionBargePermission}, {Permission: policy.SessionListenPermission, Scope: policy.Scope{Queue: uuid.New()}}}
		},
		"gone": func(k *watched) { k.time += 20 * time.Second },
		"over": func(k *watched) {
			if err := k.s.End(context.Background(), k.client, k.claim(k.client, "end"), k.id); err != nil {
				t.Error(err)
			}
		},
	} {
		t.Run(why, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 1, 2)
			k, ctx := w.watched(t, builtIn{}), context.Background()
			if err := k.supervise(policy.SessionListen, k.boss); err != nil {
				t.Fatal(err)
			}
			j := k.join(t, k.s, k.boss)
			if err := k.s.Watch(ctx); err != nil || len(k.audited(t)) != 1 {
				t.Fatalf("%v, %v", k.audited(t), err)
			}
			end(k)
			w.Exec(t, `delete from outbox where entity like 'access/%'`)
			for range 2 { // another node looks, too
				if err := k.s.Watch(ctx); err != nil {
					t.Fatal(err)
				}
			}
			if got := k.audited(t); len(got) != 2 || !strings.Contains(got[1], fmt.Sprintf(`"why": "%s"`, why)) {
				t.Errorf("%v", got)
			}
			if n := w.Int(t, `select count(*) from outbox where entity = 'access/' || $1::text`, k.boss.User.String()); n != 1 {
				t.Errorf("their connections were told %d times", n)
			}
			if _, err := k.s.Entry(ctx, k.boss, k.id, j.Epoch); !fault.Is(err, "session_not_found") && why != "over" {
				t.Error(err)
			}
			_, err := k.s.Join(ctx, k.boss, w.claim(k.boss, "join"), k.id)
			wants(t, err, "session_not_found")
		})
	}
}

// Where a server carries the media it follows who takes part, and throws out who does no more. Who listens unseen, because the tenant asks for no notice, is in no document; browsers
// cannot hide anybody.
func TestTheServerFollowsSupervisors(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, 3)
	p, ctx := &served{Unsupported: media.Unsupported{Of: media.LiveKit}}, context.Background()
	w.chosen(t, "livekit", false)
	k := w.watched(t, p)
	follow := func() string {
		t.Helper()
		p.told = nil
		x, _, err := w.Read(w.A.ID).LiveSession(ctx, k.id)
		if err != nil {
			t.Fatal(err)
		}
		gone := []uuid.UUID{k.boss.User}
		if slices.ContainsFunc(x.Parties, func(y event.SessionParty) bool { return y.User == k.boss.User }) {
			gone = nil
		}
		if err := k.s.Arrange(ctx, w.A.ID, k.id, gone); err != nil {
			t.Fatal(err)
		}
		return strings.Join(p.told, ", ")
	}
	w.Exec(t, `update tenant set settings = settings || '{"session":{"supervision_notice":false}}'`)
	if err := k.supervise(policy.SessionListen, k.boss); err != nil {
		t.Fatal(err)
	}
	if got := follow(); got != "arrange client observer expert" || strings.Contains(k.doc(t), k.boss.User.String()) {
		t.Errorf("%s\n%s", got, k.doc(t))
	}
	wants(t, k.supervise(policy.SessionListen, session.By{Tenant: w.A.ID, User: w.Clients[2]}), "session_crowded")
	if err := k.supervise(policy.SessionWhisper, k.boss); err != nil {
		t.Fatal(err)
	}
	if got := follow(); got != "arrange client whisperer expert" || !strings.Contains(k.doc(t), `"role":"whisperer"`) {
		t.Errorf("%s\n%s", got, k.doc(t))
	}
	if err := k.s.Withdraw(ctx, k.boss, w.claim(k.boss, "withdraw"), k.id); err != nil {
		t.Fatal(err)
	}
	if got := follow(); got != "eject "+k.boss.User.String()+", arrange client expert" {
		t.Error(got)
	}
	if n := w.Int(t, `select count(*) from river_job where kind = 'session_arrange'`); n != 3 {
		t.Errorf("asked for %d times", n)
	}
	other := newWorld(t, 1, 2)
	other.Exec(t, `update tenant set settings = settings || '{"session":{"supervision_notice":false}}'`)
	wants(t, (&watched{talk: other.talk(t, 60), boss: session.By{Tenant: other.A.ID, User: other.Clients[1]}}).supervise(policy.SessionListen, session.By{Tenant: other.A.ID, User: other.Clients[1]}), "media_not_supported")
}

// Those who talk read each other's names; the expert's as the tenant shows it, in the request, too.
func TestTheExpertIsNamedAsTheTenantWants(t *testing.T) {
	t.Parallel()
	for setting, shown := range map[string]bool{`{}`: true, `{"session":{"expert_name":"full"}}`: true, `{"session":{"expert_name":"none"}}`: false} {
		w := newWorld(t, 1, 1)
		w.Exec(t, `update app_user set name = case id when $1 then 'Layla Haddad' else 'Amal Idrissi' end`, w.Experts[0])
		w.Exec(t, `update tenant set settings = settings || $1::jsonb`, setting)
		k := w.talk(t, 60)
		x, _, err := w.Read(w.A.ID).LiveSession(t.Context(), k.id)
		if err != nil {
			t.Fatal(err)
		}
		q, err := w.Read(w.A.ID).LiveRequest(t.Context(), k.request)
		if err != nil {
			t.Fatal(err)
		}
		if got := string(x.Doc()); strings.Contains(got, `"name":"Layla Haddad"`) != shown || !strings.Contains(got, `"name":"Amal Idrissi"`) {
			t.Errorf("%s: %s", setting, got)
		}
		if got := string(q.Doc()); strings.Contains(got, `"expert_name":"Layla Haddad"`) != shown {
			t.Errorf("%s: %s", setting, got)
		}
	}
}
