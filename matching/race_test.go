package matching_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/google/uuid"

	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/matching"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/store/storetest"
)

// How many times somebody races for an offer; by hand 100000.
var races = flag.Int("races", 2000, "how many rings, answers, time-outs and withdrawals TestOfferRaces lets race each other")

const (
	arenaClients = 6
	arenaSteps   = 30
	arenasAtOnce = 3
)

var quiet = slog.New(slog.DiscardHandler)

// house is three nodes on one database.
type house struct {
	*storetest.DB
	nodes []*matching.Service
	rung  atomic.Int64 // offers that were made
	raced atomic.Int64 // operations that were about an offer
	steps atomic.Int64
	mu    sync.Mutex
	flaws []string       // guarded by mu
	heard map[string]int // guarded by mu
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{DB: storetest.New(t), heard: map[string]int{}}
	h.Brief = true
	for range 3 {
		db, err := store.Open(context.Background(), store.Config{AppURL: h.AppURL(), SystemURL: h.SystemURL(), MaxConns: 6})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(db.Close)
		h.nodes = append(h.nodes, matching.New(matching.Config{DB: db, Logger: quiet, Lease: time.Hour, Beat: time.Hour}))
	}
	return h
}

func (h *house) flaw(format string, args ...any) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.flaws) < 20 {
		h.flaws = append(h.flaws, fmt.Sprintf(format, args...))
	}
}

func (h *house) red() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.flaws) > 0
}

// arena is one queue with a few requests and fewer experts, whom everybody fights over.
type arena struct {
	*house
	storetest.Advice
	requests [arenaRequests]uuid.UUID
	offers   [arenaOffers]uuid.UUID
	asked    [arenaOffers]atomic.Int64 // whom the offer is for: 1 + request*arenaExperts + expert
	next     atomic.Int64
	epoch    atomic.Int64
	begun    time.Time
	last     [8]atomic.Int64            // offers that were made lately: 1 + number
	over     [arenaRequests]atomic.Bool // as far as a matcher has heard
	busy     [arenaExperts]atomic.Bool
}

func (h *house) arena(t *testing.T, template storetest.Advice) *arena {
	t.Helper()
	a := &arena{house: h, Advice: template, begun: time.Now()}
	a.Queue = ident.New()
	tenant := h.A.ID.UUID()
	h.Exec(t, `insert into queue (tenant_id, id, name, ring_s, push_ring_s, time_zone, fan_out) values ($1, $2, $3, 300, 600, 'UTC', $4)`, tenant, a.Queue, a.Queue.String(), arenaFan)
	a.Experts = h.MoreExperts(t, h.A, arenaExperts)
	for i := range a.offers {
		a.offers[i] = ident.New()
	}
	for i := range a.requests {
		a.requests[i] = ident.New()
		h.Exec(t, `insert into request (tenant_id, id, queue_id, client_id, modality, ceiling, currency, funding) values ($1, $2, $3, $4, 'audio', 900, 'MAD', 'test')`,
			tenant, a.requests[i], a.Queue, a.Clients[i])
	}
	o, err := h.nodes[0].Take(context.Background(), h.A.ID, a.Queue)
	if err != nil || o.Epoch != 1 {
		t.Fatalf("take a queue: %+v, %v", o, err)
	}
	a.epoch.Store(1)
	return a
}

