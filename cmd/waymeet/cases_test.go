package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"image"
	"image/png"
	"testing"

	"github.com/google/uuid"
)

// Whoever opened a case shows what speaks for it: a rider about a ride, a manager about a line and about a ride that the employer
// pays for. What a file is, its bytes say; nobody else sees it; and what finance decided is read where it was reported.
func TestEvidenceOfCases(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var photo bytes.Buffer
	if err := png.Encode(&photo, image.NewGray(image.Rect(0, 0, 2, 2))); err != nil {
		t.Fatal(err)
	}
	piece := func(file string, data []byte) string {
		b, _ := json.Marshal(map[string]string{"file": file, "data": base64.StdEncoding.EncodeToString(data)})
		return string(b)
	}
	pdf, page := []byte("%PDF-1.7\n%\u00e2\u00e3"), []byte("<html><script>alert(1)</script>")
	w.Exec(t, `insert into programme_ride (tenant_id, service_date, booking_id, programme_id, organisation_id, unit_id, membership_id, employee_id, month, line_id, line_name, from_name, to_name,
		pickup_at, fare, subsidy, booked, currency, cost_centre, state)
		select p.tenant_id, b.service_date, b.id, p.id, p.organisation_id, p.unit_id, m.id, m.user_id, date_trunc('month', b.service_date), gen_random_uuid(), 'L1', 'A', 'B', now(), 900, 900, 900, 'MAD', '', 'reserved'
		from programme p join membership m on m.tenant_id = p.tenant_id and m.organisation_id = p.organisation_id, booking b
		where p.tenant_id = $1 and p.organisation_id = $2 and b.id = $3 limit 1`, w.a.ID.UUID(), w.a.thing("org"), w.a.thing("confirmed"))
	for _, c := range []struct{ as, subject, other string }{
		{"rider", "booking/" + w.a.thing("confirmed"), "boss"},
		{"boss", "invoice/" + w.a.thing("invoice") + "/1", "rider"},
		{"boss", "booking/" + w.a.thing("confirmed"), "rider"},
	} {
		me := w.a.tokens[c.as]
		got := w.send(t, me, "POST", "/v1/cases", `{"subject":"`+c.subject+`","reason":"late","says":"An hour."}`)
		id, _ := got.json()["id"].(string)
		if got.Status != 201 {
			t.Fatalf("%s opens %s: %d %s", c.as, c.subject, got.Status, got.Body)
		}
		at := "/v1/cases/" + id
		for _, p := range []struct {
			body string
			code string
		}{
			{piece("stop.png", photo.Bytes()), ""}, {piece("lies.html", pdf), ""}, {`{"says":"Seen by three"}`, ""},
			{piece("stop.png", page), "evidence_invalid"}, {piece("big.pdf", append(pdf, make([]byte, 2<<20)...)), "evidence_invalid"}, {`{}`, "evidence_invalid"},
		} {
			got := w.send(t, me, "POST", at+"/evidence", p.body)
			if code, _ := got.json()["code"].(string); code != p.code {
				t.Errorf("%s attaches %.40s: %d %.200s", c.as, p.body, got.Status, got.Body)
			}
		}
		for _, path := range []string{at, at + "/evidence/" + uuid.NewString()} {
			if got := w.send(t, w.a.tokens[c.other], "GET", path, ""); got.Status != 404 {
				t.Errorf("%s reads %s's case: %d", c.other, c.as, got.Status)
			}
		}
		if got := w.send(t, w.a.tokens[c.other], "POST", at+"/evidence", `{"says":"x"}`); got.Status != 404 {
			t.Errorf("%s adds to %s's case: %d", c.other, c.as, got.Status)
		}
		seen, _ := w.send(t, me, "GET", at, "").json()["evidence"].([]any)
		if len(seen) != 3 {
			t.Fatalf("%s sees %d pieces", c.as, len(seen))
		}
		first, _ := seen[0].(map[string]any)
		second, _ := seen[1].(map[string]any)
		if first["type"] != "image/png" || second["type"] != "application/pdf" {
			t.Errorf("%v, %v", first, second)
		}
		name, _ := first["id"].(string)
		if back, _ := w.send(t, me, "GET", at+"/evidence/"+name, "").json()["data"].(string); back != base64.StdEncoding.EncodeToString(photo.Bytes()) {
			t.Errorf("%s gets another file back", c.as)
		}
		if got := w.send(t, w.a.tokens["finance"], "POST", at+"/decide", `{"decision":"declined","answer":"It ran."}`); got.Status != 204 {
			t.Fatal(got.Status, got.Body)
		}
		if now := w.send(t, me, "GET", at, "").json(); now["state"] != "decided" || now["answer"] != "It ran." {
			t.Errorf("%s reads %v", c.as, now)
		}
		if got := w.send(t, me, "POST", at+"/evidence", `{"says":"late"}`); got.json()["code"] != "case_decided" {
			t.Errorf("after the decision: %d %s", got.Status, got.Body)
		}
	}
	if got := w.send(t, w.a.tokens["boss"], "POST", "/v1/cases", `{"subject":"booking/`+w.a.thing("held")+`","reason":"late","says":"x"}`); got.json()["code"] != "case_subject" {
		t.Errorf("a ride that the employer does not pay for: %d %s", got.Status, got.Body)
	}
	for _, line := range []string{"0", "01", "99", "99999"} {
		if got := w.send(t, w.a.tokens["boss"], "POST", "/v1/cases", `{"subject":"invoice/`+w.a.thing("invoice")+`/`+line+`","reason":"late","says":"x"}`); got.json()["code"] != "case_subject" {
			t.Errorf("line %s of an invoice that has none such: %d %s", line, got.Status, got.Body)
		}
	}
}
