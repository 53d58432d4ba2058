package invoice

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Dialect is how a spreadsheet of the reader's country wants a CSV file.
type Dialect struct {
	Comma   rune // between values
	Decimal byte // in amounts
	BOM     bool // Excel takes UTF-8 for something else without
}

// The dialects in use. Programs read Plain; Excel set to French or Arabic reads European.
var (
	Plain    = Dialect{Comma: ',', Decimal: '.'}
	European = Dialect{Comma: ';', Decimal: ',', BOM: true}
)

// Amount writes one as the dialect does.
func (d Dialect) Amount(n int64, currency string) string {
	return strings.Replace(Decimal(n, currency), ".", string(d.Decimal), 1)
}

// Inert keeps a spreadsheet from taking a text for a formula. Names come from strangers.
func Inert(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

func (d Dialect) write(w io.Writer, rows [][]string) error {
	if d.BOM {
		if _, err := io.WriteString(w, "\uFEFF"); err != nil {
			return fmt.Errorf("invoice: write CSV: %w", err)
		}
	}
	out := csv.NewWriter(w)
	out.Comma = d.Comma
	if err := out.WriteAll(rows); err != nil {
		return fmt.Errorf("invoice: write CSV: %w", err)
	}
	return nil
}

// WriteCSV writes a document line by line, with the usage record that each opens. Columns keep their names in every
// language: they are read by programs.
func (i Invoice) WriteCSV(w io.Writer, d Dialect) error {
	rows := [][]string{{"document", "number", "corrects", "issued", "due", "period", "po", "line", "date", "description", "person", "cost_centre",
		"quantity", "unit", "amount", "prices", "currency", "tax_code", "tax_rate", "usage"}}
	for _, l := range i.Lines {
		quantity := ""
		if l.Quantity != 0 {
			quantity = strconv.FormatInt(l.Quantity, 10)
		}
		rows = append(rows, []string{string(i.Kind), i.Number.String(), i.Corrects.String(), i.Issued.String(), i.Due.String(), i.Month.String(), Inert(i.PO),
			Inert(l.ID), l.Date.String(), Inert(l.Text), Inert(l.Person), Inert(l.CostCentre), quantity, l.Unit,
			d.Amount(l.Amount, i.Currency), string(i.Prices), i.Currency, l.Tax.Code, strings.Replace(Percent(l.Tax.Rate), ".", string(d.Decimal), 1), Inert(l.Usage)})
	}
	return d.write(w, rows)
}

// Percent writes a rate, "20" or "5.5".
func Percent(rate int) string {
	s := fmt.Sprintf("%d.%02d", rate/100, rate%100)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}
