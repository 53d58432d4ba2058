package billing_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"log/slog"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing"
	"github.com/waymeet/waymeet/billing/gateway"
	"github.com/waymeet/waymeet/billing/gateway/envelope"
	"github.com/waymeet/waymeet/billing/gateway/stripe"
	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/errand"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/internal/job"
	"github.com/waymeet/waymeet/internal/seal"
	"github.com/waymeet/waymeet/store"
)

// victim is what a server process that is going to be killed is told: which of its gateway's calls it does not live through,
// and what somebody asks of it. Asked nothing it does the jobs that wait.
type victim struct {
	DB, System string
	Tenant     tenant.ID
	Op         string // as the call's key says; empty: it lives
	Answered   bool   // killed when the gateway has answered, and nothing of the answer is kept; else before it is asked
	Ask        string // the operation whose request it serves; empty: its jobs
	Claim      idem.Claim
	User       uuid.UUID
	Payment    uuid.UUID
	Method     uuid.UUID
	Advice     billing.Advice
}

const victimEnv = "WAYMEET_TEST_BILLING_VICTIM"

// The test binary starts itself as the server process.
func TestMain(m *testing.M) {
	if text := os.Getenv(victimEnv); text != "" {
		var v victim
		if err := json.Unmarshal([]byte(text), &v); err != nil {
			panic(err)
		}
		if err := v.serve(context.Background()); err != nil {
			fmt.Println("fails:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// doomed is a gateway that its process does not survive.
type doomed struct {
	gateway.Gateway
	op       string
	answered bool
}

type doom struct {
	gateway.Opener
	op       string
	answered bool
}

func (d doom) Open(c gateway.Credentials) (gateway.Gateway, error) {
	g, err := d.Opener.Open(c)
	return doomed{g, d.op, d.answered}, err
}

func killed[A any](d doomed, key string, call func() (A, error)) (A, error) {
	if f := strings.Split(key, ":"); len(f) != 3 || f[1] != d.op {
		return call()
	}
	if d.answered {
		if _, err := call(); err != nil && !errors.As(err, new(*gateway.Refused)) { // a refusal is an answer
			fmt.Println("the call was not answered:", err)
		}
	}
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {}
}

func (d doomed) Pay(ctx context.Context, o gateway.PayOrder) (gateway.Payment, error) {
	return killed(d, o.Key, func() (gateway.Payment, error) { return d.Gateway.Pay(ctx, o) })
}

func (d doomed) Capture(ctx context.Context, o gateway.CaptureOrder) (gateway.Payment, error) {
	return killed(d, o.Key, func() (gateway.Payment, error) { return d.Gateway.Capture(ctx, o) })
}

func (d doomed) Cancel(ctx context.Context, o gateway.CancelOrder) (gateway.Payment, error) {
	return killed(d, o.Key, func() (gateway.Payment, error) { return d.Gateway.Cancel(ctx, o) })
}

func (d doomed) Refund(ctx context.Context, o gateway.RefundOrder) (gateway.Refund, error) {
	return killed(d, o.Key, func() (gateway.Refund, error) { return d.Gateway.Refund(ctx, o) })
}

func (d doomed) Customer(ctx context.Context, o gateway.CustomerOrder) (gateway.Customer, error) {
	return killed(d, o.Key, func() (gateway.Customer, error) { return d.Gateway.Customer(ctx, o) })
}

func (d doomed) SaveMethod(ctx context.Context, o gateway.SaveOrder) (gateway.Setup, error) {
	return killed(d, o.Key, func() (gateway.Setup, error) { return d.Gateway.SaveMethod(ctx, o) })
}

func (d doomed) ForgetMethod(ctx context.Context, method, key string) error {
	_, err := killed(d, key, func() (bool, error) { return true, d.Gateway.ForgetMethod(ctx, method, key) })
	return err
}

func (d doomed) OpenAccount(ctx context.Context, o gateway.AccountOrder) (gateway.Account, error) {
	return killed(d, o.Key, func() (gateway.Account, error) { return d.Gateway.OpenAccount(ctx, o) })
}

func (d doomed) Transfer(ctx context.Context, o gateway.TransferOrder) (gateway.Transfer, error) {
	return killed(d, o.Key, func() (gateway.Transfer, error) { return d.Gateway.Transfer(ctx, o) })
}

func (d doomed) ReverseTransfer(ctx context.Context, o gateway.ReverseOrder) (gateway.Reversal, error) {
	return killed(d, o.Key, func() (gateway.Reversal, error) { return d.Gateway.ReverseTransfer(ctx, o) })
}

func (d doomed) Payout(ctx context.Context, o gateway.PayoutOrder) (gateway.Payout, error) {
	return killed(d, o.Key, func() (gateway.Payout, error) { return d.Gateway.Payout(ctx, o) })
}

// serve is a server, as far as money goes.
func (v victim) serve(ctx context.Context) error {
	db, err := store.Open(ctx, store.Config{AppURL: v.DB, SystemURL: v.System, MaxConns: 4})
	if err != nil {
		return err
	}
	defer db.Close()
	box, err := seal.Parse(base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{9}, 32))) // newTill's
	if err != nil {
		return err
	}
	kms, err := envelope.NewEnvironment("k1", map[string]*seal.Box{"k1": box})
	if err != nil {
		return err
	}
	log := slog.New(slog.DiscardHandler)
	real := stripe.New(stripe.Config{Timeout: 10 * time.Second, PerSecond: 1000})
	accounts := billing.NewAccounts(db, kms, gateway.Openers{doom{real, v.Op, v.Answered}})
	inbox := billing.NewInbox(db, accounts, box, log)
	payments := billing.NewPayments(db, accounts, inbox, log)
	if v.Ask != "" {
		return v.ask(ctx, payments)
	}
	nobody := func(context.Context) ([]uuid.UUID, error) { return nil, nil }
	jobs, err := job.New(db.Jobs, job.Handlers{
		Carry: job.Carry{Carry: func(ctx context.Context, t, payment uuid.UUID, op string, n int) error {
			return payments.CarryNow(ctx, tenant.ID(t), payment, op, n)
		}},
		Webhook: job.Webhook{Apply: func(ctx context.Context, t, event uuid.UUID) error { return inbox.Apply(ctx, tenant.ID(t), event) }},
		Share: job.Share{
			Open: func(ctx context.Context, o errand.OpenSeller) error {
				return payments.CarrySeller(ctx, tenant.ID(o.Tenant), o)
			},
			PayOut: func(ctx context.Context, o errand.PayOut) error {
				return payments.PayOut(ctx, tenant.ID(o.Tenant), o)
			},
		},
		Method: job.Method{Forget: func(ctx context.Context, o errand.ForgetMethod) error {
			return payments.ForgetMethod(ctx, tenant.ID(o.Tenant), o)
		}},
		Extend: job.Extend{Due: nobody},
		Reconcile: job.Reconcile{Tenants: nobody, // what is found below is found without it
			Accounts: func(context.Context) ([]job.ReconcileAccount, error) { return nil, nil }},
	}, "victim-"+ident.New().String(), log)
	if err != nil {
		return err
	}
	return jobs.Run(ctx)
}

func (v victim) ask(ctx context.Context, p *billing.Payments) (err error) {
	switch v.Ask {
	case billing.OpPay:
		_, err = p.TopUp(ctx, v.Tenant, v.User, v.Claim, ledger.Of(5000, "MAD"), store.With{})
	case billing.OpAuthorise:
		_, err = p.Authorise(ctx, v.Tenant, v.Claim, v.Advice)
	case billing.OpExtend:
		_, err = p.Extend(ctx, v.Tenant, v.Claim, v.Advice.Session, 5)
	case billing.OpCapture:
		_, err = p.Settle(ctx, v.Tenant, v.Advice.Session, ledger.Of(4000, "AED"))
	case billing.OpRefund:
		_, err = p.Refund(ctx, v.Tenant, v.User, v.Claim, billing.Refund{Payment: v.Payment, Amount: 2000, Why: "late"})
	case "account":
		_, err = p.OpenSeller(ctx, v.Tenant, uuid.Nil, v.User, idem.Claim{}, "AE", gateway.Individual)
	case "save":
		_, err = p.SaveMethod(ctx, v.Tenant, v.User, v.Claim)
	case "forget":
		err = p.RemoveMethod(ctx, v.Tenant, v.User, v.Claim, v.Method)
	default:
		err = fmt.Errorf("nobody asks for %q", v.Ask)
	}
	return err
}

// killing is one operation: what was there before, who asks for it, and what there has to be in the end, once.
type killing struct {
	verb string                    // of the port
	ask  string                    // the request that is killed in it; empty: a job
	set  func(*testing.T, *wreck)  // before anybody is killed
	more func(*testing.T, *wreck)  // what gives the job its cause
	ends func(*testing.T, *wreck)  // when all that was left has been done
	once func(*wreck) (n, all int) // how many of it the gateway has made, and how many it should have
}

// wreck is one operation's people and things.
type wreck struct {
	*till
	victim
	talk   *talk
	expert uuid.UUID
	seller string
	run    uuid.UUID
}

var killings = map[string]killing{
	billing.OpPay: {verb: "Pay", ask: billing.OpPay, ends: func(t *testing.T, w *wreck) {
		o, err := w.payments.TopUp(t.Context(), w.db.A.ID, w.User, w.Claim, ledger.Of(5000, "MAD"), store.With{})
		if err != nil || !o.Repeated {
			t.Fatalf("%+v, %v", o, err)
		}
		w.paidBy(t, o.Next.ClientSecret)
		w.comes(t, "the wallet", func() bool { return w.holds(t, ledger.Wallet(w.User, "MAD")) == 5000 })
	}, once: func(w *wreck) (int, int) {
		return w.made("payment_intent", "amount", int64(5000), "currency", "mad"), 2
	}}, // and the one that was paid to be refunded
	billing.OpAuthorise: {verb: "Pay", ask: billing.OpAuthorise, ends: confirmed,
		once: func(w *wreck) (int, int) { return w.made("payment_intent", "transfer_group", w.group()), 1 }},
	"customer": {verb: "Customer", ask: billing.OpAuthorise, ends: confirmed,
		once: func(w *wreck) (int, int) { return w.about("customer", w.User), 1 }},
	billing.OpExtend: {verb: "Pay", ask: billing.OpExtend, set: authorised, ends: func(t *testing.T, w *wreck) {
		w.comes(t, "the funds", func() bool { return w.talk.funds(t).Authorised.Amount == 7500 })
	}, once: func(w *wreck) (int, int) { return w.made("payment_intent", "transfer_group", w.group()), 2 }},
	billing.OpCapture: {verb: "Capture", ask: billing.OpCapture, set: authorised, ends: taken,
		once: func(w *wreck) (int, int) {
			return w.made("payment_intent", "transfer_group", w.group(), "status", "succeeded", "amount_received", int64(4000)), 1
		}},
	billing.OpCancel: {verb: "Cancel", ask: billing.OpCapture, set: extended, ends: taken,
		once: func(w *wreck) (int, int) {
			return w.made("payment_intent", "transfer_group", w.group(), "status", "canceled"), 1
		}},
	billing.OpRefund: {verb: "Refund", ask: billing.OpRefund, set: func(t *testing.T, w *wreck) {
		o, err := w.payments.TopUp(t.Context(), w.db.A.ID, w.User, w.till.claim("topUp"), ledger.Of(5000, "MAD"), store.With{})
		if err != nil {
			t.Fatal(err)
		}
		w.paidBy(t, o.Next.ClientSecret)
		w.settle(t)
		w.Payment = o.Payment.ID
	}, ends: func(t *testing.T, w *wreck) {
		w.comes(t, "the refund", func() bool { return w.see(t, w.Payment).Refunded == 2000 })
		if got := w.holds(t, ledger.Wallet(w.User, "MAD")); got != 3000 {
			t.Errorf("the wallet holds %d", got)
		}
	}, once: func(w *wreck) (int, int) { return w.made("refund"), 1 }},
	billing.OpTransfer: {verb: "Transfer", set: func(t *testing.T, w *wreck) { opened(t, w); settled(t, w) },
		more: func(_ *testing.T, w *wreck) { w.emu.CompleteAccount(w.seller) },
		ends: func(t *testing.T, w *wreck) {
			w.comes(t, "the share", func() bool { return w.holds(t, ledger.PayableAt(w.expert, "stripe", "AED")) == 3200 })
		}, once: func(w *wreck) (int, int) { return w.made("transfer", "destination", w.seller), 1 }},
	billing.OpReverse: {verb: "ReverseTransfer", set: func(t *testing.T, w *wreck) { active(t, w); settled(t, w) },
		more: func(t *testing.T, w *wreck) { w.emu.DisputePayment(w.see(t, w.Payment).Ref) },
		ends: func(t *testing.T, w *wreck) {
			w.comes(t, "the reversal", func() bool {
				return w.db.Int(t, `select count(*) from payment_operation where op = 'reverse' and state = 'done' and payment_id = $1`, w.Payment) == 1
			})
		}, once: func(w *wreck) (int, int) { return w.made("transfer_reversal"), 1 }},
	"payout": {verb: "Payout", set: func(t *testing.T, w *wreck) {
		active(t, w)
		settled(t, w)
		w.emu.Advance(10 * 24 * time.Hour) // funds become available
		y := w.payer()
		var err error
		if w.run, err = y.make(billing.RailConnect, 100); err != nil {
			t.Fatal(err)
		}
		if err := y.approve(w.run, y.second); err != nil {
			t.Fatal(err)
		}
	}, more: func(t *testing.T, w *wreck) {
		if err := w.payer().send(w.run); err != nil {
			t.Fatal(err)
		}
	}, ends: func(t *testing.T, w *wreck) {
		w.comes(t, "the payout", func() bool { return w.payer().run(t, w.run).Lines[0].Ref != "" })
	}, once: func(w *wreck) (int, int) { return len(w.emu.ObjectsOf("sk_test_alpha", w.seller, "payout")), 1 }},
	"account": {verb: "OpenAccount", ask: "account", ends: func(t *testing.T, w *wreck) {
		w.comes(t, "the account", func() bool { _, err := w.payments.Seller(t.Context(), w.db.A.ID, w.User); return err == nil })
	}, once: func(w *wreck) (int, int) { return w.about("account", w.User), 1 }},
	"save": {verb: "SaveMethod", ask: "save", ends: func(t *testing.T, w *wreck) { // its owner comes back: nobody else can go on
		s, err := w.payments.SaveMethod(t.Context(), w.db.A.ID, w.User, w.Claim)
		if err != nil {
			t.Fatal(err)
		}
		(&cardholder{w.till}).typed(t, s.Next.ClientSecret, goodCard)
		w.comes(t, "the card", func() bool {
			s, err := w.payments.Setup(t.Context(), w.db.A.ID, w.User, s.Setup.ID)
			return err == nil && s.Setup.State == store.SetupDone
		})
	}, once: func(w *wreck) (int, int) { return w.made("setup_intent"), 2 }}, // and the one that is forgotten
	"forget": {verb: "ForgetMethod", ask: "forget", set: func(t *testing.T, w *wreck) {
		s, err := w.payments.SaveMethod(t.Context(), w.db.A.ID, w.User, w.till.claim("save"))
		if err != nil {
			t.Fatal(err)
		}
		(&cardholder{w.till}).typed(t, s.Next.ClientSecret, goodCard)
		w.settle(t)
		if s, err = w.payments.Setup(t.Context(), w.db.A.ID, w.User, s.Setup.ID); err != nil || s.Setup.Method == uuid.Nil {
			t.Fatalf("%+v, %v", s, err)
		}
		w.Method = s.Setup.Method
	}, ends: func(t *testing.T, w *wreck) {
		w.comes(t, "the end of the card", func() bool {
			m, err := w.db.Read(w.db.A.ID).Method(t.Context(), w.Method)
			return err == nil && m.State == store.MethodGone
		})
	}, once: func(*wreck) (int, int) { return 1, 1 }},
}

func (w *wreck) group() string { return "session/" + w.Advice.Session.String() }

// made counts what the gateway has made with these fields.
func (w *wreck) made(kind string, fields ...any) (n int) {
	for _, o := range w.emu.Objects("sk_test_alpha", kind) {
		fits := true
		for i := 0; i < len(fields); i += 2 {
			fits = fits && o[fields[i].(string)] == fields[i+1]
		}
		if fits {
			n++
		}
	}
	return n
}

// about counts what the gateway has made for somebody.
func (w *wreck) about(kind string, who uuid.UUID) (n int) {
	for _, o := range w.emu.Objects("sk_test_alpha", kind) {
		if strings.Contains(fmt.Sprint(o["metadata"]), who.String()) {
			n++
		}
	}
	return n
}

func (w *wreck) paidBy(t *testing.T, secret gateway.Secret) {
	t.Helper()
	if status, body := w.pay(t, secret, goodCard); status != 200 {
		t.Fatalf("%d %s", status, body)
	}
}

// comes waits for what the server that took over does by itself.
func (w *wreck) comes(t *testing.T, what string, so func() bool) {
	t.Helper()
	for end := time.Now().Add(60 * time.Second); !so(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Errorf("%s does not come to be so; %v", what, w.db.Texts(t, `select kind || ' ' || state || ' ' || args::text || coalesce(' ' || errors[1]::text, '') from river_job where state <> 'completed'`))
			return
		}
	}
}

func confirmed(t *testing.T, w *wreck) {
	h, err := w.payments.Authorise(t.Context(), w.db.A.ID, w.Claim, w.Advice)
	if err != nil || !h.Repeated {
		t.Fatalf("%+v, %v", h, err)
	}
	w.paidBy(t, h.Next.ClientSecret)
	w.comes(t, "the funds", func() bool { return w.talk.funds(t).Authorised.Amount == 5000 })
}

func authorised(t *testing.T, w *wreck) {
	h, err := w.payments.Authorise(t.Context(), w.db.A.ID, w.till.claim("authorise"), w.Advice)
	if err != nil {
		t.Fatal(err)
	}
	w.paidBy(t, h.Next.ClientSecret)
	w.settle(t)
	w.Payment = h.Payment.ID
}

func extended(t *testing.T, w *wreck) {
	authorised(t, w)
	w.talk.extend(t, 5)
}

func settled(t *testing.T, w *wreck) {
	authorised(t, w)
	if _, err := w.payments.Settle(t.Context(), w.db.A.ID, w.Advice.Session, ledger.Of(4000, "AED")); err != nil {
		t.Fatal(err)
	}
	w.settle(t)
}

func taken(t *testing.T, w *wreck) {
	w.comes(t, "what was taken", func() bool { f := w.talk.funds(t); return f.Taken == 4000 && f.Coming == 0 && f.Authorised.Amount == 0 })
}

func opened(t *testing.T, w *wreck) {
	s, err := w.payments.OpenSeller(t.Context(), w.db.A.ID, uuid.Nil, w.expert, idem.Claim{}, "AE", gateway.Individual)
	if err != nil {
		t.Fatal(err)
	}
	w.seller = s.ID
}

func active(t *testing.T, w *wreck) {
	opened(t, w)
	w.emu.CompleteAccount(w.seller)
	w.settle(t)
}

// Server processes are killed with SIGKILL in the middle of every operation that a gateway knows: between their commit and
// the call, and between the call and the commit of its answer. One server that starts afterwards takes all of it over. Of
// each there is one at the gateway, it has come to its end here, and the books balance. That is so a day later too, when the gateway
// has forgotten its answers.
func TestKilledInEveryOperation(t *testing.T) {
	t.Parallel()
	for when, answered := range map[string]bool{"before the call": false, "after the call": true, "after the call, a day before": true} {
		t.Run(when, func(t *testing.T) {
			t.Parallel()
			x := newTill(t)
			ops := slices.Sorted(maps.Keys(killings))
			slices.SortStableFunc(ops, func(a, b string) int { // the one that lets days pass is first
				return strings.Compare(strconv.FormatBool(b == "payout"), strconv.FormatBool(a == "payout"))
			})
			wrecks := map[string]*wreck{}
			for _, op := range ops {
				w := &wreck{till: x, expert: x.person(t), victim: victim{DB: x.db.AppURL(), System: x.db.SystemURL(), Tenant: x.db.A.ID, Op: op, Answered: answered,
					Ask: killings[op].ask, User: x.person(t), Claim: idem.Claim{Operation: "killed", Key: op}}}
				w.Claim.Actor, w.talk = w.User, x.talk(10)
				w.talk.Client, w.talk.Expert = w.User, w.expert
				w.Advice, wrecks[op] = w.talk.Advice, w
				if set := killings[op].set; set != nil {
					set(t, w)
				}
			}
			for _, op := range ops {
				if more := killings[op].more; more != nil {
					more(t, wrecks[op])
				}
				wrecks[op].dies(t)
			}
			// Whoever runs a job has it for eleven minutes, alive or not: nobody can tell from outside, so they can only be waited
			// for. This moves the moment at which the dead took theirs.
			x.db.Exec(t, `update river_job set attempted_at = attempted_at - interval '12 minutes' where state = 'running'`)
			if strings.HasSuffix(when, "a day before") { // nobody waits for a day here
				x.emu.Advance(25 * time.Hour)
				x.db.Exec(t, `update payment_operation set created_at = created_at - interval '25 hours'`)
				x.db.Exec(t, `update payout_run set sent_at = sent_at - interval '25 hours'`)
				x.db.Exec(t, `update payer set created_at = created_at - interval '25 hours'`)
				x.db.Exec(t, `update method_setup set created_at = created_at - interval '25 hours'`)
			}
			stop := (&victim{DB: x.db.AppURL(), System: x.db.SystemURL(), Tenant: x.db.A.ID}).lives(t)
			for _, op := range ops {
				killings[op].ends(t, wrecks[op])
			}
			wrecks[ops[0]].comes(t, "the end of all work", func() bool {
				return x.db.Int(t, `select count(*) from river_job where state in ('available', 'running', 'retryable', 'scheduled') and scheduled_at < clock_timestamp() + interval '5 minutes'`) == 0
			})
			stop()
			for _, op := range ops {
				if n, all := killings[op].once(wrecks[op]); n != all {
					t.Errorf("%s: the gateway has %d, not %d", op, n, all)
				}
			}
			if n := x.db.Int(t, `select count(*) from river_job where state in ('discarded', 'cancelled')`); n != 0 {
				t.Errorf("%d jobs were given up", n)
			}
			if n := x.db.Int(t, `select count(*) from payment_operation where state = 'waiting' and op <> 'cancel'`); n != 0 {
				t.Errorf("%d operations wait for ever", n)
			}
			x.verify(t)
		})
	}
}

// person is a new user of the tenant.
func (x *till) person(t *testing.T) uuid.UUID {
	t.Helper()
	id := ident.New()
	x.db.Exec(t, `insert into app_user (tenant_id, id, email, name) values ($1, $2, $3, 'Somebody')`, x.db.A.ID.UUID(), id, id.String()+"@example.org")
	return id
}

func (v *victim) start(t *testing.T) (cmd *exec.Cmd, said *bytes.Buffer) {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	said = &bytes.Buffer{}
	cmd = exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$")
	cmd.Env, cmd.Stdout, cmd.Stderr = append(os.Environ(), victimEnv+"="+string(text)), said, said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, said
}

// dies runs a server until it has been killed.
func (v *victim) dies(t *testing.T) {
	t.Helper()
	cmd, said := v.start(t)
	late := time.AfterFunc(60*time.Second, func() { _ = cmd.Process.Signal(syscall.SIGTERM) })
	defer late.Stop()
	_ = cmd.Wait()
	if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || !status.Signaled() || status.Signal() != syscall.SIGKILL || said.Len() > 0 {
		t.Errorf("%s: it was not killed in the call: %v, %s", v.Op, cmd.ProcessState, said)
	}
}

func (v *victim) lives(t *testing.T) (stop func()) {
	t.Helper()
	cmd, _ := v.start(t)
	return func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
}

// Every verb of the port that changes something, and every operation that a key is made for, is killed above.
func TestKillsAreComplete(t *testing.T) {
	t.Parallel()
	verbs := map[string]bool{"AccountLink": true} // a page for minutes, which moves nothing
	for _, k := range killings {
		verbs[k.verb] = true
	}
	port := reflect.TypeFor[gateway.Gateway]()
	for i := range port.NumMethod() {
		name := port.Method(i).Name
		reads := strings.HasPrefix(name, "LookUp") || strings.HasPrefix(name, "List") || slices.Contains([]string{"Profile", "ReadWebhook", "Dispute"}, name)
		if !reads && !verbs[name] {
			t.Errorf("nobody is killed in %s", name)
		}
	}
	for _, op := range operations(t) {
		if _, ok := killings[op]; !ok {
			t.Errorf("nobody is killed in %s", op)
		}
	}
}

// operations is what this package's keys are made for: the constants that are called Op… or op…, and what keys say themselves.
func operations(t *testing.T) (ops []string) {
	t.Helper()
	names := regexp.MustCompile(`^[Oo]p[A-Z]`)
	add := func(e ast.Expr) {
		if l, ok := e.(*ast.BasicLit); ok && l.Kind == token.STRING {
			if s, err := strconv.Unquote(l.Value); err == nil {
				ops = append(ops, s)
			}
		}
	}
	for _, dir := range []string{".", "../store"} {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(f, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.ValueSpec:
					for i, id := range n.Names {
						if names.MatchString(id.Name) && i < len(n.Values) {
							add(n.Values[i])
						}
					}
				case *ast.CallExpr:
					if s, ok := n.Fun.(*ast.SelectorExpr); ok && s.Sel.Name == "Key" && len(n.Args) == 3 {
						add(n.Args[1])
					}
				}
				return true
			})
		}
	}
	if len(ops) < 10 {
		t.Errorf("only %q", ops)
	}
	return ops
}
