package main

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

// What makes no sense is refused with a code that stays, and nothing is written.
func TestFinanceRefusesBadInput(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	payment, finding := w.a.things["taken"], w.a.things["finding"]
	w.hush(t)
	before := w.all(t)
	for _, c := range []struct{ as, method, path, body, code string }{
		{"finance", "GET", "/v1/finance/payments?state=gone", "", "bad_value"},
		{"finance", "GET", "/v1/finance/payments?payer=me", "", "bad_uuid"},
		{"finance", "GET", "/v1/finance/payments?limit=201", "", "out_of_range"},
		{"finance", "GET", "/v1/finance/payments?cursor=AAAA", "", "bad_value"},
		{"finance", "GET", "/v1/finance/payments?from=yesterday", "", "bad_date"},
		{"finance", "GET", "/v1/finance/payments/" + uuid.NewString(), "", "not_found"},
		{"finance", "POST", "/v1/finance/payments/" + payment + "/refund", `{"amount":0,"reason":"x"}`, "out_of_range"},
		{"finance", "POST", "/v1/finance/payments/" + payment + "/refund", `{"amount":-5,"reason":"x"}`, "out_of_range"},
		{"finance", "POST", "/v1/finance/payments/" + payment + "/refund", `{"amount":5001,"reason":"x"}`, "refund_too_much"},
		{"finance", "POST", "/v1/finance/payments/" + payment + "/refund", `{"amount":5}`, "required"},
		{"finance", "POST", "/v1/finance/payments/" + payment + "/refund", `{"amount":5,"reason":""}`, "too_short"},
		{"finance", "POST", "/v1/finance/payments/" + payment + "/refund", `{"amount":5,"reason":" "}`, "reason_required"},
		{"finance", "POST", "/v1/finance/payments/" + payment + "/refund", `{"amount":5,"reason":"x","to":"me"}`, "unknown_field"},
		{"finance", "POST", "/v1/bank/lines/" + w.a.things["bankLine"] + "/match", `{"pays":null}`, "too_short"},
		{"finance", "POST", "/v1/invoices/" + w.a.things["invoice"] + "/credit", `{"picks":[]}`, "too_short"}, // no picks at all is the whole of it
		{"finance", "GET", "/v1/finance/accounts?kind=Wallet", "", "bad_value"},
		{"finance", "GET", "/v1/finance/accounts?cursor=wallet", "", "bad_value"},
		{"finance", "GET", "/v1/finance/statement?account=purse:x&currency=MAD", "", "account_not_found"},
		{"finance", "GET", "/v1/finance/statement?account=clearing:stripe&currency=XXX", "", "account_not_found"},
		{"finance", "GET", "/v1/finance/statement?account=clearing:stripe", "", "required"},
		{"finance", "GET", "/v1/finance/statement?account=clearing:stripe&currency=MAD&cursor=" + strings.Repeat("A", 33), "", "bad_value"},
		{"finance", "GET", "/v1/finance/events?state=gone", "", "bad_value"},
		{"finance", "POST", "/v1/finance/events/" + uuid.NewString() + "/replay", "", "not_found"},
		{"finance", "POST", "/v1/finance/findings/" + finding + "/decide", `{"state":"open","reason":"x"}`, "bad_value"},
		{"finance", "POST", "/v1/finance/findings/" + finding + "/decide", `{"state":"explained","reason":"   "}`, "reason_required"},
		{"finance", "POST", "/v1/finance/findings/" + finding + "/decide", `{"state":"explained","reason":"` + strings.Repeat("x", 501) + `"}`, "too_long"},
		{"rider", "GET", "/v1/finance/payments", "", "forbidden"},
		{"dispatcher", "GET", "/v1/finance/findings", "", "forbidden"},
		{"driver", "POST", "/v1/finance/payments/" + payment + "/refund", `{"amount":5,"reason":"x"}`, "forbidden"},
	} {
		got := w.send(t, w.a.tokens[c.as], c.method, c.path, c.body)
		if code, _ := got.json()["code"].(string); code != c.code {
			t.Errorf("%s %s %s: %d %s, want %s", c.method, c.path, c.body, got.Status, got.Body, c.code)
		}
	}
	for table, rows := range w.all(t) {
		if rows != before[table] {
			t.Errorf("%s was written", table)
		}
	}
	r, err := http.NewRequest(http.MethodPost, w.url+"/v1/finance/payments/"+payment+"/refund", strings.NewReader(`{"reason":"x"}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+w.a.tokens["finance"])
	r.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	if res.Body.Close(); res.StatusCode != http.StatusBadRequest {
		t.Errorf("a refund without a key: %d", res.StatusCode)
	}
}

// Finance reads pages to their end, gives a part back once however often it is asked, and explains a finding.
func TestFinanceWorks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	finance, payment := w.a.tokens["finance"], w.a.things["taken"]
	for i := range 7 {
		id := uuid.New()
		w.Exec(t, `insert into payment (tenant_id, id, gateway_account_id, payer_id, subject, amount, currency, closes_at, created_at)
			select tenant_id, $2::uuid, gateway_account_id, payer_id, 'wallet/' || $4, 100, 'MAD', now(), now() + $3 * interval '1 second' from payment where id = $1`, payment, id, i/2, id.String())
	}
	seen, cursor := map[string]bool{}, ""
	for range 10 {
		got := w.send(t, finance, "GET", "/v1/finance/payments?limit=3&cursor="+cursor, "").json()
		items, _ := got["items"].([]any)
		for _, i := range items {
			id := i.(map[string]any)["id"].(string)
			if seen[id] {
				t.Errorf("%s twice", id)
			}
			seen[id] = true
		}
		if cursor, _ = got["next"].(string); cursor == "" {
			break
		}
	}
	if n := w.Int(t, `select count(*) from payment where tenant_id = $1`, w.a.ID.UUID()); int64(len(seen)) != n || n < 8 {
		t.Errorf("%d payments in pages", len(seen))
	}
	if got := w.send(t, finance, "POST", "/v1/finance/payments/"+payment+"/refund", `{"amount":1000,"reason":"late"}`); got.Status != 201 || got.json()["state"] != "waiting" {
		t.Error(got)
	}
	story := w.send(t, finance, "GET", "/v1/finance/payments/"+payment, "")
	s := story.json()
	if s["left"] != 4000.0 || len(s["operations"].([]any)) != 1 || len(s["journals"].([]any)) != 2 || len(s["events"].([]any)) != 1 || len(s["acts"].([]any)) != 1 {
		t.Error(story)
	}
	for path, named := range map[string]func(map[string]any) any{ // whom a payer pays stands where they pay, and on what they paid
		"/v1/me/methods":  func(a map[string]any) any { return a["merchant"] },
		"/v1/me/payments": func(a map[string]any) any { return a["items"].([]any)[0].(map[string]any)["merchant"] },
	} {
		if got := w.send(t, w.a.tokens["rider"], "GET", path, ""); named(got.json()) != map[string]any{"/v1/me/methods": w.a.Slug, "/v1/me/payments": "M"}[path] {
			t.Errorf("%s: %s", path, got.Body)
		}
	}
	if got := w.send(t, w.a.tokens["admin"], "POST", "/v1/pass-products", `{"name":"P","days":30,"rides":0,"price":1000}`); got.Status != 422 {
		t.Errorf("a pass of no rides: %d %s", got.Status, got.Body)
	}
	books := w.send(t, finance, "GET", "/v1/finance/accounts?kind=deferred", "")
	refunds := 0
	for _, item := range books.json()["items"].([]any) {
		switch a := item.(map[string]any); {
		case a["code"] == "deferred:refunds" && a["kind"] == "deferred" && a["currency"] == "MAD" && a["amount"] == 1000.0:
			refunds++
		case a["kind"] != "deferred" || a["amount"] != 0.0: // the world's people have put money aside for conversations, and taken it back
			t.Error(books)
		}
	}
	if refunds != 1 {
		t.Error(books)
	}
	given := w.send(t, finance, "GET", "/v1/finance/statement?account=revenue:seats&currency=MAD", "").json()
	if items := given["items"].([]any); len(items) != 1 || items[0].(map[string]any)["balance"] != -1000.0 { // the seat stays sold, and earns less
		t.Error(given)
	}
	statement := w.send(t, finance, "GET", "/v1/finance/statement?account=deferred:refunds&currency=MAD", "").json()
	if items := statement["items"].([]any); len(items) != 1 || items[0].(map[string]any)["balance"] != 1000.0 {
		t.Error(statement)
	}
	decided := w.send(t, finance, "POST", "/v1/finance/findings/"+w.a.things["finding"]+"/decide", `{"state":"resolved","reason":"counted again"}`)
	if decided.Status != 200 || decided.json()["state"] != "resolved" || decided.json()["decided_by"] != w.a.Users["finance"].String() {
		t.Error(decided)
	}
	again := w.send(t, finance, "POST", "/v1/finance/findings/"+w.a.things["finding"]+"/decide", `{"state":"explained","reason":"counted again"}`)
	if again.Status != 409 || again.json()["code"] != "finding_over" {
		t.Error(again)
	}
	w.Exec(t, `update webhook_event set state = 'dead', settled_at = now() where id = $1`, w.a.things["event"])
	if got := w.send(t, finance, "POST", "/v1/finance/events/"+w.a.things["event"]+"/replay", ""); got.Status != 200 || got.json()["replays"] != 1.0 {
		t.Error(got)
	}
}

// Every instant on the money's pages is written as the operator's clocks showed it, also for who asks by the day.
func TestInstantsAreTheOperators(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	zone, err := time.LoadLocation("Africa/Casablanca")
	if err != nil {
		t.Fatal(err)
	}
	finance, payment := w.a.tokens["finance"], w.a.things["taken"]
	if got := w.send(t, finance, "POST", "/v1/periods", `{"month":"2020-01"}`); got.Status != http.StatusNoContent {
		t.Fatal(got)
	}
	instant := regexp.MustCompile(`"(\d{4}-\d\d-\d\dT[^"]+)"`)
	for as, paths := range map[string][]string{
		"finance": {
			"/v1/finance/payments", "/v1/finance/payments/" + payment, "/v1/finance/events", "/v1/finance/findings", "/v1/finance/statement?account=deferred:seats&currency=MAD",
			"/v1/cases", "/v1/shifts", "/v1/payouts", "/v1/periods", "/v1/finance/refunds",
		},
		"rider": {"/v1/me/wallet", "/v1/me/payments", "/v1/me/methods", "/v1/me/cases", "/v1/passes", "/v1/bookings"},
	} {
		for _, path := range paths {
			got := w.send(t, w.a.tokens[as], "GET", path, "")
			if got.Status != http.StatusOK {
				t.Errorf("%s: %d %s", path, got.Status, got.Body)
			}
			for _, m := range instant.FindAllStringSubmatch(got.Body, -1) {
				at, err := time.Parse(time.RFC3339Nano, m[1])
				if err != nil || at.In(zone).Format(time.RFC3339Nano) != m[1] {
					t.Errorf("%s answers %s, which no clock in Casablanca showed", path, m[1])
				}
			}
		}
	}
	// A minute after midnight in Casablanca, of a day that has not begun in Greenwich.
	w.Exec(t, `update payment set created_at = '2026-11-21T23:01:00Z' where id = $1`, payment)
	for day, n := range map[string]int{"2026-11-21": 0, "2026-11-22": 1} {
		if items := w.send(t, finance, "GET", "/v1/finance/payments?from_day="+day+"&to_day="+day, "").json()["items"].([]any); len(items) != n {
			t.Errorf("%d payments on %s, want %d", len(items), day, n)
		}
	}
}

