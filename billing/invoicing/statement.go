package invoicing

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
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
	const invalid = "bank_file_invalid"
	rows, at, err := table(invalid, body, maxStatement, "date", "amount", "currency", "payer", "text", "reference")
	if err != nil {
		return out, err
	}
	dates, amounts, exponents := make([]string, len(rows)), make([]string, len(rows)), make([]int, len(rows))
	for i, r := range rows {
		c, err := ledger.ParseCurrency(r[2])
		if err != nil {
			return out, badLine(invalid, currencyUnknown, at[i])
		}
		if n := utf8.RuneCountInString; n(r[3]) > 200 || n(r[4]) > 500 || n(r[5]) > 100 {
			return out, badLine(invalid, textTooLong, at[i])
		}
		if strings.ContainsFunc(r[3]+r[4]+r[5], func(r rune) bool { return r == 0 }) {
			return out, badLine(invalid, textInvalid, at[i])
		}
		dates[i], amounts[i], exponents[i] = r[0], r[1], c.Exponent()
	}
	days, order, err := invoice.ReadDates(dates, how.Dates)
	if err != nil {
		return out, unread(err, at, invalid, dateUnreadable, "bank_dates_ambiguous")
	}
	sums, sign, err := invoice.ReadAmounts(amounts, exponents, how.Decimal)
	if err != nil {
		return out, unread(err, at, invalid, amountUnreadable, "bank_amounts_ambiguous")
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
			return out, badLine(invalid, amountImpossible, at[i])
		}
		l := store.BankLine{Account: account, Reference: r[5], Transfer: invoice.Transfer{Booked: days[i], Amount: amount, Currency: string(c), Payer: r[3], Text: r[4]}}
		says := fmt.Sprintf("%v\x00%d\x00%s\x00%s\x00%s\x00%s", days[i], amount, c, l.Payer, l.Text, l.Reference)
		seen[says]++ // two transfers may look alike: they are told apart by which of the day's equals they are
		l.Fingerprint = sha256.Sum256(fmt.Appendf(nil, "%s\x00%d", says, seen[says]))
		out.lines = append(out.lines, l)
	}
	return out, nil
}
