package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/waymeet/waymeet/billing"
	"github.com/waymeet/waymeet/billing/gateway"
	"github.com/waymeet/waymeet/billing/gateway/envelope"
	"github.com/waymeet/waymeet/billing/invoice"
	"github.com/waymeet/waymeet/billing/invoicing"
	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/identity"
	"github.com/waymeet/waymeet/internal/devstack/devtest"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/internal/seal"
	"github.com/waymeet/waymeet/internal/stripeemu"
	"github.com/waymeet/waymeet/internal/telemetry"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/store/storetest"
	"github.com/waymeet/waymeet/web"
	"github.com/waymeet/waymeet/web/rest"
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

// world is two tenants on one node, each with a thing of every sort.
type world struct {
	*storetest.DB
	url  string
	web  *web.Server
	log  *logged
	emu  *stripeemu.Emulator
	a, b *side
	end  func() // ends the node
}

// side is one of the tenants.
type side struct {
	storetest.Tenant
	day    storetest.Day
	things map[string]string
	tokens map[string]string // access tokens, by role
}

type logged struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) { l.mu.Lock(); defer l.mu.Unlock(); return l.b.Write(p) }
func (l *logged) String() string              { l.mu.Lock(); defer l.mu.Unlock(); return l.b.String() }

const worldPassword = "correct horse battery"

var worldSecret = base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{3}, 32))

// newWorld runs a real node, with every part that serve has.
func newWorld(t *testing.T) *world {
	t.Helper()
	d := storetest.New(t)
	d.Exec(t, `update app_user set password_hash = $1`, identity.HashPassword(worldPassword))
	emu, err := stripeemu.Start(stripeemu.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = emu.Close() })
	// What the reconciler read here it would write while attacks are watched for what they change.
	emu.Inject(stripeemu.Fault{Method: http.MethodGet, Path: "/v1/balance_transactions", What: stripeemu.Refuse, Times: 1 << 30})
	w := &world{DB: d, log: &logged{}, emu: emu}
	w.url, w.web, w.end = serveParts(t, d, "one", w.log, nil, "WAYMEET_STRIPE_URL", emu.URL())
	for _, x := range []storetest.Tenant{d.A, d.B} {
		w.till(t, x, emu.URL())
	}
	d.Exec(t, `update tenant set settings = settings || jsonb_build_object('booking', coalesce(settings -> 'booking', '{}') || '{"flat_fare": 1200}')`)
	w.a, w.b = w.side(t, d.A), w.side(t, d.B)
	return w
}

// serveNode runs one node as serve does, until the test ends.
func serveNode(t *testing.T, d *storetest.DB, name string, log io.Writer, more ...string) (url string, edge *web.Server) {
	t.Helper()
	url, edge, _ = serveParts(t, d, name, log, nil, more...)
	return url, edge
}

// serveParts runs a node of which only some parts run behind the requests, or all, until the test ends or it is told to end.
func serveParts(t *testing.T, d *storetest.DB, name string, log io.Writer, only []string, more ...string) (url string, edge *web.Server, stop func()) {
	t.Helper()
	environment := map[string]string{
		"WAYMEET_DATABASE_URL": d.AppURL(), "WAYMEET_SYSTEM_DATABASE_URL": d.SystemURL(), "WAYMEET_REDIS_URL": devtest.RedisURL(t),
		"WAYMEET_SECRET": worldSecret, "WAYMEET_NODE": name, "WAYMEET_FILES_DIR": t.TempDir(),
	}
	for i := 0; i < len(more); i += 2 {
		environment[more[i]] = more[i+1]
	}
	cfg, err := readConfig(func(n string) string { return environment[n] })
	if err != nil {
		t.Fatal(err)
	}
	cfg.unpaced = true
	ctx, end := context.WithCancel(context.Background())
	n, err := openNode(ctx, cfg, telemetry.NewLogger(log, telemetry.LogConfig{Level: slog.LevelDebug, IDs: identify}))
	if err != nil {
		t.Fatal(err)
	}
	if only != nil {
		n.behind = slices.DeleteFunc(n.behind, func(p part) bool { return !slices.Contains(only, p.name) })
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- n.run(ctx, l) }()
	stop = sync.OnceFunc(func() {
		end()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	url = "http://" + l.Addr().String()
	for late := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if res, err := http.Get(url + "/readyz"); err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return url, n.web, stop
			}
		}
		if time.Now().After(late) {
			t.Fatal("the node never got ready")
		}
	}
}

