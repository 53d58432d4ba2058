package matching

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store"
)

const (
	mostLanguages = 8
	mostSkills    = 40  // of an expert
	mostHours     = 42  // stretches of a week
	mostDays      = 180 // stretches of days that are not as usual
	mostStretches = 6   // of one day
	longestName   = 80
)

var language = regexp.MustCompile(`^[a-z]{2,3}$`)

// checkName is a name that people read: something, and not too much of it.
func checkName(name, at string) error {
	switch {
	case strings.TrimSpace(name) == "":
		return fault.New("required").At(at)
	case utf8.RuneCountInString(name) > longestName:
		return fault.New("too_long").At(at)
	}
	return nil
}

func checkLanguages(all []string) error {
	if len(all) > mostLanguages {
		return fault.New("too_long").At("/languages")
	}
	for i, l := range all {
		if !language.MatchString(l) || slices.Contains(all[:i], l) {
			return fault.New("bad_value").At("/languages")
		}
	}
	return nil
}

func checkModalities(all []string) error {
	if len(all) == 0 {
		return fault.New("required").At("/modalities")
	}
	for i, m := range all {
		if _, known := modalities[m]; !known || slices.Contains(all[:i], m) {
			return fault.New("bad_value").At("/modalities")
		}
	}
	return nil
}

func checkZone(name string) error {
	if _, err := time.LoadLocation(name); err != nil || name == "" || name == "Local" {
		return fault.New("bad_value").At("/time_zone")
	}
	return nil
}

func checkLevels(all []store.SkillLevel, most int, at string) error {
	if len(all) > most {
		return fault.New("too_long").At(at)
	}
	seen := map[uuid.UUID]bool{}
	for _, s := range all {
		if s.Level < 1 || s.Level > 5 {
			return fault.New("out_of_range").At(at)
		}
		if seen[s.Skill] {
			return fault.New("bad_value").At(at)
		}
		seen[s.Skill] = true
	}
	return nil
}

// checkHours are stretches of a week that end after they begin, at latest so many minutes after their day began.
func checkHours(all []store.Hours, latest int) error {
	if len(all) > mostHours {
		return fault.New("too_long").At("/hours")
	}
	for i, h := range all {
		same := func(o store.Hours) bool { return o.Weekday == h.Weekday && o.From == h.From }
		if h.Weekday < 1 || h.Weekday > 7 || h.From < 0 || h.From > 1439 || h.Until <= h.From || h.Until > latest || slices.ContainsFunc(all[:i], same) {
			return fault.New("out_of_range").At("/hours")
		}
	}
	return nil
}

// checkDays are days that are not as usual, in their order: away, or stretches that begin one after the other.
func checkDays(all []store.Day, latest int) error {
	if len(all) > mostDays {
		return fault.New("too_long").At("/days")
	}
	same := 0
	for i, d := range all {
		if i > 0 && all[i-1].Date == d.Date {
			same++
		} else {
			same = 0
		}
		switch {
		case d.Date.IsZero() || i > 0 && all[i-1].Date.Until(d.Date) < 0, same >= mostStretches, same > 0 && (d.Away || all[i-1].Away || d.From < all[i-1].Until):
			return fault.New("bad_value").At("/days")
		case !d.Away && (d.From < 0 || d.From > 1439 || d.Until <= d.From || d.Until > latest):
			return fault.New("out_of_range").At("/days")
		}
	}
	return nil
}

func between(n, least, most int, at string) error {
	if n < least || n > most {
		return fault.New("out_of_range").At(at)
	}
	return nil
}

func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
