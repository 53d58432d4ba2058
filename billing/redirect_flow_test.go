package billing_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing"
	"github.com/waymeet/waymeet/billing/gateway"
	"github.com/waymeet/waymeet/billing/gateway/cash"
	"github.com/waymeet/waymeet/billing/gateway/envelope"
	"github.com/waymeet/waymeet/billing/gateway/redirect"
	"github.com/waymeet/waymeet/billing/payment"
	"github.com/waymeet/waymeet/booking"
	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/internal/cmiemu"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/seal"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/store/storetest"
)

// shop is a line whose tenant takes cards on an acquirer's page, which asks before it debits one.
type shop struct {
	*line
	cmi *cmiemu.Emulator
}

func newShop(t *testing.T) *shop {
	t.Helper()
	db := storetest.New(t)
	cmi, err := cmiemu.Start(cmiemu.Options{Client: "600001", StoreKey: "key", User: "api", Password: "hush", Hash: redirect.Hash})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmi.Close() })
	box, err := seal.Parse(base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{9}, 32)))
	if err != nil {
		t.Fatal(err)
	}
	kms, err := envelope.NewEnvironment("k1", map[string]*seal.Box{"k1": box})
	if err != nil {
		t.Fatal(err)
	}
	var hooks *httptest.Server
	told := turned{Opener: redirect.New(time.Second), pay: func(g gateway.Gateway, ctx context.Context, o gateway.PayOrder) (gateway.Payment, error) {
		o.CallbackURL, o.ReturnURL = hooks.URL, hooks.URL+"/back"
		return g.Pay(ctx, o)
	}}
	log := slog.New(slog.DiscardHandler)
	x := &till{db: db, accounts: billing.NewAccounts(db.DB, kms, gateway.Openers{told, cash.Adapter{}})}
	x.inbox = billing.NewInbox(db.DB, x.accounts, box, log)
	x.payments = billing.NewPayments(db.DB, x.accounts, x.inbox, log)
	account, err := x.accounts.Add(context.Background(), db.A.ID, gateway.Credentials{Kind: gateway.Redirect, Merchant: gateway.Merchant{Name: "Alpha"}, SecretKey: gateway.Hide("hush"), WebhookSecrets: []gateway.Secret{gateway.Hide("key")},
		Options: map[string]string{"url": cmi.FormURL(), "api": cmi.APIURL(), "client": "600001", "user": "api"}})
	if err != nil {
		t.Fatal(err)
	}
	address := x.inbox.Address(billing.Hook{Tenant: db.A.ID, Account: account})
	hooks = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		reply, err := x.inbox.Receive(r.Context(), address, gateway.Delivery{Body: body, Header: r.Header, At: time.Now()})
		if err != nil {
			w.WriteHeader(fault.As(err).Kind.Status())
			return
		}
		_, _ = io.WriteString(w, reply)
	}))
	t.Cleanup(hooks.Close)
	db.Exec(t, `update tenant set settings = settings || '{"booking": {"flat_fare": 1200}}'::jsonb where id = '`+db.A.ID.String()+`'`)
	l := &line{till: x, seats: booking.New(booking.Config{DB: db.DB}), by: booking.By{Tenant: db.A.ID, User: db.A.Rider}, account: account}
	l.day = db.Day(t, db.A, servicedate.On(time.Now(), time.UTC).AddDays(3), 2)
	return &shop{l, cmi}
}

func (s *shop) send(t *testing.T, to string, form url.Values) string {
	t.Helper()
	res, err := http.PostForm(to, form)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, _ := io.ReadAll(res.Body)
	return string(body)
}

// goes is the payer's browser, on its way to the acquirer's page.
func (s *shop) goes(t *testing.T, n gateway.Next) {
	t.Helper()
	form := url.Values{}
	for name, v := range n.Fields {
		form.Set(name, v)
	}
	if page := s.send(t, n.URL, form); !strings.Contains(page, "Pay ") {
		t.Fatal(page)
	}
}

func (s *shop) types(t *testing.T, id uuid.UUID) {
	t.Helper()
	s.send(t, strings.Replace(s.cmi.FormURL(), "est3Dgate", "pay", 1), url.Values{"oid": {id.String()}, "pan": {goodCard}})
}

