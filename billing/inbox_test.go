package billing_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing"
	"github.com/waymeet/waymeet/billing/gateway"
	"github.com/waymeet/waymeet/billing/gateway/envelope"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/seal"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/store/storetest"
)

// paper is an acquirer that keeps accounts and signs what it tells; nothing of it is Stripe's.
type paper struct {
	gateway.Unsupported
	mu       sync.Mutex
	accounts map[string]gateway.Account
	lookups  atomic.Int64
	away     atomic.Bool
}

// told is the paper as somebody with these secrets hears of it.
type told struct {
	*paper
	secrets []gateway.Secret
}

func (p *paper) Kind() gateway.Kind { return gateway.Stripe }

func (p *paper) Profile() gateway.Profile { return gateway.Profile{Kind: gateway.Stripe} }

func (p *paper) Open(c gateway.Credentials) (gateway.Gateway, error) {
	return told{p, c.WebhookSecrets}, nil
}

func (p told) ReadWebhook(d gateway.Delivery) (gateway.Event, error) {
	for _, s := range p.secrets {
		m := hmac.New(sha256.New, []byte(s.Reveal()))
		m.Write(d.Body)
		if hmac.Equal([]byte(hex.EncodeToString(m.Sum(nil))), []byte(d.Header.Get("Signature"))) {
			var e gateway.Event
			err := json.Unmarshal(d.Body, &e)
			return e, err
		}
	}
	return gateway.Event{}, &gateway.BadWebhook{Why: gateway.Forged}
}

func (p *paper) LookUpAccount(_ context.Context, l gateway.Lookup) (gateway.Account, error) {
	p.lookups.Add(1)
	if p.away.Load() {
		return gateway.Account{}, &gateway.Unreachable{Cause: errors.New("no route")}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	a, ok := p.accounts[l.ID]
	if !ok {
		return a, &gateway.NotFound{What: "account", ID: l.ID}
	}
	return a, nil
}

type scene struct {
	db       *storetest.DB
	paper    *paper
	accounts *billing.Accounts
	inbox    *billing.Inbox
	hook     billing.Hook
}

func newScene(t *testing.T) *scene {
	t.Helper()
	db, ctx := storetest.New(t), context.Background()
	box, err := seal.Parse(base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, 32)))
	if err != nil {
		t.Fatal(err)
	}
	kms, err := envelope.NewEnvironment("k1", map[string]*seal.Box{"k1": box})
	if err != nil {
		t.Fatal(err)
	}
	s := &scene{db: db, paper: &paper{Unsupported: gateway.Unsupported{Of: gateway.Stripe}, accounts: map[string]gateway.Account{}}}
	s.accounts = billing.NewAccounts(db.DB, kms, gateway.Openers{s.paper})
	s.inbox = billing.NewInbox(db.DB, s.accounts, box, slog.New(slog.DiscardHandler))
	secrets := []gateway.Secret{gateway.Hide("old"), gateway.Hide("new")}
	s.hook = billing.Hook{Tenant: db.A.ID, Connected: true}
	s.hook.Account, err = s.accounts.Add(ctx, db.A.ID, gateway.Credentials{Kind: gateway.Stripe, Merchant: gateway.Merchant{Role: gateway.TenantIsMerchant, Name: "Alpha"}, WebhookSecrets: secrets})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.InTx(ctx, db.A.ID, func(tx *store.Tx) error {
		return tx.AddConnectedAccount(ctx, s.hook.Account, "acct_1", db.A.Users["driver"])
	}); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *scene) tell(h billing.Hook, secret string, e gateway.Event) error {
	return s.tellBefore(context.Background(), h, secret, e)
}

func (s *scene) tellBefore(ctx context.Context, h billing.Hook, secret string, e gateway.Event) error {
	body, _ := json.Marshal(e)
	m := hmac.New(sha256.New, []byte(secret))
	m.Write(body)
	_, err := s.inbox.Receive(ctx, s.inbox.Address(h), gateway.Delivery{Body: body, Header: http.Header{"Signature": {hex.EncodeToString(m.Sum(nil))}}, At: time.Now()})
	return err
}

