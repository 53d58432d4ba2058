package solver

import "slices"

// keep puts d among the k best of a heap whose worst is first.
func keep(top []Decision, d Decision, k int) []Decision {
	if len(top) < k {
		top = append(top, d)
		for i := len(top) - 1; i > 0; {
			up := (i - 1) / 2
			if !top[up].better(&top[i]) {
				break
			}
			top[up], top[i] = top[i], top[up]
			i = up
		}
		return top
	}
	if k == 0 || !d.better(&top[0]) {
		return top
	}
	top[0] = d
	for i := 0; ; {
		worst := i
		for c := 2*i + 1; c <= 2*i+2 && c < len(top); c++ {
			if top[worst].better(&top[c]) {
				worst = c
			}
		}
		if worst == i {
			return top
		}
		top[i], top[worst] = top[worst], top[i]
		i = worst
	}
}

// settle puts the best first.
func settle(top []Decision) []Decision {
	slices.SortFunc(top, func(a, b Decision) int {
		if a.better(&b) {
			return -1
		}
		return 1
	})
	return top
}
