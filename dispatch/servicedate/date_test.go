package servicedate

import (
	"encoding/json"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatalf("this machine has no zone data for %s: %v", name, err)
	}
	return loc
}

func TestParse(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"2026-11-22", "0001-01-01", "1969-12-31", "1970-01-01", "2024-02-29", "9999-12-31"} {
		d, err := Parse(s)
		if err != nil || d.String() != s {
			t.Errorf("Parse(%q) = %v, %v", s, d, err)
		}
	}
	for _, s := range []string{"", "2026-11-2", "2026-13-01", "2026-02-29", "2026/11/22", "2026-1122x", "0000-01-01", "+026-01-01", "２０２６"} {
		if d, err := Parse(s); err == nil {
			t.Errorf("Parse(%q) = %v, want an error", s, d)
		}
	}
	if d, err := ParseCompact("20261122"); err != nil || d != Of(2026, 11, 22) {
		t.Errorf("ParseCompact = %v, %v", d, err)
	}
	for _, s := range []string{"2026112", "20260631", "2026112a", "-2026112"} {
		if d, err := ParseCompact(s); err == nil {
			t.Errorf("ParseCompact(%q) = %v, want an error", s, d)
		}
	}
}

// The wall shows the timetable's time on every side of a change of clocks, and the instants are those of
// the zone data.
func TestAtOnDaysWhenClocksChange(t *testing.T) {
	t.Parallel()
	cases := []struct {
		zone, date string
		sec        int
		utc, wall  string
	}{
		{"Africa/Casablanca", "2026-02-14", 7*3600 + 600, "2026-02-14T06:10:00Z", "2026-02-14 07:10"}, // UTC+1
		{"Africa/Casablanca", "2026-02-15", 7*3600 + 600, "2026-02-15T07:10:00Z", "2026-02-15 07:10"}, // 03:00 became 02:00
		{"Africa/Casablanca", "2026-02-15", 0, "2026-02-15T00:00:00Z", "2026-02-15 01:00"},            // the day starts an hour late
		{"Africa/Casablanca", "2026-02-14", 25*3600 + 600, "2026-02-15T00:10:00Z", "2026-02-15 01:10"},
		{"Africa/Casablanca", "2026-02-14", 30 * 3600, "2026-02-15T05:00:00Z", "2026-02-15 05:00"}, // 30:00 is seconds elapsed, not the wall
		{"Africa/Casablanca", "2026-03-21", 7*3600 + 600, "2026-03-21T07:10:00Z", "2026-03-21 07:10"},
		{"Africa/Casablanca", "2026-03-22", 7*3600 + 600, "2026-03-22T06:10:00Z", "2026-03-22 07:10"}, // 02:00 became 03:00
		{"Africa/Casablanca", "2026-03-22", 0, "2026-03-21T23:00:00Z", "2026-03-21 23:00"},            // the day starts an hour early
		{"Africa/Cairo", "2026-04-23", 8 * 3600, "2026-04-23T06:00:00Z", "2026-04-23 08:00"},
		{"Africa/Cairo", "2026-04-24", 8 * 3600, "2026-04-24T05:00:00Z", "2026-04-24 08:00"}, // summer time from Friday
		{"Africa/Cairo", "2026-10-29", 8 * 3600, "2026-10-29T05:00:00Z", "2026-10-29 08:00"},
		{"Africa/Cairo", "2026-10-30", 8 * 3600, "2026-10-30T06:00:00Z", "2026-10-30 08:00"}, // and back
		{"Africa/Nairobi", "2026-04-24", 24*3600 + 60, "2026-04-24T21:01:00Z", "2026-04-25 00:01"},
		{"UTC", "2026-11-22", 86399, "2026-11-22T23:59:59Z", "2026-11-22 23:59"},
	}
	for _, c := range cases {
		loc := zone(t, c.zone)
		d, err := Parse(c.date)
		if err != nil {
			t.Fatal(err)
		}
		at := d.At(c.sec, loc)
		if got := at.UTC().Format(time.RFC3339); got != c.utc {
			t.Errorf("%s %s second %d: instant %s, want %s", c.zone, c.date, c.sec, got, c.utc)
		}
		if got := at.Format("2006-01-02 15:04"); got != c.wall {
			t.Errorf("%s %s second %d: wall shows %s, want %s", c.zone, c.date, c.sec, got, c.wall)
		}
		if got := d.SecondOf(at, loc); got != c.sec {
			t.Errorf("%s %s: SecondOf = %d, want %d", c.zone, c.date, got, c.sec)
		}
	}
}

func TestOnIsTheDateOnTheWall(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 22, 23, 30, 0, 0, time.UTC)
	if got := On(at, zone(t, "Africa/Casablanca")); got != Of(2026, 11, 23) {
		t.Errorf("23:30 UTC in Casablanca is on %v", got)
	}
	if got := On(at, time.UTC); got != Of(2026, 11, 22) {
		t.Errorf("23:30 UTC is on %v", got)
	}
}

func TestProperties(t *testing.T) {
	t.Parallel()
	zones := []*time.Location{time.UTC, zone(t, "Africa/Casablanca"), zone(t, "Africa/Cairo"), zone(t, "Asia/Dubai"), zone(t, "America/St_Johns")}
	rapid.Check(t, func(t *rapid.T) {
		d := Date(rapid.Int32Range(1, 3_000_000).Draw(t, "date"))
		n := rapid.IntRange(-400, 400).Draw(t, "days")
		if y, m, day := d.Civil(); Of(y, m, day) != d {
			t.Fatalf("%v does not survive its own parts", d)
		}
		if back := d.AddDays(n).AddDays(-n); back != d || d.Until(d.AddDays(n)) != n {
			t.Fatalf("%v + %d days and back is %v", d, n, back)
		}
		if int(d.AddDays(1).Weekday()) != (int(d.Weekday())+1)%7 {
			t.Fatalf("the day after %v is no day later in the week", d)
		}
		loc := rapid.SampledFrom(zones).Draw(t, "zone")
		if On(d.At(NoonSecond, loc), loc) != d {
			t.Fatalf("noon of %v in %v is on another date", d, loc)
		}
	})
}

func TestJSON(t *testing.T) {
	t.Parallel()
	b, err := json.Marshal(map[string]Date{"date": Of(2026, 11, 22)})
	if err != nil || string(b) != `{"date":"2026-11-22"}` {
		t.Fatalf("%s, %v", b, err)
	}
	var back map[string]Date
	if err := json.Unmarshal(b, &back); err != nil || back["date"] != Of(2026, 11, 22) {
		t.Fatalf("%v, %v", back, err)
	}
	if err := json.Unmarshal([]byte(`{"date":"22/11/2026"}`), &back); err == nil {
		t.Fatal("a date in another order was accepted")
	}
}
