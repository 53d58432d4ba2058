package organisation

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"unicode/utf8"
)

// Person is one row of a roster, in the one spelling that things are compared in.
type Person struct {
	Line       int    `json:"line"`
	Number     string `json:"number,omitempty"` // the customer's own number of the employee
	Name       string `json:"name"`
	Email      string `json:"email,omitempty"`
	Phone      string `json:"phone,omitempty"` // E.164
	CostCentre string `json:"cost_centre,omitempty"`
	Since      date   `json:"since,omitzero"` // from when the cost centre holds; zero is the day of the roster
}

// Roster is everybody who belongs.
type Roster []Person

// Options say how a customer's files are to be read.
type Options struct {
	CountryCode string // "+212": what a phone number with a leading 0 belongs to
}

// ReadRoster reads a CSV file: with or without byte order mark, values apart by commas, semicolons or tabs, columns in
// any order under the names that companies use in English, French and Arabic. All of the file is read whatever is found,
// so that one try shows everything; the roster is only returned when nothing is wrong with it. The error is the
// reader's own.
func ReadRoster(r io.Reader, o Options) (Roster, Report, error) {
	var report Report
	raw, err := io.ReadAll(io.LimitReader(r, MaxBytes+1))
	if err != nil {
		return nil, report, err
	}
	if len(raw) > MaxBytes {
		report.add(Finding{Code: TooLarge})
		return nil, report, nil
	}
	raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	if line := badLine(raw); line > 0 {
		report.add(Finding{Code: NotUTF8, Line: line})
		return nil, report, nil
	}
	t := table{report: &report, options: o}
	roster := t.read(raw)
	if report.Failed() {
		roster = nil
	}
	return roster, report, nil
}

// badLine is the first line that is no UTF-8 text, 0 when all is. A NUL is what UTF-16 looks like.
func badLine(raw []byte) int {
	if utf8.Valid(raw) && bytes.IndexByte(raw, 0) < 0 {
		return 0
	}
	for i, line := range bytes.Split(raw, []byte("\n")) {
		if !utf8.Valid(line) || bytes.IndexByte(line, 0) >= 0 {
			return i + 1
		}
	}
	return 1
}

// table is the state of one reading.
type table struct {
	report  *Report
	options Options
	at      [fields]int // the place of each field in a record, -1 for none
	width   int
}

func (t *table) read(raw []byte) (out Roster) {
	in := csv.NewReader(bytes.NewReader(raw))
	in.Comma, in.FieldsPerRecord, in.ReuseRecord = separator(raw), -1, true
	head, err := in.Read()
	if errors.Is(err, io.EOF) {
		t.report.add(Finding{Code: EmptyFile})
		return nil
	}
	if err != nil {
		t.malformed(err)
		return nil
	}
	if !t.header(head) {
		return nil
	}
	for {
		record, err := in.Read()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.malformed(err)
			return out
		}
		if strings.TrimSpace(strings.Join(record, "")) == "" {
			continue // a row that a spreadsheet left behind
		}
		if t.report.Rows++; t.report.Rows > MaxRows {
			t.report.add(Finding{Code: TooManyRows})
			return out
		}
		line, _ := in.FieldPos(0)
		if len(record) > t.width && strings.TrimSpace(strings.Join(record[t.width:], "")) != "" {
			t.report.add(Finding{Code: RowTooLong, Line: line, Column: t.width + 1})
			continue
		}
		out = append(out, t.person(line, record))
	}
}

func (t *table) malformed(err error) {
	f := Finding{Code: Malformed}
	var where *csv.ParseError
	if errors.As(err, &where) {
		f.Line, f.Column = where.Line, where.Column
	}
	t.report.add(f)
}

// separator is the one of which the header has most.
func separator(raw []byte) rune {
	head, _, _ := bytes.Cut(raw, []byte("\n"))
	best, most := ',', 0
	for _, c := range ",;\t" {
		if n := bytes.Count(head, []byte(string(c))); n > most {
			best, most = c, n
		}
	}
	return best
}

func (t *table) header(head []string) bool {
	t.width = len(head)
	for f := range t.at {
		t.at[f] = -1
	}
	for i, h := range head {
		f, known := headers[plainHeader(h)]
		switch {
		case !known:
			t.report.add(Finding{Code: ColumnUnknown, Line: 1, Column: i + 1, Value: strings.TrimSpace(h), Warning: true})
		case t.at[f] >= 0:
			t.report.add(Finding{Code: ColumnDuplicated, Line: 1, Column: i + 1, Field: f.String(), Value: strings.TrimSpace(h)})
		default:
			t.at[f] = i
		}
	}
	if t.at[name] < 0 {
		t.report.add(Finding{Code: ColumnMissing, Line: 1, Field: name.String()})
	}
	if t.at[number] < 0 && t.at[email] < 0 && t.at[phone] < 0 {
		t.report.add(Finding{Code: ColumnMissing, Line: 1, Field: email.String()})
	}
	return !t.report.Failed()
}
