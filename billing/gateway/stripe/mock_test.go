package stripe_test

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/waymeet/waymeet/billing/gateway"
	"github.com/waymeet/waymeet/billing/gateway/stripe"
	"github.com/waymeet/waymeet/internal/stripeemu"
	"github.com/waymeet/waymeet/internal/stripespec"
)

// stripeMock starts Stripe's own imitation with its own specification, closed at every depth, and says where it is.
func stripeMock(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	command := func(dir, name string, args ...string) string {
		c := exec.CommandContext(t.Context(), name, args...)
		c.Dir, c.Stderr = dir, os.Stderr
		out, err := c.Output()
		if err != nil {
			t.Fatalf("%s %v: %v", name, args, err)
		}
		return strings.TrimSpace(string(out))
	}
	bin := command(root, "scripts/tool", "--path", "stripe-mock")
	command(filepath.Join(root, "tools/stripe-mock"), "go", "mod", "download", "github.com/stripe/stripe-mock") // the binary may be kept, its sources not
	module := command(filepath.Join(root, "tools/stripe-mock"), "go", "list", "-m", "-f", "{{.Dir}}", "github.com/stripe/stripe-mock")
	spec, err := os.ReadFile(filepath.Join(module, "embedded/openapi/spec3.json"))
	if err != nil {
		t.Fatal(err)
	}
	strict, closed, err := stripespec.Strict(spec)
	if err != nil || closed < 1000 {
		t.Fatal(closed, err)
	}
	path := filepath.Join(t.TempDir(), "spec.json")
	if err := os.WriteFile(path, strict, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	// Both, or the other one is opened on every address of the machine.
	c := exec.CommandContext(ctx, bin, "-http-addr", "127.0.0.1:0", "-https-addr", "127.0.0.1:0", "-spec", path)
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	c.Stderr = os.Stderr
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stop()
		_ = c.Wait() // killed
	})
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if at, ok := strings.CutPrefix(lines.Text(), "Listening for HTTP at address: "); ok {
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return "http://" + at
		}
	}
	t.Fatal("stripe-mock does not say where it listens")
	return ""
}

// judged notes what was refused, and may plant a parameter in orders to one path.
type judged struct {
	mu      sync.Mutex
	asked   int
	refused []string // guarded by mu
	path    string
	plant   string
}

func (j *judged) RoundTrip(r *http.Request) (*http.Response, error) {
	if j.plant != "" && strings.HasPrefix(r.URL.Path, j.path) && r.Method == http.MethodPost {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		planted := strings.TrimPrefix(string(body)+"&"+j.plant, "&")
		r = r.Clone(r.Context())
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(planted)), int64(len(planted))
	}
	res, err := http.DefaultTransport.RoundTrip(r)
	j.mu.Lock()
	defer j.mu.Unlock()
	j.asked++
	if err != nil {
		j.refused = append(j.refused, err.Error())
	} else if res.StatusCode >= 400 {
		body, _ := io.ReadAll(res.Body)
		res.Body = io.NopCloser(strings.NewReader(string(body)))
		j.refused = append(j.refused, r.Method+" "+r.URL.Path+": "+string(body))
	}
	return res, err
}

