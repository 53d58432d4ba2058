package session_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/advice"
	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/errand"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/internal/secret"
	"github.com/waymeet/waymeet/session"
	"github.com/waymeet/waymeet/session/media"
	"github.com/waymeet/waymeet/session/media/peer"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/store/storetest"
)

// world is a queue, people, nodes, and a time that the test lets pass.
type world struct {
	*storetest.DB
	storetest.Advice
	owned store.Owned
	time  time.Duration // that really passed
	jump  time.Duration // by which PostgreSQL's clock was set
	keys  atomic.Int64
}

var start = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

func newWorld(t testing.TB, experts, clients int) *world {
	t.Helper()
	db := storetest.New(t)
	w := &world{DB: db, Advice: db.Advice(t, db.A, experts, clients)}
	w.tx(t, func(ctx context.Context, tx *store.Tx) (err error) {
		w.owned, _, err = tx.TakeQueue(ctx, w.Queue, ident.New(), 24*time.Hour)
		return err
	})
	return w
}

func (w *world) tx(t testing.TB, f func(ctx context.Context, tx *store.Tx) error) {
	t.Helper()
	if err := w.InTx(context.Background(), w.A.ID, func(tx *store.Tx) error { return f(context.Background(), tx) }); err != nil {
		t.Fatal(err)
	}
}

// node is another node of the same database. Its clock began whenever.
func (w *world) node(began time.Duration) *session.Service {
	s := session.New(session.Config{DB: w.DB.DB, Media: builtIn{}, Logger: slog.New(slog.DiscardHandler)})
	s.Clocks(func(time.Time) time.Time { return start.Add(w.time + w.jump) }, func() time.Duration { return w.time - began })
	return s
}

// builtIn carries media browser to browser, with one TURN server.
type builtIn struct{}

func (builtIn) For(_ context.Context, _ tenant.ID, kind media.Kind, relayOnly bool) (media.Provider, error) {
	relays := func(participant string, until time.Time) []media.Server {
		return []media.Server{{URLs: []string{"turn:relay.example"}, Username: fmt.Sprint(until.Unix(), ":", participant), Credential: secret.Hide(turnPassword)}}
	}
	return media.Openers{peer.New(peer.Config{Relays: relays})}.Open(media.Credentials{Kind: kind, RelayOnly: relayOnly})
}

const turnPassword = "hush-turn"

// funded is money of a client's wallet that is set aside for so many minutes at 9.00: nobody has taken it yet.
func (w *world) funded(t testing.TB, client uuid.UUID, minutes int64) uuid.UUID {
	t.Helper()
	funds := ident.New()
	w.fund(t, funds, client, minutes)
	return funds
}

func (w *world) fund(t testing.TB, funds, client uuid.UUID, minutes int64) {
	t.Helper()
	purse, amount := ledger.Wallet(client, "MAD"), ledger.Of(900*minutes, "MAD")
	w.tx(t, func(ctx context.Context, tx *store.Tx) error {
		if err := tx.OpenAccounts(ctx, purse); err != nil {
			return err
		}
		if _, err := tx.AddMetered(ctx, store.Metered{Session: funds, Client: client, Terms: advice.Terms{Price: ledger.Of(900, "MAD"), FeeBP: 2000}, LostBy: "expert"}); err != nil || minutes == 0 {
			return err
		}
		if _, err := tx.RecordOne(ctx, ledger.Post("gift:"+funds.String(), "opening", ledger.Debit(ledger.Opening("MAD"), amount), ledger.Credit(purse, amount))); err != nil {
			return err
		}
		held, err := tx.RecordOne(ctx, ledger.Hold(fmt.Sprintf("session:%s:hold:1", funds), "session_hold", 24*time.Hour,
			ledger.Debit(purse, amount), ledger.Credit(ledger.Deferred("sessions", "MAD"), amount)))
		if err != nil {
			return err
		}
		return tx.AddMeteredPart(ctx, funds, store.MeteredPart{N: 1, Amount: amount.Amount, Hold: held.ID})
	})
}

func (w *world) request(t testing.TB, client uuid.UUID, funds uuid.UUID) uuid.UUID {
	t.Helper()
	id := ident.New()
	w.tx(t, func(ctx context.Context, tx *store.Tx) error {
		return tx.AddRequests(ctx, store.NewRequest{Request: store.Request{ID: id, Queue: w.Queue, Client: client, Modality: "audio", Ceiling: ledger.Of(900, "MAD"), Funding: store.FundingOf(funds)}})
	})
	return id
}

