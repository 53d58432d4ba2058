package invoice

import "slices"

// Settle lets transfers, one after the other, pay the invoices that each leaves no doubt about, wholly: what one of them pays is not open for the next. It is
// what Match makes Certain, where nothing else is, but looks only at what a text names, so that a year's statement is settled at once.
func (m *Matcher) Settle(transfers []Transfer) [][]Number {
	out, paid := make([][]Number, len(transfers)), map[int]bool{}
	for i, t := range transfers {
		at := m.certain(t, paid)
		for _, k := range at {
			paid[k] = true
			out[i] = append(out[i], m.open[k].Number)
		}
	}
	return out
}

// certain is which invoices a transfer pays without any doubt: the one that it names and is the amount of, or all that it names.
func (m *Matcher) certain(t Transfer, paid map[int]bool) []int {
	if t.Amount <= 0 {
		return nil
	}
	var named, alone []int
	for k := range m.mentions(t.Text) {
		o := m.open[k]
		if paid[k] || o.Currency != t.Currency {
			continue
		}
		named = append(named, k)
		if o.Open == t.Amount && t.Booked >= o.Issued {
			alone = append(alone, k)
		}
	}
	slices.SortFunc(named, func(a, b int) int { return compareNumbers(m.open[a].Number, m.open[b].Number) })
	all := make([]Outstanding, len(named))
	for i, k := range named {
		all[i] = m.open[k]
	}
	_, whole := together(t, all)
	if whole {
		return named
	}
	if len(alone) == 1 {
		return alone
	}
	return nil
}
