package gtfs

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Severity of a notice.
type Severity uint8

// Severities, as the canonical validator has them. Only an Error stops an import.
const (
	Info Severity = iota + 1
	Warning
	Error
)

func (s Severity) String() string {
	switch s {
	case Error:
		return "ERROR"
	case Warning:
		return "WARNING"
	case Info:
		return "INFO"
	}
	return "UNKNOWN"
}

// MarshalText lets a report be JSON.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Notice is one problem of a feed. Row counts lines of the file, the header being row 1; 0 means the
// file as a whole.
type Notice struct {
	Name     string   `json:"name"`
	Severity Severity `json:"severity"`
	File     string   `json:"file,omitempty"`
	Row      int      `json:"row,omitempty"`
	Field    string   `json:"field,omitempty"`
	Value    string   `json:"value,omitempty"`
	Detail   string   `json:"detail,omitempty"`
}

// String writes the notice as one line for a terminal.
func (n Notice) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-7s %s", n.Severity, n.Name)
	if n.File != "" {
		fmt.Fprintf(&b, " %s", n.File)
		if n.Row > 0 {
			fmt.Fprintf(&b, ":%d", n.Row)
		}
	}
	if n.Field != "" {
		fmt.Fprintf(&b, " %s", n.Field)
	}
	if n.Value != "" {
		fmt.Fprintf(&b, " %q", n.Value)
	}
	if n.Detail != "" {
		fmt.Fprintf(&b, ": %s", n.Detail)
	}
	return b.String()
}

// Report collects the notices of one reading. It keeps the first notices of each name and counts all, so
// that a feed with a million bad rows costs no more memory than one with a hundred.
type Report struct {
	kept   []Notice
	counts map[string]int
	bySev  [Error + 1]int
}

func newReport() *Report { return &Report{counts: map[string]int{}} }

// add records a notice; its severity comes from the catalogue, unless tolerate set it.
func (r *Report) add(n Notice) {
	sev, ok := severities[n.Name]
	if !ok {
		panic("gtfs: notice " + n.Name + " is not in the catalogue") // a test feeds every check
	}
	if n.Severity == 0 {
		n.Severity = sev
	}
	r.bySev[n.Severity]++
	r.counts[n.Name]++
	if r.counts[n.Name] > maxNoticesKept {
		return
	}
	n.Value = clip(n.Value)
	r.kept = append(r.kept, n)
}

// tolerate records, as a warning, an error that has one sensible reading.
func (r *Report) tolerate(n Notice) {
	n.Severity, n.Detail = Warning, tolerated[n.Name]
	r.add(n)
}

// clip shortens a value and makes it printable: it came from a stranger and goes to a terminal.
func clip(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return '·'
		}
		return r
	}, s)
	if len(s) <= maxValueShown {
		return s
	}
	end := maxValueShown
	for !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + "…"
}

// Failed says whether any error was found.
func (r *Report) Failed() bool { return r.bySev[Error] > 0 }

// Count returns how many notices of a severity there were, kept or not.
func (r *Report) Count(s Severity) int { return r.bySev[s] }

// Counts returns how often each name was noticed.
func (r *Report) Counts() map[string]int { return r.counts }

// Notices returns the kept notices, errors first, then as found.
func (r *Report) Notices() []Notice {
	sorted := append([]Notice{}, r.kept...) // a list, also when empty
	slices.SortStableFunc(sorted, func(a, b Notice) int { return cmp.Compare(b.Severity, a.Severity) })
	return sorted
}