// till gives a tenant an account at the Stripe emulator.
func (w *world) till(t *testing.T, x storetest.Tenant, url string) {
	t.Helper()
	box, err := seal.Parse(worldSecret)
	if err != nil {
		t.Fatal(err)
	}
	kms, err := envelope.NewEnvironment(kmsKey, map[string]*seal.Box{kmsKey: box})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := billing.NewAccounts(w.DB.DB, kms, openers(url)).Add(t.Context(), x.ID, gateway.Credentials{Kind: gateway.Stripe,
		Merchant: gateway.Merchant{Name: x.Slug}, SecretKey: gateway.Hide("sk_test_" + x.Slug), Publishable: "pk_test_" + x.Slug}); err != nil {
		t.Fatal(err)
	}
}

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

// answered is a reply, read.
type answered struct {
	Status int
	Body   string
}

func (a answered) json() map[string]any {
	var m map[string]any
	_ = json.Unmarshal([]byte(a.Body), &m)
	return m
}

func (w *world) send(t *testing.T, token, method, path, body string) answered {
	t.Helper()
	return w.sendUnder(t, ident.Token(9), token, method, path, body)
}

// sendUnder sends a request under a key.
func (w *world) sendUnder(t *testing.T, key, token, method, path, body string) answered {
	t.Helper()
	r, err := http.NewRequest(method, w.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if method == http.MethodPost || method == http.MethodPut {
		r.Header.Set("Idempotency-Key", key)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answered{res.StatusCode, string(b)}
}

var instance = regexp.MustCompile(`"instance":"[^"]*"`)

// same compares refusals: only the name of the request may differ.
func same(a, b answered, ids ...string) bool {
	plain := func(x answered) string {
		s := instance.ReplaceAllString(x.Body, "")
		for _, id := range ids {
			s = strings.ReplaceAll(s, id, "ID")
		}
		return s
	}
	return a.Status == b.Status && plain(a) == plain(b)
}

// still waits until nothing is under way that earlier requests began: events on their way from the gateway, and jobs.
func (w *world) still(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := w.emu.Settle(ctx); err != nil {
		t.Fatal(err)
	}
	for {
		busy := w.Texts(t, `select kind from river_job where state in ('available', 'running', 'pending') or state in ('scheduled', 'retryable') and scheduled_at < now() + interval '2 seconds'`)
		if len(busy) == 0 {
			return
		}
		select {
		case <-time.After(10 * time.Millisecond):
		case <-ctx.Done():
			t.Fatalf("jobs never end: %v", busy)
		}
	}
}

// hush lets the node end what earlier requests began, and puts one in its place that only answers: without jobs, sweeps and clocks of
// its own, what changes from here on a request has changed.
func (w *world) hush(t *testing.T) {
	t.Helper()
	w.still(t)
	w.end()
	w.url, w.web, w.end = serveParts(t, w.DB, "two", w.log, []string{"live", "identity"}, "WAYMEET_STRIPE_URL", w.emu.URL())
}

// all is a fingerprint of every row of every tenant, by table. What belongs to no tenant is left out: jobs and the log's drum.
func (w *world) all(t *testing.T) map[string]string {
	t.Helper()
	c, err := pgx.Connect(t.Context(), w.SuperURL())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close(context.Background()) }()
	rows, err := c.Query(t.Context(), `select c.relname::text, query_to_xml(format(
			'select count(*), md5(coalesce(string_agg(md5(x::text), '''' order by md5(x::text)), '''')) from %I x', c.relname), false, true, '')::text
		from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
			and (c.relname = 'tenant' or exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id'))`)
	if err != nil {
		t.Fatal(err)
	}
	out, table, sum := map[string]string{}, "", ""
	_, err = pgx.ForEachRow(rows, []any{&table, &sum}, func() error { out[table] = sum; return nil })
	if err != nil || len(out) < 10 {
		t.Fatal(err, out)
	}
	return out
}

// differs names the tables that are not as they were.
func differs(before, after map[string]string) []string {
	var out []string
	for table := range after {
		if before[table] != after[table] {
			out = append(out, table)
		}
	}
	return out
}

// nobodys is a thing that no tenant has, of the same make as one that exists.
func nobodys(name, like string) string {
	id, err := uuid.Parse(like)
	if err != nil { // a ticket: one letter of its signature changed
		b := []byte(like)
		b[len(b)-5] ^= 1
		return string(b)
	}
	fresh := uuid.New()
	copy(fresh[:6], id[:6]) // the day that a dated id carries
	fresh[6] = id[6]
	return fresh.String()
}

func TestIsolationOverHTTP(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.hush(t)
	for _, route := range web.Routes {
		cases := swaps[route.ID]
		if len(cases) == 0 && elsewhere[route.ID] == "" {
			t.Errorf("%s has no isolation case: add one to swaps", route.ID)
		}
		if _, served := w.web.API().Route(route.ID); served == pending[route.ID] {
			t.Errorf("%s: served %t, pending %t", route.ID, served, pending[route.ID])
			continue
		} else if !served {
			continue
		}
		for _, c := range cases {
			name := route.ID
			if len(cases) > 1 {
				name += "/" + c.as + " " + strings.Join(c.ids, " ")
			}
			t.Run(name, func(t *testing.T) { w.attack(t, route.Method, c) })
		}
	}
	for id := range swaps {
		if !slices.ContainsFunc(web.Routes, func(r rest.Route) bool { return r.ID == id }) {
			t.Errorf("swaps has a case for %s, which is no route", id)
		}
	}
	w.quiet(t)
}

func (w *world) attack(t *testing.T, method string, c swap) {
	t.Helper()
	want := c.status
	if want == 0 {
		want = http.StatusNotFound
	} else if c.why == "" {
		t.Fatal("a status other than 404 needs a reason")
	}
	var before map[string]string
	if len(c.ids) > 0 {
		before = w.all(t)
	}
	for _, ids := range c.ids {
		swapped := strings.Fields(ids)
		with := func(other func(string) string) func(string) string {
			return func(name string) string {
				for _, s := range swapped {
					if s == name {
						return other(name)
					}
				}
				return w.a.thing(name)
			}
		}
		path, body := c.ask(with(w.b.thing))
		got := w.send(t, w.a.tokens[c.as], method, path, body)
		unknown := func(name string) string { return nobodys(name, w.b.thing(name)) }
		path, body = c.ask(with(unknown))
		control := w.send(t, w.a.tokens[c.as], method, path, body)
		if got.Status != want || !same(got, control) {
			t.Errorf("%v of the other tenant: %d %s\nof nobody: %d %s\nwant %d", swapped, got.Status, got.Body, control.Status, control.Body, want)
		}
		w.clean(t, w.b, got)
		after := w.all(t)
		if changed := differs(before, after); len(changed) > 0 {
			t.Errorf("%v of the other tenant changed %v", swapped, changed)
		}
		before = after
	}
	// The positive control, on both sides: nothing but the swap was refused.
	for _, s := range []*side{w.a, w.b} {
		path, body := c.ask(s.thing)
		got := w.send(t, s.tokens[c.as], method, path, body)
		if got.Status/100 != 2 || (c.shows && !strings.Contains(got.Body, s.Canary)) {
			t.Errorf("with %s's own: %d %s", s.Slug, got.Status, got.Body)
		}
		if s == w.a {
			w.clean(t, w.b, got)
		} else {
			w.clean(t, w.a, got)
		}
	}
}

// clean fails when an answer shows anything of a tenant: its canary, or an id of its.
func (w *world) clean(t *testing.T, s *side, got answered) {
	t.Helper()
	for _, sign := range append([]string{s.Canary, s.ID.String(), s.Users["admin"].String(), s.Rider.String()}, values(s.things)...) {
		if len(sign) > 12 && strings.Contains(got.Body, sign) {
			i := strings.Index(got.Body, sign)
			t.Errorf("shows %q of %s: %s", sign, s.Slug, got.Body[max(0, i-200):min(len(got.Body), i+200)])
		}
	}
}

func values(m map[string]string) []string {
	var out []string
	for _, v := range m {
		out = append(out, v)
	}
	return out
}

// quiet fails when the log names what no log may: texts of tenants, secrets.
func (w *world) quiet(t *testing.T) {
	t.Helper()
	log := w.log.String()
	for _, sign := range []string{w.a.Canary, w.b.Canary, worldPassword, w.a.tokens["admin"], w.b.tokens["rider"], w.b.things["token"]} {
		if strings.Contains(log, sign) {
			t.Errorf("the log holds %q", sign)
		}
	}
	if !strings.Contains(log, w.a.ID.String()) {
		t.Error("the log does not name the tenant that asks: this was no test")
	}
}

// TestIsolationOfCredentials: a credential opens its own tenant and no other, whatever stands beside it.
func TestIsolationOfCredentials(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	in := func(slug string, of *side) answered {
		return w.send(t, "", "POST", "/v1/auth/sign-in", `{"tenant":"`+slug+`","email":"rider@`+of.Canary+`.example","password":"`+worldPassword+`"}`)
	}
	mine := in(w.a.Slug, w.a)
	theirs, nobody := in(w.a.Slug, w.b), in("charlie", w.a)
	if mine.Status != 200 || theirs.Status != 401 || !same(theirs, nobody) {
		t.Errorf("%v\n%v\n%v", mine, theirs, nobody)
	}
	w.clean(t, w.b, mine)
	w.clean(t, w.b, theirs)
	// A refresh token is bound to its tenant: with another's id in it, it is no token, and ends nobody's session.
	cookie := w.refreshCookie(t, w.a)
	raw, err := base64.RawURLEncoding.DecodeString(cookie)
	if err != nil {
		t.Fatal(err)
	}
	forged := bytes.Clone(raw)
	copy(forged, w.b.ID[:])
	w.hush(t)
	before := w.all(t)
	for _, path := range []string{"/v1/auth/refresh", "/v1/auth/sign-out"} {
		if status := w.withCookie(t, path, base64.RawURLEncoding.EncodeToString(forged)); status == 200 {
			t.Errorf("%s took a forged cookie", path)
		}
	}
	if changed := differs(before, w.all(t)); len(changed) > 0 {
		t.Errorf("a forged cookie changed %v", changed)
	}
	if status := w.withCookie(t, "/v1/auth/refresh", cookie); status != 200 {
		t.Errorf("the real one: %d", status)
	}
	w.quiet(t)
}

func (w *world) refreshCookie(t *testing.T, s *side) string {
	t.Helper()
	res, err := http.Post(w.url+"/v1/auth/sign-in", "application/json",
		strings.NewReader(`{"tenant":"`+s.Slug+`","email":"rider@`+s.Canary+`.example","password":"`+worldPassword+`"}`))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	for _, c := range res.Cookies() {
		return c.Value
	}
	t.Fatal("no cookie")
	return ""
}

func (w *world) withCookie(t *testing.T, path, value string) int {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, w.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.AddCookie(&http.Cookie{Name: "waymeet_refresh", Value: value})
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	return res.StatusCode
}
