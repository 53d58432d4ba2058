package realtime_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/session/meter"
	"github.com/waymeet/waymeet/store"
)

// pair is a conversation of two, each with a token.
type pair struct {
	*scene
	id                    uuid.UUID
	client, expert        uuid.UUID
	clientToken, expToken string
}

// pair opens one as the matcher and the meter would.
func (s *scene) pair(t *testing.T, provider string, relayOnly bool) *pair {
	t.Helper()
	a := s.db.Advice(t, s.db.A, 1, 1)
	p := &pair{scene: s, id: ident.New(), client: a.Clients[0], expert: a.Experts[0]}
	x, request, funds := s.db.A.ID.UUID(), ident.New(), ident.New()
	s.db.Exec(t, `insert into request (tenant_id, id, queue_id, client_id, modality, ceiling, currency, funding) values ($1, $2, $3, $4, 'video', 900, 'MAD', 'session/' || $5::text)`, x, request, a.Queue, p.client, funds)
	s.db.Exec(t, `insert into offer (tenant_id, id, request_id, queue_id, expert_id, slot, epoch, ring, score, reach, deadline, state, accepted, answered_at)
		values ($1, $2, $3, $4, $5, 1, 1, 0, '{}', 'connected', now(), 'accepted', true, now())`, x, p.id, request, a.Queue, p.expert)
	s.db.Exec(t, `insert into metered_session (tenant_id, id, client_id, expert_id, price, fee_bp, currency) values ($1, $2, $3, $4, 500, 0, 'MAD')`, x, funds, p.client, p.expert)
	m, err := json.Marshal(meter.New(600, time.Now()))
	if err != nil {
		t.Fatal(err)
	}
	s.db.Exec(t, `insert into session (tenant_id, id, request_id, funds_id, client_id, expert_id, provider, relay_only, modality, price, currency, policy, state, meter, funded_s, free_s)
		values ($1, $2, $3, $4, $5, $6, $7, $8, 'video', 500, 'MAD', '{}', 'connecting', $9, 600, 0)`, x, p.id, request, funds, p.client, p.expert, provider, relayOnly, string(m))
	s.db.Exec(t, `insert into session_party (tenant_id, session_id, user_id, role, epoch, joined_at) values ($1, $2, $3, 'client', 1, now()), ($1, $2, $4, 'expert', 1, now())`, x, p.id, p.client, p.expert)
	p.clientToken, p.expToken = s.person("client", p.client), s.person("expert", p.expert)
	return p
}

// person is somebody without a role.
func (s *scene) person(name string, user uuid.UUID) string {
	token := s.doors.token(s.db.A, name+"/"+user.String())
	s.doors.change(token, func(a *policy.Actor) { a.User, a.Grants = user, nil })
	return token
}

func (p *pair) channel() string { return "session:" + p.id.String() }

// anew counts the generation up, as a join does.
func (p *pair) anew(t *testing.T, db *store.DB) {
	t.Helper()
	p.write(t, db, func(x *store.Session) { x.Generation++ })
}

