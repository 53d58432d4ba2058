package gateway

import (
	"time"
	"unicode"
	"unicode/utf8"
)

// longestWord is as much of an acquirer's words as is kept: ids, kinds.
const longestWord = 200

// Plausible refuses what no acquirer's clock and no acquirer's ids can be, whoever signed it: it would be kept and could not be shown.
// One that says no time is let through, and clocks of a gateway's own testing may run ahead of ours, by a year at most.
func (e Event) Plausible(now time.Time) error {
	if !e.At.IsZero() && e.At.Year() < 2000 || e.At.After(now.AddDate(1, 0, 0)) {
		return &BadWebhook{Why: Unreadable}
	}
	for _, s := range []string{e.ID, e.Type, e.Object, e.Of, e.Account} {
		if len(s) > longestWord || !utf8.ValidString(s) {
			return &BadWebhook{Why: Unreadable}
		}
		for _, r := range s {
			if unicode.IsControl(r) {
				return &BadWebhook{Why: Unreadable}
			}
		}
	}
	return nil
}
