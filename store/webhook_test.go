package store_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/internal/errand"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/store/storetest"
)

func inbox(t *testing.T, db *storetest.DB) (account uuid.UUID) {
	t.Helper()
	account = ident.New()
	if err := db.InTx(context.Background(), db.A.ID, func(tx *store.Tx) error {
		return tx.AddGatewayAccount(context.Background(), store.GatewayAccount{ID: account, Kind: "stripe", Merchant: "Alpha Shuttles", Sealed: store.Sealed{KeyID: "k1", Key: []byte("w"), Data: []byte("sealed")}})
	}); err != nil {
		t.Fatal(err)
	}
	return account
}

func delivered(account uuid.UUID, external string) store.Webhook {
	return store.Webhook{ID: ident.New(), Account: account, Ref: external, Kind: "payment_intent.succeeded", Object: "payment_intent", ObjectID: "pi_1", HappenedAt: time.Now()}
}

// An event that comes sixteen times at once is stored once, with one job.
func TestWebhookIsStoredOnceWithItsJob(t *testing.T) {
	t.Parallel()
	db, ctx := storetest.New(t), context.Background()
	account := inbox(t, db)
	var wg sync.WaitGroup
	added := make(chan bool, 16)
	for range 16 {
		wg.Go(func() {
			w := delivered(account, "evt_1")
			var first bool
			err := db.InTx(ctx, db.A.ID, func(tx *store.Tx) (err error) {
				if first, err = tx.AddWebhook(ctx, w); err != nil || !first {
					return err
				}
				return tx.AddJob(ctx, errand.ApplyWebhook{Tenant: db.B.ID.UUID(), Event: w.ID}, w.ID.String())
			})
			if err != nil {
				t.Error(err)
			}
			added <- first
		})
	}
	wg.Wait()
	close(added)
	firsts := 0
	for first := range added {
		if first {
			firsts++
		}
	}
	jobs := db.Int(t, `select count(*) from river_job`)
	right := db.Int(t, `select count(*) from river_job where kind = 'apply_webhook' and args ->> 'tenant' = $1`, db.A.ID.UUID().String())
	if firsts != 1 || jobs != 1 || right != 1 { // right: the transaction's tenant, whatever the arguments said
		t.Errorf("stored %d times with %d jobs, %d of them its tenant's", firsts, jobs, right)
	}
}

// odd is an errand that nobody has put into words.
type odd struct{ kind string }

func (o odd) Kind() string { return o.kind }

// The kinds that the schema lets a transaction ask for are those that there are words for.
func TestErrandsAreTheKindsOfTheSchema(t *testing.T) {
	t.Parallel()
	want := []string{}
	for _, e := range []errand.Errand{errand.ApplyWebhook{}, errand.AppointmentFund{}, errand.BillRide{}, errand.CarryPayment{}, errand.ForgetMethod{}, errand.FundsUnused{}, errand.OpenSeller{}, errand.PayOut{}, errand.Push{},
		errand.RefundPayment{}, errand.SessionArrange{}, errand.SessionClose{}, errand.SessionExtend{}, errand.SessionMedia{}, errand.SessionOpen{}, errand.SessionSecond{}, errand.SessionSettle{}, errand.SessionTransfer{}, errand.SettleBooking{}, errand.WithdrawRides{}} {
		want = append(want, e.Kind())
	}
	if got := storetest.New(t).Texts(t, `select kind from job_kind order by kind`); !slices.Equal(got, want) {
		t.Errorf("the schema has %q, there are words for %q", got, want)
	}
}

// What was rolled back leaves no job, and no kind of job but those on the list can be asked for.
func TestJobsCommitWithTheirCause(t *testing.T) {
	t.Parallel()
	db, ctx := storetest.New(t), context.Background()
	for kind, ends := range map[string]error{"apply_webhook": context.Canceled, "extend_trips": nil} { // jobs are written with the commit
		err := db.InTx(ctx, db.A.ID, func(tx *store.Tx) error {
			if err := tx.AddJob(ctx, odd{kind}, "k"); err != nil {
				return err
			}
			return ends
		})
		if ends != nil && !errors.Is(err, ends) || err == nil {
			t.Errorf("%s: %v", kind, err)
		}
	}
	if jobs := db.Int(t, `select count(*) from river_job`); jobs != 0 {
		t.Errorf("%d jobs without a cause", jobs)
	}
}