// next is what comes to somebody's mind: two of the clients are matchers, the others everybody else.
func (a *arena) think(dice *rand.Rand, client int) (in step, ok bool) {
	known := int(min(a.next.Load(), arenaOffers))
	if client < 2 && dice.IntN(10) < 7 || known == 0 {
		in = step{verb: "ring", request: dice.IntN(arenaRequests), expert: dice.IntN(arenaExperts), epoch: int(a.epoch.Load()), wide: known / 12}
		for range 8 { // mostly what may work
			if !a.over[in.request].Load() && !a.busy[in.expert].Load() {
				break
			}
			in.request, in.expert = dice.IntN(arenaRequests), dice.IntN(arenaExperts)
		}
		if dice.IntN(20) == 0 && known > 0 { // asked again
			in.offer = dice.IntN(known)
			was := int(a.asked[in.offer].Load()) - 1
			if was < 0 {
				return in, false
			}
			in.request, in.expert = was/arenaExperts, was%arenaExperts
			return in, true
		}
		if in.offer = int(a.next.Add(1)) - 1; in.offer >= arenaOffers {
			return in, false
		}
		a.asked[in.offer].Store(int64(1 + in.request*arenaExperts + in.expert))
		return in, true
	}
	in = step{offer: max(0, known-1-dice.IntN(6)), expert: dice.IntN(arenaExperts), request: dice.IntN(arenaRequests)}
	if was := int(a.last[dice.IntN(len(a.last))].Load()); was > 0 && dice.IntN(20) > 0 { // mostly what somebody is rung for
		in.offer = was - 1
	}
	switch x := dice.IntN(100); {
	case x < 28:
		in.verb = "accept"
	case x < 38:
		in.verb = "decline"
	case x < 45:
		in.verb = "due"
	case x < 53:
		in.verb = "timeout"
	case x < 61:
		in.verb = "rescind"
	case x < 63:
		in.verb = "vanish"
	case x < 69:
		in.verb = "drop"
	case x < 76:
		in.verb = "appear"
	case x < 82:
		in.verb = "here"
	case x < 83:
		in.verb = "done"
	case x < 98:
		in.verb = "requeue"
	case x < 99:
		in.verb = "depose"
	default:
		in.verb = "cancel"
	}
	return in, true
}

// beside is what a matcher rings for in the same round: another expert, often for the same request.
func (a *arena) beside(dice *rand.Rand, client int, in step) (more []step) {
	if in.verb != "ring" || dice.IntN(2) > 0 {
		return nil
	}
	other, ok := a.think(dice, client)
	if !ok || other.verb != "ring" || other.expert == in.expert || other.offer == in.offer {
		return nil
	}
	if fresh := int(a.asked[other.offer].Load()) == 1+other.request*arenaExperts+other.expert; fresh && dice.IntN(2) > 0 && other.offer > in.offer {
		other.request = in.request
		a.asked[other.offer].Store(int64(1 + other.request*arenaExperts + other.expert))
	}
	return []step{other}
}

// askAll asks for a round of rings at once, and for anything else alone.
func (a *arena) askAll(ctx context.Context, node *matching.Service, ins []step) ([]string, error) {
	if len(ins) == 1 {
		code, err := a.ask(ctx, node, ins[0])
		return []string{code}, err
	}
	var asks []store.OffersAsk
	for _, in := range ins {
		asks = append(asks, store.OffersAsk{Owned: store.Owned{Tenant: a.A.ID, Queue: a.Queue, Epoch: int64(in.epoch)}, Request: a.requests[in.request], Ring: in.wide,
			Who: []store.OfferAsk{{ID: a.offers[in.offer], Expert: a.Experts[in.expert], Score: json.RawMessage(`{}`)}}})
	}
	made, err := node.Offers(ctx, a.A.ID, asks...)
	codes := make([]string, len(ins))
	for i := range made {
		if codes[i] = made[i][0].Refused; codes[i] == "" && !made[i][0].Repeated {
			a.last[a.rung.Add(1)%int64(len(a.last))].Store(int64(1 + ins[i].offer))
		}
	}
	return codes, err
}

// passing is what happens beside the races.
var passing = map[string]bool{"here": true, "appear": true, "vanish": true, "due": true, "depose": true}

// heed is what a matcher makes of what was heard: a guess.
func (a *arena) heed(in step, code string) {
	who := int(a.asked[in.offer].Load()) - 1
	if code != "" && code != "expert_busy" && code != "request_over" || passing[in.verb] || who < 0 {
		return
	}
	request, expert := who/arenaExperts, who%arenaExperts
	switch in.verb {
	case "cancel":
		a.over[in.request].Store(true)
	case "ring":
		a.busy[expert].Store(code != "request_over")
		a.over[request].Store(code == "request_over")
	case "accept", "requeue":
		a.over[request].Store(in.verb == "accept")
		a.busy[expert].Store(in.verb == "accept")
	default:
		a.busy[expert].Store(false)
	}
}

