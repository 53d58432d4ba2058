package main

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/invoice"
	"github.com/waymeet/waymeet/billing/invoicing"
	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/store/storetest"
)

func (w *world) side(t *testing.T, x storetest.Tenant) *side {
	t.Helper()
	s := &side{Tenant: x, things: map[string]string{}, tokens: map[string]string{}}
	for role := range x.Users {
		got := w.send(t, "", "POST", "/v1/auth/sign-in", `{"tenant":"`+x.Slug+`","email":"`+role+`@`+x.Canary+`.example","password":"`+worldPassword+`"}`)
		s.tokens[role], _ = got.json()["access_token"].(string)
		if s.tokens[role] == "" {
			t.Fatal(got)
		}
	}
	today := servicedate.On(time.Now(), time.UTC)
	s.day = w.Day(t, x, today.AddDays(3), 3)
	past := w.Day(t, x, today.AddDays(-1), 2)
	for name, id := range map[string]uuid.UUID{
		"stop": s.day.Stops[0], "from": s.day.Stops[0], "to": s.day.Stops[2], "line": s.day.Line, "pattern": s.day.Pattern,
		"trip": s.day.Trips[0], "spare": s.day.Trips[2], "gone": past.Trips[0], "user": x.Rider2,
		"late": w.Booking(t, past, past.Trips[1], x.Rider), // nobody can book a ride of yesterday
	} {
		s.things[name] = id.String()
	}
	s.things["currency"] = w.Texts(t, `select currency from tenant where id = $1`, x.ID.UUID())[0]
	s.things["date"] = s.day.Date.String()
	w.Exec(t, `update stop set served = true, folded = lower(name) where tenant_id = $1`, x.ID.UUID()) // as an import leaves them
	w.Exec(t, `insert into gtfs_import (tenant_id, id, source, feed_hash, feed_version, days, capacity) values ($1, $2, 'test', '\x00', $3, 7, 14)`,
		x.ID.UUID(), ident.New(), x.Canary)
	for _, name := range []string{"held", "confirmed", "toCancel", "toCancelToo", "toBoard"} {
		s.things[name] = w.book(t, s, name != "held")
	}
	for _, name := range []string{"toPay", "paying"} {
		s.things[name] = w.book(t, s, false)
	}
	paying := w.send(t, s.tokens["rider"], "POST", "/v1/bookings/"+s.things["paying"]+"/pay", "")
	if p, _ := paying.json()["payment"].(map[string]any); p == nil {
		t.Fatal(paying)
	} else {
		s.things["payment"], _ = p["id"].(string)
	}
	for _, name := range []string{"card", "cardToRemove"} {
		w.card(t, s, name)
	}
	topUp := w.send(t, s.tokens["dispatcher"], "POST", "/v1/me/wallet/top-ups", `{"amount":{"amount":500,"currency":"`+s.things["currency"]+`"}}`)
	if s.things["topUp"], _ = topUp.json()["id"].(string); s.things["topUp"] == "" {
		t.Fatal(topUp)
	}
	w.advise(t, s)
	w.employ(t, s)
	w.money(t, s)
	token := w.send(t, s.tokens["rider"], "GET", "/v1/bookings/"+s.things["confirmed"]+"/ticket", "")
	if s.things["token"], _ = token.json()["token"].(string); s.things["token"] == "" {
		t.Fatal(token)
	}
	w.shift(t, s)
	w.payouts(t, s)
	w.bill(t, s)
	w.talks(t, s)
	return s
}

// card saves a card of the side's rider, as the page does: typed at the gateway, and found there.
func (w *world) card(t *testing.T, s *side, name string) {
	t.Helper()
	begun := w.send(t, s.tokens["rider"], "POST", "/v1/me/methods", "")
	next, _ := begun.json()["next"].(map[string]any)
	script, _ := next["script"].(string)
	secret, _ := next["client_secret"].(string)
	setup, _, _ := strings.Cut(secret, "_secret_")
	r, err := http.NewRequest(http.MethodPost, strings.TrimSuffix(script, "/js/v3")+"/v1/setup_intents/"+setup+"/confirm",
		strings.NewReader("client_secret="+secret+"&payment_method_data[card][number]=4242424242424242"))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Authorization", "Bearer pk_test_"+s.Slug)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	s.things["cardSetup"], _ = begun.json()["id"].(string)
	done := w.send(t, s.tokens["rider"], "GET", "/v1/me/method-setups/"+s.things["cardSetup"], "")
	if s.things[name], _ = done.json()["method"].(string); s.things[name] == "" {
		t.Fatal(begun, res.Status, done)
	}
}