// An event waits, fails, dies, is replayed, is done; each once, and never another tenant's.
func TestWebhookLife(t *testing.T) {
	t.Parallel()
	db, ctx := storetest.New(t), context.Background()
	w := delivered(inbox(t, db), "evt_2")
	w.Connected = "acct_1"
	in := func(whose storetest.Tenant, fn func(tx *store.Tx) error) error { return db.InTx(ctx, whose.ID, fn) }
	if err := in(db.A, func(tx *store.Tx) error { _, err := tx.AddWebhook(ctx, w); return err }); err != nil {
		t.Fatal(err)
	}
	for want := 1; want <= 3; want++ {
		if err := in(db.A, func(tx *store.Tx) error {
			tries, dead, err := tx.FailWebhook(ctx, w.ID, "there is no such payment", 3)
			if err == nil && (tries != want || dead != (want == 3)) {
				t.Errorf("try %d: %d, dead %v", want, tries, dead)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	got, err := db.Read(db.A.ID).Webhook(ctx, w.ID)
	if err != nil || got.State != store.WebhookDead || got.SettledAt.IsZero() || got.Connected != "acct_1" || got.Problem == "" {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := db.Read(db.B.ID).Webhook(ctx, w.ID); !store.IsNotFound(err) {
		t.Errorf("another tenant reads it: %v", err)
	}
	if err := in(db.B, func(tx *store.Tx) error { _, err := tx.ReplayWebhook(ctx, w.ID); return err }); !store.IsNotFound(err) {
		t.Errorf("another tenant replays it: %v", err)
	}
	if err := in(db.A, func(tx *store.Tx) error {
		if ended, err := tx.SettleWebhook(ctx, w.ID, store.WebhookDone, ""); ended || err != nil {
			t.Errorf("a dead event is settled: %v", err)
		}
		n, err := tx.ReplayWebhook(ctx, w.ID)
		if n != 1 {
			t.Errorf("replay %d", n)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []bool{true, false} {
		if err := in(db.A, func(tx *store.Tx) error {
			ended, err := tx.SettleWebhook(ctx, w.ID, store.WebhookDone, "")
			if ended != want {
				t.Errorf("settled: %v", ended)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	list, err := db.Read(db.A.ID).Webhooks(ctx, []store.WebhookState{store.WebhookDone}, time.Now().Add(time.Hour), uuid.Max, 10)
	if err != nil || len(list) != 1 || list[0].Replays != 1 || list[0].Tries != 1 {
		t.Errorf("%+v, %v", list, err)
	}
}

// What was fetched earlier does not stand over what was fetched later, whoever writes last.
func TestOlderLookAtAConnectedAccountIsDropped(t *testing.T) {
	t.Parallel()
	db, ctx := storetest.New(t), context.Background()
	account, now := inbox(t, db), time.Now()
	if err := db.InTx(ctx, db.A.ID, func(tx *store.Tx) error {
		return tx.AddConnectedAccount(ctx, account, "acct_1", db.A.Users["driver"])
	}); err != nil {
		t.Fatal(err)
	}
	for _, look := range []struct {
		state   string
		at      time.Time
		changes bool
	}{{`{"n":2}`, now, true}, {`{"n":1}`, now.Add(-time.Second), false}, {`{"n":2}`, now.Add(time.Second), false}, {`{"n":3}`, now.Add(2 * time.Second), true}} {
		if err := db.InTx(ctx, db.A.ID, func(tx *store.Tx) error {
			changed, err := tx.SawConnected(ctx, account, "acct_1", []byte(look.state), look.at)
			if changed != look.changes {
				t.Errorf("%s at %s: changed %v", look.state, look.at, changed)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
}
