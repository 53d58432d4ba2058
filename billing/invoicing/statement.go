package invoicing

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/invoice"
	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store"
)

// maxStatement bounds the lines of a bank's file; there may be any number of files.
const maxStatement = 20_000

// Imported is what a file brought.
type Imported struct {
	Import  uuid.UUID `json:"import"`
	Lines   int       `json:"lines"`   // of money that came
	Fresh   int       `json:"fresh"`   // that were not there before
	Matched int       `json:"matched"` // that paid invoices at once
	Skipped int       `json:"skipped"` // of money that went
}

// Import takes a bank's statement: a CSV file with a heading that names date, amount, currency, payer, text and reference, whose dates and
// amounts are read as somebody said or as the file itself tells. Each line
// is taken once, however often its file or one that overlaps it is sent. What came is in the bank and, until an invoice is found
// for it, in suspense. A line whose number and amount leave no doubt pays its invoices in the same commit; others wait for a person.
//
// What is open is read once, and which lines pay what is reckoned from it for the whole file. The lines are then written in commits of a thousand, so
// that a long statement holds nobody up: when one fails, or the request ends, those before it stay, and the same file sent again goes on. The claim
// is the first commit's, with the import that it began: under its key no other file is taken from then on, and a repeat goes on with that import.
// What an import brought is counted from its rows, so that a repeat says what the first would have.
func (s *Service) Import(ctx context.Context, t tenant.ID, by uuid.UUID, claim idem.Claim, account, file string, body []byte, how How) (out Imported, err error) {
	zone, err := s.zone(ctx, t)
	if err != nil {
		return out, err
	}
	says, err := readStatement(account, body, how, servicedate.On(s.now(), zone))
	if err != nil {
		return out, err
	}
	plan, err := s.plan(ctx, t, account, says.lines)
	if err != nil {
		return out, err
	}
	err = s.db.InTx(ctx, t, func(tx *store.Tx) error {
		answer, _, err := tx.Once(ctx, claim, 200, func() (any, error) {
			begun := Imported{Import: ident.New(), Lines: len(says.lines), Skipped: says.skipped}
			if err := tx.AddBankImport(ctx, begun.Import, by, account, file, begun.Lines, len(plan)); err != nil {
				return nil, err
			}
			return begun, tx.Audit(store.Audit{Actor: by, Action: "bank.import", Target: "bank_import/" + begun.Import.String(), Detail: map[string]any{"account": account, "lines": begun.Lines, "fresh": len(plan)}})
		})
		if err != nil {
			return err
		}
		return json.Unmarshal(answer, &out)
	})
	if err != nil {
		return out, err
	}
	x := statementImport{id: out.Import, by: by, account: account, now: s.now(), zone: zone}
	for part := range slices.Chunk(plan, 1000) {
		if err := s.db.InTx(ctx, t, func(tx *store.Tx) error { return x.write(ctx, tx, part) }); err != nil {
			return out, err
		}
	}
	out.Fresh, out.Matched, err = s.db.Read(t).Brought(ctx, x.id, account, says.lines)
	return out, err
}

// plannedLine is a line that is not there yet, and what it would pay.
type plannedLine struct {
	store.BankLine
	pays []store.OpenInvoice // wholly; none where there is a doubt
}

// plan is which lines of a statement are new, and what each would pay, one after the other.
func (s *Service) plan(ctx context.Context, t tenant.ID, account string, lines []store.BankLine) (plan []plannedLine, err error) {
	known, err := s.db.Read(t).KnownBankLines(ctx, account, lines)
	if err != nil {
		return nil, err
	}
	var transfers []invoice.Transfer
	for _, l := range lines {
		if !known[l.Fingerprint] {
			l.ID = ident.New()
			plan, transfers = append(plan, plannedLine{BankLine: l}), append(transfers, l.Transfer)
		}
	}
	if len(plan) == 0 {
		return nil, nil
	}
	found, err := s.db.Read(t).Outstanding(ctx) // all of it: a number that a payer wrote is found, however many there are
	if err != nil {
		return nil, err
	}
	open, by := matcher(found)
	for i, numbers := range open.Settle(transfers) {
		for _, n := range numbers {
			plan[i].pays = append(plan[i].pays, by[n])
		}
	}
	return plan, nil
}

// How says how a bank's file is written, as far as somebody said; the file tells the rest.
type How struct {
	Dates   invoice.DateOrder
	Decimal invoice.DecimalSign
}

// statement is what a file says.
type statement struct {
	How
	lines   []store.BankLine
	skipped int // of money that went
}

