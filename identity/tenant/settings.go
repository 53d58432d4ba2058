package tenant

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/waymeet/waymeet/internal/readable"
)

// Tenant is an operator with what it set.
type Tenant struct {
	ID            ID
	Slug          string // what people type when they sign in
	Name          string
	TimeZone      string // IANA
	Currency      string // ISO 4217
	DefaultLocale string
	Map           Map
	Live          Live
	Advice        Advice
	Disabled      bool
}

// Map is where a screen's map opens.
type Map struct {
	Lat, Lon, Zoom float64
	TileURL        string // empty: the embedded base style
}

// Advice is what a tenant settles about experts.
type Advice struct {
	FeeBP *int // the operator's share of what a minute costs, in basis points; nil: a fifth
}

const usualFeeBP = 2000

// Fee is the operator's share, in basis points.
func (a Advice) Fee() int {
	if a.FeeBP == nil {
		return usualFeeBP
	}
	return *a.FeeBP
}

// Bounded is it without what makes no sense.
func (a Advice) Bounded() Advice {
	if a.FeeBP != nil && (*a.FeeBP < 0 || *a.FeeBP > 10_000) {
		a.FeeBP = nil
	}
	return a
}

// Locales that screens and sentences exist in, best known first.
var Locales = []string{"fr", "en", "ar"}

var (
	slug     = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{1,38}[a-z0-9])$`)
	currency = regexp.MustCompile(`^[A-Z]{3}$`)
)

// KnownLocale tells whether people can be spoken to in it.
func KnownLocale(l string) bool { return slices.Contains(Locales, l) }

// Location loads the zone; the binary carries its own zone data, so that a bare machine gives the same answer.
func (t Tenant) Location() (*time.Location, error) {
	if t.TimeZone == "" || t.TimeZone == "Local" {
		return nil, fmt.Errorf("tenant: %q is no time zone", t.TimeZone)
	}
	loc, err := time.LoadLocation(t.TimeZone)
	if err != nil {
		return nil, fmt.Errorf("tenant: load time zone %q: %w", t.TimeZone, err)
	}
	return loc, nil
}

// Check tells everything that is wrong with a tenant's settings at once.
func (t Tenant) Check() error {
	var errs []error
	if !slug.MatchString(t.Slug) {
		errs = append(errs, fmt.Errorf("slug %q: 3 to 40 small letters, digits and inner dashes", t.Slug))
	}
	if n := strings.TrimSpace(t.Name); n == "" || len([]rune(n)) > 120 {
		errs = append(errs, errors.New("name: 1 to 120 letters"))
	}
	if !readable.Name(t.Name) {
		errs = append(errs, errors.New("name: it holds characters that nobody sees"))
	}
	if _, err := t.Location(); err != nil {
		errs = append(errs, err)
	}
	if !currency.MatchString(t.Currency) {
		errs = append(errs, fmt.Errorf("currency %q: three capital letters", t.Currency))
	}
	if !KnownLocale(t.DefaultLocale) {
		errs = append(errs, fmt.Errorf("locale %q: one of %s", t.DefaultLocale, strings.Join(Locales, ", ")))
	}
	if t.Map.Lat < -90 || t.Map.Lat > 90 || t.Map.Lon < -180 || t.Map.Lon > 180 || t.Map.Zoom < 0 || t.Map.Zoom > 22 {
		errs = append(errs, errors.New("map: latitude, longitude or zoom out of range"))
	}
	if t.Live != t.Live.Bounded() {
		errs = append(errs, errors.New("live: a limit is out of range"))
	}
	return errors.Join(errs...)
}