// ask does it on whichever node, and answers the code that came back.
func (a *arena) ask(ctx context.Context, node *matching.Service, in step) (string, error) {
	tenant, offer := a.A.ID, a.offers[in.offer]
	by := matching.By{Tenant: tenant}
	var err error
	switch in.verb {
	case "ring":
		var made []store.OfferMade
		made, err = node.Offer(ctx, store.Owned{Tenant: tenant, Queue: a.Queue, Epoch: int64(in.epoch)}, a.requests[in.request], in.wide,
			[]store.OfferAsk{{ID: offer, Expert: a.Experts[in.expert], Score: json.RawMessage(`{}`)}})
		if errors.Is(err, matching.ErrNotOwner) {
			return "owner_lost", nil
		}
		if err == nil {
			if made[0].Refused == "" && !made[0].Repeated {
				a.last[a.rung.Add(1)%int64(len(a.last))].Store(int64(1 + in.offer))
			}
			return made[0].Refused, nil
		}
	case "cancel":
		by.User = a.Clients[in.request]
		_, err = node.Cancel(ctx, by, a.requests[in.request])
	case "accept", "decline":
		was := int(a.asked[in.offer].Load()) - 1
		if was < 0 {
			was = 0
		}
		by.User = a.Experts[was%arenaExperts]
		if in.verb == "accept" {
			_, err = node.Accept(ctx, by, offer)
		} else {
			_, err = node.Decline(ctx, by, offer)
		}
	case "timeout":
		_, err = node.Decide(ctx, tenant, store.OfferTimeOut, offer)
	case "drop":
		_, err = node.Decide(ctx, tenant, store.OfferDrop, offer)
	case "rescind":
		_, err = node.Decide(ctx, tenant, store.OfferRescind, offer)
	case "done":
		_, err = node.Done(ctx, tenant, offer)
	case "requeue":
		_, err = node.Decide(ctx, tenant, store.OfferRequeue, offer)
	case "here":
		err = node.Intend(ctx, matching.By{Tenant: tenant, User: a.Experts[in.expert]}, matching.Available)
	case "appear":
		_, err = node.Connect(ctx, matching.By{Tenant: tenant, User: a.Experts[in.expert]})
	case "vanish": // time passes for a lease, as it does behind the expert's row
		err = a.Try(`with e as (select tenant_id, id from expert where id = $1 for no key update)
			update expert_presence p set until = clock_timestamp() - interval '1 s' from e where p.tenant_id = e.tenant_id and p.expert_id = e.id`, a.Experts[in.expert])
	case "due": // and for an offer, behind its request's row: not in the middle of a round that has settled already and is not yet seen
		err = a.Try(`with r as (select r.id from request r join offer o on o.tenant_id = r.tenant_id and o.request_id = r.id where o.id = $1 for no key update of r)
			update offer o set deadline = clock_timestamp() - interval '1 s' from r where o.id = $1 and o.request_id = r.id and o.state = 'open'`, offer)
	case "depose": // another owner came, behind those who make offers
		if err = a.Try(`update queue_owner set epoch = epoch + 1 where queue_id = $1`, a.Queue); err == nil {
			a.epoch.Add(1)
		}
	}
	if err != nil {
		if f := fault.As(err); f.Kind == fault.Conflict || f.Kind == fault.NotFound {
			return f.Code, nil
		}
	}
	return "", err
}

