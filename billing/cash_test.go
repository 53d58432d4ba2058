package billing_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/waymeet/waymeet/billing"
	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/store/storetest"
)

// purse is a tenant whose agent takes cash.
type purse struct {
	*storetest.DB
	cash           *billing.Cash
	agent, finance uuid.UUID
	n              int
}

func newPurse(t *testing.T) *purse {
	t.Helper()
	d := storetest.New(t)
	return &purse{DB: d, cash: billing.NewCash(d.DB), agent: d.A.Users["agent"], finance: d.A.Users["finance"]}
}

func (p *purse) claim(actor uuid.UUID, op string) idem.Claim {
	p.n++
	return idem.Claim{Actor: actor, Operation: op, Key: fmt.Sprint("k", p.n)}
}

func (p *purse) take(amount int64) (store.Taking, error) {
	return p.cash.TakeCash(context.Background(), p.A.ID, p.agent, p.claim(p.agent, "cash.take"), p.A.Rider, amount)
}

func (p *purse) undo(id uuid.UUID) error {
	_, err := p.cash.UndoCash(context.Background(), p.A.ID, p.agent, p.claim(p.agent, "cash.undo"), id)
	return err
}

func (p *purse) closeShift(counted int64) (store.Shift, error) {
	return p.cash.CloseShift(context.Background(), p.A.ID, p.agent, p.claim(p.agent, "cash.close"), billing.Count{Counted: counted, Deposited: counted, Place: "safe"})
}

func (p *purse) confirm(by, shift uuid.UUID, received int64) error {
	_, err := p.cash.ConfirmShift(context.Background(), p.A.ID, by, p.claim(by, "shifts.confirm"), shift, received)
	return err
}

// holds is what an account has, as its owner counts.
func (p *purse) holds(t *testing.T, a ledger.Account) int64 {
	t.Helper()
	b, err := p.Read(p.A.ID).Balance(context.Background(), a)
	if err != nil {
		t.Fatal(err)
	}
	return b.Amount(a.Class())
}

func (p *purse) float() ledger.Account  { return ledger.Float(p.agent, "MAD") }
func (p *purse) wallet() ledger.Account { return ledger.Wallet(p.A.Rider, "MAD") }

// spend is the rider using the wallet.
func (p *purse) spend(t *testing.T, amount int64) {
	t.Helper()
	p.n++
	m := ledger.Of(amount, "MAD")
	if _, err := billing.New(billing.Config{DB: p.DB.DB}).Record(context.Background(), p.A.ID,
		ledger.Post(fmt.Sprint("spend:", p.n), "test", ledger.Debit(p.wallet(), m), ledger.Credit(ledger.Deferred("seats", "MAD"), m))); err != nil {
		t.Fatal(err)
	}
}

func code(err error) string {
	if err == nil {
		return ""
	}
	return fault.As(err).Code
}

// A day with cash, as it is lived: an agent tops riders up, mistypes once, counts in the evening, lacks 5 dirhams, hands the
// rest in; somebody else finds it in the safe.
func TestCashFlow(t *testing.T) {
	t.Parallel()
	p, ctx := newPurse(t), context.Background()

	first, err := p.take(10_000) // 100 MAD; the shift opens by itself
	if err != nil || p.holds(t, p.wallet()) != 10_000 || p.holds(t, p.float()) != 10_000 {
		t.Fatalf("%+v, %v", first, err)
	}
	mistake, err := p.take(50_000)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.undo(mistake.ID); err != nil {
		t.Fatal(err)
	}
	p.spend(t, 4_000)
	if _, err := p.take(2_500); err != nil {
		t.Fatal(err)
	}
	now, err := p.cash.Standing(ctx, p.A.ID, p.agent)
	if err != nil || now.Held != 12_500 || now.Number != 2 || now.Taken != 12_500 || len(now.Takings) != 3 || now.Shift.ID != first.Shift {
		t.Fatalf("%+v, %v", now, err)
	}

	shift, err := p.closeShift(12_000)
	if err != nil || shift.Expected != 12_500 || shift.Counted != 12_000 || shift.Place != "safe" {
		t.Fatalf("%+v, %v", shift, err)
	}
	for what, want := range map[ledger.Account]int64{p.float(): 0, ledger.Transit("cash", "MAD"): 12_000, ledger.Difference("MAD"): 500,
		p.wallet(): 8_500, ledger.Bank("safe", "MAD"): 0} {
		if got := p.holds(t, what); got != want {
			t.Errorf("after closing, %s holds %d, want %d", what, got, want)
		}
	}

	if err := p.confirm(p.agent, shift.ID, 12_000); code(err) != "shift_own" {
		t.Errorf("an agent confirms their own: %v", err)
	}
	if err := p.confirm(p.finance, shift.ID, 11_900); err != nil { // a dirham went missing on the way
		t.Fatal(err)
	}
	for what, want := range map[ledger.Account]int64{ledger.Transit("cash", "MAD"): 0, ledger.Difference("MAD"): 600, ledger.Bank("safe", "MAD"): 11_900} {
		if got := p.holds(t, what); got != want {
			t.Errorf("after confirming, %s holds %d, want %d", what, got, want)
		}
	}
	if err := p.confirm(p.finance, shift.ID, 11_900); code(err) != "shift_confirmed" {
		t.Errorf("twice: %v", err)
	}
	if n := p.Int(t, `select count(*) from audit where tenant_id = $1 and action like 'cash.%'`, p.A.ID.UUID()); n != 6 {
		t.Errorf("%d audit rows", n)
	}
	if _, err := p.VerifyLedger(ctx, p.A.ID); err != nil {
		t.Error(err)
	}
}