// jobs runs what waits, twice.
func (s *shop) jobs(t *testing.T, which string) {
	t.Helper()
	for range 3 {
		for _, j := range s.db.Texts(t, `delete from river_job where `+which+` returning concat_ws(' ', kind, coalesce(args ->> 'event', args ->> 'payment'), args ->> 'op', args ->> 'n', args ->> 'booking', args ->> 'amount', args ->> 'cause')`) {
			for range 2 {
				if err := s.run(context.Background(), strings.Fields(j)); err != nil {
					t.Errorf("%s: %v", j, err)
				}
			}
		}
	}
	if _, err := s.db.VerifyLedger(context.Background(), s.db.A.ID); err != nil {
		t.Error(err)
	}
}

func (s *shop) closed(t *testing.T, ago string) {
	t.Helper()
	s.db.Exec(t, `update payment set closes_at = clock_timestamp() - $1::interval`, ago)
}

// A payment at an acquirer that calls nothing off is given up, or over in time: it has come to what the acquirer says, and money that is not
// taken by then never is. The acquirer asks before it debits a card, and hears no.
func TestRedirectPaymentEnds(t *testing.T) {
	t.Parallel()
	giveUp := func(t *testing.T, s *shop, id uuid.UUID) payment.Status {
		t.Helper()
		p, err := s.giveUp("a", id)
		if err != nil {
			t.Fatal(err)
		}
		return p.Status
	}
	inTime := func(t *testing.T, s *shop, id uuid.UUID) payment.Status {
		t.Helper()
		s.jobs(t, `args ->> 'op' = 'cancel'`)
		return s.see(t, id).Status
	}
	for name, end := range map[string]func(*testing.T, *shop, uuid.UUID) payment.Status{"given up": giveUp, "in time": inTime} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			t.Run("nobody went to the page", func(t *testing.T) {
				t.Parallel()
				s := newShop(t)
				o, err := s.topUp(1000)
				if err != nil || o.Next.URL == "" {
					t.Fatalf("%+v, %v", o, err)
				}
				step, err := s.payments.Step(t.Context(), s.db.A.ID, o.Payment.ID)
				if err != nil || step.Next.Fields["oid"] != o.Payment.ID.String() {
					t.Errorf("the page, loaded again, leads nowhere: %+v, %v", step, err)
				}
				if got := end(t, s, o.Payment.ID); got != payment.Cancelled {
					t.Fatalf("it is %s", got)
				}
				s.goes(t, o.Next) // the form is still in their browser
				s.types(t, o.Payment.ID)
				s.jobs(t, "true")
				if p := s.see(t, o.Payment.ID); s.cmi.Taken() != 0 || s.wallet(t) != 0 || p.Status != payment.Cancelled {
					t.Errorf("%d taken, %+v", s.cmi.Taken(), p)
				}
				if _, err := s.topUp(100); err != nil {
					t.Error("another one:", err)
				}
			})
			t.Run("at the page", func(t *testing.T) {
				t.Parallel()
				s := newShop(t)
				o, err := s.topUp(1000)
				if err != nil {
					t.Fatal(err)
				}
				s.goes(t, o.Next)
				if got := end(t, s, o.Payment.ID); got != payment.Open {
					t.Fatalf("its payer may be typing, and it is %s", got)
				}
				s.types(t, o.Payment.ID)
				s.jobs(t, "true")
				if p := s.see(t, o.Payment.ID); s.cmi.Taken() != 1 || s.wallet(t) != 1000 || p.Status != payment.Paid {
					t.Errorf("%d taken, %+v", s.cmi.Taken(), p)
				}
			})
			t.Run("left at the page", func(t *testing.T) {
				t.Parallel()
				s := newShop(t)
				o, err := s.topUp(1000)
				if err != nil {
					t.Fatal(err)
				}
				s.goes(t, o.Next)
				s.closed(t, "61 minutes")
				if got := end(t, s, o.Payment.ID); got != payment.Cancelled {
					t.Fatalf("it is %s", got)
				}
				s.types(t, o.Payment.ID)
				s.jobs(t, "true")
				if p := s.see(t, o.Payment.ID); s.cmi.Taken() != 0 || s.wallet(t) != 0 || p.Status != payment.Cancelled {
					t.Errorf("%d taken, %+v", s.cmi.Taken(), p)
				}
			})
			t.Run("paid, and not told", func(t *testing.T) {
				t.Parallel()
				s := newShop(t)
				o, err := s.topUp(1000)
				if err != nil {
					t.Fatal(err)
				}
				s.goes(t, o.Next)
				s.types(t, o.Payment.ID)
				s.db.Exec(t, `delete from river_job where kind = 'apply_webhook'`)
				if got := end(t, s, o.Payment.ID); got != payment.Paid || s.wallet(t) != 1000 {
					t.Errorf("it is %s, the wallet has %d", got, s.wallet(t))
				}
			})
		})
	}
}