// readStatement reads the file; the heading may be in any order, and the separator a comma or a semicolon. What could be read two ways is refused,
// and so is a day that nobody can have booked on yet.
func readStatement(account string, body []byte, how How, today servicedate.Date) (out statement, err error) {
	bad := func(line int, why string) error {
		return fault.New("bank_file_invalid", fault.Params{"line": strconv.Itoa(line), "why": why}).At("body/csv")
	}
	rows, at, err := table(body, maxStatement, "date", "amount", "currency", "payer", "text", "reference")
	if err != nil {
		return out, bad(rowOf(err), err.Error())
	}
	dates, amounts, exponents := make([]string, len(rows)), make([]string, len(rows)), make([]int, len(rows))
	for i, r := range rows {
		c, err := ledger.ParseCurrency(r[2])
		if err != nil {
			return out, bad(at[i], "currency")
		}
		if n := utf8.RuneCountInString; n(r[3]) > 200 || n(r[4]) > 500 || n(r[5]) > 100 {
			return out, bad(at[i], "too long")
		}
		if strings.ContainsFunc(r[3]+r[4]+r[5], func(r rune) bool { return r == 0 }) {
			return out, bad(at[i], "text")
		}
		dates[i], amounts[i], exponents[i] = r[0], r[1], c.Exponent()
	}
	days, order, err := invoice.ReadDates(dates, how.Dates)
	if err != nil {
		return out, unread(err, at, "bank_file_invalid", "date", "bank_dates_ambiguous")
	}
	sums, sign, err := invoice.ReadAmounts(amounts, exponents, how.Decimal)
	if err != nil {
		return out, unread(err, at, "bank_file_invalid", "amount", "bank_amounts_ambiguous")
	}
	out.How = How{order, sign}
	seen := map[string]int{}
	for i, r := range rows {
		c, amount := ledger.Currency(r[2]), sums[i]
		if days[i] > today.AddDays(1) { // it may be tomorrow already where the bank is
			return out, fault.New("bank_date_future", fault.Params{"line": strconv.Itoa(at[i]), "date": days[i].String()}).At("body/csv")
		}
		if amount <= 0 {
			out.skipped++
			continue
		}
		if ledger.Of(amount, c).Check() != nil {
			return out, bad(at[i], "amount")
		}
		l := store.BankLine{Account: account, Reference: r[5], Transfer: invoice.Transfer{Booked: days[i], Amount: amount, Currency: string(c), Payer: r[3], Text: r[4]}}
		says := fmt.Sprintf("%v\x00%d\x00%s\x00%s\x00%s\x00%s", days[i], amount, c, l.Payer, l.Text, l.Reference)
		seen[says]++ // two transfers may look alike: they are told apart by which of the day's equals they are
		l.Fingerprint = sha256.Sum256(fmt.Appendf(nil, "%s\x00%d", says, seen[says]))
		out.lines = append(out.lines, l)
	}
	return out, nil
}

// unread says which lines a column cannot be read on: at most five of them.
func unread(err error, at []int, invalid, why, ambiguous string) error {
	var cells *invoice.Cells
	if !errors.As(err, &cells) {
		return err
	}
	var lines []string
	for _, i := range cells.At[:min(len(cells.At), 5)] {
		lines = append(lines, strconv.Itoa(at[i]))
	}
	if more := strings.Join(lines, ", "); !cells.Ambiguous {
		return fault.New(invalid, fault.Params{"line": more, "why": why}).At("body/csv")
	} else if len(cells.At) > 5 {
		return fault.New(ambiguous, fault.Params{"lines": more + ", …"}).At("body/csv")
	} else {
		return fault.New(ambiguous, fault.Params{"lines": more}).At("body/csv")
	}
}

type rowError struct {
	line int
	why  string
}

func (e *rowError) Error() string { return e.why }

func rowOf(err error) int {
	var r *rowError
	if errors.As(err, &r) {
		return r.line
	}
	return 1
}

// table reads a CSV file with a heading; the columns come in the order that they are asked for, each cell trimmed, with the line that each row
// begins on.
func table(body []byte, most int, columns ...string) (rows [][]string, lines []int, err error) {
	body = bytes.TrimPrefix(body, []byte("\uFEFF"))
	if !utf8.Valid(body) {
		return nil, nil, &rowError{1, "not UTF-8"}
	}
	in := csv.NewReader(bytes.NewReader(body))
	in.FieldsPerRecord = -1
	if first, _, _ := bytes.Cut(body, []byte("\n")); bytes.Count(first, []byte(";")) > bytes.Count(first, []byte(",")) {
		in.Comma = ';'
	}
	head, err := in.Read()
	if err != nil {
		return nil, nil, &rowError{1, "empty"}
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
			return nil, nil, &rowError{1, "no column " + c}
		}
	}
	for {
		r, err := in.Read()
		if errors.Is(err, io.EOF) {
			return rows, lines, nil
		}
		if err != nil {
			var at *csv.ParseError
			if errors.As(err, &at) {
				return nil, nil, &rowError{at.Line, "not CSV"}
			}
			return nil, nil, &rowError{1, "not CSV"}
		}
		line, _ := in.FieldPos(0)
		if len(rows) == most {
			return nil, nil, &rowError{line, fmt.Sprintf("more than %d lines", most)}
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