func TestCashIsRefused(t *testing.T) {
	t.Parallel()
	p, ctx := newPurse(t), context.Background()
	p.Exec(t, `update tenant set settings = settings || '{"cash": {"most": 10000, "most_held": 15000, "undo_s": 600, "places": ["safe", "bmce"]}}' where id = $1`, p.A.ID.UUID())
	other := p.A.Users["driver"]
	k, err := p.take(10_000)
	if err != nil {
		t.Fatal(err)
	}
	taken := func(agent, rider uuid.UUID, amount int64) error {
		_, err := p.cash.TakeCash(ctx, p.A.ID, agent, p.claim(agent, "cash.take"), rider, amount)
		return err
	}
	closing := func(n billing.Count) error {
		_, err := p.cash.CloseShift(ctx, p.A.ID, p.agent, p.claim(p.agent, "cash.close"), n)
		return err
	}
	_, notTheirs := p.cash.UndoCash(ctx, p.A.ID, other, p.claim(other, "cash.undo"), k.ID)
	_, nothing := p.cash.CloseShift(ctx, p.A.ID, other, p.claim(other, "cash.close"), billing.Count{Place: "safe"})
	for want, err := range map[string]error{
		"amount_invalid":        taken(p.agent, p.A.Rider, 0),
		"amount_invalid ":       taken(p.agent, p.A.Rider, -5),
		"amount_invalid  ":      closing(billing.Count{Counted: -1, Deposited: -1, Place: "safe"}),
		"count_implausible":     closing(billing.Count{Counted: 111_000, Deposited: 111_000, Place: "safe"}),
		"cash_too_much":         taken(p.agent, p.A.Rider, 10_001),
		"cash_float_full":       taken(p.agent, p.A.Rider, 5_001),
		"cash_for_oneself":      taken(p.agent, p.agent, 100),
		"not_found":             taken(p.agent, uuid.New(), 100),
		"not_found ":            taken(p.agent, p.B.Rider, 100),
		"not_found  ":           taken(p.agent, p.A.Users["finance"], 100), // no rider
		"not_found   ":          notTheirs,
		"not_found    ":         p.undo(uuid.New()),
		"not_found     ":        p.confirm(p.finance, uuid.New(), 0),
		"shift_still_open":      p.confirm(p.finance, k.Shift, 0),
		"shift_none":            nothing,
		"deposit_differs":       closing(billing.Count{Counted: 10_000, Deposited: 9_000, Place: "safe"}),
		"deposit_place_unknown": closing(billing.Count{Counted: 10_000, Deposited: 10_000, Place: "pocket"}),
	} {
		if want = strings.TrimSpace(want); code(err) != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if p.holds(t, p.float()) != 10_000 || p.Int(t, `select count(*) from cash_taking`) != 1 || p.Int(t, `select count(*) from journal`) != 1 || p.Int(t, `select count(*) from cash_shift`) != 1 {
		t.Error("something was written")
	}

	// Undone while the wallet has it, not after; not twice; not late.
	p.spend(t, 1)
	if err := p.undo(k.ID); code(err) != "cash_spent" {
		t.Errorf("%v", err)
	}
	if err := taken(other, p.A.Rider, 1); err != nil { // somebody else gives the rider what is lacking
		t.Fatal(err)
	}
	if err := p.undo(k.ID); err != nil {
		t.Error(err)
	}
	if err := p.undo(k.ID); code(err) != "cash_undone" {
		t.Errorf("%v", err)
	}
	late, err := p.take(100)
	if err != nil {
		t.Fatal(err)
	}
	p.Exec(t, `update cash_taking set at = at - interval '10 minutes' where id = $1`, late.ID)
	if err := p.undo(late.ID); code(err) != "cash_undo_late" {
		t.Errorf("%v", err)
	}
	closed, err := p.take(100)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.closeShift(200); err != nil {
		t.Fatal(err)
	}
	if err := p.undo(closed.ID); code(err) != "cash_undo_late" {
		t.Errorf("of a shift that is closed: %v", err)
	}
}

// The same request sixteen times at once is one taking.
func TestCashOnceUnderOneKey(t *testing.T) {
	t.Parallel()
	p := newPurse(t)
	claim := p.claim(p.agent, "cash.take")
	ids := make([]uuid.UUID, 16)
	var wg sync.WaitGroup
	for i := range ids {
		wg.Go(func() {
			k, err := p.cash.TakeCash(context.Background(), p.A.ID, p.agent, claim, p.A.Rider, 700)
			if err != nil {
				t.Error(err)
			}
			ids[i] = k.ID
		})
	}
	wg.Wait()
	for _, id := range ids {
		if id != ids[0] {
			t.Errorf("%s and %s", id, ids[0])
		}
	}
	if got := p.holds(t, p.wallet()); got != 700 {
		t.Errorf("the wallet holds %d", got)
	}
	claim.Hash[0] = 1
	if _, err := p.cash.TakeCash(context.Background(), p.A.ID, p.agent, claim, p.A.Rider, 800); code(err) != "idempotency_conflict" {
		t.Errorf("another request under the key: %v", err)
	}
}

// Takings, undoings, a driver's kind of fares and closings at once: every shift closes on what its float had, there is never
// a second one open, and at the end the float has what nobody closed.
func TestCashWhileShiftsClose(t *testing.T) {
	t.Parallel()
	p, ctx := newPurse(t), context.Background()
	p.Exec(t, `update tenant set settings = settings || '{"cash": {"most_held": 100000000}}' where id = $1`, p.A.ID.UUID())
	ledgers := billing.New(billing.Config{DB: p.DB.DB})
	if _, err := p.take(1); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 12 {
				k := idem.Claim{Actor: p.agent, Operation: "cash.take", Key: fmt.Sprint(i, "/", j)}
				took, err := p.cash.TakeCash(ctx, p.A.ID, p.agent, k, p.A.Rider, int64(100+i))
				if err != nil {
					t.Error(err)
					continue
				}
				switch j % 4 {
				case 1:
					_, err = p.cash.UndoCash(ctx, p.A.ID, p.agent, idem.Claim{Actor: p.agent, Operation: "cash.undo", Key: k.Key}, took.ID)
					if c := code(err); c != "" && c != "cash_undo_late" {
						t.Error(err)
					}
				case 2: // what is collected on board
					m := ledger.Of(30, "MAD")
					if _, err := ledgers.Record(ctx, p.A.ID, ledger.Post("fare:"+k.Key, "fare_cash", ledger.Debit(p.float(), m), ledger.Credit(ledger.Deferred("seats", "MAD"), m))); err != nil {
						t.Error(err)
					}
				case 3:
					n := billing.Count{Counted: 50, Deposited: 50, Place: "safe"}
					if _, err = p.cash.CloseShift(ctx, p.A.ID, p.agent, idem.Claim{Actor: p.agent, Operation: "cash.close", Key: k.Key}, n); err != nil && code(err) != "shift_none" && code(err) != "shift_changed" {
						t.Error(err)
					}
				}
			}
		})
	}
	wg.Wait()
	// Every entry on the float belongs to a taking, an undoing, a fare or a closing; between two closings it never fell below
	// nothing (the table refuses that), and what was closed is what had come.
	closed := p.Int(t, `select coalesce(sum(expected), 0)::bigint from cash_shift where closed_at is not null`)
	came := p.Int(t, `select coalesce(sum(amount), 0)::bigint from cash_taking where undone_at is null`) + 8*3*30
	if held := p.holds(t, p.float()); held != came-closed {
		t.Errorf("%d came, %d were closed, the float holds %d", came, closed, held)
	}
	if n := p.Int(t, `select count(*) from cash_shift where closed_at is null`); n > 1 {
		t.Errorf("%d shifts are open", n)
	}
	if n := p.Int(t, `select count(*) from cash_shift s where closed_at is not null and expected <> (select coalesce(sum(e.cr), 0) from entry e join journal j on j.tenant_id = e.tenant_id and j.id = e.journal_id
			join account a on a.tenant_id = e.tenant_id and a.id = e.account_id where j.key = 'shift:' || s.id || ':closed' and a.code like 'float:%')`); n > 0 {
		t.Errorf("%d shifts closed on another amount than their journal", n)
	}
	// At the instant of each closing the float holds nothing: all that came before is in it, fares too.
	if n := p.Int(t, `select count(*) from journal j join account a on a.tenant_id = j.tenant_id and a.code = 'float:' || $1::text
			where j.kind = 'shift_closed' and (select sum(e.dr - e.cr) from entry e where e.tenant_id = a.tenant_id and e.account_id = a.id and e.at <= j.at) <> 0`, p.agent.String()); n > 0 {
		t.Errorf("%d shifts closed and left something in the float", n)
	}
	if n := p.Int(t, `select count(*) from journal where kind = 'shift_closed'`); n < 8 {
		t.Errorf("only %d shifts closed", n)
	}
	if _, err := p.VerifyLedger(ctx, p.A.ID); err != nil {
		t.Error(err)
	}
}

