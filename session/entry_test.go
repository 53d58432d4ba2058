package session_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/internal/secret"
	"github.com/waymeet/waymeet/session"
	"github.com/waymeet/waymeet/session/media"
	"github.com/waymeet/waymeet/store"
)

// chosen is what the tenant has as its provider from now on.
func (w *world) chosen(t testing.TB, provider string, relayOnly bool) {
	t.Helper()
	key := ""
	if provider != "peer" {
		key = "k"
	}
	w.Exec(t, `insert into media_setting (tenant_id, provider, relay_only, kms_key, wrapped_key, sealed_credentials)
		values ($1, $2, $3, nullif($4, ''), nullif($4, '')::bytea, nullif($4, '')::bytea)
		on conflict (tenant_id) do update set provider = excluded.provider, relay_only = excluded.relay_only, kms_key = excluded.kms_key,
			wrapped_key = excluded.wrapped_key, sealed_credentials = excluded.sealed_credentials, version = media_setting.version + 1`, w.A.ID.UUID(), provider, relayOnly, key)
}

// Who joins is told how to come in: what their role sends, whom to connect to, the relays. A repeat under the same key is the same connection,
// with an entry of its own; nothing of an entry is kept. What the tenant chooses later does not reach a conversation that has begun.
func TestJoiningBringsAnEntry(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t, 1, 1), context.Background()
	w.chosen(t, "peer", true)
	k := w.talk(t, 10)
	w.chosen(t, "livekit", false) // too late
	claim := w.claim(k.client, "join")
	j, err := k.s.Join(ctx, k.client, claim, k.id)
	if err != nil {
		t.Fatal(err)
	}
	m := j.Media
	if m == nil || m.Provider != "builtin" || !m.RelayOnly || !slices.Equal(m.Sends, []media.Track{media.Microphone}) || !m.Until.After(time.Now()) ||
		!slices.Equal(m.Links, []session.MediaLink{{With: k.expert.User.String(), Polite: true}}) || !slices.Equal(m.Capabilities, []media.Capability{media.Listen, media.Hides}) ||
		len(m.Servers) != 1 || m.Servers[0].Credential != turnPassword || !strings.HasSuffix(m.Servers[0].Username, k.client.User.String()) {
		t.Fatalf("%+v", m)
	}
	text, err := json.Marshal(j)
	if err != nil || strings.Contains(string(text), "null") {
		t.Errorf("%s, %v", text, err)
	}
	if e := k.join(t, k.s, k.expert); e.Media.Links[0].Polite || e.Media.Links[0].With != k.client.User.String() {
		t.Errorf("%+v", e.Media)
	}
	again, err := k.s.Join(ctx, k.client, claim, k.id)
	if err != nil || again.Epoch != j.Epoch || again.Generation != j.Generation || again.Media == nil || len(again.Media.Servers) != 1 {
		t.Errorf("repeated: %+v, %v", again, err)
	}
	if n := w.Int(t, `select count(*) from idempotency where answer::text like '%hush%' or answer::text like '%turn:%'`); n != 0 {
		t.Errorf("%d entries are kept", n)
	}

	// Another one, for a network that changed: the connection stays. Only for the newest, only for those who take part, only until it is over.
	e, err := k.s.Entry(ctx, k.client, k.id, j.Epoch)
	if err != nil || !e.RelayOnly || len(e.Servers) != 1 {
		t.Errorf("%+v, %v", e, err)
	}
	if x, _, err := w.Read(w.A.ID).LiveSession(ctx, k.id); err != nil || x.Generation != j.Generation+1 || x.Parties[0].Epoch+x.Parties[1].Epoch != 2 {
		t.Errorf("%+v, %v", x, err)
	}
	for _, wrong := range []int64{0, j.Epoch + 1} {
		_, err = k.s.Entry(ctx, k.client, k.id, wrong)
		wants(t, err, "session_superseded")
	}
	_, err = k.s.Entry(ctx, session.By{Tenant: w.A.ID, User: ident.New()}, k.id, 1)
	wants(t, err, "session_not_found")
	_, err = k.s.Entry(ctx, session.By{Tenant: w.B.ID, User: k.client.User}, k.id, 1)
	wants(t, err, "session_not_found")
	second := k.join(t, k.s, k.client) // a reload: the first connection has no more to come in with
	_, err = k.s.Join(ctx, k.client, claim, k.id)
	wants(t, err, "session_superseded")
	if err := k.s.End(ctx, k.client, w.claim(k.client, "end"), k.id); err != nil {
		t.Fatal(err)
	}
	_, err = k.s.Entry(ctx, k.client, k.id, second.Epoch)
	wants(t, err, "session_over")
	if got := k.asked(t); strings.Contains(got, "session_media") {
		t.Errorf("nobody carries it, and still: %s", got)
	}
}

