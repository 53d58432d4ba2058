package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/waymeet/waymeet/store/storetest"
)

// paidRide is a confirmed booking of the side's rider that an employer's programme pays for.
func (w *world) paidRide(t *testing.T, s *side, e storetest.Employer) string {
	t.Helper()
	id := w.book(t, s, true)
	w.Member(t, e, e.Organisation, s.Rider)
	w.Exec(t, `insert into programme_ride (tenant_id, service_date, booking_id, programme_id, organisation_id, unit_id, membership_id, employee_id, month, line_id, line_name, from_name, to_name,
		pickup_at, fare, subsidy, booked, currency, cost_centre, state)
		select p.tenant_id, b.service_date, b.id, p.id, p.organisation_id, p.unit_id, m.id, m.user_id, date_trunc('month', b.service_date), gen_random_uuid(), 'L1', 'A', 'B', now(), 900, 900, 900, 'MAD', '', 'reserved'
		from programme p join membership m on m.tenant_id = p.tenant_id and m.organisation_id = p.organisation_id, booking b
		where p.tenant_id = $1 and p.organisation_id = $2 and b.id = $3`, s.ID.UUID(), e.Organisation, id)
	return id
}

// Who is named a manager over the API, and not any more: their sockets and their requests end on a node that did not hear it from the
// API, and nobody else's do. What the account's roles say has nothing to do with it.
func TestRemovedManagersSeeNoMoreOnAnotherNode(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	far := *w
	far.url, _ = serveNode(t, w.DB, "two", w.log)
	admin, e := w.a.tokens["admin"], w.Employer(t, w.a.Tenant, "Removing")
	other := w.Employer(t, w.a.Tenant, "Other")
	plant := w.Unit(t, e, e.Organisation, "Plant").String()
	id, root := w.paidRide(t, w.a, e), e.Organisation.String()
	at, ch := "/v1/organisations/"+root+"/managers", "booking:"+id
	// a driver comes to manage two units here and another organisation
	who, token, mail := w.a.Users["driver"].String(), w.a.tokens["driver"], "driver@"+w.a.Canary+".example"
	for _, x := range [][2]string{{at, root}, {at, plant}, {"/v1/organisations/" + other.Organisation.String() + "/managers", other.Organisation.String()}} {
		if got := w.send(t, admin, http.MethodPost, x[0], `{"email":"`+mail+`","unit":"`+x[1]+`"}`); got.Status != http.StatusCreated {
			t.Fatal(got)
		}
	}
	// and two of whom nodes have heard nothing: what ends for them, ends by the removal alone
	signIn := func(name string) string {
		got := w.send(t, "", http.MethodPost, "/v1/auth/sign-in", `{"tenant":"`+w.a.Slug+`","email":"`+name+`@`+w.a.Canary+`.example","password":"`+worldPassword+`"}`)
		token, _ := got.json()["access_token"].(string)
		return token
	}
	goes, stayer := w.Manager(t, e, e.Organisation, "goes").String(), w.Manager(t, e, e.Organisation, "stays").String()
	going, stays := signIn("goes"), signIn("stays")

	// listed, page by page: who, where, as what, since when
	var seen []string
	for path := at + "?limit=1"; path != ""; {
		got := w.send(t, admin, http.MethodGet, path, "")
		items, _ := got.json()["items"].([]any)
		for _, i := range items {
			m := i.(map[string]any)
			if since, err := time.Parse(time.RFC3339, m["since"].(string)); err != nil || time.Since(since) > time.Hour || m["roles"].([]any)[0] != "manager" {
				t.Errorf("%v", m)
			}
			seen = append(seen, m["user"].(string)+" "+m["unit"].(string))
		}
		if path = ""; got.json()["next"] != nil {
			path = at + "?limit=1&cursor=" + got.json()["next"].(string)
		}
		if len(seen) > 6 {
			t.Fatal(seen)
		}
	}
	if all := strings.Join(seen, ","); len(seen) != 4 || !strings.Contains(all, who+" "+root) || !strings.Contains(all, who+" "+plant) || !strings.Contains(all, goes+" "+root) {
		t.Errorf("listed: %v", seen)
	}
	for name, path := range map[string]string{"words": "?cursor=zzz", "half": "?cursor=" + who} {
		if got := w.send(t, admin, http.MethodGet, at+path, ""); got.Status != http.StatusUnprocessableEntity {
			t.Errorf("a cursor of %s: %v", name, got)
		}
	}

	// nobody names or removes managers but the operator's staff: not even the manager of all of it
	for _, by := range []string{stays, w.a.tokens["rider"], w.a.tokens["dispatcher"]} {
		for _, x := range []struct{ method, path string }{{http.MethodGet, at}, {http.MethodDelete, at + "/" + who}} {
			if got := w.send(t, by, x.method, x.path, ""); got.Status != http.StatusForbidden {
				t.Errorf("%s by somebody else: %v", x.method, got)
			}
		}
	}

	reads := func(token string) int { return far.send(t, token, http.MethodGet, "/v1/realtime/sets/"+ch, "").Status }
	for late := time.Now().Add(15 * time.Second); reads(token) != http.StatusOK; { // the other node has heard of it
		if time.Now().After(late) {
			t.Fatal("who is named a manager reads nothing")
		}
	}
	remove := func(who, rest string, audits int64) time.Time {
		t.Helper()
		if got := w.send(t, admin, http.MethodDelete, at+"/"+who+rest, ""); got.Status != http.StatusNoContent {
			t.Fatal(got)
		}
		began := time.Now()
		if n := w.Int(t, `select count(*) from audit where tenant_id = $1 and action = 'manager.removed' and target = 'organisation/' || $2::text`, w.a.ID.UUID(), root); n != audits {
			t.Errorf("%d audit rows, want %d", n, audits)
		}
		return began
	}
	left := func(who string) string {
		return strings.Join(w.Texts(t, `select ur.scope_id::text from user_role ur where ur.tenant_id = $1 and ur.user_id = $2 and ur.scope = 'unit' order by 1`, w.a.ID.UUID(), who), " ")
	}
	ends := func(l *line, token string, began time.Time) {
		t.Helper()
		l.await(t, func(f string) bool { return strings.Contains(f, `"ch":"`+ch+`"`) && strings.Contains(f, `"closed":`) })
		t.Logf("the socket's subscription: %v", time.Since(began))
		for reads(token) != http.StatusNotFound {
			if time.Since(began) > 15*time.Second { // two, with time to spare; the log says how long it was
				t.Fatal("requests of a removed manager are still answered")
			}
		}
		t.Logf("requests: %v", time.Since(began))
		if got := l.ask(t, `"sub":"`+ch+`"`); !refused(got, "not_found") {
			t.Errorf("and again: %s", got)
		}
	}
	named, goer, bystander := far.dial(t, token), far.dial(t, going), far.dial(t, stays)
	for _, l := range []*line{named, goer, bystander} {
		if got := l.ask(t, `"sub":"`+ch+`"`); !strings.Contains(got, `"ok":`) {
			t.Fatal(got)
		}
	}
	ends(goer, going, remove(goes, "", 1))
	remove(goes, "", 1) // again

	// a part of it, and then all; what they manage of another organisation, the account and its roles stay
	remove(who, "?unit="+plant, 2)
	remove(who, "?unit="+plant, 2) // again
	if got := left(who); !strings.Contains(got, root) || strings.Contains(got, plant) {
		t.Errorf("without a part of it: %s", got)
	}
	if got := reads(token); got != http.StatusOK {
		t.Errorf("who manages all of it, without a part of it: %d", got)
	}
	if got := w.send(t, admin, http.MethodDelete, at+"/"+who+"?unit="+other.Organisation.String(), ""); got.Status != http.StatusNotFound {
		t.Errorf("another organisation's unit: %v", got)
	}
	ends(named, token, remove(who, "", 3))
	if got := left(who); got != other.Organisation.String() {
		t.Errorf("what they manage of others is theirs: %s", got)
	}
	if got := far.send(t, token, http.MethodGet, "/v1/me", ""); got.Status != http.StatusOK || !strings.Contains(got.Body, `"driver"`) {
		t.Errorf("the account and its roles stay: %v", got)
	}

	// nobody else lost anything; and roles are another thing: to change them takes nothing of an organisation away
	if got := w.send(t, admin, http.MethodPatch, "/v1/users/"+stayer, `{"roles":["rider"]}`); got.Status != http.StatusOK || left(stayer) != root {
		t.Errorf("%v, left with %s", got, left(stayer))
	}
	if got := reads(stays); got != http.StatusOK || strings.Contains(bystander.frames(), `"closed":`) {
		t.Errorf("who stays: %d %s", got, bystander.frames())
	}
}
