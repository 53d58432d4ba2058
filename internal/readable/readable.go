// Package readable says which texts are shown as what they are. A control moves the cursor of whoever lists it; a mark that turns the direction
// of the text after it makes a name read as another one. The marks of direction that phones put around what they copy (U+200E, U+200F) do
// no harm, and the joiners of Arabic and Indic scripts are letters to those who write them.
//
// Every edge where a name comes in asks here: JSON bodies, the command line, rosters, timetables. PostgreSQL refuses the same characters in the
// names of its tables (migrations/0034_names_are_readable.sql), whoever sends them.
package readable

import (
	"strings"
	"unicode"
)

// Text says whether a text of several lines is shown as what it is.
func Text(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return hidden(r) && r != '\t' && r != '\n' && r != '\r' })
}

// Name says whether a name is: it has no lines either, and nothing that embeds or isolates a direction.
func Name(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		return hidden(r) || r >= '\u202a' && r <= '\u202c' || r >= '\u2066' && r <= '\u2069' || r == '\u2028' || r == '\u2029'
	})
}

func hidden(r rune) bool { return unicode.IsControl(r) || r == '\u202d' || r == '\u202e' }