// play lets everybody do what comes to their mind, and then checks that one order explains what all of them saw.
func (a *arena) play(seed uint64) {
	ctx := context.Background()
	history := make([][]porcupine.Operation, arenaClients)
	var wg sync.WaitGroup
	for client := range arenaClients {
		wg.Go(func() {
			dice := rand.New(rand.NewPCG(seed, uint64(client)))
			for range arenaSteps {
				in, ok := a.think(dice, client)
				if !ok {
					continue
				}
				ins := append([]step{in}, a.beside(dice, client, in)...)
				call := time.Since(a.begun).Nanoseconds()
				codes, err := a.askAll(ctx, a.nodes[dice.IntN(len(a.nodes))], ins)
				if err != nil {
					a.flaw("%+v: %v", ins, err)
					return
				}
				returned := time.Since(a.begun).Nanoseconds()
				for i, in := range ins {
					a.heed(in, codes[i])
					a.steps.Add(1)
					if !passing[in.verb] {
						a.raced.Add(1)
					}
				}
				history[client] = append(history[client], porcupine.Operation{ClientId: client, Input: ins, Call: call, Output: codes, Return: returned})
			}
		})
	}
	wg.Wait()
	if a.red() {
		return
	}
	var all []porcupine.Operation
	for _, h := range history {
		all = append(all, h...)
	}
	a.mu.Lock()
	for _, op := range all {
		for i, in := range op.Input.([]step) {
			a.heard[strings.TrimSpace(in.verb+" "+op.Output.([]string)[i])]++
		}
	}
	a.mu.Unlock()
	res, info := porcupine.CheckOperationsVerbose(offerModel, all, 2*time.Minute)
	if res != porcupine.Ok {
		a.flaw("linearizable: %s (seed %d)%s", res, seed, unexplained(all, info))
	}
}

// unexplained is where the longest order ends that explains what was seen, and what was going on then.
func unexplained(all []porcupine.Operation, info porcupine.LinearizationInfo) string {
	var longest []porcupine.Operation
	for _, part := range info.PartialLinearizationsOperations() {
		for _, order := range part {
			if len(order) > len(longest) {
				longest = order
			}
		}
	}
	in := map[[2]int64]bool{}
	f := offerModel.Init()
	var said strings.Builder
	for i, op := range longest {
		in[[2]int64{int64(op.ClientId), op.Call}] = true
		_, f = offerModel.Step(f, op.Input, op.Output)
		if i >= len(longest)-25 {
			fmt.Fprintf(&said, "\n  %d–%d client %d: %s", op.Call, op.Return, op.ClientId, offerModel.DescribeOperation(op.Input, op.Output))
		}
	}
	said.WriteString("\nand then none of:")
	n := 0
	for _, op := range all {
		if !in[[2]int64{int64(op.ClientId), op.Call}] {
			if n++; n < 40 {
				fmt.Fprintf(&said, "\n  %d–%d client %d: %s", op.Call, op.Return, op.ClientId, offerModel.DescribeOperation(op.Input, op.Output))
			}
		}
	}
	return fmt.Sprintf("%s\nwhere it stands: %+v", said.String(), f)
}

// run plays arenas until there were so many races, then looks what is left of them.
func (h *house) run(t *testing.T, races int64) {
	t.Helper()
	template := h.DB.Advice(t, h.A, 1, arenaRequests)
	first := uint64(time.Now().UnixNano())
	var n atomic.Uint64
	var wg sync.WaitGroup
	for range arenasAtOnce {
		wg.Go(func() {
			for h.raced.Load() < races && !h.red() {
				h.arena(t, template).play(first + n.Add(1))
			}
		})
	}
	wg.Wait()
	if !h.red() {
		h.finish(t)
	}
}

