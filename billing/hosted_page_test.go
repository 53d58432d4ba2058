package billing_test

import (
	"bytes"
	"encoding/base64"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing"
	"github.com/waymeet/waymeet/billing/gateway"
	"github.com/waymeet/waymeet/billing/gateway/envelope"
	"github.com/waymeet/waymeet/billing/gateway/redirect"
	"github.com/waymeet/waymeet/billing/payment"
	"github.com/waymeet/waymeet/internal/seal"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/web"
	"github.com/waymeet/waymeet/web/hook"
)

// page is a shop whose callbacks and payers come to the edge, as it is served, where the shop itself says that they shall.
type page struct {
	*shop
	edge string
}

func newPage(t *testing.T) *page {
	t.Helper()
	s := newShop(t)
	edge := httptest.NewServer(web.New(web.Config{Hooks: hook.Handler(s.inbox.Receive), Back: hook.Back(s.inbox.Returned)}))
	t.Cleanup(edge.Close)
	box, err := seal.Parse(base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{9}, 32)))
	if err != nil {
		t.Fatal(err)
	}
	kms, err := envelope.NewEnvironment("k1", map[string]*seal.Box{"k1": box})
	if err != nil {
		t.Fatal(err)
	}
	s.accounts = billing.NewAccounts(s.db.DB, kms, gateway.Openers{redirect.New(time.Second)})
	s.inbox.ServedAt(edge.URL + hook.Prefix)
	s.payments = billing.NewPayments(s.db.DB, s.accounts, s.inbox, slog.New(slog.DiscardHandler))
	return &page{s, edge.URL}
}

var hidden = regexp.MustCompile(`name="([^"]*)" value="([^"]*)"`)

// pays types a card on the acquirer's page; back is the form that the page then gives the browser.
func (p *page) pays(t *testing.T, n gateway.Next, card string) (back url.Values) {
	t.Helper()
	p.goes(t, n)
	thanks := p.send(t, strings.Replace(p.cmi.FormURL(), "est3Dgate", "pay", 1), url.Values{"oid": {n.Fields["oid"]}, "pan": {card}})
	back = url.Values{}
	for _, f := range hidden.FindAllStringSubmatch(thanks, -1) {
		back.Set(f[1], strings.ReplaceAll(f[2], "&#43;", "+"))
	}
	if back.Get("HASH") == "" {
		t.Fatal(thanks)
	}
	return back
}

// comesBack is the payer's browser, from the acquirer's page: it sends the form as another site's, and goes where it is sent.
func (p *page) comesBack(t *testing.T, n gateway.Next, form url.Values) (to string) {
	t.Helper()
	if !strings.HasPrefix(n.Fields["okUrl"], p.edge) || n.Fields["failUrl"] != n.Fields["okUrl"] {
		t.Fatalf("the payer would come back to %q", n.Fields["okUrl"])
	}
	r, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, n.Fields["okUrl"], strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	r.Header.Set("Origin", "https://acquirer.example")
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, _ := io.ReadAll(res.Body)
	if res.StatusCode != http.StatusSeeOther {
		t.Fatalf("a payer who comes back reads %d %s", res.StatusCode, body)
	}
	return res.Header.Get("Location")
}

// what is paid on the page: how it is opened, where its payer comes back to, and whether they have it in the end.
type paid struct {
	open func(*testing.T, *page) (uuid.UUID, gateway.Next, string)
	has  func(*testing.T, *page, string) bool
}

