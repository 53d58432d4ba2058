package invoicing

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/invoice"
	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store"
)

// maxStatement bounds the lines of a bank's file.
const maxStatement = 2000

// Imported is what a file brought.
type Imported struct {
	Import  uuid.UUID `json:"import"`
	Lines   int       `json:"lines"`   // of money that came
	Fresh   int       `json:"fresh"`   // that were not there before
	Matched int       `json:"matched"` // that paid an invoice at once
	Skipped int       `json:"skipped"` // of money that went
}

// Import takes a bank's statement: a CSV file with a heading that names date, amount, currency, payer, text and reference. Each line
// is taken once, however often its file or one that overlaps it is sent. What came is in the bank and, until an invoice is found
// for it, in suspense. A line whose number and amount leave no doubt pays its invoice at once; others wait for a person.
func (s *Service) Import(ctx context.Context, t tenant.ID, by uuid.UUID, account, file string, body []byte) (out Imported, err error) {
	lines, skipped, err := readStatement(account, body)
	if err != nil {
		return out, err
	}
	zone, err := s.zone(ctx, t)
	if err != nil {
		return out, err
	}
	var fresh []store.BankLine
	err = s.db.InTx(ctx, t, func(tx *store.Tx) error {
		out = Imported{Import: ident.New(), Lines: len(lines), Skipped: skipped}
		if fresh, err = tx.AddBankLines(ctx, out.Import, by, account, file, lines); err != nil {
			return err
		}
		out.Fresh = len(fresh)
		locked, err := tx.LockedUntil(ctx)
		if err != nil {
			return err
		}
		journals := make([]ledger.Journal, len(fresh))
		for i, l := range fresh {
			m := ledger.Of(l.Amount, ledger.Currency(l.Currency))
			journals[i] = ledger.Post("bank_line:"+l.ID.String()+":came", "bank_received", ledger.Debit(ledger.Bank(account, m.Currency), m),
				ledger.Credit(ledger.Suspense("bank", m.Currency), m)).About("bank_line/" + l.ID.String())
			if day := l.Booked.At(12*3600, zone); day.Before(s.now()) && !day.Before(locked) { // a locked period takes nothing: then it happened when we heard of it
				journals[i] = journals[i].On(day)
			}
		}
		recorded, err := tx.Record(ctx, journals...)
		if err != nil {
			return err
		}
		for _, r := range recorded {
			if r.Err != nil {
				return r.Err
			}
		}
		return tx.Audit(store.Audit{Actor: by, Action: "bank.import", Target: "bank_import/" + out.Import.String(), Detail: map[string]any{"account": account, "lines": out.Lines, "fresh": out.Fresh}})
	})
	if err != nil {
		return out, err
	}
	for _, l := range fresh { // each by itself: what is doubtful about one holds nobody up
		found, err := s.Matches(ctx, t, l)
		if err != nil {
			return out, err
		}
		if !certain(found) {
			continue
		}
		err = s.match(ctx, t, by, l.ID, found[0].Pays, "automatic")
		if err == nil {
			out.Matched++
		} else if f := fault.As(err); f.Kind != fault.Conflict { // somebody matched it meanwhile
			return out, err
		}
	}
	return out, nil
}

// certain is whether one of the invoices that a line may pay leaves no doubt, and no other does.
func certain(found []Candidate) bool {
	return len(found) > 0 && found[0].Score >= invoice.Certain && (len(found) == 1 || found[1].Score < invoice.Certain)
}

// readStatement reads the file; the heading may be in any order, and the separator a comma or a semicolon.
func readStatement(account string, body []byte) (lines []store.BankLine, skipped int, err error) {
	bad := func(line int, why string) error {
		return fault.New("bank_file_invalid", fault.Params{"line": strconv.Itoa(line), "why": why}).At("body/csv")
	}
	rows, err := table(body, maxStatement, "date", "amount", "currency", "payer", "text", "reference")
	if err != nil {
		return nil, 0, bad(rowOf(err), err.Error())
	}
	seen := map[string]int{}
	for i, r := range rows {
		day, err := servicedate.Parse(r[0])
		if err != nil {
			return nil, 0, bad(i+2, "date")
		}
		c, err := ledger.ParseCurrency(r[2])
		if err != nil {
			return nil, 0, bad(i+2, "currency")
		}
		amount, err := readAmount(r[1], c)
		if err != nil {
			return nil, 0, bad(i+2, "amount")
		}
		if amount <= 0 {
			skipped++
			continue
		}
		if ledger.Of(amount, c).Check() != nil || len(r[3]) > 200 || len(r[4]) > 500 || len(r[5]) > 100 {
			return nil, 0, bad(i+2, "too long")
		}
		l := store.BankLine{Account: account, Reference: r[5], Transfer: invoice.Transfer{Booked: day, Amount: amount, Currency: string(c), Payer: r[3], Text: r[4]}}
		says := fmt.Sprintf("%v\x00%d\x00%s\x00%s\x00%s\x00%s", day, amount, c, l.Payer, l.Text, l.Reference)
		seen[says]++ // two transfers may look alike: they are told apart by which of the day's equals they are
		l.Fingerprint = sha256.Sum256(fmt.Appendf(nil, "%s\x00%d", says, seen[says]))
		lines = append(lines, l)
	}
	return lines, skipped, nil
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

// table reads a CSV file with a heading; the columns come in the order that they are asked for, each cell trimmed.
func table(body []byte, most int, columns ...string) ([][]string, error) {
	body = bytes.TrimPrefix(body, []byte("\uFEFF"))
	if !utf8.Valid(body) {
		return nil, &rowError{1, "not UTF-8"}
	}
	in := csv.NewReader(bytes.NewReader(body))
	in.FieldsPerRecord = -1
	if first, _, _ := bytes.Cut(body, []byte("\n")); bytes.Count(first, []byte(";")) > bytes.Count(first, []byte(",")) {
		in.Comma = ';'
	}
	head, err := in.Read()
	if err != nil {
		return nil, &rowError{1, "empty"}
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
			return nil, &rowError{1, "no column " + c}
		}
	}
	var rows [][]string
	for {
		r, err := in.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, &rowError{len(rows) + 2, "not CSV"}
		}
		if len(rows) == most {
			return nil, &rowError{len(rows) + 2, fmt.Sprintf("more than %d lines", most)}
		}
		row := make([]string, len(columns))
		for i, k := range at {
			if k >= 0 && k < len(r) {
				row[i] = strings.TrimSpace(r[k])
			}
		}
		rows = append(rows, row)
	}
}

// readAmount reads "1234.50" or "1234,50", without grouping: what could be read two ways is refused.
func readAmount(s string, c ledger.Currency) (int64, error) {
	whole, part, _ := strings.Cut(strings.Replace(s, ",", ".", 1), ".")
	digits := strings.TrimPrefix(whole, "-")
	if digits == "" || len(digits) > 13 || len(part) > c.Exponent() || strings.Trim(digits+part, "0123456789") != "" {
		return 0, errors.New("not an amount")
	}
	n, err := strconv.ParseInt(digits+part+strings.Repeat("0", c.Exponent()-len(part)), 10, 64)
	if whole != digits {
		n = -n
	}
	return n, err
}