// finish: nobody was taken twice at any time, everybody who waits can still be served, and is.
func (h *house) finish(t *testing.T) {
	t.Helper()
	for what, sql := range map[string]string{
		"slots that were taken twice at once": `select count(*) from offer a join offer b on a.tenant_id = b.tenant_id and a.expert_id = b.expert_id and a.slot = b.slot and a.id < b.id
			and a.made_at < coalesce(case when b.accepted then b.ended_at else b.answered_at end, 'infinity') and b.made_at < coalesce(case when a.accepted then a.ended_at else a.answered_at end, 'infinity')`,
		"requests that were taken twice at once": `select count(*) from offer a join offer b on a.tenant_id = b.tenant_id and a.request_id = b.request_id and a.id < b.id and a.accepted and b.accepted
			and a.answered_at < coalesce(b.ended_at, 'infinity') and b.answered_at < coalesce(a.ended_at, 'infinity')`,
		"requests that are matched without an offer, or the other way round": `select count(*) from request r where (r.state = 'matched') <> exists
			(select from offer o where o.tenant_id = r.tenant_id and o.request_id = r.id and o.id = r.offer_id and o.state in ('accepted', 'done'))`,
	} {
		if n := h.Int(t, sql); n != 0 {
			h.flaw("%d %s", n, sql)
			t.Logf("%d %s", n, what)
		}
	}
	// Time passes; the sweep of any node settles what is due.
	ctx := context.Background()
	h.Exec(t, `update offer set deadline = least(deadline, clock_timestamp()) where state = 'open'`)
	for _, n := range h.nodes {
		if err := n.SettleDue(ctx); err != nil {
			h.flaw("sweep: %v", err)
		}
	}
	if n := h.Int(t, `select count(*) from offer where state = 'open'`); n != 0 {
		h.flaw("%d offers are stuck", n)
	}
	h.Exec(t, `update expert set asked_at = null; `)
	h.Exec(t, `update expert_presence set until = clock_timestamp() + interval '1 h', closed_at = null`)
	for _, row := range h.Texts(t, `select id::text from offer where state = 'accepted'`) {
		if _, err := h.nodes[0].Done(ctx, h.A.ID, uuid.MustParse(row)); err != nil {
			h.flaw("done: %v", err)
		}
	}
	for _, row := range h.Texts(t, `select concat_ws(' ', r.id, r.queue_id, w.epoch, (select e.id from expert e order by e.id limit 1)) from request r join queue_owner w using (tenant_id, queue_id) where r.state = 'waiting'`) {
		var request, queue, expert string
		var epoch int64
		if _, err := fmt.Sscan(row, &request, &queue, &epoch, &expert); err != nil {
			t.Fatal(err)
		}
		offer := ident.New()
		made, err := h.nodes[1].Offer(ctx, store.Owned{Tenant: h.A.ID, Queue: uuid.MustParse(queue), Epoch: epoch}, uuid.MustParse(request), arenaOffers, // later than all that was asked
			[]store.OfferAsk{{ID: offer, Expert: uuid.MustParse(expert), Score: json.RawMessage(`{}`)}})
		if err != nil || made[0].Refused != "" {
			h.flaw("a request is stuck: %+v, %v", made, err)
			continue
		}
		_, err = h.nodes[2].Accept(ctx, matching.By{Tenant: h.A.ID, User: uuid.MustParse(expert)}, offer)
		if err == nil {
			_, err = h.nodes[2].Done(ctx, h.A.ID, offer)
		}
		if err != nil {
			h.flaw("a request cannot be served: %v", err)
		}
	}
	if n := h.Int(t, `select count(*) from request where state = 'waiting'`); n != 0 {
		h.flaw("%d requests are stuck", n)
	}
}

// TestOfferRaces: matchers of three nodes offer, experts accept and decline, deadlines pass, clients cancel, owners take back and
// are deposed, experts drop and come back, all at once, on the same few requests and experts. What everybody heard must be explained by
// one order; no slot and no request is ever taken twice; and afterwards whoever waits is served.
func TestOfferRaces(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.run(t, int64(*races))
	for _, f := range h.flaws {
		t.Error(f)
	}
	t.Logf("%d races for %d offers, in %d steps: %v", h.raced.Load(), h.rung.Load(), h.steps.Load(), h.heard)
}