// Payments are found by who paid, by any reference, by amount and by day, and go into a file that no spreadsheet runs; accounts say whose they are.
func TestPaymentsAreFound(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	finance, payment := w.a.tokens["finance"], w.a.things["taken"]
	w.Exec(t, `update app_user set name = '=HYPERLINK("x") 100% _me' where id = (select payer_id from payment where id = $1)`, payment)
	w.Exec(t, `update payment set amount = 4321, captured = 4321, gateway_ref = 'pi_found' where id = $1`, payment)
	for query, want := range map[string]bool{
		"search=hyperlink": true, "search=100%25+_": true, "search=1%25me": false, "search=pi_found": true, "search=pi_fou": false, "search=" + strings.ToUpper(payment): true,
		"amount=4321": true, "amount=4320": false, "search=nobody": false, "amount=4321&state=open": false, "from_day=2999-01-01": false, "to_day=2999-01-01&search=pi_found": true,
	} {
		got := w.send(t, finance, "GET", "/v1/finance/payments?"+query, "")
		file := w.send(t, finance, "GET", "/v1/finance/payments/file?"+query, "")
		text, _ := file.json()["csv"].(string)
		if found := strings.Contains(got.Body, payment); found != want || found != strings.Contains(text, payment) {
			t.Errorf("%s: %d %s, and the file %s", query, got.Status, got.Body, file.Body)
		}
		if strings.Contains(text, payment) && (!strings.Contains(text, `"'=HYPERLINK(""x"") 100% _me"`) || !strings.Contains(text, ",43.21,")) {
			t.Errorf("the file: %s", text)
		}
	}
	for _, path := range []string{"?amount=0", "?search=" + strings.Repeat("x", 81), "/file?cursor=AAAA", "?from_day=2026-13-01"} {
		if got := w.send(t, finance, "GET", "/v1/finance/payments"+path, ""); got.Status != 422 {
			t.Errorf("%s: %d %s", path, got.Status, got.Body)
		}
	}
	if got := w.send(t, w.a.tokens["rider"], "GET", "/v1/finance/payments/file", ""); got.Status != 403 {
		t.Errorf("a rider takes the file: %d", got.Status)
	}
	rider := w.a.Users["rider"].String()
	for _, path := range []string{"/v1/finance/accounts?kind=wallet", "/v1/finance/statement?currency=MAD&account=wallet:" + rider} {
		if got := w.send(t, finance, "GET", path, ""); got.Status == 200 && strings.Contains(got.Body, rider) && !strings.Contains(got.Body, `"owner":"`) {
			t.Errorf("%s: %s", path, got.Body)
		}
	}
	// What another tenant's people are called is not told, even by an account that has their id.
	strange := w.b.Users["rider"].String()
	if got := w.send(t, finance, "GET", "/v1/finance/statement?currency=MAD&account=wallet:"+strange, ""); strings.Contains(got.Body, `"owner"`) {
		t.Errorf("another tenant's: %s", got.Body)
	}
}

