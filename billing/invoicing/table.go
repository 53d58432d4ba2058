package invoicing

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/waymeet/waymeet/billing/invoice"
	"github.com/waymeet/waymeet/internal/fault"
)

// Why a line of a file is refused, as clients get it; people read it in their language.
const (
	notUTF8           fault.Word = "not_utf8"
	notCSV            fault.Word = "not_csv"
	fileEmpty         fault.Word = "file_empty"
	columnMissing     fault.Word = "column_missing" // of "column"
	tooManyLines      fault.Word = "too_many_lines" // than "max"
	dateUnreadable    fault.Word = "date_unreadable"
	amountUnreadable  fault.Word = "amount_unreadable"
	amountImpossible  fault.Word = "amount_impossible"
	currencyUnknown   fault.Word = "currency_unknown"
	textTooLong       fault.Word = "text_too_long"
	textInvalid       fault.Word = "text_invalid"
	accountUnknown    fault.Word = "account_unknown"
	accountNotOpening fault.Word = "account_not_opening"
	accountTwice      fault.Word = "account_twice"
)

// badLine refuses a file, by the code of its kind, for one of its lines or several.
func badLine(code string, why fault.Word, lines ...int) *fault.Error {
	said := make([]string, len(lines))
	for i, n := range lines {
		said[i] = strconv.Itoa(n)
	}
	return fault.New(code, fault.Params{"line": strings.Join(said, ", "), "why": why}).At("body/csv")
}

// unread says which lines a column cannot be read on: at most five of them.
func unread(err error, at []int, invalid string, why fault.Word, ambiguous string) error {
	var cells *invoice.Cells
	if !errors.As(err, &cells) {
		return err
	}
	var lines []int
	for _, i := range cells.At[:min(len(cells.At), 5)] {
		lines = append(lines, at[i])
	}
	bad := badLine(invalid, why, lines...)
	if !cells.Ambiguous {
		return bad
	}
	more := bad.Params["line"].(string)
	if len(cells.At) > 5 {
		more += ", …"
	}
	return fault.New(ambiguous, fault.Params{"lines": more}).At("body/csv")
}

// table reads a CSV file with a heading; the columns come in the order that they are asked for, each cell trimmed, with the line that each row
// begins on. One that is none is refused by the code of its kind.
func table(invalid string, body []byte, most int, columns ...string) (rows [][]string, lines []int, err error) {
	body = bytes.TrimPrefix(body, []byte("\uFEFF"))
	if !utf8.Valid(body) {
		return nil, nil, badLine(invalid, notUTF8, 1)
	}
	in := csv.NewReader(bytes.NewReader(body))
	in.FieldsPerRecord = -1
	if first, _, _ := bytes.Cut(body, []byte("\n")); bytes.Count(first, []byte(";")) > bytes.Count(first, []byte(",")) {
		in.Comma = ';'
	}
	head, err := in.Read()
	if err != nil {
		return nil, nil, badLine(invalid, fileEmpty, 1)
	}
	at := make([]int, len(columns))
	for i, c := range columns {
		at[i] = -1
		for k, h := range head {
			if strings.EqualFold(strings.TrimSpace(h), c) {
				at[i] = k
			}
		}
		if at[i] < 0 && c != "reference" && c != "payer" {
			bad := badLine(invalid, columnMissing, 1)
			bad.Params["column"] = c
			return nil, nil, bad
		}
	}
	for {
		r, err := in.Read()
		if errors.Is(err, io.EOF) {
			return rows, lines, nil
		}
		if err != nil {
			line := 1
			var at *csv.ParseError
			if errors.As(err, &at) {
				line = at.Line
			}
			return nil, nil, badLine(invalid, notCSV, line)
		}
		line, _ := in.FieldPos(0)
		if len(rows) == most {
			bad := badLine(invalid, tooManyLines, line)
			bad.Params["max"] = most
			return nil, nil, bad
		}
		row := make([]string, len(columns))
		for i, k := range at {
			if k >= 0 && k < len(r) {
				row[i] = strings.TrimSpace(r[k])
			}
		}
		rows, lines = append(rows, row), append(lines, line)
	}
}