// TestOfferRacesFindPlantedBugs: the same, on functions with one thing missing.
func TestOfferRacesFindPlantedBugs(t *testing.T) {
	t.Parallel()
	for name, p := range map[string]struct {
		function, old, new string
		times              int
	}{
		"the epoch is not asked for":          {"ring_round", "i.queue || ' ' || i.epoch", "i.queue || ' ' || (select w.epoch from queue_owner w where w.queue_id = i.queue)", 2},
		"experts are not locked":              {"ring_round", "\n  order by x.id for no key update", "", 1},
		"a request is not locked":             {"ring_round", "x.id = any (_requests) order by x.id for no key update", "x.id = any (_requests)", 1},
		"an accept is not repeated":           {"decide_offers", "when 'accept' then o.accepted", "when 'accept' then false", 1},
		"who is decided about second is lost": {"decide_offers", "when i.turn > 1 then 'deferred'", "when i.turn > 1 then null", 1},
		"who let it pass is asked again":      {"ring_round", "x.state in ('declined', 'missed')", "false", 1},
		"rings of one round do not count":     {"ring_round", "s.refusal is null and not s.busy", "false", 1},
		"a late answer counts":                {"settle_rings", "o.deadline <= _at", "false", 2},
		"a missed ring leaves its expert in":  {"settle_rings", "asked_at = _at", "asked_at = null", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			body := strings.Join(h.Texts(t, `select pg_get_functiondef($1::regproc)`, p.function), "")
			if strings.Count(body, p.old) != p.times {
				t.Fatalf("%d times %q in %s", strings.Count(body, p.old), p.old, p.function)
			}
			h.Exec(t, strings.ReplaceAll(body, p.old, p.new))
			h.run(t, 30000)
			if !h.red() {
				t.Errorf("not found in %d steps", h.steps.Load())
			} else {
				t.Logf("found after %d steps: %s", h.steps.Load(), h.flaws[0])
			}
		})
	}
}

// TestARoundSettlesFirst: two requests' rings were let pass, and each is to ring the other's expert in one round. What was let pass is settled for both
// before either is rung, so neither expert is asked again; one after the other the first would find its expert still rung.
func TestARoundSettlesFirst(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a := h.arena(t, h.DB.Advice(t, h.A, 1, arenaRequests))
	f := floor{epoch: 1}
	alone := f
	for i, in := range []step{{verb: "ring", request: 0, expert: 1, offer: 0, epoch: 1}, {verb: "ring", request: 1, expert: 0, offer: 1, epoch: 1}, {verb: "due", offer: 0}, {verb: "due", offer: 1}} {
		if code, err := a.ask(t.Context(), a.nodes[0], in); code != "" || err != nil || f.do(in) != "" || alone.do(in) != "" {
			t.Fatalf("step %d: %s, %v", i, code, err)
		}
	}
	both := []step{{verb: "ring", request: 0, expert: 0, offer: 2, epoch: 1}, {verb: "ring", request: 1, expert: 1, offer: 3, epoch: 1}}
	codes, err := a.askAll(t.Context(), a.nodes[0], both)
	if want := f.round(both); err != nil || !slices.Equal(codes, want) || !slices.Equal(codes, []string{"expert_unavailable", "expert_unavailable"}) {
		t.Errorf("%v, %v; the model says %v", codes, err, want)
	}
	if code := alone.do(both[0]); code != "expert_busy" {
		t.Errorf("alone the first is %s", code)
	}
}

// TestARoundHasItsEpochs: of two rings of one round one is asked for by an owner whose time is over.
func TestARoundHasItsEpochs(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a := h.arena(t, h.DB.Advice(t, h.A, 1, arenaRequests))
	if _, err := a.ask(t.Context(), a.nodes[0], step{verb: "depose"}); err != nil {
		t.Fatal(err)
	}
	both := []step{{verb: "ring", request: 0, expert: 0, offer: 0, epoch: 1}, {verb: "ring", request: 1, expert: 1, offer: 1, epoch: 2}}
	if codes, err := a.askAll(t.Context(), a.nodes[0], both); err != nil || !slices.Equal(codes, []string{"owner_lost", ""}) {
		t.Errorf("%v, %v", codes, err)
	}
}