var paidOnPages = map[string]paid{
	"a seat": {
		func(t *testing.T, p *page) (uuid.UUID, gateway.Next, string) {
			b := p.hold(t)
			id, next := p.line.open(t, b)
			return id, next, "/bookings/" + b.String()
		},
		func(t *testing.T, p *page, screen string) bool {
			return p.state(t, uuid.MustParse(strings.TrimPrefix(screen, "/bookings/"))) == "confirmed"
		},
	},
	"a wallet": {
		func(t *testing.T, p *page) (uuid.UUID, gateway.Next, string) {
			o, err := p.topUp(seatFare)
			if err != nil {
				t.Fatal(err)
			}
			return o.Payment.ID, o.Next, "/wallet"
		},
		func(t *testing.T, p *page, _ string) bool { return p.wallet(t) == seatFare },
	},
	"a pass": {
		func(t *testing.T, p *page) (uuid.UUID, gateway.Next, string) {
			product := (&kiosk{till: p.till}).product(t, carnet)
			o, err := p.payments.BuyPass(t.Context(), p.by.Tenant, p.by.User, p.claim("passes.buy"), product, billing.ByCard, store.With{})
			if err != nil {
				t.Fatal(err)
			}
			_, next, err := p.payments.Carry(t.Context(), p.by.Tenant, o.Payment, billing.OpPay, 1)
			if err != nil {
				t.Fatal(err)
			}
			return o.Payment, next, "/passes/" + o.Pass.String()
		},
		func(t *testing.T, p *page, _ string) bool {
			return p.db.Int(t, `select count(*) from pass where state = 'active'`) == 1
		},
	},
}

// A seat, a wallet, a pass are paid on an acquirer's page: the callback, the payer who comes back, both, each twice, in either order, and
// neither: what is paid is paid once, and the payer is led to what they paid.
func TestPaidOnAPage(t *testing.T) {
	t.Parallel()
	for what, x := range paidOnPages {
		for how, lost := range map[string]int{"callback": 0, "the payer alone": 1} {
			t.Run(what+", "+how, func(t *testing.T) {
				t.Parallel()
				p := newPage(t)
				id, next, screen := x.open(t, p)
				p.goes(t, next)
				if got := p.comesBack(t, next, url.Values{"oid": {id.String()}, "clientid": {"600001"}, "Response": {"Approved"}, "ProcReturnCode": {"00"}, "HASH": {"forged"}}); got != "/" {
					t.Errorf("a forged form leads to %q", got)
				}
				p.jobs(t, `kind = 'apply_webhook'`)
				if x.has(t, p, screen) {
					t.Fatal("paid by a form that somebody made up")
				}
				p.cmi.LoseCallbacks(lost)
				back := p.pays(t, next, goodCard)
				for range 2 {
					if got := p.comesBack(t, next, back); got != screen {
						t.Errorf("back to %q, not %q", got, screen)
					}
					if got := p.send(t, next.Fields["callbackUrl"], back); got != "ACTION=POSTAUTH" {
						t.Errorf("the callback is answered %q", got)
					}
				}
				if lost > 0 {
					p.cmi.Capture(id.String()) // it tells again, until it is answered
				}
				p.jobs(t, `true`)
				if !x.has(t, p, screen) || p.cmi.Taken() != 1 || p.see(t, id).Captured != p.see(t, id).Amount {
					t.Errorf("%d taken, %+v", p.cmi.Taken(), p.see(t, id))
				}
			})
		}
		t.Run(what+", declined", func(t *testing.T) {
			t.Parallel()
			p := newPage(t)
			id, next, screen := x.open(t, p)
			back := p.pays(t, next, declinedCard)
			if got := p.comesBack(t, next, back); got != screen {
				t.Errorf("back to %q", got)
			}
			p.jobs(t, `true`)
			if x.has(t, p, screen) || p.see(t, id).Status != payment.Cancelled {
				t.Errorf("%+v", p.see(t, id))
			}
		})
		t.Run(what+", told before it is taken", func(t *testing.T) {
			t.Parallel()
			p := newPage(t)
			id, next, screen := x.open(t, p)
			p.cmi.LoseCallbacks(1)
			back := p.pays(t, next, goodCard)
			p.send(t, next.Fields["callbackUrl"], back)
			for _, e := range p.db.Texts(t, `delete from river_job where kind = 'apply_webhook' returning args ->> 'event'`) { // our answer is on its way
				if err := p.inbox.Apply(t.Context(), p.by.Tenant, uuid.MustParse(e)); err != nil {
					t.Fatal(err)
				}
			}
			p.cmi.Capture(id.String())
			p.jobs(t, `kind <> 'carry_payment'`)
			if !x.has(t, p, screen) {
				t.Errorf("%+v", p.see(t, id))
			}
		})
	}
}