// work runs the jobs that are due, as a node would, in some order, each twice.
func (s *scene) work(t *testing.T) {
	t.Helper()
	ids := s.db.Texts(t, `select args ->> 'event' from river_job where kind = 'apply_webhook' order by id`)
	ids = append(ids, ids...)
	rand.Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
	var wg sync.WaitGroup
	for _, id := range ids {
		wg.Go(func() {
			if err := s.inbox.Apply(context.Background(), s.db.A.ID, uuid.MustParse(id)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func (s *scene) state(t *testing.T) string {
	t.Helper()
	return s.db.Texts(t, `select coalesce(state ->> 'Transfers', '') from connected_account where gateway_ref = 'acct_1'`)[0]
}

// Whatever order and however often an account's news arrive, what is kept is what the acquirer says now.
func TestNewsInAnyOrder(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	events := []gateway.Event{}
	for i, c := range []gateway.CapabilityState{gateway.CapabilityInactive, gateway.CapabilityPending, gateway.CapabilityActive} {
		s.paper.accounts["acct_1"] = gateway.Account{ID: "acct_1", Transfers: c}
		events = append(events, gateway.Event{ID: fmt.Sprint("evt_", i), Type: "account.updated", Object: "account", Of: "acct_1", Account: "acct_1", At: time.Now()})
	}
	events = append(events, events...)
	rand.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
	for i, e := range events {
		if err := s.tell(s.hook, []string{"old", "new"}[i%2], e); err != nil {
			t.Fatal(err)
		}
	}
	s.work(t)
	if got := s.state(t); got != "active" {
		t.Errorf("transfers are %q", got)
	}
	if c := s.inbox.Counts(); c.Received != 3 || c.Repeated != 3 || c.Applied != 3 || c.Refused != 0 {
		t.Errorf("%+v", c)
	}
	if n := s.db.Int(t, `select count(*) from river_job`); n != 3 {
		t.Errorf("%d jobs for three events", n)
	}
}

// What is not signed by an active secret, or is not about the tenant's own, is refused, counted and not stored.
func TestWebhooksThatAreNotBelieved(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	e := gateway.Event{ID: "evt_1", Type: "account.updated", Object: "account", Of: "acct_1", Account: "acct_1", At: time.Now()}
	other, unnamed, whose, elsewhere := e, e, s.hook, s.hook
	other.Account, unnamed.Account = "acct_2", ""
	whose.Tenant, elsewhere.Connected = s.db.B.ID, false
	for name, c := range map[string]struct {
		hook   billing.Hook
		secret string
		event  gateway.Event
		code   string
	}{
		"a forged signature":                        {s.hook, "x", e, "bad_request"},
		"an account that is not the tenant's":       {s.hook, "new", other, "bad_request"},
		"no account where there must be one":        {s.hook, "new", unnamed, "bad_request"},
		"an account where there must be none":       {elsewhere, "new", e, "bad_request"},
		"another tenant's address for this account": {whose, "new", e, "not_found"},
	} {
		if err := s.tell(c.hook, c.secret, c.event); fault.As(err).Code != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, address := range map[string]string{"no address": "", "an address without a seal": s.inbox.Address(s.hook)[:44], "under another's seal": s.inbox.Address(s.hook)[:44] + s.inbox.Address(elsewhere)[44:]} {
		if _, err := s.inbox.Receive(context.Background(), address, gateway.Delivery{}); fault.As(err).Code != "not_found" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := s.db.Int(t, `select count(*) from webhook_event`); n != 0 || s.inbox.Counts().Refused != 8 {
		t.Errorf("%d stored, %d refused", n, s.inbox.Counts().Refused)
	}
}

// An object that the gateway does not have is tried again with growing pauses, then left to people, who replay it.
func TestUnknownObjectDiesAndIsReplayed(t *testing.T) {
	t.Parallel()
	s, ctx := newScene(t), context.Background()
	if err := s.tell(s.hook, "new", gateway.Event{ID: "evt_1", Type: "account.updated", Object: "account", Of: "acct_1", Account: "acct_1", At: time.Now()}); err != nil {
		t.Fatal(err)
	}
	id := uuid.MustParse(s.db.Texts(t, `select id::text from webhook_event`)[0])
	for range 20 {
		if err := s.inbox.Apply(ctx, s.db.A.ID, id); err != nil {
			t.Fatal(err)
		}
	}
	w, err := s.db.Read(s.db.A.ID).Webhook(ctx, id)
	if err != nil || w.State != store.WebhookDead || w.Tries != 14 || w.Problem != "the gateway does not have this account" || s.paper.lookups.Load() != 14 {
		t.Errorf("%+v after %d looks, %v", w, s.paper.lookups.Load(), err)
	}
	if n := s.db.Int(t, `select count(*) from river_job where scheduled_at > clock_timestamp() + interval '20 minutes'`); n == 0 {
		t.Error("the pauses do not grow")
	}
	s.paper.accounts["acct_1"] = gateway.Account{ID: "acct_1", Transfers: gateway.CapabilityActive}
	if err := s.inbox.Replay(ctx, s.db.B.ID, id); fault.As(err).Code != "not_found" {
		t.Errorf("another tenant replays: %v", err)
	}
	jobs := s.db.Int(t, `select count(*) from river_job`)
	if err := s.inbox.Replay(ctx, s.db.A.ID, id); err != nil {
		t.Fatal(err)
	}
	if n := s.db.Int(t, `select count(*) from river_job`); n != jobs+1 {
		t.Error("a replay without a job")
	}
	if err := s.inbox.Replay(ctx, s.db.A.ID, id); fault.As(err).Code != "not_found" {
		t.Errorf("what waits is replayed: %v", err)
	}
	s.work(t)
	if got := s.state(t); got != "active" {
		t.Errorf("after the replay transfers are %q", got)
	}
}

// A gateway that is away costs no event, and one that nothing is drawn from is no failure.
func TestGatewayAwayAndObjectsOfNoInterest(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.paper.accounts["acct_1"] = gateway.Account{ID: "acct_1", Transfers: gateway.CapabilityActive}
	for i, object := range []string{"account", "tax_rate"} {
		if err := s.tell(s.hook, "new", gateway.Event{ID: fmt.Sprint("evt_", i), Type: object + ".updated", Object: object, Of: "acct_1", Account: "acct_1", At: time.Now()}); err != nil {
			t.Fatal(err)
		}
	}
	s.paper.away.Store(true)
	s.work(t)
	if got := s.db.Texts(t, `select object_kind || ' ' || state from webhook_event order by 1`); fmt.Sprint(got) != "[account waiting tax_rate ignored]" {
		t.Errorf("%v", got)
	}
	s.paper.away.Store(false)
	s.work(t)
	if got := s.state(t); got != "active" {
		t.Errorf("transfers are %q", got)
	}
}

// Credentials lie sealed: neither their text nor another tenant's key opens them.
func TestCredentialsAreSealed(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	if n := s.db.Int(t, `select count(*) from gateway_account where position('new'::bytea in sealed_credentials) > 0 or position('new'::bytea in wrapped_key) > 0`); n != 0 {
		t.Error("a secret can be read")
	}
	s.db.Exec(t, `insert into gateway_account (tenant_id, id, kind, merchant, kms_key, wrapped_key, sealed_credentials)
		select $1, id, kind, merchant, kms_key, wrapped_key, sealed_credentials from gateway_account`, s.db.B.ID.UUID())
	theirs := s.hook
	theirs.Tenant = s.db.B.ID
	if err := s.tell(s.hook, "new", gateway.Event{ID: "evt_0", Account: "acct_1"}); err != nil { // what is open is open for its owner
		t.Error(err)
	}
	if err := s.tell(theirs, "new", gateway.Event{ID: "evt_1", Account: "acct_1"}); err == nil || fault.As(err).Code != "internal" {
		t.Errorf("a copied row opens: %v", err)
	}
}
