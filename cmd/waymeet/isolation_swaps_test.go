package main

import (
	"fmt"
	"strings"
	"time"
)

// swap is how one route is attacked: the request that a tenant makes of its own things, and which of the ids in it are
// swapped for the other tenant's, one at a time and all together.
//
// Every swapped request must be answered exactly as one with an id that nobody has, with the status wanted; it must
// change nothing and show nothing. Each is paired with its positive control: the same request with the tenant's own
// things succeeds, and so the refusal is about the swap and nothing else.
type swap struct {
	as     string   // whose role
	ids    []string // each swapped alone; names with blanks between them are swapped together
	ask    func(id func(name string) string) (path, body string)
	status int    // of a swapped request; 404
	why    string // where it is not 404
	shows  bool   // the tenant's own answer must show its canary, or there was nothing to see
}

// bookable is a quarter of an hour that appointments may have, the day after tomorrow.
var bookable = time.Now().UTC().Truncate(time.Hour).Add(48 * time.Hour).Format(time.RFC3339)

// swaps has at least one case for each route of web.Routes; TestIsolationOverHTTP fails for a route without.
var swaps = map[string][]swap{
	"me.get":     {shown("rider", "/v1/me", "")},
	"me.update":  {shown("rider", "/v1/me", `{"locale":"fr"}`)},
	"me.devices": {closed("rider", "/v1/me/devices", "")},
	"me.wallet":  {closed("rider", "/v1/me/wallet", "")},
	"me.topUp": {{as: "rider", ids: []string{"card"}, ask: func(id func(string) string) (string, string) {
		return "/v1/me/wallet/top-ups", `{"amount":{"amount":500,"currency":"` + id("currency") + `"},"method":"` + id("card") + `"}`
	}}},
	"me.payments":      {closed("rider", "/v1/me/payments", "")},
	"me.payment":       {one("rider", "payment", "/v1/me/payments/%s", "")},
	"me.giveUpPayment": {one("dispatcher", "topUp", "/v1/me/payments/%s/cancel", "{}")},
	"me.favourites":    {closed("rider", "/v1/me/favourites", "")},
	"me.push":          {closed("rider", "/v1/me/push", "")},
	"me.pushHere":      {closed("rider", "/v1/me/push", `{"endpoint":"https://push.example/x","p256dh":"BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u-Ts1XbjhazAkj7I99e8QcYP7DkM","auth":"tBHItJI5svbpez7KI4CCXg"}`)},
	"me.pushNoMore":    {closed("rider", "/v1/me/push/remove", `{"endpoint":"https://push.example/x"}`)},
	"me.blocks":        {closed("rider", "/v1/me/blocks", "")},
	"me.disfavour": {{as: "rider", ids: []string{"expert"}, status: 204, why: "nothing is there to be forgotten, as of somebody whom nobody knows", ask: func(id func(string) string) (string, string) {
		return "/v1/me/favourites/" + id("expert") + "/remove", ""
	}}},
	"me.unblock":      {{as: "rider", ids: []string{"expert"}, status: 204, why: "nothing is there to be taken back, as of somebody whom nobody knows", ask: func(id func(string) string) (string, string) { return "/v1/me/blocks/" + id("expert") + "/remove", "" }}},
	"me.methods":      {closed("rider", "/v1/me/methods", "")},
	"me.saveMethod":   {closed("rider", "/v1/me/methods", "")},
	"me.methodSetup":  {one("rider", "cardSetup", "/v1/me/method-setups/%s", "")},
	"me.preferMethod": {one("rider", "card", "/v1/me/methods/%s/prefer", "")},
	"me.removeMethod": {one("rider", "cardToRemove", "/v1/me/methods/%s/remove", "")},
	"realtime.ticket": {closed("rider", "/v1/realtime/tickets", "")},

	"stops.search": {shown("rider", "/v1/stops?q=Stop", "")},
	"stops.get":    {one("rider", "stop", "/v1/stops/%s", "")},
	"lines.list":   {shown("rider", "/v1/lines", "")},
	"lines.get":    {one("rider", "line", "/v1/lines/%s", "")},
	"patterns.get": {one("rider", "pattern", "/v1/patterns/%s", "")},

	"trips.search": {{as: "rider", ids: []string{"from", "to", "from to"}, status: 200, why: "a search that finds nothing, as between stops that nobody has",
		ask: func(id func(string) string) (string, string) {
			return "/v1/trips?from=" + id("from") + "&to=" + id("to") + "&date=" + id("date"), ""
		}}},
	"trips.get":      {one("rider", "trip", "/v1/trips/%s", "")},
	"trips.manifest": {one("driver", "trip", "/v1/trips/%s/manifest", "")},
	"trips.capacity": {one("dispatcher", "trip", "/v1/trips/%s/capacity", `{"capacity":12}`)},
	"trips.delay":    {one("dispatcher", "trip", "/v1/trips/%s/delay", `{"delay_s":120}`)},
	"trips.cancel":   {one("dispatcher", "spare", "/v1/trips/%s/cancel", `{"reason":"a test"}`)},
	"trips.depart":   {one("dispatcher", "gone", "/v1/trips/%s/depart", "")},

	"bookings.hold": {
		{as: "rider", ids: []string{"trip", "trip from to"}, ask: hold},
		{as: "rider", ids: []string{"from", "to", "from to"}, ask: hold, status: 422, why: "the trip is the caller's own and has no such stop: stop_not_on_trip, as for a stop that nobody has"},
	},
	"bookings.list":    {shown("rider", "/v1/bookings", "")},
	"bookings.get":     {one("rider", "confirmed", "/v1/bookings/%s", ""), one("dispatcher", "confirmed", "/v1/bookings/%s", "")},
	"bookings.confirm": {one("rider", "held", "/v1/bookings/%s/confirm", `{"pay":"cash"}`)},
	"bookings.pay": {one("rider", "toPay", "/v1/bookings/%s/pay", ""), {as: "rider", ids: []string{"toPay", "card", "toPay card"},
		ask: body("/v1/bookings/%s/pay", "toPay", `{"method":"%s"}`, "card")}},
	"bookings.payment": {one("rider", "paying", "/v1/bookings/%s/payment", "")},
	"bookings.ticket":  {one("rider", "confirmed", "/v1/bookings/%s/ticket", "")},
	"bookings.noShow":  {one("driver", "late", "/v1/bookings/%s/no-show", "")},
	"bookings.cancel":  {one("rider", "toCancel", "/v1/bookings/%s/cancel", ""), one("dispatcher", "toCancelToo", "/v1/bookings/%s/cancel", "")},
	"boardings.create": {
		{as: "driver", ids: []string{"toBoard"}, ask: func(id func(string) string) (string, string) {
			return "/v1/boardings", `{"booking":"` + id("toBoard") + `"}`
		}},
		{as: "driver", ids: []string{"trip"}, status: 409, why: "the booking is the caller's own and is on another trip: ticket_other_trip, as for a trip that nobody has",
			ask: func(id func(string) string) (string, string) {
				return "/v1/boardings", `{"booking":"` + id("toBoard") + `","trip":"` + id("trip") + `"}`
			}},
		{as: "driver", ids: []string{"token"}, status: 422, why: "a ticket signed by another tenant is no ticket here: ticket_invalid, as for one that nobody signed",
			ask: func(id func(string) string) (string, string) {
				return "/v1/boardings", `{"token":"` + id("token") + `"}`
			}},
	},
	"sessions.list":      {closed("rider", "/v1/sessions", "")},
	"sessions.get":       {one("rider", "talk", "/v1/sessions/%s", ""), one("driver", "talk", "/v1/sessions/%s", "")},
	"sessions.join":      {one("rider", "talkJoin", "/v1/sessions/%s/join", "")},
	"sessions.entry":     {one("rider", "talk", "/v1/sessions/%s/entry?epoch=1", "")},
	"sessions.leave":     {one("rider", "talkLeave", "/v1/sessions/%s/leave", `{"epoch":1}`)},
	"sessions.interrupt": {one("rider", "talk", "/v1/sessions/%s/interrupt", "")},
	"sessions.end":       {one("rider", "talkEnd", "/v1/sessions/%s/end", "")},
	"sessions.done":      {one("driver", "talkDone", "/v1/sessions/%s/done", "")},
	"sessions.rate":      {one("rider", "talkRate", "/v1/sessions/%s/rating", `{"stars":5}`)},
	"sessions.listen":    {one("admin", "talkListen", "/v1/sessions/%s/listen", "")},
	"sessions.barge":     {one("admin", "talkListen", "/v1/sessions/%s/barge", "")},
	"sessions.transfer": {{as: "admin", ids: []string{"talkTransfer", "talkQueue", "talkTransfer talkQueue"}, ask: body("/v1/sessions/%s/transfer", "talkTransfer", `{"queue":"%s"}`, "talkQueue")},
		{as: "admin", ids: []string{"colleague"}, ask: body("/v1/sessions/%s/transfer", "talkTransferTo", `{"expert":"%s"}`, "colleague"), status: 409, why: "transfer_not_ready, as with an expert whom nobody knows"},
		one("admin", "talkTransferBy", "/v1/sessions/%s/transfer", "{}")},
	"sessions.callOffTransfer": {one("rider", "talkTransferBy", "/v1/sessions/%s/transfer/call-off", "")},
	"sessions.bringIn": {{as: "admin", ids: []string{"talkSecond", "talkQueue", "talkSecond talkQueue"}, ask: body("/v1/sessions/%s/second", "talkSecond", `{"queue":"%s"}`, "talkQueue")},
		{as: "admin", ids: []string{"colleague"}, ask: body("/v1/sessions/%s/second", "talkSecondTo", `{"expert":"%s"}`, "colleague"), status: 409, why: "transfer_not_ready, as with an expert whom nobody knows"},
		one("admin", "talkSecondBy", "/v1/sessions/%s/second", "{}")},
	"sessions.callOffSecond": {one("rider", "talkSecondBy", "/v1/sessions/%s/second/call-off", "")},
	"sessions.colleagues":    {one("admin", "talk", "/v1/sessions/%s/colleagues", "")},
	"sessions.withdraw":      {one("admin", "talkListened", "/v1/sessions/%s/withdraw", "")},
	"sessions.say":           {one("rider", "talk", "/v1/sessions/%s/messages", `{"body":"a test"}`)},
	"sessions.shareFile":     {one("rider", "talk", "/v1/sessions/%s/files?name=x.txt", `"a test"`)},
	"sessions.fileLink":      {one("rider", "talk", "/v1/sessions/%s/files/1", "")},
	"sessions.favour":        {one("rider", "talk", "/v1/sessions/%s/favourite", "")},
	"sessions.block":         {one("rider", "talkRate", "/v1/sessions/%s/block", "")},
	"sessions.report":        {one("rider", "talk", "/v1/sessions/%s/report", `{"reason":"abuse"}`)},
	"sessions.messages":      {one("rider", "talk", "/v1/sessions/%s/messages", "")},

	"ticketKeys.list": {closed("driver", "/v1/ticket-keys", "")},

	"organisations.list":   {shown("boss", "/v1/organisations", ""), shown("admin", "/v1/organisations", "")},
	"organisations.create": {closed("admin", "/v1/organisations", `{"name":"Swap"}`)},
	"organisations.get":    {one("boss", "org", "/v1/organisations/%s", ""), one("admin", "org", "/v1/organisations/%s", "")},
	"organisations.update": {one("admin", "org", "/v1/organisations/%s", `{"name":"Swapped"}`)},
	"units.create":         {{as: "admin", ids: []string{"org", "unit", "org unit"}, ask: body("/v1/organisations/%s/units", "org", `{"name":"Swap","parent":"%s"}`, "unit")}},
	"managers.list":        {{as: "admin", ids: []string{"org"}, ask: one("admin", "org", "/v1/organisations/%s/managers", "").ask, shows: true}},
	"managers.remove": {
		{as: "admin", ids: []string{"org", "deputy", "unit", "org deputy", "org deputy unit"}, ask: func(id func(string) string) (string, string) {
			return "/v1/organisations/" + id("org") + "/managers/" + id("deputy") + "?unit=" + id("unit"), ""
		}},
		{as: "admin", ids: []string{"org", "deputy", "org deputy"}, ask: func(id func(string) string) (string, string) {
			return "/v1/organisations/" + id("org") + "/managers/" + id("deputy"), ""
		}},
	},
	"managers.add": {
		{as: "admin", ids: []string{"org", "unit", "org unit"}, ask: manager},
		{as: "admin", ids: []string{"bossMail"}, ask: manager, status: 422, why: "the unit is the caller's own and nobody here has this address: manager_unknown, as for an address that nobody has"},
	},
	"members.list": {one("boss", "org", "/v1/organisations/%s/members", "")},
	"members.move": {{as: "sideboss", ids: []string{"side", "member", "side member"}, ask: func(id func(string) string) (string, string) {
		return "/v1/organisations/" + id("side") + "/members/" + id("member"), `{"cost_centre":"CC-9"}`
	}}},
	"members.remove": {{as: "sideboss", ids: []string{"side", "member", "side member"}, ask: func(id func(string) string) (string, string) {
		return "/v1/organisations/" + id("side") + "/members/" + id("member"), ""
	}}},
	"rosters.preview": {{as: "boss", ids: []string{"org", "unit", "org unit"},
		ask: body("/v1/organisations/%s/rosters", "org", `{"file_name":"x.csv","csv":"name,email\nA,a@x.ma\n","unit":"%s"}`, "unit")}},
	"rosters.apply":   {one("boss", "roster", "/v1/rosters/%s/apply", `{"alarmed":true}`)},
	"programmes.list": {one("boss", "org", "/v1/organisations/%s/programmes", "")},
	"programmes.create": {
		{as: "boss", ids: []string{"org", "unit", "org unit"}, ask: body("/v1/organisations/%s/programmes", "org", `{"name":"P","percent":50,"valid_from":"2026-01-01","unit":"%s"}`, "unit")},
		{as: "boss", ids: []string{"line"}, status: 422, why: "the organisation is the caller's own and the line is none of the operator's: bad_value, as for a line that nobody has",
			ask: body("/v1/organisations/%s/programmes", "org", `{"name":"P","percent":50,"valid_from":"2026-01-01","lines":["%s"]}`, "line")},
	},
	"programmes.alerts":       {one("boss", "programme", "/v1/programmes/%s/alerts", `{"month":"2026-01-01","percent":80}`)},
	"programmes.update":       {one("boss", "programme", "/v1/programmes/%s", `{"name":"P","percent":60,"valid_from":"2026-01-01"}`)},
	"invoices.list":           {closed("finance", "/v1/invoices", "")},
	"invoices.ofOrganisation": {one("boss", "org", "/v1/organisations/%s/invoices", ""), one("finance", "org", "/v1/organisations/%s/invoices", "")},
	"invoices.preview":        {one("finance", "billed", "/v1/organisations/%s/invoices/preview", "")},
	"invoices.finalise":       {one("finance", "billed", "/v1/organisations/%s/invoices", `{"month":"2026-06"}`)},
	"invoices.get":            {one("boss", "invoice", "/v1/invoices/%s", ""), one("finance", "invoice", "/v1/invoices/%s", "")},
	"invoices.file":           {one("boss", "invoice", "/v1/invoices/%s/file?format=csv", "")},
	"invoices.credit":         {one("finance", "invoice", "/v1/invoices/%s/credit", `{"picks":[{"line":"1","amount":1}]}`)},
	"receivables.get":         {closed("finance", "/v1/receivables", "")},
	"receivables.invoices": {closed("finance", "/v1/receivables/invoices", ""),
		{as: "finance", ids: []string{"org"}, status: 200, why: "a search that finds nothing, as of an organisation that nobody has", ask: func(id func(string) string) (string, string) {
			return "/v1/receivables/invoices?organisation=" + id("org"), ""
		}},
		{as: "finance", ids: []string{"invoice"}, ask: func(id func(string) string) (string, string) {
			return "/v1/receivables/invoices?cursor=" + id("invoice"), ""
		}}},
	"receivables.remind":     {closed("finance", "/v1/receivables/reminders", "")},
	"credits.list":           {closed("finance", "/v1/credits", "")},
	"credits.ofOrganisation": {one("boss", "org", "/v1/organisations/%s/credits", ""), one("finance", "org", "/v1/organisations/%s/credits", "")},
	"credits.apply": {{as: "finance", ids: []string{"org", "invoice", "org invoice"}, ask: func(id func(string) string) (string, string) {
		return "/v1/organisations/" + id("org") + "/credits/apply", `{"currency":"` + id("orgCurrency") + `","pays":[{"invoice":"` + id("invoice") + `","amount":1}]}`
	}}},
	"credits.undo": {one("finance", "creditMove", "/v1/credit-moves/%s/undo", "")},
	"credits.refund": {{as: "finance", ids: []string{"org"}, ask: func(id func(string) string) (string, string) {
		return "/v1/organisations/" + id("org") + "/credits/refunds", `{"amount":{"amount":1,"currency":"` + id("orgCurrency") + `"},"holder":"Swap","number":"AE070331234567890123456","reason":"x"}`
	}}},
	"credits.approve": {one("admin", "creditRefund", "/v1/credit-refunds/%s/approve", "")},
	"credits.discard": {one("finance", "spareRefund", "/v1/credit-refunds/%s/discard", "")},
	"credits.end":     {one("finance", "creditRefund", "/v1/credit-refunds/%s/end", `{"returned":false,"reference":"VIR-1"}`)},
	"bank.preview":    {closed("finance", "/v1/bank/previews", `{"account":"main","name":"x.csv","csv":"date,amount,currency,text\n2026-10-01,7,MAD,x\n"}`)},
	"bank.import":     {closed("finance", "/v1/bank/imports", `{"account":"main","name":"x.csv","csv":"date,amount,currency,text\n2026-10-01,7,MAD,x\n"}`)},
	"bank.lines":      {closed("finance", "/v1/bank/lines", "")},
	"bank.match": {{as: "finance", ids: []string{"bankLine", "invoice", "bankLine invoice"},
		ask: body("/v1/bank/lines/%s/match", "bankLine", `{"pays":[{"invoice":"%s","amount":1}]}`, "invoice")}},
	"bank.payout": {{as: "finance", ids: []string{"paidOutLine", "gatewayPayout", "paidOutLine gatewayPayout"},
		ask: body("/v1/bank/lines/%s/payout", "paidOutLine", `{"payout":"%s"}`, "gatewayPayout")}},
	"bank.aside": {one("finance", "spareLine", "/v1/bank/lines/%s/aside", `{"reason":"a test"}`)},
	"bank.back":  {one("finance", "asideLine", "/v1/bank/lines/%s/back", "")},
	"bank.unmatch": {{as: "finance", ids: []string{"matchedLine", "bankMatch", "matchedLine bankMatch"},
		ask: body("/v1/bank/lines/%s/unmatch", "matchedLine", `{"match":"%s","reason":"a test"}`, "bankMatch")}},
	"periods.list":    {closed("finance", "/v1/periods", "")},
	"periods.lock":    {closed("finance", "/v1/periods", `{"month":"2020-01"}`)},
	"periods.export":  {closed("finance", "/v1/periods/2020-01/export", "")},
	"opening.preview": {closed("finance", "/v1/opening/preview", `{"csv":"account,currency,amount\nbank:main,MAD,1\n"}`)},
	"opening.apply":   {closed("finance", "/v1/opening", `{"csv":"account,currency,amount\nbank:main,MAD,1\n"}`)},
	"biller.get":      {closed("finance", "/v1/biller", "")},
	"biller.save":     {closed("finance", "/v1/biller", `{"name":"N","address":[],"country":"MA","ids":[],"bank":[],"notes":[],"prices":"gross","version":1}`)},
	"taxes.list":      {closed("finance", "/v1/taxes", "")},
	"taxes.add":       {closed("finance", "/v1/taxes", `{"country":"MA","supply":"general","from":"2030-01-01","code":"MA-21","rate":2100,"treatment":"taxed"}`)},
	"me.cases":        {shown("rider", "/v1/me/cases", "")},
	"cases.list":      {shown("finance", "/v1/cases", "")},
	"cases.open": {
		{as: "rider", ids: []string{"confirmed"}, ask: func(id func(string) string) (string, string) {
			return "/v1/cases", `{"subject":"booking/` + id("confirmed") + `","reason":"late","says":"x"}`
		}},
		{as: "boss", ids: []string{"invoice"}, ask: func(id func(string) string) (string, string) {
			return "/v1/cases", `{"subject":"invoice/` + id("invoice") + `/1","reason":"late","says":"x"}`
		}},
	},
	"cases.get":      {one("rider", "case", "/v1/cases/%s", ""), one("finance", "case", "/v1/cases/%s", "")},
	"cases.evidence": {one("rider", "case", "/v1/cases/%s/evidence", `{"says":"x"}`)},
	"cases.file": {{as: "rider", ids: []string{"case", "evidence", "case evidence"}, ask: func(id func(string) string) (string, string) {
		return "/v1/cases/" + id("case") + "/evidence/" + id("evidence"), ""
	}}},
	"cases.decide": {one("finance", "caseToDecide", "/v1/cases/%s/decide", `{"decision":"declined","answer":"x"}`)},

	"spend.get":   {one("boss", "org", "/v1/organisations/%s/spend", "")},
	"spend.rides": {one("boss", "org", "/v1/organisations/%s/rides", "")},
	"spend.file":  {one("boss", "org", "/v1/organisations/%s/rides/file", "")},

	"imports.list": {shown("admin", "/v1/feeds/imports", "")},
	"finance.payments": {shown("finance", "/v1/finance/payments", ""), {as: "finance", ids: []string{"payer"}, status: 200, why: "a list that finds nothing, as of a payer whom nobody knows",
		ask: func(id func(string) string) (string, string) { return "/v1/finance/payments?payer=" + id("payer"), "" }}},
	"finance.paymentsFile": {shown("finance", "/v1/finance/payments/file", ""), {as: "finance", ids: []string{"payer"}, status: 200, why: "a file without lines, as of a payer whom nobody knows",
		ask: func(id func(string) string) (string, string) {
			return "/v1/finance/payments/file?payer=" + id("payer"), ""
		}}},
	"finance.payment":      {one("finance", "taken", "/v1/finance/payments/%s", "")},
	"finance.refund":       {one("finance", "taken", "/v1/finance/payments/%s/refund", `{"amount":5,"reason":"a test"}`)},
	"finance.refunds":      {shown("finance", "/v1/finance/refunds", "")},
	"finance.settleRefund": {one("finance", "caseToDecide", "/v1/finance/refunds/%s/settle", `{"as":"wallet"}`)},
	"finance.accounts":     {shown("finance", "/v1/finance/accounts", "")},
	"finance.statement": {{as: "finance", ids: []string{"payer"}, ask: func(id func(string) string) (string, string) {
		return "/v1/finance/statement?currency=MAD&account=wallet:" + id("payer"), ""
	}}},
	"finance.events":       {shown("finance", "/v1/finance/events", "")},
	"finance.event":        {one("finance", "event", "/v1/finance/events/%s", "")},
	"finance.replay":       {one("finance", "event", "/v1/finance/events/%s/replay", "")},
	"finance.budgetAlerts": {closed("finance", "/v1/finance/budget-alerts", "")},
	"finance.findings":     {shown("finance", "/v1/finance/findings", "")},
	"finance.finding":      {one("finance", "finding", "/v1/finance/findings/%s", "")},
	"finance.decide":       {one("finance", "finding", "/v1/finance/findings/%s/decide", `{"state":"explained","reason":"a test"}`)},
	"corrections.list":     {shown("finance", "/v1/finance/corrections", "")},
	"corrections.get":      {one("finance", "correction", "/v1/finance/corrections/%s", "")},
	"corrections.prepare":  {one("finance", "finding", "/v1/finance/findings/%s/corrections", `{"reason":"x","currency":"MAD","entries":[{"account":"fees:bank","debit":true,"amount":1},{"account":"loss:correction","debit":false,"amount":1}]}`)},
	"corrections.approve":  {one("admin", "correction", "/v1/finance/corrections/%s/approve", "")},
	"corrections.discard":  {one("finance", "spareCorrection", "/v1/finance/corrections/%s/discard", "")},

	"users.list":    {shown("admin", "/v1/users", "")},
	"users.devices": {one("admin", "user", "/v1/users/%s/devices", "")},
	"users.create":  {closed("admin", "/v1/users", `{"email":"swap@example.org","name":"Swap","roles":["rider"]}`)},
	"users.update":  {one("admin", "user", "/v1/users/%s", `{"disabled":false}`)},

	"payouts.list":        {closed("finance", "/v1/payouts", "")},
	"payouts.get":         {{as: "finance", ids: []string{"payout"}, shows: true, ask: func(id func(string) string) (string, string) { return "/v1/payouts/" + id("payout"), "" }}},
	"payouts.approve":     {one("admin", "payout", "/v1/payouts/%s/approve", "")},
	"payouts.send":        {one("finance", "payout", "/v1/payouts/%s/send", "")},
	"payouts.file":        {one("finance", "payout", "/v1/payouts/%s/file", "")},
	"payouts.end":         {one("finance", "payoutLine", "/v1/payout-lines/%s/end", `{"returned":false}`)},
	"payouts.discard":     {one("finance", "draft", "/v1/payouts/%s/discard", "")},
	"experts.list":        {shown("finance", "/v1/experts?q=rider", "")},
	"experts.get":         {one("finance", "user", "/v1/experts/%s", "")},
	"experts.beneficiary": {one("finance", "user", "/v1/experts/%s/beneficiary", `{"holder":"Swap","number":"AE070331234567890123456"}`)},

	"cash.riders": {shown("agent", "/v1/cash/riders?q=rider", "")},
	"cash.take": {{as: "agent", ids: []string{"rider"}, ask: func(id func(string) string) (string, string) {
		return "/v1/cash/takings", `{"rider":"` + id("rider") + `","amount":500}`
	}}},
	"cash.undo":         {one("agent", "taking", "/v1/cash/takings/%s/undo", "")},
	"cash.shift":        {shown("agent", "/v1/cash/shift", "")},
	"cash.open":         {closed("agent", "/v1/cash/shift", "")},
	"cash.close":        {closed("agent", "/v1/cash/shift/close", `{"counted":0,"deposited":0,"place":"safe"}`)},
	"shifts.list":       {shown("finance", "/v1/shifts", "")},
	"shifts.takings":    {{as: "finance", ids: []string{"shift"}, shows: true, ask: func(id func(string) string) (string, string) { return "/v1/shifts/" + id("shift") + "/takings", "" }}},
	"passProducts.list": {shown("rider", "/v1/pass-products", "")},
	"passProducts.all":  {shown("admin", "/v1/pass-products/all", "")},
	"passProducts.create": {{as: "admin", ids: []string{"line", "stop", "line stop"}, ask: func(id func(string) string) (string, string) {
		return "/v1/pass-products", `{"name":"Swap","days":30,"price":5000,"lines":["` + id("line") + `"],"stops":["` + id("stop") + `"]}`
	}}},
	"passProducts.update": {one("admin", "product", "/v1/pass-products/%s", `{"on_sale":true}`)},
	"passes.list":         {shown("rider", "/v1/passes", "")},
	"passes.get":          {one("rider", "pass", "/v1/passes/%s", "")},
	"passes.buy": {{as: "rider", ids: []string{"product"}, ask: func(id func(string) string) (string, string) {
		return "/v1/passes", `{"product":"` + id("product") + `","pay":"wallet"}`
	}}, {as: "rider", ids: []string{"product", "card", "product card"}, ask: func(id func(string) string) (string, string) {
		return "/v1/passes", `{"product":"` + id("product") + `","pay":"card","method":"` + id("card") + `"}`
	}}},
	"passes.refund": {one("rider", "pass", "/v1/passes/%s/refund", "")},

	"skills.list": {shown("client", "/v1/skills", "")},
	"skills.add":  {closed("supervisor", "/v1/skills", `{"name":"Swap"}`)},
	"queues.list": {shown("client", "/v1/queues", "")},
	"queues.add": {{as: "supervisor", ids: []string{"skill", "queue", "skill queue"}, ask: func(id func(string) string) (string, string) {
		return "/v1/queues", rules("Swap", id("skill"), id("queue"), "")
	}}},
	"queues.change": {{as: "supervisor", ids: []string{"queueToChange", "skill", "queueToChange skill"}, ask: func(id func(string) string) (string, string) {
		return "/v1/queues/" + id("queueToChange"), rules("Changed", id("skill"), "", `,"version":1`)
	}}},
	"queues.board":     {{as: "supervisor", ids: []string{"queue"}, shows: true, ask: func(id func(string) string) (string, string) { return "/v1/queues/" + id("queue") + "/board", "" }}},
	"supervisors.list": {{as: "admin", ids: []string{"queue"}, ask: one("admin", "queue", "/v1/queues/%s/supervisors", "").ask}},
	"supervisors.add": {
		{as: "admin", ids: []string{"queue"}, ask: supervisor},
		{as: "admin", ids: []string{"bossMail"}, ask: supervisor, status: 422, why: "the queue is the caller's own and nobody here has this address: supervisor_unknown, as for an address that nobody has"},
	},
	"supervisors.remove": {{as: "admin", ids: []string{"queue", "user", "queue user"}, ask: func(id func(string) string) (string, string) {
		return "/v1/queues/" + id("queue") + "/supervisors/" + id("user"), ""
	}}},
	"queues.spill": {one("supervisor", "queueToSpill", "/v1/queues/%s/overflow", "")},
	"queues.times": {one("client", "queue", "/v1/queues/%s/times", "")},
	"appointments.book": {{as: "client", ids: []string{"queue", "skill", "queue skill"}, ask: func(id func(string) string) (string, string) {
		return "/v1/appointments", `{"queue":"` + id("queue") + `","needs":[{"skill":"` + id("skill") + `","level":2}],"modality":"audio","ceiling":900,"minutes":2,"due_at":"` + bookable + `","time_zone":"UTC"}`
	}}},
	"appointments.list":      {shown("client", "/v1/appointments", "")},
	"appointments.get":       {one("client", "appointment", "/v1/appointments/%s", "")},
	"appointments.move":      {one("client", "appointment", "/v1/appointments/%s/move", `{"due_at":"`+strings.Replace(bookable, ":00:00Z", ":30:00Z", 1)+`"}`)},
	"appointments.cancel":    {one("client", "appointmentToCancel", "/v1/appointments/%s/cancel", "")},
	"appointments.fund":      {{as: "client", ids: []string{"appointmentToFund"}, ask: fundAppointment}, {as: "client", ids: []string{"appointmentFunds"}, ask: fundAppointment, status: 409, why: "request_not_funded, as with what nobody has set aside"}},
	"requests.fund":          {closed("client", "/v1/requests/funds", `{"ceiling":900,"minutes":2}`)},
	"requests.funds":         {one("client", "spareFunds", "/v1/requests/funds/%s", "")},
	"requests.giveBackFunds": {one("client", "spareFunds", "/v1/requests/funds/%s/give-back", "")},
	"requests.place": {
		{as: "client", ids: []string{"queue", "skill", "queue skill"}, ask: place("funds")},
		{as: "client", ids: []string{"moreFunds"}, ask: place("moreFunds"), status: 409, why: "request_not_funded, as with what nobody has set aside"},
	},
	"requests.get":        {one("client", "request", "/v1/requests/%s", ""), one("supervisor", "request", "/v1/requests/%s", "")},
	"requests.cancel":     {one("client", "requestToCancel", "/v1/requests/%s/cancel", "")},
	"requests.callMe":     {one("caller", "requestToCall", "/v1/requests/%s/call-me", "")},
	"requests.here":       {one("caller", "requestToCall", "/v1/requests/%s/here", "")},
	"requests.prioritise": {one("supervisor", "requestToRun", "/v1/requests/%s/priority", `{"priority":5}`)},
	"requests.move": {{as: "supervisor", ids: []string{"requestToRun", "queue", "requestToRun queue"}, ask: func(id func(string) string) (string, string) {
		return "/v1/requests/" + id("requestToRun") + "/move", `{"queue":"` + id("queue") + `"}`
	}}},
	"practice.earned": {closed("expert", "/v1/me/practice/earnings", "")},
	"practice.list":   {shown("supervisor", "/v1/practices", "")},
	"practice.get":    {closed("expert", "/v1/me/practice", "")},
	"practice.apply": {{as: "expert", ids: []string{"skill"}, ask: func(id func(string) string) (string, string) {
		return "/v1/me/practice", `{"price":{"amount":500,"currency":"` + id("currency") + `"},"slots":2,"modalities":["audio"],"languages":["ar"],"time_zone":"UTC","skills":[{"skill":"` + id("skill") + `","level":3}],"hours":[]}`
	}}},
	"practice.intend":   {closed("expert", "/v1/me/practice/intent", `{"intent":"available"}`)},
	"practice.see":      {one("supervisor", "expert", "/v1/practices/%s", "")},
	"practice.decide":   {one("supervisor", "expert", "/v1/practices/%s/decide", `{"state":"approved"}`)},
	"practice.licences": {shown("expert", "/v1/me/practice/licences", "")},
	"practice.handIn": {{as: "expert", ids: []string{"skill"}, ask: func(id func(string) string) (string, string) {
		return "/v1/me/practice/licences?number=L-1&until=2099-01-01&name=x.txt&skill=" + id("skill"), `"a test"`
	}}},
	"practice.licenceLink": {one("expert", "licence", "/v1/me/practice/licences/%s/link", "")},
	"licences.list": {{as: "supervisor", ids: []string{"expert"}, shows: true, ask: func(id func(string) string) (string, string) {
		return "/v1/practices/" + id("expert") + "/licences", ""
	}}},
	"licences.link":   {one("supervisor", "licence", "/v1/licences/%s/link", "")},
	"licences.decide": {one("supervisor", "licence", "/v1/licences/%s/decide", `{"state":"refused","why":"a test"}`)},
	"reports.list":    {shown("supervisor", "/v1/reports", "")},
	"reports.get":     {{as: "supervisor", ids: []string{"report"}, shows: true, ask: func(id func(string) string) (string, string) { return "/v1/reports/" + id("report"), "" }}},
	"reports.decide":  {one("supervisor", "report", "/v1/reports/%s/decide", `{"outcome":"dismissed"}`)},
	"offers.accept":   {one("expert", "offer", "/v1/offers/%s/accept", "")},
	"offers.decline":  {one("expert", "offerToDecline", "/v1/offers/%s/decline", "")},

	"shifts.confirm": {one("finance", "shift", "/v1/shifts/%s/confirm", `{"received":700}`)},
}