// TestAShiftIsClosedOnce: whoever closes a shift many times at once, with what they counted, has closed one, and no cash is there that nobody took.
func TestAShiftIsClosedOnce(t *testing.T) {
	t.Parallel()
	p, ctx := newPurse(t), context.Background()
	for round := range 6 {
		took, err := p.take(1300)
		if err != nil {
			t.Fatal(err)
		}
		var closed atomic.Int64
		var wg sync.WaitGroup
		begin := make(chan struct{})
		for i := range 16 {
			n := billing.Count{Counted: 1300, Deposited: 1300, Place: "safe", Alarmed: true}
			if i%2 == 0 {
				n.Shift = took.Shift
			}
			k := p.claim(p.agent, "cash.close")
			wg.Go(func() {
				<-begin
				switch _, err := p.cash.CloseShift(ctx, p.A.ID, p.agent, k, n); code(err) {
				case "":
					closed.Add(1)
				case "shift_changed", "shift_none":
				default:
					t.Error(err)
				}
			})
		}
		close(begin)
		wg.Wait()
		if n := closed.Load(); n != 1 {
			t.Errorf("round %d: closed %d times", round, n)
		}
	}
	if n := p.Int(t, `select count(*) from cash_shift where closed_at is null or expected <> 1300 or counted <> 1300`); n != 0 {
		t.Errorf("%d shifts closed on cash that nobody took, or are open", n)
	}
	// Once more cash came, what was counted before is of another shift.
	first, err := p.take(1000)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.closeShift(1000); err != nil {
		t.Fatal(err)
	}
	if _, err := p.take(700); err != nil {
		t.Fatal(err)
	}
	n := billing.Count{Shift: first.Shift, Counted: 1000, Deposited: 1000, Place: "safe"}
	if _, err := p.cash.CloseShift(ctx, p.A.ID, p.agent, p.claim(p.agent, "cash.close"), n); code(err) != "shift_changed" || p.holds(t, p.float()) != 700 {
		t.Errorf("%v, and the float holds %d", err, p.holds(t, p.float()))
	}
}