// What an acquirer took all the same, after the end, and cannot give back: it is in the wallet, or the seat's, never nobody's.
func TestRedirectPaidLate(t *testing.T) {
	t.Parallel()
	late := func(t *testing.T, s *shop, id uuid.UUID) { // its yes was on its way while the payment was called off
		t.Helper()
		s.types(t, id)
		s.db.Exec(t, `update payment set status = 'cancelled'`)
		s.jobs(t, `true`)
	}
	t.Run("a wallet's", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		o, err := s.topUp(1000)
		if err != nil {
			t.Fatal(err)
		}
		s.goes(t, o.Next)
		late(t, s, o.Payment.ID)
		if p := s.see(t, o.Payment.ID); p.Captured != 1000 || s.wallet(t) != 1000 || p.Refunding != 0 {
			t.Errorf("%+v, the wallet has %d", p, s.wallet(t))
		}
	})
	for name, c := range map[string]struct {
		meanwhile string
		confirmed bool
		wallet    int64
	}{
		"a seat that is free":   {`update booking set expires_at = clock_timestamp()`, true, 0},
		"a trip that is called": {`update trip set status = 'cancelled'`, false, seatFare},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t)
			b := s.hold(t)
			id, next := s.line.open(t, b)
			s.goes(t, next)
			s.db.Exec(t, c.meanwhile)
			late(t, s, id)
			s.jobs(t, "true")
			if got := s.state(t, b); (got == "confirmed") != c.confirmed {
				t.Errorf("the seat is %s", got)
			}
			if c.wallet > 0 && s.wallet(t) != c.wallet {
				t.Errorf("the wallet has %d", s.wallet(t))
			}
			s.sums(t, name, seatFare-c.wallet, 0, 0)
		})
	}
	t.Run("a seat that is given up", func(t *testing.T) { // the acquirer makes no refunds
		t.Parallel()
		s := newShop(t)
		b := s.hold(t)
		id, next := s.line.open(t, b)
		s.goes(t, next)
		s.types(t, id)
		s.jobs(t, `kind <> 'carry_payment'`)
		if got := s.state(t, b); got != "confirmed" {
			t.Fatal(got)
		}
		s.must(t)(s.seats.Cancel(t.Context(), s.by, s.claim("c"), b))
		s.jobs(t, "true")
		s.sums(t, "given up", 0, 0, 0)
		if s.wallet(t) != seatFare {
			t.Errorf("the wallet has %d", s.wallet(t))
		}
	})
}

// Where a gateway can neither call off nor say how a payment stands, nothing is asked of it.
func TestGivenUpWhereNobodyCanSay(t *testing.T) {
	t.Parallel()
	s, ctx := newShop(t), context.Background()
	account, err := s.accounts.Add(ctx, s.db.A.ID, gateway.Credentials{Kind: gateway.Cash, Merchant: gateway.Merchant{Name: "Alpha"}, Options: map[string]string{"form": "cash", "instructions": "pay {reference}"}})
	if err != nil {
		t.Fatal(err)
	}
	p := store.Payment{ID: uuid.New(), Account: account, Payer: s.db.A.Rider, Subject: "wallet/" + s.db.A.Rider.String(), Amount: 500, Currency: "MAD", ClosesAt: time.Now().Add(time.Hour)}
	if err := s.db.InTx(ctx, s.db.A.ID, func(tx *store.Tx) error { return tx.OpenPayment(ctx, p, time.Now()) }); err != nil {
		t.Fatal(err)
	}
	look := func() string {
		return fmt.Sprint(s.db.Texts(t, `select concat_ws(' ', op, n, state, tries) from payment_operation order by 1`), s.db.Int(t, `select count(*) from river_job`), s.db.Int(t, `select count(*) from idempotency`))
	}
	before := look()
	if _, err := s.giveUp("a", p.ID); !fault.Is(err, "payment_not_supported") {
		t.Error(err)
	}
	if now := look(); now != before {
		t.Errorf("%s, then %s", before, now)
	}
}
