package ident

import (
	"encoding/base64"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/waymeet/waymeet/dispatch/servicedate"
)

func TestDatedIDsCarryTheirDate(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		// From 1970 on: 48 bits hold no negative time, and no service runs before it.
		date := servicedate.Of(1970, 1, 1).AddDays(rapid.IntRange(0, 200_000).Draw(t, "day"))
		ms := rapid.IntRange(-10, millisecondsOfDay*3).Draw(t, "ms")
		id := Dated(date, ms)
		if id.Version() != 7 || id.Variant() != uuid.RFC4122 {
			t.Fatalf("%v is version %d, %v", id, id.Version(), id.Variant())
		}
		if got, ok := DateOf(id); !ok || got != date {
			t.Fatalf("the id of %v at %d ms says %v, %v", date, ms, got, ok)
		}
		if back, err := uuid.Parse(id.String()); err != nil || back != id {
			t.Fatalf("%v does not survive its string: %v", id, err)
		}
	})
}

func TestDatedIDsDiffer(t *testing.T) {
	t.Parallel()
	seen := map[uuid.UUID]bool{}
	for range 10_000 {
		id := Dated(servicedate.Of(2026, 11, 22), 1000)
		if seen[id] {
			t.Fatalf("%v came twice", id)
		}
		seen[id] = true
	}
}

func TestDatedIDsSortByDate(t *testing.T) {
	t.Parallel()
	d := servicedate.Of(2026, 11, 22)
	if late, early := Dated(d, millisecondsOfDay*2).String(), Dated(d.AddDays(1), 0).String(); late >= early {
		t.Fatalf("%s of the day before sorts after %s", late, early)
	}
}

func TestDateOfRefusesOtherIDs(t *testing.T) {
	t.Parallel()
	for _, id := range []uuid.UUID{{}, uuid.New(), uuid.MustParse("ffffffff-ffff-ffff-ffff-ffffffffffff")} {
		if d, ok := DateOf(id); ok {
			t.Errorf("%v says %v", id, d)
		}
	}
}

func TestToken(t *testing.T) {
	t.Parallel()
	a, b := Token(32), Token(32)
	raw, err := base64.RawURLEncoding.DecodeString(a)
	if err != nil || len(raw) != 32 || a == b {
		t.Fatalf("%q, %q: %d bytes, %v", a, b, len(raw), err)
	}
}
