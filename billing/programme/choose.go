package programme

// Choose is the place of the split in which the employer pays most, the first of those that pay the same; -1 when none
// pays anything. Somebody whose two programmes cover a ride is paid for by one of them.
func Choose(splits []Split) int {
	best := -1
	for i, s := range splits {
		if s.Employer > 0 && (best < 0 || s.Employer > splits[best].Employer) {
			best = i
		}
	}
	return best
}
