package invoice_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/waymeet/waymeet/billing/invoice"
)

// TestReadDates: a column of dates is read one way or refused with its cells, never guessed.
func TestReadDates(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		cells []string
		as    invoice.DateOrder
		want  []string
		order invoice.DateOrder
		at    []int
		both  bool
	}{
		{cells: []string{"2026-11-23", "2026/11/05"}, want: []string{"2026-11-23", "2026-11-05"}, order: invoice.YearFirst},
		{cells: []string{"23/11/2026", "05/11/2026"}, want: []string{"2026-11-23", "2026-11-05"}, order: invoice.DayFirst},
		{cells: []string{"05/11/2026", "23-11-2026"}, want: []string{"2026-11-05", "2026-11-23"}, order: invoice.DayFirst},
		{cells: []string{"05.11.2026"}, want: []string{"2026-11-05"}, order: invoice.DayFirst},
		{cells: []string{"11/05/2026", "11/23/2026"}, want: []string{"2026-11-05", "2026-11-23"}, order: invoice.MonthFirst},
		{cells: []string{"5/11/2026", "23/11/2026"}, want: []string{"2026-11-05", "2026-11-23"}, order: invoice.DayFirst},
		{cells: []string{"05/05/2026"}, want: []string{"2026-05-05"}, order: invoice.DayFirst},
		{cells: []string{"05/11/2026", "07/11/2026", "06/06/2026"}, at: []int{0, 1}, both: true},
		{cells: []string{"05/11/2026"}, as: invoice.DayFirst, want: []string{"2026-11-05"}, order: invoice.DayFirst},
		{cells: []string{"05/11/2026"}, as: invoice.MonthFirst, want: []string{"2026-05-11"}, order: invoice.MonthFirst},
		{cells: []string{"23/11/2026"}, as: invoice.MonthFirst, at: []int{0}},
		{cells: []string{"23/11/2026", "11/23/2026"}, at: []int{1}},
		{cells: []string{"2026-11-23", "23/11/2026"}, at: []int{1}},
		{cells: []string{"2026-11-23", "05/05/2026"}, at: []int{1}},
		{cells: []string{"31/02/2026"}, at: []int{0}},
		{cells: []string{"23/11/26"}, at: []int{0}},
		{cells: []string{"23/11-2026"}, at: []int{0}},
		{cells: []string{""}, at: []int{0}},
	} {
		got, order, err := invoice.ReadDates(c.cells, c.as)
		if refused(t, err, c.at, c.both) || err != nil {
			continue
		}
		if said := fmt.Sprint(got); said != fmt.Sprint(c.want) || order != c.order {
			t.Errorf("%v as %q: %s %s, want %v %s", c.cells, c.as, said, order, c.want, c.order)
		}
	}
}

// TestReadAmounts: likewise amounts, whatever groups their thousands.
func TestReadAmounts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		cells    []string
		exponent int
		as       invoice.DecimalSign
		want     []int64
		decimal  invoice.DecimalSign
		at       []int
		both     bool
	}{
		{cells: []string{"1234.50", "-9.00", "7"}, exponent: 2, want: []int64{123450, -900, 700}, decimal: invoice.Point},
		{cells: []string{"1,234.50", "1,234"}, exponent: 2, want: []int64{123450, 123400}, decimal: invoice.Point},
		{cells: []string{"1.234,50", "1.234"}, exponent: 2, want: []int64{123450, 123400}, decimal: invoice.Comma},
		{cells: []string{"1 234,50", "1\u202f234\u00a0567,5"}, exponent: 2, want: []int64{123450, 123456750}, decimal: invoice.Comma},
		{cells: []string{"1'234.50", "−1’000.00", "9.00-", "+2"}, exponent: 2, want: []int64{123450, -100000, -900, 200}, decimal: invoice.Point},
		{cells: []string{"1 234"}, exponent: 2, want: []int64{123400}, decimal: invoice.Point},
		{cells: []string{"1,234,567"}, exponent: 2, want: []int64{123456700}, decimal: invoice.Point},
		{cells: []string{"1 234,500"}, exponent: 3, want: []int64{1234500}, decimal: invoice.Comma},
		{cells: []string{"0,250"}, exponent: 3, want: []int64{250}, decimal: invoice.Comma},
		{cells: []string{"5.00", "1,234", "2.000"}, exponent: 2, at: []int{2}},
		{cells: []string{"12", "1,234", "2.000"}, exponent: 2, at: []int{1, 2}, both: true},
		{cells: []string{"1.000"}, exponent: 3, at: []int{0}, both: true},
		{cells: []string{"1.000"}, exponent: 3, as: invoice.Point, want: []int64{1000}, decimal: invoice.Point},
		{cells: []string{"1.000"}, exponent: 2, as: invoice.Comma, want: []int64{100000}, decimal: invoice.Comma},
		{cells: []string{"1.50", "1,50"}, exponent: 2, at: []int{1}},
		{cells: []string{"1,23,456.00"}, exponent: 2, at: []int{0}},
		{cells: []string{"1 23,00"}, exponent: 2, at: []int{0}},
		{cells: []string{"1 234.567,00"}, exponent: 2, at: []int{0}},
		{cells: []string{"1,2345.00"}, exponent: 2, at: []int{0}},
		{cells: []string{"12345678901234.00"}, exponent: 2, at: []int{0}},
		{cells: []string{"1."}, exponent: 2, at: []int{0}},
		{cells: []string{",50"}, exponent: 2, at: []int{0}},
		{cells: []string{"1e5"}, exponent: 2, at: []int{0}},
		{cells: []string{"--1"}, exponent: 2, at: []int{0}},
		{cells: []string{""}, exponent: 2, at: []int{0}},
		{cells: []string{"1.50"}, exponent: 0, at: []int{0}},
	} {
		exponents := make([]int, len(c.cells))
		for i := range exponents {
			exponents[i] = c.exponent
		}
		got, decimal, err := invoice.ReadAmounts(c.cells, exponents, c.as)
		if refused(t, err, c.at, c.both) || err != nil {
			continue
		}
		if !slices.Equal(got, c.want) || decimal != c.decimal {
			t.Errorf("%q as %q: %v %s, want %v %s", c.cells, c.as, got, decimal, c.want, c.decimal)
		}
	}
}

// refused compares a refusal with what was expected, and says whether one was.
func refused(t *testing.T, err error, at []int, both bool) bool {
	t.Helper()
	if at == nil {
		if err != nil {
			t.Error(err)
		}
		return false
	}
	var cells *invoice.Cells
	if !errors.As(err, &cells) || !slices.Equal(cells.At, at) || cells.Ambiguous != both {
		t.Errorf("%v of %+v, want cells %v, ambiguous: %t", err, cells, at, both)
	}
	return true
}