func judgedBy(t *testing.T, url string, j *judged) gateway.Gateway {
	t.Helper()
	g, err := stripe.New(stripe.Config{Transport: j, PerSecond: 1000}).Open(gateway.Credentials{
		Kind: gateway.Stripe, SecretKey: gateway.Hide("sk_test_123"), Options: map[string]string{"url": url}, WebhookSecrets: []gateway.Secret{gateway.Hide("whsec")},
	})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// everyOrder drives every verb, with everything that can be said in its order. What comes back are Stripe's examples,
// so errors about what they say do not count: only what is refused does.
func everyOrder(ctx context.Context, g gateway.Gateway) map[string]func() {
	aed := func(n int64) gateway.Amount { return gateway.Amount{Minor: n, Currency: "AED"} }
	fee := aed(40)
	since := time.Now().Add(-time.Hour)
	byID := func(id string) gateway.Lookup { return gateway.Lookup{ID: id} }
	byKey := gateway.Lookup{Key: "p1:op:1", Since: since, Customer: "cus_1", Payment: "pi_1", Account: "acct_1"}
	page := gateway.Page{Since: since, Until: time.Now(), After: "x_1", Limit: 5}
	full := gateway.PayOrder{
		Key: "p1:pay:1", Payment: "p1", Amount: aed(500), Manual: true, Customer: "cus_1", Method: "pm_1", Keep: true, Group: "g", Description: "seat",
		Email: "a@example.org", ReturnURL: "https://example.org", Split: &gateway.Split{Destination: "acct_1", Fee: aed(50), OnBehalf: true},
	}
	away := full
	away.Away = true
	bare := gateway.PayOrder{Key: "p2:pay:1", Payment: "p2", Amount: aed(500)}
	keep, saved := bare, bare // a seat: a card that is typed and kept, one that was kept
	keep.Key, keep.Customer, keep.Keep = "p3:pay:1", "cus_1", true
	saved.Key, saved.Customer, saved.Method = "p4:pay:1", "cus_1", "pm_1"
	return map[string]func(){
		"Profile": func() { g.Profile() },
		"Pay": func() {
			for _, o := range []gateway.PayOrder{full, away, bare, keep, saved} {
				_, _ = g.Pay(ctx, o)
			}
		},
		"LookUp": func() { _, _ = g.LookUp(ctx, byID("pi_1")); _, _ = g.LookUp(ctx, byKey) },
		"Capture": func() {
			_, _ = g.Capture(ctx, gateway.CaptureOrder{Key: "p1:capture:1", ID: "pi_1", Amount: aed(400), Fee: &fee})
			_, _ = g.Capture(ctx, gateway.CaptureOrder{Key: "p2:capture:1", ID: "pi_1", Amount: aed(400), Fee: &gateway.Amount{Currency: "AED"}})
		},
		"Cancel": func() { _, _ = g.Cancel(ctx, gateway.CancelOrder{Key: "p1:cancel:1", ID: "pi_1", Reason: "abandoned"}) },
		"Refund": func() {
			_, _ = g.Refund(ctx, gateway.RefundOrder{Key: "p1:refund:1", ID: "pi_1", Amount: aed(100), TakeBack: true, WaiveFee: true, Description: "why"})
		},
		"LookUpRefund": func() { _, _ = g.LookUpRefund(ctx, byID("re_1")); _, _ = g.LookUpRefund(ctx, byKey) },
		"Customer": func() {
			_, _ = g.Customer(ctx, gateway.CustomerOrder{Key: "u1:customer:1", User: "u1", Name: "N", Email: "a@example.org", Language: "ar"})
		},
		"LookUpCustomer": func() { _, _ = g.LookUpCustomer(ctx, byID("cus_1")); _, _ = g.LookUpCustomer(ctx, byKey) },
		"SaveMethod": func() {
			_, _ = g.SaveMethod(ctx, gateway.SaveOrder{Key: "u1:save:1", Customer: "cus_1", Method: "pm_1", ReturnURL: "https://example.org"})
			_, _ = g.SaveMethod(ctx, gateway.SaveOrder{Key: "u1:save:2", Customer: "cus_1"}) // typed in the browser
		},
		"LookUpSetup":  func() { _, _ = g.LookUpSetup(ctx, byID("seti_1")); _, _ = g.LookUpSetup(ctx, byKey) },
		"ListMethods":  func() { _, _ = g.ListMethods(ctx, "cus_1") },
		"ForgetMethod": func() { _ = g.ForgetMethod(ctx, "pm_1", "u1:forget:1") },
		"OpenAccount": func() {
			_, _ = g.OpenAccount(ctx, gateway.AccountOrder{Key: "s1:account:1", Seller: "s1", Country: "AE", Email: "a@example.org", Business: gateway.Company, Currency: "AED"})
		},
		"LookUpAccount": func() { _, _ = g.LookUpAccount(ctx, byID("acct_1")); _, _ = g.LookUpAccount(ctx, byKey) },
		"AccountLink": func() {
			_, _ = g.AccountLink(ctx, gateway.LinkOrder{Key: "s1:link:1", Account: "acct_1", ReturnURL: "https://example.org", RefreshURL: "https://example.org"})
		},
		"Transfer": func() {
			_, _ = g.Transfer(ctx, gateway.TransferOrder{Key: "p1:transfer:1", Destination: "acct_1", Amount: aed(10), Source: "ch_1", Group: "g", Description: "d"})
		},
		"LookUpTransfer": func() { _, _ = g.LookUpTransfer(ctx, byID("tr_1")); _, _ = g.LookUpTransfer(ctx, byKey) },
		"ReverseTransfer": func() {
			_, _ = g.ReverseTransfer(ctx, gateway.ReverseOrder{Key: "p1:reverse:1", Transfer: "tr_1", Amount: aed(5), WaiveFee: true})
		},
		"LookUpReversal": func() {
			byKey := byKey
			byKey.Transfer = "tr_1"
			_, _ = g.LookUpReversal(ctx, byKey)
			_, _ = g.LookUpReversal(ctx, gateway.Lookup{ID: "trr_1", Transfer: "tr_1"})
		},
		"Payout": func() {
			_, _ = g.Payout(ctx, gateway.PayoutOrder{Key: "s1:payout:1", Account: "acct_1", Amount: aed(100), Statement: "ATLAS"})
		},
		"LookUpPayout": func() { _, _ = g.LookUpPayout(ctx, byID("po_1")); _, _ = g.LookUpPayout(ctx, byKey) },
		"Dispute":      func() { _, _ = g.Dispute(ctx, "dp_1") },
		"ListDisputes": func() { _, _ = g.ListDisputes(ctx, page) },
		"ListEvents": func() {
			_, _ = g.ListEvents(ctx, gateway.EventQuery{Page: page, Types: []string{"payment_intent.succeeded", "charge.refunded"}, Undelivered: true})
		},
		"ListMovements": func() { _, _ = g.ListMovements(ctx, page) },
		"ReadWebhook": func() {
			body := []byte(`{"id":"evt_1","object":"event","type":"a"}`)
			_, _ = g.ReadWebhook(gateway.Delivery{Body: body, Header: http.Header{"Stripe-Signature": {stripeemu.Signature("whsec", time.Now(), body)}}, At: time.Now()})
		},
	}
}

// Stripe's own specification, strict, refuses nothing that any verb sends; and it refuses what is planted.
func TestStrictStripeMock(t *testing.T) {
	t.Parallel()
	url := stripeMock(t)
	j := &judged{}
	verbs := everyOrder(t.Context(), judgedBy(t, url, j))
	for m := range reflect.TypeFor[gateway.Gateway]().Methods() {
		drive, ok := verbs[m.Name]
		if !ok {
			t.Errorf("no order drives %s", m.Name)
			continue
		}
		before := j.asked
		drive()
		if j.asked == before && m.Name != "Profile" && m.Name != "ReadWebhook" {
			t.Errorf("%s asked nothing", m.Name)
		}
	}
	for _, r := range j.refused {
		t.Error(r)
	}
	t.Logf("%d verbs, %d calls, %d refused", len(verbs), j.asked, len(j.refused))

	for verb, plant := range map[string]struct{ path, parameter string }{
		"Pay":          {"/v1/payment_intents", "transfer_data[destinatoin]=acct_1"},
		"OpenAccount":  {"/v1/accounts", "settings[payouts][schedule][intervall]=manual"},
		"Customer":     {"/v1/customers", "address[planted]=1"},
		"Refund":       {"/v1/refunds", "planted=1"},
		"SaveMethod":   {"/v1/setup_intents", "payment_method_options[card][planted]=1"},
		"Payout":       {"/v1/payouts", "planted[deep]=1"},
		"Transfer":     {"/v1/transfers", "planted=1"},
		"ForgetMethod": {"/v1/payment_methods", "planted=1"},
	} {
		j := &judged{path: plant.path, plant: plant.parameter}
		everyOrder(t.Context(), judgedBy(t, url, j))[verb]()
		if len(j.refused) == 0 {
			t.Errorf("%s passes with %s", verb, plant.parameter)
		}
	}
}

// The emulator knows every parameter that the adapter sends: a stale list in it would hide behind stripe-mock's yes.
func TestEmulatorKnowsEveryParameter(t *testing.T) {
	t.Parallel()
	j := &judged{}
	for _, drive := range everyOrder(t.Context(), judgedBy(t, emulator(t).URL(), j)) {
		drive()
	}
	for _, r := range j.refused {
		if strings.Contains(r, "parameter_unknown") || strings.Contains(r, "does not know") {
			t.Error(r)
		}
	}
}