// What the tables refuse, whoever sends it.
func TestCashTablesRefuse(t *testing.T) {
	t.Parallel()
	p, ctx := newPurse(t), context.Background()
	k, err := p.take(500)
	if err != nil {
		t.Fatal(err)
	}
	c, err := pgx.Connect(ctx, p.AppURL())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close(ctx) }()
	if _, err := c.Exec(ctx, `select set_config('app.tenant_id', $1, false)`, p.A.ID.String()); err != nil {
		t.Fatal(err)
	}
	for name, a := range map[string]struct {
		sql  string
		args []any
		want string
	}{
		"a second open shift": {`insert into cash_shift (tenant_id, id, holder_id, currency) values ($1, $2, $3, 'MAD')`, []any{p.A.ID.UUID(), uuid.New(), p.agent}, "cash_shift_open"},
		"confirmed by its holder": {`update cash_shift set closed_at = clock_timestamp(), expected = 500, counted = 500, place = 'safe', confirmed_at = clock_timestamp(), received = 500, confirmed_by = holder_id
			where tenant_id = $1 and id = $2`, []any{p.A.ID.UUID(), k.Shift}, "cash_shift_two_people"},
		"closed without a count":  {`update cash_shift set closed_at = clock_timestamp() where tenant_id = $1 and id = $2`, []any{p.A.ID.UUID(), k.Shift}, "check"},
		"confirmed while open":    {`update cash_shift set confirmed_at = clock_timestamp(), received = 1, confirmed_by = $3 where tenant_id = $1 and id = $2`, []any{p.A.ID.UUID(), k.Shift, p.finance}, "check"},
		"another tenant's rider":  {`insert into cash_taking (tenant_id, id, shift_id, rider_id, amount, currency) values ($1, $2, $3, $4, 5, 'MAD')`, []any{p.A.ID.UUID(), uuid.New(), k.Shift, p.B.Rider}, "foreign key"},
		"another tenant's row":    {`insert into cash_shift (tenant_id, id, holder_id, currency) values ($1, $2, $3, 'MAD')`, []any{p.B.ID.UUID(), uuid.New(), p.B.Users["agent"]}, "row-level security"},
		"nothing taken":           {`insert into cash_taking (tenant_id, id, shift_id, rider_id, amount, currency) values ($1, $2, $3, $4, 0, 'MAD')`, []any{p.A.ID.UUID(), uuid.New(), k.Shift, p.A.Rider}, "check"},
		"a taking that never was": {`delete from cash_taking where tenant_id = $1 and id = $2`, []any{p.A.ID.UUID(), k.ID}, "permission denied"},
		"a shift that never was":  {`delete from cash_shift where tenant_id = $1 and id = $2`, []any{p.A.ID.UUID(), k.Shift}, "permission denied"},
	} {
		_, err := c.Exec(ctx, a.sql, a.args...)
		if err == nil || !strings.Contains(err.Error(), a.want) {
			t.Errorf("%s: %v, want %s", name, err, a.want)
		}
	}
	if _, err := p.cash.Standing(ctx, p.B.ID, p.agent); err != nil {
		t.Error(err) // another tenant sees nothing, and that is all
	}
	if s, _ := p.cash.Standing(ctx, p.B.ID, p.agent); s.Held != 0 || s.Shift.ID != uuid.Nil {
		t.Errorf("another tenant sees %+v", s)
	}
}

// TestCountIsMeant: a count that is far from what should be there is asked about once more, and booked for whoever is sure.
func TestCountIsMeant(t *testing.T) {
	t.Parallel()
	p, ctx := newPurse(t), context.Background()
	if _, err := p.take(10_000); err != nil {
		t.Fatal(err)
	}
	n := billing.Count{Counted: 111_000, Deposited: 111_000, Place: "safe"}
	if _, err := p.cash.CloseShift(ctx, p.A.ID, p.agent, p.claim(p.agent, "cash.close"), n); code(err) != "count_implausible" {
		t.Fatalf("%v", err)
	}
	if p.holds(t, p.float()) != 10_000 {
		t.Error("the float was emptied by a slip of the finger")
	}
	n.Alarmed = true
	if s, err := p.cash.CloseShift(ctx, p.A.ID, p.agent, p.claim(p.agent, "cash.close"), n); err != nil || s.Counted != 111_000 {
		t.Fatalf("%+v %v", s, err)
	}
	if p.holds(t, p.float()) != 0 || p.Int(t, `select count(*) from audit where action = 'cash.close' and (detail->>'alarmed')::boolean`) != 1 {
		t.Error("who was sure is not in the log, or nothing was booked")
	}
}
