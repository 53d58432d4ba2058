package payout

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"

	"github.com/waymeet/waymeet/billing/ledger"
)

// Order is one beneficiary in a bank's file.
type Order struct {
	Reference string // the line's: what the bank's statement will say
	Holder    string
	Number    string
	Amount    int64
}

// Columns of the file, in an order that stays: a bank's import is set up once.
var Columns = []string{"reference", "beneficiary", "account_number", "amount", "currency", "details"}

// File is what a bank reads: a line each, and a last one with how many there are and what they come to, so that whoever
// signs at the bank compares two numbers.
func File(c ledger.Currency, details string, orders []Order) ([]byte, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	rows, total := [][]string{Columns}, ledger.Of(0, c)
	for _, o := range orders {
		m := ledger.Of(o.Amount, c)
		if err := m.Check(); err != nil {
			return nil, err
		}
		var err error
		if total, err = total.Add(m); err != nil {
			return nil, err
		}
		rows = append(rows, []string{cell(o.Reference), cell(o.Holder), cell(o.Number), decimal(m), string(c), cell(details)})
	}
	rows = append(rows, []string{"TOTAL", strconv.Itoa(len(orders)), "", decimal(total), string(c), ""})
	if err := w.WriteAll(rows); err != nil {
		return nil, fmt.Errorf("payout: write the file: %w", err)
	}
	return b.Bytes(), nil
}

func decimal(m ledger.Money) string { s, _, _ := strings.Cut(m.String(), " "); return s }

// cell is text that no spreadsheet takes for a formula, on one line.
func cell(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
	if trimmed := strings.TrimLeft(s, " \u00a0"); trimmed != "" && strings.ContainsRune("=+-@|\uff1d\uff0b\uff0d\uff20", []rune(trimmed)[0]) {
		return "'" + s
	}
	return s
}
