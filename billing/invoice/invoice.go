package invoice

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/dispatch/servicedate"
)

// Kind is what a document is.
type Kind string

// The kinds of document.
const (
	Bill       Kind = "invoice"
	CreditNote Kind = "credit_note"
)

// Draft is an invoice that may still change. Its amounts are those of Preview.
type Draft struct {
	Month    Month  `json:"month"`
	Currency string `json:"currency"`
	Prices   Prices `json:"prices"`
	Terms    Terms  `json:"terms"`
	PO       string `json:"po,omitempty"` // the customer's purchase order
	Lines    []Line `json:"lines"`
}

// Invoice is a finalised document: what it says never changes.
type Invoice struct {
	Draft
	Kind     Kind             `json:"kind"`
	Number   Number           `json:"number"`
	Corrects Number           `json:"corrects,omitzero"` // of a credit note
	Issued   servicedate.Date `json:"issued"`
	Due      servicedate.Date `json:"due"`
	Taxes    []TaxSum         `json:"taxes"`
	Total    Sum              `json:"total"`
}

var (
	errNoLines  = errors.New("invoice: there is nothing to bill")
	errLineID   = errors.New("invoice: a line without an id, or two with one")
	errUsage    = errors.New("invoice: a usage record is billed twice")
	errCurrency = errors.New("invoice: a currency that is not kept")
	ErrBelow    = errors.New("invoice: the total is below zero; credit what was billed before instead")
)

// Price gives each line the tax of its supply, country and date.
func (d Draft) Price(table TaxTable) (Draft, error) {
	lines := make([]Line, len(d.Lines))
	for i, l := range d.Lines {
		rule, err := table.Find(l.Country, l.Supply, l.Date)
		if err != nil {
			return d, fmt.Errorf("line %s: %w", l.ID, err)
		}
		l.Tax = rule.Tax
		lines[i] = l
	}
	d.Lines = lines
	return d, nil
}

// Preview is the invoice that the draft would be, without a number.
func (d Draft) Preview(issued servicedate.Date) (Invoice, error) {
	if !ledger.Currency(d.Currency).Known() {
		return Invoice{}, errCurrency
	}
	if err := distinct(d.Lines); err != nil {
		return Invoice{}, err
	}
	taxes, total, err := Totals(d.Prices, d.Lines)
	if err != nil {
		return Invoice{}, err
	}
	due, err := d.Terms.Due(issued)
	if err != nil {
		return Invoice{}, err
	}
	return Invoice{Draft: d, Kind: Bill, Issued: issued, Due: due, Taxes: taxes, Total: total}, nil
}

// Finalise makes the draft an invoice. The number was taken in the same transaction, so that one that is refused here
// leaves no gap.
func (d Draft) Finalise(n Number, issued servicedate.Date) (Invoice, error) {
	if err := n.check(); err != nil {
		return Invoice{}, err
	}
	if len(d.Lines) == 0 {
		return Invoice{}, errNoLines
	}
	inv, err := d.Preview(issued)
	if err != nil {
		return Invoice{}, err
	}
	if inv.Total.Gross < 0 {
		return Invoice{}, ErrBelow
	}
	inv.Lines = append([]Line{}, d.Lines...) // the draft's owner may still write into theirs
	inv.Number = n
	return inv, nil
}

func distinct(lines []Line) error {
	ids, usages := make(map[string]bool, len(lines)), make(map[string]bool, len(lines))
	for _, l := range lines {
		if l.ID == "" || ids[l.ID] {
			return errLineID
		}
		if l.Usage != "" && usages[l.Usage] {
			return errUsage
		}
		ids[l.ID], usages[l.Usage] = true, true
	}
	return nil
}

// Digest is a fingerprint of all that the document says. It is kept beside it when it is finalised, so that a change
// afterwards is found.
func (i Invoice) Digest() (string, error) {
	b, err := json.Marshal(i)
	if err != nil {
		return "", fmt.Errorf("invoice: digest of %v: %w", i.Number, err)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), nil
}