func (p *pair) write(t *testing.T, db *store.DB, edit func(*store.Session)) {
	t.Helper()
	err := db.InTx(t.Context(), p.db.A.ID, func(tx *store.Tx) error {
		all, at, err := tx.LockSessions(t.Context(), p.id)
		if err != nil {
			return err
		}
		edit(&all[0])
		all[0].Tell()
		return tx.SaveSessions(t.Context(), at, all)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// tells sends a signal and returns the code that it is refused with.
func (p *pair) tells(c *client, sig, key, data string) string {
	c.t.Helper()
	if a := c.ask(`"signal":%q,"sig":%q,"key":%q,"d":%s`, p.channel(), sig, key, data); a.err != nil {
		return a.err.Code
	}
	return ""
}

func (p *pair) candidate(to uuid.UUID, generation int, line string) string {
	return jsonText(map[string]any{"to": to, "generation": generation, "candidate": map[string]any{"candidate": line, "sdpMid": "0", "sdpMLineIndex": 0}})
}

// hears waits until somebody has been told a signal of this name and key.
func (c *client) hears(p *pair, sig, key string) frame {
	c.t.Helper()
	var got frame
	c.await(sig+" "+key, func() bool {
		f, heard := c.sigs[p.channel()+" "+sig+" "+key]
		got = f
		return heard
	})
	return got
}

const (
	mine  = "203.0.113.7" // an address that nobody may learn
	local = "192.168.77.5"
	relay = "candidate:4 1 udp 41885439 198.51.100.1 49200 typ relay raddr 203.0.113.7 rport 54609 generation 0"
)

// Two people whose tenant hides them from each other, on two nodes, and a page that was changed: whatever it says in place of a relay's
// address, the other end is told none but a relay's. What is not to be passed is dropped without a word, what is no signal is refused.
func TestNoAddressGetsAcross(t *testing.T) {
	s := newScene(t, 1)
	one, two := s.node(t), s.node(t)
	p := s.pair(t, "builtin", true)
	hostile, victim, tab := dial(t, one, p.clientToken), dial(t, two, p.expToken), dial(t, two, p.clientToken)
	for _, c := range []*client{hostile, victim, tab} {
		if err := c.sub(p.channel()); err != nil {
			t.Fatalf("%+v", err)
		}
	}
	frame := func(part string) string { return fmt.Sprintf(`{"to":%q,"generation":1,%s}`, p.expert, part) }
	described := func(kind, lines string) string {
		return frame(fmt.Sprintf(`"description":{"type":%q,"sdp":%s}`, kind, jsonText("v=0\r\no=- 1 2 IN IP4 "+mine+"\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 "+mine+"\r\n"+lines)))
	}
	n := 0
	attack := func(want string, d string) {
		t.Helper()
		for _, sig := range []string{"ice", "sdp"} {
			n++
			if got := p.tells(hostile, sig, fmt.Sprint("k", n), d); got != want {
				t.Errorf("%s: %q, want %q", d, got, want)
			}
		}
	}
	for _, line := range []string{
		"candidate:1 1 udp 2122260223 " + local + " 54609 typ host generation 0 network-id 1",
		"candidate:3 1 udp 1686052607 " + mine + " 54609 typ srflx raddr " + local + " rport 54609",
		"candidate:3 1 udp 1686052607 " + mine + " 54609 typ prflx raddr " + local + " rport 54609",
		"CANDIDATE:1 1 UDP 2122260223 " + mine + " 54609 TYP HOST",
		"candidate:1 1 udp 2122260223 " + mine + " 54609 typ host typ relay",
		"candidate:1 1 udp 2122260223 " + mine + " 54609 typ relayed",
		"candidate:1 1 udp 2122260223 " + mine + " 54609 x relay typ host",
		"a=candidate:1 1 udp 2122260223 " + mine + " 54609 typ host",
		"candidate:1 1 tcp 1518280447 " + mine + " 9 typ host tcptype active",
		"candidate:2 1 udp 2122194687 0d5a7e2c-8e0f-4f62-9a8e-6e6b3f3f3f3f.local 54611 typ host " + mine,
		mine + ":54609",
	} {
		attack("", p.candidate(p.expert, 1, line))
	}
	attack("", relay2("sdpMid", p.expert))
	attack("", relay2("usernameFragment", p.expert))
	attack("", p.candidate(p.expert, 0, relay+" of-before "+mine))
	attack("", p.candidate(p.expert, 2, relay+" of-later "+mine))
	attack("bad_request", p.candidate(p.expert, 1, "candidate:1 1 udp 1 "+mine+" 9 typ relay\r\na=candidate:1 1 udp 1 "+mine+" 9 typ host"))
	attack("bad_request", described("rollback", ""))
	attack("bad_request", frame(`"bye":true,"candidate":{"candidate":"candidate:1 1 udp 1 `+mine+` 9 typ host"}`))
	attack("bad_json", frame(`"candidate":{"candidate":"","address":"`+mine+`"}`))
	attack("bad_json", frame(`"bye":true,"address":"`+mine+`"`))
	attack("bad_json", `"`+mine+`"`)
	attack("not_found", p.candidate(p.client, 1, relay+" "+mine))
	attack("not_found", p.candidate(s.db.A.Users["admin"], 1, relay+" "+mine))
	attack("not_found", fmt.Sprintf(`{"to":"","generation":1,"candidate":{"candidate":"candidate:1 1 udp 1 %s 9 typ host"}}`, mine))
	if a := hostile.ask(`"signal":%q,"sig":"ice","key":"x","to":%q,"d":%s`, p.channel(), "user/"+p.client.String(), p.candidate(p.expert, 1, relay)); a.err == nil || a.err.Code != "bad_request" {
		t.Errorf("to one by the frame and another by its data: %s %+v", a.ok, a.err)
	}
	for i, kind := range []string{"offer", "answer"} {
		lines := "a=candidate:1 1 udp 2122260223 " + local + " 54609 typ host\r\na=candidate:3 1 udp 1686052607 " + mine + " 54609 typ srflx raddr " + local +
			" rport 9\r\na=" + relay + "\r\na=rtcp:9 IN IP4 " + mine + "\r\na=x:" + mine + "\ra=candidate:1 1 udp 1 " + mine + " 9 typ host\na=mid:0\r\n"
		if got := p.tells(hostile, "sdp", fmt.Sprint("d", i), described(kind, lines)); got != "" {
			t.Errorf("a description: %q", got)
		}
	}
	// What may be told arrives, behind all of it: what came before it has been heard.
	if got := p.tells(hostile, "ice", "last", p.candidate(p.expert, 1, relay)); got != "" {
		t.Fatal(got)
	}
	last := victim.hears(p, "ice", "last")
	if d := string(last.D); !strings.Contains(d, "198.51.100.1 49200 typ relay raddr 0.0.0.0") || strings.Contains(d, mine) || string(last.From) != `"user/`+p.client.String()+`"` {
		t.Errorf("%s from %s", d, last.From)
	}
	for i := range 2 {
		if d := string(victim.hears(p, "sdp", fmt.Sprint("d", i)).D); !strings.Contains(d, "a=mid:0") || !strings.Contains(d, "198.51.100.1") {
			t.Errorf("nothing is left of the description: %s", d)
		}
	}
	victim.mu.Lock()
	defer victim.mu.Unlock()
	for key := range victim.sigs {
		if key = strings.TrimPrefix(key, p.channel()+" "); key != "ice last" && key != "sdp d0" && key != "sdp d1" && !strings.Contains(key, " node") {
			t.Errorf("the other end heard %q", key)
		}
	}
	for _, f := range victim.frames {
		if strings.Contains(f, mine) || strings.Contains(f, local) || strings.Contains(f, ".local") {
			t.Errorf("the other end learned an address: %s", f)
		}
	}
	tab.mu.Lock()
	defer tab.mu.Unlock()
	for key := range tab.sigs {
		if strings.Contains(key, " ice ") || strings.Contains(key, " sdp ") {
			t.Errorf("somebody else heard %q", key)
		}
	}
}

// relay2 is a relay's candidate with an address where a name belongs.
func relay2(field string, to uuid.UUID) string {
	return jsonText(map[string]any{"to": to, "generation": 1, "candidate": map[string]any{"candidate": relay, field: mine}})
}

// Without hiding, all is told; each generation is its own; nothing of it asks PostgreSQL while the node shows the conversation. When the conversation is over, nobody connects any more.
func TestSignalsFollowTheGeneration(t *testing.T) {
	s := newScene(t, 1)
	one, two := s.node(t), s.node(t)
	p := s.pair(t, "builtin", false)
	a, b := dial(t, one, p.clientToken), dial(t, two, p.expToken)
	for _, c := range []*client{a, b} {
		if err := c.sub(p.channel()); err != nil {
			t.Fatalf("%+v", err)
		}
	}
	host := "candidate:1 1 udp 2122260223 " + mine + " 54609 typ host"
	say := func(c *client, key string, to uuid.UUID, generation int) {
		t.Helper()
		if got := p.tells(c, "ice", key, p.candidate(to, generation, host)); got != "" {
			t.Fatalf("%s: %s", key, got)
		}
	}
	say(a, "first", p.expert, 1)
	if d := string(b.hears(p, "ice", "first").D); !strings.Contains(d, mine) {
		t.Errorf("%s", d)
	}
	say(b, "back", p.client, 1)
	a.hears(p, "ice", "back")

	// Nobody can read the row now, and the candidates go through.
	s.db.Exec(t, `alter table session rename to session_away`)
	for i := range 30 {
		say(a, fmt.Sprint("c", i), p.expert, 1)
	}
	b.hears(p, "ice", "c29")
	s.db.Exec(t, `alter table session_away rename to session`)

	// Somebody comes anew: what is of before is not heard any more, what is of then is, from whoever says it, whatever their node has heard.
	p.anew(t, two.db)
	say(b, "new", p.client, 2)
	a.hears(p, "ice", "new")
	a.await("the generation", func() bool { return strings.Contains(a.text(p.channel()), `"generation":2`) })
	say(a, "old", p.expert, 1)
	say(a, "ahead", p.expert, 3)
	say(a, "then", p.expert, 2)
	b.hears(p, "ice", "then")
	a.unsub(p.channel()) // who does not watch may still tell
	say(a, "unseen", p.expert, 2)
	b.hears(p, "ice", "unseen")
	b.mu.Lock()
	for _, key := range []string{"old", "ahead"} {
		if _, heard := b.sigs[p.channel()+" ice "+key]; heard {
			t.Errorf("%s was heard", key)
		}
	}
	b.mu.Unlock()

	p.write(t, two.db, func(x *store.Session) {
		none := int64(0)
		x.Meter.State, x.Meter.Reason, x.Charged, x.Cost = meter.WrapUp, meter.Said, &none, &none
	})
	b.await("its end", func() bool { return strings.Contains(b.text(p.channel()), `"wrap_up"`) })
	if got := p.tells(b, "ice", "late", p.candidate(p.client, 2, host)); got != "session_over" {
		t.Errorf("after its end: %q", got)
	}
}

// Where a server carries the media, nobody is told where the other is.
func TestNoSignalsBesideAServer(t *testing.T) {
	s := newScene(t, 1)
	n, p := s.node(t), s.pair(t, "livekit", false)
	c := dial(t, n, p.clientToken)
	if got := p.tells(c, "ice", "x", p.candidate(p.expert, 1, relay)); got != "media_not_supported" {
		t.Errorf("%q", got)
	}
	if got := p.tells(dial(t, n, s.person("stranger", s.db.A.Rider)), "ice", "x", p.candidate(p.expert, 1, relay)); got != "not_found" {
		t.Errorf("a stranger: %q", got)
	}
}

// text is the set of a channel as the client holds it. Called with mu held.
func (c *client) text(ch string) string {
	out := ""
	for _, d := range c.sets[ch] {
		out += string(d.d)
	}
	return out
}
