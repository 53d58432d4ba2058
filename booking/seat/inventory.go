package seat

import (
	"errors"
	"fmt"
)

// Bounds of the arithmetic; the table's CHECK constraints hold the same ones.
const (
	MaxParty    = 60
	MaxCapacity = 500
)

// Inventory is the seats of one trip, leg by leg.
type Inventory struct {
	Capacity int16
	Free     []int16
	Overload []int16
}

// NewInventory is an empty vehicle.
func NewInventory(capacity int16, legs int) Inventory {
	v := Inventory{Capacity: capacity, Free: make([]int16, legs), Overload: make([]int16, legs)}
	for i := range v.Free {
		v.Free[i] = capacity
	}
	return v
}

// Legs is the number of legs of the trip.
func (v *Inventory) Legs() int { return len(v.Free) }

// FreeOn is the number of seats that can be sold for the whole interval: the minimum over its legs, none where a leg is
// overloaded.
func (v *Inventory) FreeOn(iv Interval) int {
	if !iv.Within(v.Legs()) {
		return 0
	}
	least := v.Free[iv.From]
	for i := iv.From; i < iv.To; i++ {
		if v.Overload[i] > 0 {
			return 0
		}
		least = min(least, v.Free[i])
	}
	return int(least)
}

// Taken is the number of seats held or booked on a leg.
func (v *Inventory) Taken(leg int) int {
	return int(v.Capacity) - int(v.Free[leg]) + int(v.Overload[leg])
}

// Take takes n seats on every leg of the interval, or none at all.
func (v *Inventory) Take(iv Interval, n int) error {
	if n < 1 || n > MaxParty {
		return refuse(PartyInvalid).on("party")
	}
	if !iv.Within(v.Legs()) {
		return refuse(StopNotOnTrip)
	}
	if free := v.FreeOn(iv); free < n {
		r := refuse(TripFull).on("party")
		r.Free = free
		return r
	}
	for i := iv.From; i < iv.To; i++ {
		v.Free[i] -= int16(n)
	}
	return nil
}

// Release gives n seats back on every leg of the interval; they pay overload first. Giving back what nobody took is a
// bug of the caller, never a refusal: it is reported and nothing changes.
func (v *Inventory) Release(iv Interval, n int) error {
	if n < 1 || !iv.Within(v.Legs()) {
		return fmt.Errorf("seat: release %d seats on legs [%d,%d) of %d", n, iv.From, iv.To, v.Legs())
	}
	for i := iv.From; i < iv.To; i++ {
		if v.Taken(i) < n {
			return fmt.Errorf("seat: release %d seats on leg %d where %d are taken", n, i, v.Taken(i))
		}
	}
	for i := iv.From; i < iv.To; i++ {
		paid := min(v.Overload[i], int16(n))
		v.Overload[i] -= paid
		v.Free[i] += int16(n) - paid
	}
	return nil
}

// SetCapacity records another vehicle at once. What no longer fits becomes overload.
func (v *Inventory) SetCapacity(capacity int16) error {
	if capacity < 0 || capacity > MaxCapacity {
		return refuse(CapacityInvalid).on("capacity")
	}
	for i := range v.Free {
		taken := v.Taken(i)
		v.Free[i] = int16(max(0, int(capacity)-taken))
		v.Overload[i] = int16(max(0, taken-int(capacity)))
	}
	v.Capacity = capacity
	return nil
}

// Check reports the first broken invariant. It says the same as the table's constraints, for tests and doctors.
func (v *Inventory) Check() error {
	if len(v.Free) != len(v.Overload) {
		return errors.New("seat: free and overload differ in length")
	}
	for i := range v.Free {
		f, o := v.Free[i], v.Overload[i]
		switch {
		case f < 0 || o < 0:
			return fmt.Errorf("seat: leg %d has free %d, overload %d", i, f, o)
		case f > v.Capacity:
			return fmt.Errorf("seat: leg %d has %d free of %d", i, f, v.Capacity)
		case f > 0 && o > 0:
			return fmt.Errorf("seat: leg %d is free (%d) and overloaded (%d) at once", i, f, o)
		}
	}
	return nil
}