// credit is an organisation's: some of it pays an invoice, some is to go back to its bank.
func (w *world) credit(t *testing.T, s *side, office *invoicing.Service, d store.Document) {
	t.Helper()
	by := s.Users["finance"]
	s.things["orgCurrency"] = d.Currency
	if _, err := office.Open(t.Context(), s.ID, by, idem.Claim{}, []byte("account,currency,amount\ncredit:"+d.Organisation.String()+","+d.Currency+",1.00\n"), ""); err != nil {
		t.Fatal(err)
	}
	if err := office.ApplyCredit(t.Context(), s.ID, by, idem.Claim{}, d.Organisation, d.Currency, []invoicing.Pay{{Invoice: d.ID, Amount: 1}}); err != nil {
		t.Fatal(err)
	}
	moves, _, err := office.CreditStory(t.Context(), s.ID, d.Organisation)
	if err != nil || len(moves) != 1 {
		t.Fatal(moves, err)
	}
	s.things["creditMove"] = moves[0].ID.String()
	for _, name := range []string{"creditRefund", "spareRefund"} {
		id, err := office.PrepareRefund(t.Context(), s.ID, by, idem.Claim{}, store.CreditRefund{Organisation: d.Organisation, Currency: d.Currency, Amount: 1, Holder: s.Canary, Number: "AE070331234567890123456", Reason: s.Canary})
		if err != nil {
			t.Fatal(err)
		}
		s.things[name] = id.String()
	}
}