// elsewhere names the tests of routes that no id goes into.
var elsewhere = map[string]string{
	"auth.signIn":  "TestIsolationOfCredentials",
	"auth.refresh": "TestIsolationOfCredentials",
	"auth.signOut": "TestIsolationOfCredentials",
	"payouts.make": "TestPayoutByBank and TestMoneyOfAnotherTenant in billing: no id goes into it",

	"sessions.beat": "TestAHeartbeatStaysInItsTenant: it is written down a moment later, and would be seen as another's change",

	"sessions.whisper": "TestAWhisperStaysInItsTenant: it wants a provider that can",

	"experts.account": "TestMoneyOfAnotherTenant in billing, where there is a gateway",
	"experts.open":    "TestMoneyOfAnotherTenant in billing, where there is a gateway",
	"experts.refresh": "TestMoneyOfAnotherTenant in billing, where there is a gateway",
	"experts.link":    "TestMoneyOfAnotherTenant in billing, where there is a gateway",

	"files.get": "TestAFileIsHandedOver: no id goes into it, its token is signed",

	"auth.jwks":    "public keys of the installation: the same for everybody",
	"realtime.set": "TestIsolationOverTheSocket: with each kind of channel",
}

// pending are routes that nobody serves yet. One that is served must leave this list.
var pending = map[string]bool{}