// accepted rings an expert, who takes it; who accepts asks for the conversation in the same transaction.
func (w *world) accepted(t testing.TB, request, expert uuid.UUID) uuid.UUID {
	t.Helper()
	offer := ident.New()
	w.tx(t, func(ctx context.Context, tx *store.Tx) error {
		made, err := tx.MakeOffers(ctx, store.OffersAsk{Owned: w.owned, Request: request, Who: []store.OfferAsk{{ID: offer, Expert: expert, Score: json.RawMessage(`{}`)}}})
		if err == nil && made[0][0].Refused != "" {
			err = fault.New(made[0][0].Refused)
		}
		return err
	})
	w.tx(t, func(ctx context.Context, tx *store.Tx) error {
		d, err := tx.DecideOffer(ctx, store.OfferAccept, offer, expert)
		if err != nil || d.Refused != "" {
			t.Fatalf("%+v, %v", d, err)
		}
		e := errand.SessionOpen{Request: request, Offer: offer}
		return tx.AddJob(ctx, e, e.Key())
	})
	return offer
}

// talk is a conversation that is open.
type talk struct {
	*world
	s                        *session.Service
	id, funds, request       uuid.UUID
	client, expert           session.By
	clientEpoch, expertEpoch int64
}

func (w *world) talk(t testing.TB, minutes int64) *talk {
	t.Helper()
	k := &talk{world: w, s: w.node(0), client: session.By{Tenant: w.A.ID, User: w.Clients[0]}, expert: session.By{Tenant: w.A.ID, User: w.Experts[0]}}
	k.funds = w.funded(t, k.client.User, minutes)
	k.request = w.request(t, k.client.User, k.funds)
	k.id = w.accepted(t, k.request, k.expert.User)
	w.open(t, k.s, k.request, k.id)
	return k
}

func (w *world) open(t testing.TB, s *session.Service, request, offer uuid.UUID) {
	t.Helper()
	if err := s.Open(context.Background(), w.A.ID, request, offer); err != nil {
		t.Fatal(err)
	}
}

func (w *world) claim(by session.By, op string) idem.Claim {
	return idem.Claim{Actor: by.User, Operation: op, Key: fmt.Sprint("k", w.keys.Add(1))}
}

func (k *talk) join(t testing.TB, s *session.Service, by session.By) session.Joined {
	t.Helper()
	j, err := s.Join(context.Background(), by, k.claim(by, "join"), k.id)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// both joins both.
func (k *talk) both(t testing.TB) *talk {
	t.Helper()
	k.clientEpoch, k.expertEpoch = k.join(t, k.s, k.client).Epoch, k.join(t, k.s, k.expert).Epoch
	return k
}

// talks lets both talk for so long: a heartbeat each second, written each second.
func (k *talk) talks(t testing.TB, seconds int) {
	t.Helper()
	for range seconds {
		k.time += time.Second
		for by, epoch := range map[session.By]int64{k.client: k.clientEpoch, k.expert: k.expertEpoch} {
			if err := k.s.Beat(context.Background(), by, k.id, epoch, true); err != nil && !fault.Is(err, "session_over") {
				t.Fatal(err)
			}
		}
		if err := k.s.Flush(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
}

// passes lets time pass in which nobody says a word; nodes tick.
func (k *talk) passes(t testing.TB, seconds int) {
	t.Helper()
	for range seconds {
		k.time += time.Second
		k.Exec(t, `update session set said_at = clock_timestamp() - interval '2 seconds' where state not in ('completed', 'connect_failed', 'no_show', 'cancelled')`)
		if err := k.s.Tick(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
}

func (k *talk) row(t testing.TB) store.Session {
	t.Helper()
	x, err := k.Read(k.A.ID).Session(context.Background(), k.id)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func (k *talk) stands(t testing.TB, want string) store.Session {
	t.Helper()
	x := k.row(t)
	if got := fmt.Sprint(x.Meter.State, " ", x.Meter.Reason, " ", x.Meter.Meter.Seconds()); got != want {
		t.Errorf("it stands at %q, want %q", got, want)
	}
	return x
}

// asked is the jobs that wait, by their kinds.
func (k *talk) asked(t testing.TB) string {
	t.Helper()
	return fmt.Sprint(k.Texts(t, `select kind from river_job where kind like 'session_%' and kind <> 'session_open' and args ->> 'session' = $1 order by id`, k.id.String()))
}

func wants(t testing.TB, err error, code string) {
	t.Helper()
	if !fault.Is(err, code) {
		t.Errorf("%v, want %s", err, code)
	}
}