// Money that nobody can pay, or not here, or not of theirs, is refused with a code that stays, and nothing is written: amounts of nothing, below and
// beyond, another currency, unknown ids, another tenant's ids, and a key that was used for something else.
func TestMoneyRefusesBadInput(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const top = "/v1/me/wallet/top-ups"
	amount := func(n, currency string) string {
		return `{"amount":{"amount":` + n + `,"currency":"` + currency + `"}}`
	}
	send := func(key, body string) (int, string) {
		t.Helper()
		r, err := http.NewRequest(http.MethodPost, w.url+top, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+w.a.tokens["rider"])
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Idempotency-Key", key)
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		var p struct {
			Code string `json:"code"`
		}
		_ = json.NewDecoder(res.Body).Decode(&p)
		return res.StatusCode, p.Code
	}
	key := uuid.NewString()
	send(key, amount("5000", "MAD"))
	w.hush(t)
	before := w.all(t)
	for _, c := range []struct{ as, method, path, body, code string }{
		{"rider", "POST", top, amount("0", "MAD"), "amount_invalid"},
		{"rider", "POST", top, amount("-5", "MAD"), "amount_invalid"},
		{"rider", "POST", top, amount("100000000", "MAD"), "amount_invalid"},
		{"rider", "POST", top, amount("9223372036854775807", "MAD"), "amount_invalid"},
		{"rider", "POST", top, amount("9223372036854775808", "MAD"), "bad_value"},
		{"rider", "POST", top, amount("5.5", "MAD"), "bad_value"},
		{"rider", "POST", top, amount("5000", "EUR"), "currency_mismatch"},
		{"rider", "POST", top, amount("5000", "XXX"), "currency_mismatch"},
		{"rider", "POST", "/v1/bookings/" + uuid.NewString() + "/pay", "", "booking_not_found"},
		{"rider", "POST", "/v1/me/payments/" + uuid.NewString() + "/cancel", "", "payment_not_found"},
		{"rider", "POST", "/v1/me/payments/" + w.b.things["taken"] + "/cancel", "", "payment_not_found"},
		{"finance", "POST", "/v1/finance/payments/" + w.b.things["taken"] + "/refund", `{"amount":5,"reason":"x"}`, "not_found"},
		{"finance", "POST", "/v1/finance/findings/" + w.b.things["finding"] + "/corrections", `{"reason":"x","currency":"MAD","entries":[{"account":"loss:correction","debit":true,"amount":1},{"account":"fees:bank","debit":false,"amount":1}]}`, "not_found"},
		{"finance", "POST", "/v1/finance/findings/" + w.a.things["finding"] + "/corrections", `{"reason":"x","currency":"MAD","entries":[{"account":"loss:correction","debit":true,"amount":2},{"account":"fees:bank","debit":false,"amount":1}]}`, "correction_unbalanced"},
		{"finance", "POST", "/v1/finance/findings/" + w.a.things["finding"] + "/corrections", `{"reason":"x","currency":"MAD","entries":[{"account":"loss:correction","debit":true,"amount":0},{"account":"fees:bank","debit":false,"amount":0}]}`, "invalid"},
	} {
		got := w.send(t, w.a.tokens[c.as], c.method, c.path, c.body)
		if code, _ := got.json()["code"].(string); code != c.code {
			t.Errorf("%s %s %s: %d %s, want %s", c.method, c.path, c.body, got.Status, got.Body, c.code)
		}
	}
	if status, code := send(key, amount("6000", "MAD")); status != http.StatusConflict || code != "idempotency_conflict" {
		t.Errorf("a used key with another amount: %d %s", status, code)
	}
	for table, rows := range w.all(t) {
		if rows != before[table] {
			t.Errorf("%s was written", table)
		}
	}
}
