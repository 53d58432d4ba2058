package seat

import (
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// machine drives one inventory beside the plainest bookkeeping there is: a list of who sits where.
type machine struct {
	seats  Inventory
	riders []struct {
		iv Interval
		n  int
	}
}

func (m *machine) taken(leg int) (n int) {
	for _, r := range m.riders {
		if r.iv.From <= leg && leg < r.iv.To {
			n += r.n
		}
	}
	return n
}

func (m *machine) check(t *rapid.T) {
	if err := m.seats.Check(); err != nil {
		t.Fatal(err)
	}
	for leg := range m.seats.Free {
		taken := m.taken(leg)
		if taken+int(m.seats.Free[leg]) != int(m.seats.Capacity)+int(m.seats.Overload[leg]) {
			t.Fatalf("leg %d: %d taken + %d free, capacity %d + overload %d",
				leg, taken, m.seats.Free[leg], m.seats.Capacity, m.seats.Overload[leg])
		}
	}
}

// TestSeatsAddUp: Σ taken + free = capacity + overload on every leg after any sequence of takes, releases and changes
// of vehicle, never below zero, and a refusal tells the truth.
func TestSeatsAddUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		legs := rapid.IntRange(1, 12).Draw(t, "legs")
		m := machine{seats: NewInventory(int16(rapid.IntRange(0, 20).Draw(t, "capacity")), legs)}
		t.Repeat(map[string]func(*rapid.T){
			"take": func(t *rapid.T) {
				iv := Interval{rapid.IntRange(-1, legs).Draw(t, "from"), rapid.IntRange(0, legs+1).Draw(t, "to")}
				n := rapid.IntRange(-1, MaxParty+1).Draw(t, "party")
				least := int(MaxCapacity)
				if iv.Within(legs) {
					for leg := iv.From; leg < iv.To; leg++ {
						least = min(least, max(0, int(m.seats.Capacity)-m.taken(leg)))
					}
				}
				before := slices.Clone(m.seats.Free)
				err := m.seats.Take(iv, n)
				fits := iv.Within(legs) && n >= 1 && n <= MaxParty && n <= least
				if fits != (err == nil) {
					t.Fatalf("take %d on %v with %d free: %v", n, iv, least, err)
				}
				if err != nil && !slices.Equal(before, m.seats.Free) {
					t.Fatalf("a refusal moved seats: %v, then %v", before, m.seats.Free)
				}
				if r := new(Refusal); errors.As(err, &r) && r.Reason == TripFull && r.Free != least {
					t.Fatalf("told %d free, %d are", r.Free, least)
				}
				if err == nil {
					m.riders = append(m.riders, struct {
						iv Interval
						n  int
					}{iv, n})
				}
			},
			"release": func(t *rapid.T) {
				if len(m.riders) == 0 {
					t.Skip("nobody to leave")
				}
				i := rapid.IntRange(0, len(m.riders)-1).Draw(t, "who")
				r := m.riders[i]
				if err := m.seats.Release(r.iv, r.n); err != nil {
					t.Fatal(err)
				}
				m.riders = slices.Delete(m.riders, i, i+1)
			},
			"release what nobody took": func(t *rapid.T) {
				leg := rapid.IntRange(0, legs-1).Draw(t, "leg")
				before := slices.Clone(m.seats.Free)
				if err := m.seats.Release(Interval{leg, leg + 1}, m.taken(leg)+1); err == nil {
					t.Fatal("seats came from nowhere")
				}
				if !slices.Equal(before, m.seats.Free) {
					t.Fatal("a refused release moved seats")
				}
			},
			"another vehicle": func(t *rapid.T) {
				c := rapid.IntRange(-1, 30).Draw(t, "seats")
				if err := m.seats.SetCapacity(int16(c)); (err == nil) != (c >= 0) {
					t.Fatalf("capacity %d: %v", c, err)
				}
			},
			"": m.check,
		})
	})
}

func TestOverloadIsPaidFirst(t *testing.T) {
	t.Parallel()
	v := NewInventory(4, 3)
	for _, iv := range []Interval{{0, 3}, {0, 2}, {1, 3}} {
		if err := v.Take(iv, 1); err != nil {
			t.Fatal(err)
		}
	}
	if err := v.SetCapacity(1); err != nil { // taken 2 3 2
		t.Fatal(err)
	}
	if !slices.Equal(v.Overload, []int16{1, 2, 1}) || !slices.Equal(v.Free, []int16{0, 0, 0}) {
		t.Fatalf("%+v", v)
	}
	if v.FreeOn(Interval{0, 1}) != 0 {
		t.Fatal("an overloaded leg is on sale")
	}
	if err := v.Release(Interval{0, 2}, 1); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(v.Overload, []int16{0, 1, 1}) || !slices.Equal(v.Free, []int16{0, 0, 0}) {
		t.Fatalf("%+v: seats that came back were sold before overload was paid", v)
	}
	if err := v.Release(Interval{0, 3}, 1); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(v.Overload, []int16{0, 0, 0}) || !slices.Equal(v.Free, []int16{1, 0, 0}) {
		t.Fatalf("%+v", v)
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	loop := []string{"a", "b", "c", "a", "d"}
	for _, c := range []struct {
		from, to string
		want     Interval
		why      Reason
	}{
		{"a", "b", Interval{0, 1}, ""},
		{"a", "d", Interval{3, 4}, ""},
		{"c", "a", Interval{2, 3}, ""},
		{"b", "d", Interval{1, 4}, ""},
		{"a", "a", Interval{}, SameStop},
		{"d", "b", Interval{}, StopsReversed},
		{"x", "b", Interval{}, StopNotOnTrip},
		{"b", "x", Interval{}, StopNotOnTrip},
	} {
		got, err := Find(loop, c.from, c.to)
		if c.why != "" {
			if !errors.Is(err, refuse(c.why)) {
				t.Errorf("%s to %s: %v, want %s", c.from, c.to, err, c.why)
			}
		} else if err != nil || got != c.want {
			t.Errorf("%s to %s: %v %v, want %v", c.from, c.to, got, err, c.want)
		}
	}
}