// A chat has no media, and needs no provider.
func TestAChatHasNoMedia(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, 1)
	w.Exec(t, `update expert set modalities = '{chat}'`)
	w.chosen(t, "daily", false)
	k := &talk{world: w, s: session.New(session.Config{DB: w.DB.DB, Logger: slog.New(slog.DiscardHandler)}),
		client: session.By{Tenant: w.A.ID, User: w.Clients[0]}, expert: session.By{Tenant: w.A.ID, User: w.Experts[0]}}
	k.funds = w.funded(t, k.client.User, 10)
	k.request = w.request(t, k.client.User, k.funds)
	w.Exec(t, `update request set modality = 'chat'`)
	k.id = w.accepted(t, k.request, k.expert.User)
	w.open(t, k.s, k.request, k.id)
	if j := k.join(t, k.s, k.client); j.Media != nil {
		t.Errorf("%+v", j.Media)
	}
	if err := k.s.End(context.Background(), k.client, w.claim(k.client, "end"), k.id); err != nil {
		t.Fatal(err)
	}
	if got := k.asked(t); strings.Contains(got, "session_media") {
		t.Errorf("nobody carries it, and still: %s", got)
	}
}

// server stands in for a provider with a server.
type server struct {
	media.Provider
	admit  func(media.Seat) error
	said   *[]string
	failed error
}

func (s server) For(_ context.Context, _ tenant.ID, kind media.Kind, _ bool) (media.Provider, error) {
	if kind != media.LiveKit {
		return nil, errors.New("not this one")
	}
	return s, s.failed
}

func (s server) Profile() media.Profile { return media.Profile{Kind: media.LiveKit, Party: 20} }
func (s server) Open(_ context.Context, o media.RoomOrder) error {
	*s.said = append(*s.said, "open "+o.Name)
	return nil
}

func (s server) Admit(_ context.Context, seat media.Seat) (media.Entry, error) {
	*s.said = append(*s.said, "admit "+string(seat.Role))
	return media.Entry{Provider: media.LiveKit, Until: time.Now(), URL: "wss://media.example", Token: secret.Hide("hush-token"), Restricted: true, HeardBy: []string{seat.Participant}}, s.admit(seat)
}

func (s server) Close(_ context.Context, room string) error {
	*s.said = append(*s.said, "close "+room)
	return nil
}

// A server that carries media is asked outside of any transaction, and told when a conversation is over: however often, it ends once.
func TestAServerCarriesMedia(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t, 1, 1), context.Background()
	w.chosen(t, "livekit", false)
	said := []string{}
	carrier := server{said: &said}
	carrier.admit = func(media.Seat) error { // what the join wrote is there for all to see, and nobody holds it
		return w.InTx(ctx, w.A.ID, func(tx *store.Tx) error {
			all, _, err := tx.LockSessions(ctx, uuid.MustParse(strings.TrimPrefix(said[0], "open ")))
			if err == nil && (len(all) != 1 || all[0].Generation < 2) {
				err = errors.New("nothing is committed yet")
			}
			return err
		})
	}
	k := w.talk(t, 10)
	k.s = session.New(session.Config{DB: w.DB.DB, Media: carrier, Logger: slog.New(slog.DiscardHandler)})
	k.s.Clocks(func(time.Time) time.Time { return start.Add(w.time) }, func() time.Duration { return w.time })
	j := k.join(t, k.s, k.client)
	if m := j.Media; m.Provider != "livekit" || m.Token != "hush-token" || m.URL == "" || !m.Restricted || len(m.HeardBy) != 1 || m.RelayOnly {
		t.Errorf("%+v", m)
	}
	if n := w.Int(t, `select count(*) from idempotency where answer::text like '%hush%'`); n != 0 {
		t.Errorf("%d tokens are kept", n)
	}
	if err := k.s.HangUp(ctx, w.A.ID, k.id); err != nil || strings.Contains(strings.Join(said, ","), "close") {
		t.Errorf("hung up while they talk: %v, %v", said, err)
	}
	if err := k.s.End(ctx, k.client, w.claim(k.client, "end"), k.id); err != nil {
		t.Fatal(err)
	}
	if got := k.asked(t); !strings.Contains(got, "session_media") {
		t.Fatalf("asked for %s", got)
	}
	for range 2 {
		if err := k.s.HangUp(ctx, w.A.ID, k.id); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := strings.Join(said, ","), "open "+k.id.String()+",admit client,close "+k.id.String()+",close "+k.id.String(); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	carrier.failed = &media.Misconfigured{Text: "it is gone"}
	left := session.New(session.Config{DB: w.DB.DB, Media: carrier, Logger: slog.New(slog.DiscardHandler)})
	if err := left.HangUp(ctx, w.A.ID, k.id); err != nil {
		t.Errorf("the tenant has left the provider: %v", err)
	}
}