func hold(id func(string) string) (string, string) {
	return "/v1/bookings", `{"trip":"` + id("trip") + `","from":"` + id("from") + `","to":"` + id("to") + `","party":1}`
}

// body is a route about one thing with another one in its body.
func body(path, name, text, inside string) func(func(string) string) (string, string) {
	return func(id func(string) string) (string, string) {
		return fmt.Sprintf(path, id(name)), fmt.Sprintf(text, id(inside))
	}
}

// rules are a queue's, with what it asks of everybody and where it overflows.
func rules(name, skill, overflow, version string) string {
	if overflow != "" {
		overflow = `"overflow":"` + overflow + `",`
	}
	return `{"name":"` + name + `","modalities":["audio"],"sla_s":60,"ring_s":15,"push_ring_s":40,"fan_out":1,"rings":[],"weights":{},` + overflow +
		`"callback":true,"open":true,"most":10,"time_zone":"UTC","needs":[{"skill":"` + skill + `","level":1}],"hours":[]` + version + `}`
}

func fundAppointment(id func(string) string) (string, string) {
	return "/v1/appointments/" + id("appointmentToFund") + "/fund", `{"funds":"` + id("appointmentFunds") + `"}`
}

func place(funds string) func(func(string) string) (string, string) {
	return func(id func(string) string) (string, string) {
		return "/v1/requests", `{"queue":"` + id("queue") + `","needs":[{"skill":"` + id("skill") + `","level":2}],"modality":"audio","funds":"` + id(funds) + `"}`
	}
}

func supervisor(id func(string) string) (string, string) {
	return "/v1/queues/" + id("queue") + "/supervisors", `{"email":"` + id("bossMail") + `"}`
}

func manager(id func(string) string) (string, string) {
	return "/v1/organisations/" + id("org") + "/managers", `{"email":"` + id("bossMail") + `","unit":"` + id("unit") + `"}`
}

// one is a route about one thing.
func one(as, name, path, body string) swap {
	return swap{as: as, ids: []string{name}, ask: func(id func(string) string) (string, string) { return fmt.Sprintf(path, id(name)), body }}
}

// closed is a route without ids whose answer has nothing of a tenant in it.
func closed(as, path, body string) swap {
	return swap{as: as, ask: func(func(string) string) (string, string) { return path, body }}
}

// shown is a route without ids: each tenant must see its own and only its own.
func shown(as, path, body string) swap {
	s := closed(as, path, body)
	s.shows = true
	return s
}
