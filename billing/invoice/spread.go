package invoice

// Spread lets a sum pay what is open, in the order given, until nothing is left of it: what each of the first gets.
func Spread(sum int64, open []int64) (pays []int64) {
	for _, n := range open {
		if sum <= 0 {
			break
		}
		n = min(n, sum)
		pays, sum = append(pays, n), sum-n
	}
	return pays
}
