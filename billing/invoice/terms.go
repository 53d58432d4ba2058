package invoice

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/waymeet/waymeet/dispatch/servicedate"
)

// Terms is when an invoice must be paid, as companies write it: "net_30", "eom_30" (end of the month, then 30 days),
// "net_30_eom" (30 days, then to the end of that month: « 30 jours fin de mois »).
type Terms string

var errTerms = errors.New(`invoice: terms are like "net_30", "eom_30" or "net_30_eom", up to 365 days`)

// Due is the last day on which payment is in time.
func (t Terms) Due(issued servicedate.Date) (servicedate.Date, error) {
	how, days, err := t.read()
	if err != nil {
		return 0, err
	}
	switch how {
	case thenDays:
		return MonthOf(issued).Last().AddDays(days), nil
	case thenEnd:
		return MonthOf(issued.AddDays(days)).Last(), nil
	}
	return issued.AddDays(days), nil
}

type counting int

const (
	net      counting = iota
	thenDays          // from the end of the month on
	thenEnd           // to the end of the month
)

func (t Terms) read() (how counting, days int, err error) {
	s := string(t)
	switch {
	case strings.HasPrefix(s, "eom_"):
		how, s = thenDays, s[len("eom_"):]
	case strings.HasPrefix(s, "net_") && strings.HasSuffix(s, "_eom"):
		how, s = thenEnd, strings.TrimSuffix(s[len("net_"):], "_eom")
	case strings.HasPrefix(s, "net_"):
		s = s[len("net_"):]
	default:
		return 0, 0, fmt.Errorf("%w, not %q", errTerms, string(t))
	}
	days, err = strconv.Atoi(s)
	if err != nil || days < 0 || days > 365 || strconv.Itoa(days) != s {
		return 0, 0, fmt.Errorf("%w, not %q", errTerms, string(t))
	}
	return how, days, nil
}

// Parts takes terms apart for who writes them in a language: the days, and "net", "eom" or "net_eom".
func (t Terms) Parts() (days int, how string, err error) {
	c, days, err := t.read()
	return days, [...]string{"net", "eom", "net_eom"}[c], err
}
