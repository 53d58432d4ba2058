package matching_test

import (
	"crypto/sha256"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/matching"
	"github.com/waymeet/waymeet/session/file"
	"github.com/waymeet/waymeet/store"
)

func claimFor(by matching.By, key string) idem.Claim {
	return idem.Claim{Actor: by.User, Key: key, Operation: "practice.handIn", Hash: sha256.Sum256([]byte(key))}
}

// papers is a node that takes files.
func (l *lounge) papers(t *testing.T) *matching.Service {
	t.Helper()
	dir, err := file.OpenDir(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s, _ := l.node(t, matching.Config{Files: dir, FileKey: []byte("a key of thirty-two bytes, or so")})
	return s
}

// A licensed skill rings from the word of somebody else that its licence counts, until its last day is over, at once: also where the
// node that makes the offers still believes in it.
func TestALicenceCountsUntilItsLastDay(t *testing.T) {
	t.Parallel()
	l := newLounge(t, 1, 4)
	s := l.papers(t)
	me, boss := l.by(l.Experts[0]), l.by(l.Clients[3])
	l.Exec(t, `update skill set licensed = true`)
	paper := store.Licence{Skill: l.Skill, Number: "L-1", Until: servicedate.Of(2099, 3, 31), Name: "رخصة.pdf"}
	var x store.Licence
	for range 2 {
		var err error
		if x, err = s.HandIn(t.Context(), me, claimFor(me, "one"), paper, strings.NewReader("%PDF-1.7 one")); err != nil {
			t.Fatal(err)
		}
	}
	if n := l.Int(t, `select count(*) from expert_document`); n != 1 || x.State != "submitted" || x.Kind != "application/pdf" || x.Until != paper.Until {
		t.Fatalf("%d, %+v", n, x)
	}
	_, err := s.HandIn(t.Context(), me, claimFor(me, "one"), paper, strings.NewReader("%PDF-1.7 two"))
	says(t, "another file under the same key", unwrap(err), "idempotency_conflict")

	nobody := func(r uuid.UUID, why string) {
		t.Helper()
		time.Sleep(1500 * time.Millisecond) // rounds in which nobody is rung: there is no event for that
		if n := l.Int(t, `select count(*) from offer where request_id = $1`, r); n != 0 {
			t.Errorf("%s: %d offers", why, n)
		}
	}
	r := l.ask(t, s, 0, 3)
	nobody(r, "handed in, and not decided")
	_, err = s.DecideLicence(t.Context(), me, x.ID, true, "")
	says(t, "one's own", err, "expert_own")
	if x, err = s.DecideLicence(t.Context(), boss, x.ID, true, ""); err != nil || x.State != "accepted" {
		t.Fatal(x, err)
	}
	offer, _ := l.rung(t, r)
	if _, err := s.Decline(t.Context(), me, offer); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Cancel(t.Context(), l.by(l.Clients[0]), r); err != nil {
		t.Fatal(err)
	}
	// The node has read the experts a moment ago; the licence ends now.
	l.Exec(t, `update expert_document set expires_at = clock_timestamp()`)
	nobody(l.ask(t, s, 1, 3), "expired")
	_, err = s.DecideLicence(t.Context(), boss, x.ID, true, "")
	says(t, "accepted when it is over", err, "licence_expired")
	l.Exec(t, `update expert_document set expires_at = '2099-01-01'`)
	l.rung(t, l.Request(t))
	_, err = s.DecideLicence(t.Context(), boss, x.ID, false, "")
	says(t, "refused without a word", err, "required")
	if _, err = s.DecideLicence(t.Context(), boss, x.ID, false, "The second page is missing"); err != nil {
		t.Fatal(err)
	}
	nobody(l.ask(t, s, 2, 3), "refused after it counted")
	if n := l.Int(t, `select count(*) from audit where action = 'expert.licence' and detail ->> 'why' = 'The second page is missing'`); n != 1 {
		t.Errorf("%d audit rows of the refusal", n)
	}
}

// Request is the one that waits.
func (l *lounge) Request(t *testing.T) uuid.UUID {
	t.Helper()
	return uuid.MustParse(l.Texts(t, `select id::text from request where state = 'waiting'`)[0])
}

func unwrap(err error) error {
	for next := errors.Unwrap(err); next != nil; next = errors.Unwrap(err) {
		err = next
	}
	return err
}

func TestBadLicences(t *testing.T) {
	t.Parallel()
	l := newLounge(t, 1, 1)
	s := l.papers(t)
	me := l.by(l.Experts[0])
	for name, c := range map[string]struct {
		code   string
		by     matching.By
		change func(*store.Licence)
		from   io.Reader
	}{
		"an unknown skill": {"skill_not_found", me, func(x *store.Licence) { x.Skill = ident.New() }, nil},
		"of yesterday":     {"licence_expired", me, func(x *store.Licence) { x.Until = servicedate.On(time.Now(), time.UTC).AddDays(-2) }, nil},
		"no number":        {"required", me, func(x *store.Licence) { x.Number = " " }, nil},
		"a path":           {"bad_value", me, func(x *store.Licence) { x.Name = "../x" }, nil},
		"no expert":        {"expert_not_found", l.by(l.Clients[0]), func(*store.Licence) {}, nil},
		"a page":           {"file_kind_refused", me, func(*store.Licence) {}, strings.NewReader("<!DOCTYPE html><script>alert(1)</script>")},
		"26 MiB":           {"file_too_large", me, func(*store.Licence) {}, io.LimitReader(strings.NewReader(strings.Repeat("x", 26<<20)), 26<<20)},
		"nothing":          {"file_empty", me, func(*store.Licence) {}, strings.NewReader("")},
	} {
		x := store.Licence{Skill: l.Skill, Number: "L-1", Until: servicedate.Of(2099, 1, 1), Name: "x.pdf"}
		c.change(&x)
		if c.from == nil {
			c.from = strings.NewReader("%PDF-1.7")
		}
		_, err := s.HandIn(t.Context(), c.by, claimFor(c.by, name), x, c.from)
		says(t, name, err, c.code)
	}
	if n := l.Int(t, `select count(*) from expert_document`); n != 0 {
		t.Errorf("%d are kept", n)
	}
	l.Exec(t, `insert into expert_document (tenant_id, id, expert_id, skill_id, number, expires_at) select $1, gen_random_uuid(), $2, $3, 'x', '2099-01-01' from generate_series(1, 40)`, l.A.ID.UUID(), me.User, l.Skill)
	_, err := s.HandIn(t.Context(), me, claimFor(me, "more"), store.Licence{Skill: l.Skill, Number: "L", Until: servicedate.Of(2099, 1, 1), Name: "x"}, strings.NewReader("%PDF-1.7"))
	says(t, "the forty-first", err, "licence_too_many")
}

// Days that are not as usual are kept as they were said, and left as they are by whoever says nothing of them. A suspension has a reason.
func TestDaysAndSuspensions(t *testing.T) {
	t.Parallel()
	l := newLounge(t, 2, 1)
	s := matching.New(matching.Config{DB: l.DB.DB, Logger: quiet})
	me, boss := l.by(l.Experts[0]), l.by(l.Experts[1])
	profile, err := s.Profile(t.Context(), l.A.ID, l.Experts[0])
	if err != nil {
		t.Fatal(err)
	}
	d := servicedate.Of(2026, 12, 24)
	say := func(days ...store.Day) error {
		p := profile
		p.Minute, p.Languages, p.TimeZone, p.Days = ledger.Of(500, "MAD"), []string{"ar"}, "Asia/Dubai", days
		_, err := s.Apply(t.Context(), me, p)
		return err
	}
	says(t, "as it should be", say(store.Day{Date: d, From: 540, Until: 720}, store.Day{Date: d, From: 840, Until: 1500}, store.Day{Date: d.AddDays(1), Away: true}), "")
	says(t, "nothing of it", say(), "")
	p, err := s.Profile(t.Context(), l.A.ID, l.Experts[0])
	if err != nil || len(p.Days) != 3 || !p.Days[2].Away || p.Days[1].Until != 1500 || p.Days[0].Date != d {
		t.Errorf("%+v, %v", p.Days, err)
	}
	for name, c := range map[string]struct {
		code string
		days []store.Day
	}{
		"one over the other":      {"bad_value", []store.Day{{Date: d, From: 540, Until: 720}, {Date: d, From: 700, Until: 800}}},
		"away and there":          {"bad_value", []store.Day{{Date: d, Away: true}, {Date: d, From: 700, Until: 800}}},
		"out of order":            {"bad_value", []store.Day{{Date: d.AddDays(1), Away: true}, {Date: d, Away: true}}},
		"an end before its start": {"out_of_range", []store.Day{{Date: d, From: 540, Until: 540}}},
		"no day":                  {"bad_value", []store.Day{{Away: true}}},
		"too many":                {"too_long", make([]store.Day, 181)},
	} {
		says(t, name, say(c.days...), c.code)
	}
	_, err = s.Practise(t.Context(), boss, l.Experts[0], matching.Practice{State: "approved", Suspended: true})
	says(t, "suspended without a word", err, "required")
	p, err = s.Practise(t.Context(), boss, l.Experts[0], matching.Practice{State: "approved", Suspended: true, Why: "A complaint is looked at"})
	if err != nil || !p.Suspended || p.Why != "A complaint is looked at" {
		t.Errorf("%+v, %v", p, err)
	}
	if p, err = s.Practise(t.Context(), boss, l.Experts[0], matching.Practice{State: "approved"}); err != nil || p.Suspended || p.Why != "" {
		t.Errorf("%+v, %v", p, err)
	}
	if n := l.Int(t, `select count(*) from audit where action = 'expert.practice' and detail ->> 'why' = 'A complaint is looked at'`); n != 1 {
		t.Errorf("%d audit rows of the suspension", n)
	}
}
