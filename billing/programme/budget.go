package programme

import "math/bits"

// Thresholds of a budget, in per cent, at which its owner is told.
var Thresholds = [...]int{50, 80, 100}

// Reached is the thresholds that spent has reached and of which the owner was not told yet; told is the highest that
// they were told, 0 for none. Who keeps the last one as told is told of each threshold once, also when money that
// came back lets the spend fall and rise again.
func (l Limit) Reached(spent int64, told int) (reached []int) {
	if !l.Set || l.Amount <= 0 || spent < 0 {
		return nil
	}
	for _, per := range Thresholds {
		if per > told && !below(spent, l.Amount, per) {
			reached = append(reached, per)
		}
	}
	return reached
}

// below says whether spent × 100 < amount × per, in 128 bits.
func below(spent, amount int64, per int) bool {
	hi1, lo1 := bits.Mul64(uint64(spent), 100)
	hi2, lo2 := bits.Mul64(uint64(amount), uint64(per))
	return hi1 < hi2 || hi1 == hi2 && lo1 < lo2
}
