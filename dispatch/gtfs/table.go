package gtfs

import (
	"bytes"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"strings"
	"unicode/utf8"

	"github.com/waymeet/waymeet/internal/readable"
)

// presence of a column, by the standard.
type presence uint8

const (
	optional presence = iota
	recommended
	required
)

type column struct {
	name     string
	presence presence
}

// table describes one file: its columns in the order in which its reader names them by number.
type table struct {
	file    string
	columns []column
	// known are columns of the standard that nothing here needs.
	known string
	// maxRows, when the general bound does not fit.
	maxRows int
}

// reading is the state of one Read: where files come from and where problems go.
type reading struct {
	files  fs.FS
	have   map[string]bool
	report *Report
	left   int64     // bytes that may still be read
	sum    hash.Hash // of all that was read
	feed   *Feed
	ids    index
}

// row is one row of a table, seen through the table's column numbers.
type row struct {
	*reading
	tab *table
	rec *record
	at  []int // at[column] is the field's place in the record, -1 for a column the file lacks
}

// each reads a file and calls fn for every row; false when the file is not there.
func (rd *reading) each(tab *table, fn func(*row)) bool {
	if !rd.have[tab.file] {
		return false
	}
	if err := rd.scan(tab, fn); err != nil {
		name := ioError
		if errors.Is(err, errRecordTooLong) || errors.Is(err, errOpenQuote) || errors.Is(err, errUTF16) || errors.Is(err, errTooManyFields) {
			name = csvParsingFailed
		}
		n := Notice{Name: name, File: tab.file, Detail: err.Error()}
		var at *atLine
		if errors.As(err, &at) {
			n.Row, n.Detail = at.line, at.err.Error()
		}
		rd.report.add(n)
	}
	return true
}

// atLine says in which line reading ended.
type atLine struct {
	line int
	err  error
}

func (e *atLine) Error() string { return fmt.Sprintf("line %d: %v", e.line, e.err) }
func (e *atLine) Unwrap() error { return e.err }

func (rd *reading) scan(tab *table, fn func(*row)) error {
	f, err := rd.files.Open(tab.file)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // read only: nothing is lost
	_, _ = rd.sum.Write([]byte(tab.file + "\x00"))
	csv, err := newCSVReader(io.TeeReader(&boundedReader{in: f, feedLeft: &rd.left}, rd.sum))
	if err != nil {
		return err
	}
	head, err := csv.next()
	if errors.Is(err, io.EOF) {
		rd.report.add(Notice{Name: emptyFile, File: tab.file})
		return nil
	}
	if err != nil {
		return &atLine{1, err}
	}
	r := &row{reading: rd, tab: tab, at: make([]int, len(tab.columns))}
	width, ok := r.header(head)
	if !ok {
		return nil
	}
	limit := maxRows
	if tab.maxRows > 0 {
		limit = tab.maxRows
	}
	for rows := 1; ; rows++ {
		r.rec, err = csv.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return &atLine{csv.rec.line, err}
		}
		if rows > limit {
			rd.report.add(Notice{Name: tooManyRows, File: tab.file, Detail: fmt.Sprintf("at most %d rows are read", limit)})
			return nil
		}
		if r.usable(width) {
			fn(r)
		}
	}
}

// header finds the table's columns; false when the file cannot be read without one that lacks.
func (r *row) header(head *record) (width int, ok bool) {
	for i := range r.at {
		r.at[i] = -1
	}
	ok = true
	seen := map[string]bool{}
	for i := range head.size() {
		name := string(bytes.TrimSpace(head.field(i)))
		switch {
		case name == "":
			r.report.add(Notice{Name: emptyColumnName, File: r.tab.file, Row: head.line, Detail: fmt.Sprintf("column %d has no name", i+1)})
			continue
		case !utf8.ValidString(name):
			r.report.add(Notice{Name: invalidCharacter, File: r.tab.file, Row: head.line, Value: name, Detail: "column names are UTF-8"})
			ok = false
			continue
		case seen[name]:
			r.report.add(Notice{Name: duplicatedColumn, File: r.tab.file, Row: head.line, Field: clip(name)})
			continue
		}
		seen[name] = true
		known := false
		for c := range r.tab.columns {
			if r.tab.columns[c].name == name {
				r.at[c], known = i, true
			}
		}
		if !known && !contains(r.tab.known, name) {
			r.report.add(Notice{Name: unknownColumn, File: r.tab.file, Row: head.line, Field: clip(name)})
		}
	}
	for c, col := range r.tab.columns {
		if r.at[c] >= 0 {
			continue
		}
		switch col.presence {
		case required:
			r.report.add(Notice{Name: missingRequiredColumn, File: r.tab.file, Row: head.line, Field: col.name})
			ok = false
		case recommended:
			r.report.add(Notice{Name: missingRecommendedColumn, File: r.tab.file, Row: head.line, Field: col.name})
		}
	}
	return head.size(), ok
}

// contains says whether a list of words separated by spaces has one.
func contains(words, word string) bool {
	return strings.Contains(" "+words+" ", " "+word+" ")
}

// usable checks a row as a whole.
func (r *row) usable(width int) bool {
	if len(bytes.TrimSpace(r.rec.buf)) == 0 {
		r.add(emptyRow, -1, "")
		return false
	}
	if n := r.rec.size(); n > width {
		r.report.add(Notice{Name: invalidRowLength, File: r.tab.file, Row: r.rec.line,
			Detail: fmt.Sprintf("%d values for %d columns", n, width)})
		return false
	} else if n < width {
		r.report.tolerate(Notice{Name: invalidRowLength, File: r.tab.file, Row: r.rec.line})
	}
	if !shown(r.rec.buf) {
		return r.characters()
	}
	return true
}

var replacement = []byte("\uFFFD")

// shown says whether bytes are text that is shown as what it is. A NUL is none: no database keeps it.
func shown(v []byte) bool {
	if !utf8.Valid(v) || bytes.Contains(v, replacement) {
		return false
	}
	for _, b := range v {
		if b >= utf8.RuneSelf || b < ' ' || b == 0x7f { // most rows have neither
			return readable.Text(string(v))
		}
	}
	return true
}

// characters finds the fields that hold what is no text.
func (r *row) characters() bool {
	good := true
	for c := range r.at {
		v := r.raw(c)
		if !shown(v) {
			r.add(invalidCharacter, c, string(v))
			good = false
		}
	}
	return good // bad bytes in columns that nobody reads are nobody's problem
}

// add records a problem of this row; c is the column, -1 for the row as a whole.
func (r *row) add(name string, c int, value string) { r.addf(name, c, value, "") }

func (r *row) addf(name string, c int, value, detail string) {
	n := Notice{Name: name, File: r.tab.file, Row: r.rec.line, Value: value, Detail: detail}
	if c >= 0 {
		n.Field = r.tab.columns[c].name
	}
	r.report.add(n)
}

// raw returns a field's bytes, nil when the file or the row lacks it. They live until the next row.
func (r *row) raw(c int) []byte {
	i := r.at[c]
	if i < 0 || i >= r.rec.size() {
		return nil
	}
	return r.rec.field(i)
}

// bytes returns a field without surrounding spaces.
func (r *row) bytes(c int) []byte {
	raw := r.raw(c)
	v := bytes.TrimSpace(raw)
	if len(v) != len(raw) {
		if bytes.ContainsAny(raw, "\r\n") {
			r.add(newLineInValue, c, string(raw))
		} else {
			r.add(surroundingWhitespace, c, string(raw))
		}
	}
	return v
}