// payouts drafts two runs for an expert who is owed money in two currencies.
func (w *world) payouts(t *testing.T, s *side) {
	t.Helper()
	for name, c := range map[string]ledger.Currency{"payout": "AED", "draft": "EUR"} {
		err := w.InTx(t.Context(), s.ID, func(tx *store.Tx) error {
			owed := ledger.Payable(s.Users["driver"], c)
			if err := tx.OpenAccounts(t.Context(), owed, ledger.Recovery(s.Users["driver"], c)); err != nil {
				return err
			}
			if _, err := tx.SaveBeneficiary(t.Context(), store.Beneficiary{User: s.Users["driver"], Holder: s.Canary, Number: "AE070331234567890123456"}); err != nil {
				return err
			}
			_, err := tx.RecordOne(t.Context(), ledger.Post("earned:"+string(c), "opening", ledger.Debit(ledger.Opening(c), ledger.Of(5000, c)), ledger.Credit(owed, ledger.Of(5000, c))))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		got := w.send(t, s.tokens["finance"], "POST", "/v1/payouts", `{"rail":"bank-file","minimum":{"amount":1,"currency":"`+string(c)+`"}}`)
		if got.Status != 201 {
			t.Fatal(got)
		}
		s.things[name], _ = got.json()["id"].(string)
		if lines, ok := got.json()["lines"].([]any); ok && name == "payout" {
			s.things["payoutLine"], _ = lines[0].(map[string]any)["id"].(string)
		}
	}
}

// shift has an agent take cash, close a shift, and take some more; the rider buys a pass with it.
func (w *world) shift(t *testing.T, s *side) {
	t.Helper()
	s.things["rider"] = s.Rider.String()
	take := func() answered {
		got := w.send(t, s.tokens["agent"], "POST", "/v1/cash/takings", `{"rider":"`+s.things["rider"]+`","amount":700}`)
		if got.Status != 201 {
			t.Fatal(got)
		}
		return got
	}
	take()
	got := w.send(t, s.tokens["agent"], "POST", "/v1/cash/shift/close", `{"counted":700,"deposited":700,"place":"safe"}`)
	if s.things["shift"], _ = got.json()["id"].(string); s.things["shift"] == "" {
		t.Fatal(got)
	}
	s.things["taking"], _ = take().json()["id"].(string)
	made := w.send(t, s.tokens["admin"], "POST", "/v1/pass-products", `{"name":"Pass `+s.Canary+`","rides":2,"days":30,"price":300,"refund_days":14}`)
	s.things["product"], _ = made.json()["id"].(string)
	bought := w.send(t, s.tokens["rider"], "POST", "/v1/passes", `{"product":"`+s.things["product"]+`","pay":"wallet"}`)
	if s.things["pass"], _ = bought.json()["pass"].(string); s.things["pass"] == "" {
		t.Fatal(made, bought)
	}
}

// advise gives the side a queue with somebody in it whom an expert is rung for. It is owned by a node that does not run, so that nobody
// else is rung while attacks are watched for what they change.
func (w *world) advise(t *testing.T, s *side) {
	t.Helper()
	tenant, client, expert := s.ID.UUID(), s.Users["client"], s.Users["expert"]
	for _, name := range []string{"skill", "queue", "queueToChange", "queueToSpill", "request", "requestToCancel", "requestToCall", "requestToRun", "offer", "offerToDecline", "rung", "rungToo", "licence"} {
		s.things[name] = ident.New().String()
	}
	s.things["expert"] = expert.String()
	w.Exec(t, `insert into skill (tenant_id, id, n, name) values ($1, $2, 1, $3)`, tenant, s.things["skill"], "Skill "+s.Canary)
	for _, q := range []string{"queue", "queueToChange", "queueToSpill"} {
		w.Exec(t, `insert into queue (tenant_id, id, name, time_zone) values ($1, $2, $3, 'UTC')`, tenant, s.things[q], q+" "+s.Canary)
		w.Exec(t, `insert into queue_owner (tenant_id, queue_id, node, expires_at) values ($1, $2, $3, '2100-01-01')`, tenant, s.things[q], ident.New())
	}
	w.Exec(t, `update queue set overflow_id = $3 where tenant_id = $1 and id = $2`, tenant, s.things["queueToSpill"], s.things["queue"])
	w.Exec(t, `insert into expert (tenant_id, id, state, intent, price, currency, slots, time_zone) values ($1, $2, 'approved', 'available', 500, $3, 2, 'UTC')`, tenant, expert, s.things["currency"])
	w.Exec(t, `insert into expert_skill (tenant_id, expert_id, skill_id, level) values ($1, $2, $3, 3)`, tenant, expert, s.things["skill"])
	w.Exec(t, `insert into expert_presence (tenant_id, expert_id, node, until) values ($1, $2, $3, '2100-01-01')`, tenant, expert, ident.New())
	w.Exec(t, `insert into expert_document (tenant_id, id, expert_id, skill_id, number, file, name, media_type, size, expires_at) values ($1, $2, $3, $4, $5, repeat('0', 64), 'x.txt', 'text/plain', 1, '2100-01-01')`,
		tenant, s.things["licence"], expert, s.things["skill"], s.Canary)
	for name, who := range map[string]uuid.UUID{"request": client, "requestToCancel": client, "requestToCall": s.Users["agent"], "requestToRun": s.Rider, "rung": s.Rider, "rungToo": s.Rider2} {
		w.Exec(t, `insert into request (tenant_id, id, queue_id, client_id, modality, ceiling, currency, funding, state, ended_at)
			values ($1, $2, $3, $4, 'audio', 900, $5, 'test', case when $6 then 'cancelled' else 'waiting' end, case when $6 then now() end)`,
			tenant, s.things[name], s.things["queue"], who, s.things["currency"], name == "request")
	}
	w.Exec(t, `update request set callback_at = now() where tenant_id = $1 and id = $2`, tenant, s.things["requestToCall"])
	for slot, name := range []string{"offer", "offerToDecline"} {
		w.Exec(t, `insert into offer (tenant_id, id, request_id, queue_id, expert_id, slot, epoch, ring, score, reach, deadline)
			values ($1, $2, $3, $4, $5, $6, 1, 0, '{}', 'connected', '2100-01-01')`, tenant, s.things[name], s.things[[]string{"rung", "rungToo"}[slot]], s.things["queue"], expert, slot+1)
	}
	// A rider, too: agents take cash of riders alone.
	w.Exec(t, `insert into user_role (tenant_id, user_id, role_id, scope, scope_id) select tenant_id, $3, role_id, scope, scope_id from user_role where tenant_id = $1 and user_id = $2`, tenant, s.Rider, client)
	if got := w.send(t, s.tokens["agent"], "POST", "/v1/cash/takings", `{"rider":"`+client.String()+`","amount":20000}`); got.Status != 201 {
		t.Fatal(got)
	}
	// And an agent who asks: somebody who is called has three places at most, as everybody has.
	w.Exec(t, `insert into user_role (tenant_id, user_id, role_id, scope, scope_id) select tenant_id, $3, role_id, scope, scope_id from user_role where tenant_id = $1 and user_id = $2`, tenant, client, s.Users["agent"])
	in := w.send(t, "", "POST", "/v1/auth/sign-in", `{"tenant":"`+s.Slug+`","email":"agent@`+s.Canary+`.example","password":"`+worldPassword+`"}`)
	s.tokens["caller"], _ = in.json()["access_token"].(string)
	for i, name := range []string{"appointment", "appointmentToCancel", "appointmentToFund"} {
		s.things[name] = ident.New().String()
		w.Exec(t, `insert into appointment (tenant_id, id, queue_id, client_id, kind, modality, needs, about, ceiling, currency, minutes, due_at, time_zone)
			values ($1, $2, $3, $4, 'appointment', 'audio', '[]', $5, 900, $6, 2, $7::timestamptz + $8 * interval '1 hour', 'UTC')`, tenant, s.things[name], s.things["queue"], client, s.Canary, s.things["currency"], bookable, i+1)
	}
	for _, name := range []string{"funds", "moreFunds", "spareFunds", "appointmentFunds"} {
		got := w.send(t, s.tokens["client"], "POST", "/v1/requests/funds", `{"ceiling":900,"minutes":2}`)
		if s.things[name], _ = got.json()["funds"].(string); s.things[name] == "" {
			t.Fatal(got)
		}
	}
}

// employ gives the side an organisation with a manager, a programme, a member and a roster that was not applied.
func (w *world) employ(t *testing.T, s *side) {
	t.Helper()
	e := w.Employer(t, s.Tenant, "Employer")
	w.Member(t, e, e.Organisation, s.Rider2)
	unit := w.Unit(t, e, e.Organisation, "Plant "+s.Canary)
	w.Manager(t, e, e.Organisation, "boss")
	side := w.Employer(t, s.Tenant, "Side") // whose members come and go: the roster of the other stays what it was compared with
	s.things["side"], s.things["member"] = side.Organisation.String(), w.Member(t, side, side.Organisation, s.Users["agent"]).String()
	w.Manager(t, side, side.Organisation, "sideboss")
	in := w.send(t, "", "POST", "/v1/auth/sign-in", `{"tenant":"`+s.Slug+`","email":"`+strings.ToLower("sideboss@"+s.Canary+".example")+`","password":"`+worldPassword+`"}`)
	s.tokens["sideboss"], _ = in.json()["access_token"].(string)
	s.things["deputy"] = w.Manager(t, e, unit, "deputy").String()
	s.things["bossMail"] = strings.ToLower("boss@" + s.Canary + ".example")
	got := w.send(t, "", "POST", "/v1/auth/sign-in", `{"tenant":"`+s.Slug+`","email":"`+s.things["bossMail"]+`","password":"`+worldPassword+`"}`)
	s.tokens["boss"], _ = got.json()["access_token"].(string)
	s.things["org"], s.things["unit"], s.things["programme"] = e.Organisation.String(), unit.String(), e.Programme.String()
	got = w.send(t, s.tokens["boss"], "POST", "/v1/organisations/"+s.things["org"]+"/rosters", `{"file_name":"x.csv","csv":"name,email\nNew,new@x.ma\n"}`)
	if s.things["roster"], _ = got.json()["id"].(string); s.things["roster"] == "" {
		t.Fatal(got)
	}
}

// money is a payment that was made, an event that waits for nobody (so that a replay leaves it alone and no job writes behind the test's
// back), a finding, and a wallet. Nobody can open the gateway account: what is asked of it waits.
func (w *world) money(t *testing.T, s *side) {
	t.Helper()
	account, payment, event, finding := ident.New(), ident.New(), ident.New(), ident.New()
	x := s.ID.UUID()
	w.Exec(t, `insert into gateway_account (tenant_id, id, kind, merchant, kms_key, wrapped_key, sealed_credentials, active) values ($1, $2, 'stripe', 'M', 'k', '\x00', '\x00', false)`, x, account)
	w.Exec(t, `insert into payment (tenant_id, id, gateway_account_id, payer_id, subject, amount, currency, gateway_ref, status, captured, closes_at)
		values ($1, $2, $3, $4, 'booking/' || $5::text, 5000, 'MAD', 'pi_' || $6::text, 'paid', 5000, now())`, x, payment, account, s.Rider, ident.New(), s.Canary)
	w.Exec(t, `insert into webhook_event (tenant_id, id, gateway_account_id, gateway_ref, endpoint, kind, object_kind, object_id, happened_at)
		values ($1, $2, $3, 'evt_' || $4::text, 'platform', 'payment_intent.succeeded', 'payment_intent', 'pi_' || $4::text, now())`, x, event, account, s.Canary)
	w.Exec(t, `insert into finding (tenant_id, id, kind, subject, severity, detail) values ($1, $2, 'amount_differs', 'payment/' || $3::text, 'serious', '{}')`, x, finding, s.Canary)
	correction, spare := ident.New(), ident.New()
	for _, id := range []uuid.UUID{correction, spare} {
		w.Exec(t, `with head as (insert into correction (tenant_id, id, finding_id, reason, currency, entries, made_by) values ($1, $2, $3, $4, 'MAD', 2, $5))
			insert into correction_entry (tenant_id, correction_id, n, account, debit, amount) values ($1, $2, 1, 'fees:bank', true, 1), ($1, $2, 2, 'loss:correction', false, 1)`, x, id, finding, s.Canary, s.Users["finance"])
	}
	s.things["correction"], s.things["spareCorrection"] = correction.String(), spare.String()
	w.Exec(t, `insert into account (tenant_id, id, code, currency, class, may_overdraw, running, label)
		values ($1, $2, 'wallet:' || $3::text, 'MAD', 'liability', false, true, $4)
		on conflict (tenant_id, code, currency) do update set label = excluded.label`, x, ident.New(), s.Rider, s.Canary)
	for name, id := range map[string]uuid.UUID{"taken": payment, "event": event, "finding": finding, "payer": s.Rider} {
		s.things[name] = id.String()
	}
	if err := w.InTx(t.Context(), s.ID, func(tx *store.Tx) error { // what was captured stands in the books, as whoever checks them expects
		taken := ledger.Post("payment:"+payment.String()+":captured:5000", "payment_captured", ledger.Debit(ledger.Clearing("stripe", "MAD"), ledger.Of(5000, "MAD")), ledger.Credit(ledger.Opening("MAD"), ledger.Of(5000, "MAD")))
		taken.Subject = "payment/" + payment.String()
		_, err := tx.RecordOne(t.Context(), taken)
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

// bill gives the side a finalised invoice, usage for another, a line of a statement, and cases.
func (w *world) bill(t *testing.T, s *side) {
	t.Helper()
	org, apart := uuid.MustParse(s.things["org"]), ident.New() // one that no other route changes
	w.Exec(t, `insert into organisation (tenant_id, id, name, legal_name, address, country, email, currency, time_zone, locale, terms, po_number)
		values ($1, $2, 'Billed ' || $3, '', '{}', 'MA', '', 'MAD', 'UTC', 'en', 'net_30', '')`, s.ID.UUID(), apart, s.Canary)
	s.things["billed"] = apart.String()
	w.Exec(t, `insert into programme_alert (tenant_id, programme_id, month, threshold, spent, budget) values ($1, $2, '2026-05-01', 80, 8, 10)`, s.ID.UUID(), s.things["programme"])
	office, by := invoicing.New(w.DB.DB), s.Users["finance"]
	if err := w.InTx(t.Context(), s.ID, func(tx *store.Tx) error {
		o, err := tx.ToBill(t.Context(), org)
		if err != nil {
			return err
		}
		u := store.Usage{Source: "ride/" + ident.New().String(), Organisation: org, Date: servicedate.Of(2026, 5, 4), At: time.Now(), Supply: invoice.General,
			Country: "MA", Says: "A ride of " + s.Canary, Amount: 1000, Currency: o.Currency}
		if err := tx.AddUsage(t.Context(), u); err != nil {
			return err
		}
		u.Source, u.Organisation, u.Date, u.Currency = "ride/"+ident.New().String(), apart, servicedate.Of(2026, 6, 4), "MAD"
		return tx.AddUsage(t.Context(), u)
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := office.SaveBiller(t.Context(), s.ID, by, idem.Claim{}, store.Biller{Party: store.Party{Name: s.Canary, Address: []string{s.Canary}, IDs: []store.Label{{Name: "ICE", Value: "1"}}},
		Country: "MA", Prices: invoice.GrossPrices}); err != nil {
		t.Fatal(err)
	}
	id, err := office.Finalise(t.Context(), s.ID, by, idem.Claim{}, org, invoice.MonthOf(servicedate.Of(2026, 5, 1)), nil)
	if err != nil {
		t.Fatal(err)
	}
	d, err := office.Document(t.Context(), s.ID, id)
	if err != nil {
		t.Fatal(err)
	}
	w.credit(t, s, office, d)
	rows := "date,amount,currency,text\n2026-09-01,5," + d.Currency + "," + s.Canary + "\n"
	for _, amount := range []string{"7", "2", "3", "4"} {
		rows += "2026-09-0" + amount + "," + amount + "," + d.Currency + "," + s.Canary + "\n"
	}
	if _, err := office.Import(t.Context(), s.ID, by, idem.Claim{}, "main", "a.csv", []byte(rows), invoicing.How{}); err != nil {
		t.Fatal(err)
	}
	lines, err := office.Lines(t.Context(), s.ID, invoicing.LinesWaiting, uuid.Nil, 5)
	if err != nil || len(lines) != 5 {
		t.Fatal(lines, err)
	}
	s.things["invoice"] = id.String()
	for i, name := range []string{"bankLine", "matchedLine", "spareLine", "asideLine", "paidOutLine"} {
		s.things[name] = lines[i].ID.String()
	}
	if err := errors.Join(office.Match(t.Context(), s.ID, by, idem.Claim{}, lines[1].ID, []invoicing.Pay{{Invoice: id, Amount: 1}}, 0), office.SetAside(t.Context(), s.ID, by, idem.Claim{}, lines[3].ID, s.Canary)); err != nil {
		t.Fatal(err)
	}
	matches, _, err := office.Desk(t.Context(), s.ID, lines)
	if err != nil || len(matches[lines[1].ID]) != 1 {
		t.Fatal(matches, err)
	}
	s.things["bankMatch"] = matches[lines[1].ID][0].ID.String()
	if err := w.InTx(t.Context(), s.ID, func(tx *store.Tx) error {
		c := ledger.Currency(d.Currency)
		sum := ledger.Of(lines[4].Amount, c)
		paid, err := tx.RecordOne(t.Context(), ledger.Post("payout:po_1:paid", "gateway_payout", ledger.Debit(ledger.Bank("main", c), sum), ledger.Credit(ledger.Clearing("stripe", c), sum)))
		s.things["gatewayPayout"] = paid.ID.String()
		return err
	}); err != nil {
		t.Fatal(err)
	}
	sold := w.book(t, s, true) // and paid by card
	w.Exec(t, `update payment set subject = 'booking/' || $2::text where tenant_id = $1 and id = $3`, s.ID.UUID(), sold, s.things["taken"])
	w.Exec(t, `update booking set pay = 'card', payment_id = $3 where tenant_id = $1 and id = $2`, s.ID.UUID(), sold, s.things["taken"])
	for _, name := range []string{"case", "caseToDecide"} {
		c, err := office.OpenCase(t.Context(), s.ID, store.Case{Subject: "booking/" + s.things["confirmed"], User: s.Rider, OpenedBy: s.Rider, Reason: "late", Says: s.Canary}, idem.Claim{})
		if err != nil {
			t.Fatal(err)
		}
		e, err := office.AddEvidence(t.Context(), s.ID, store.Evidence{Case: c, By: s.Rider, File: "x.pdf", Bytes: []byte("%PDF-1.7 " + s.Canary)}, idem.Claim{})
		if err != nil {
			t.Fatal(err)
		}
		if name == "case" {
			s.things["evidence"] = e.String()
		}
		s.things[name] = c.String()
		w.Exec(t, `insert into refund_request (tenant_id, case_id, subject, amount, currency, state)
			values ($1, $2, 'booking/' || $3::text, 5, 'MAD', 'refused')`, s.ID.UUID(), c, sold)
	}
}

// book takes a seat as the side's rider would.
func (w *world) book(t *testing.T, s *side, confirm bool) string {
	t.Helper()
	path, body := hold(s.thing)
	held := w.send(t, s.tokens["rider"], "POST", path, body)
	id, _ := held.json()["id"].(string)
	if id == "" {
		t.Fatal(held)
	}
	if confirm {
		if got := w.send(t, s.tokens["rider"], "POST", path+"/"+id+"/confirm", `{"pay":"cash"}`); got.Status != 200 {
			t.Fatal(got)
		}
	}
	return id
}

func (s *side) thing(name string) string { return s.things[name] }
