package paper

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/waymeet/waymeet/billing/invoice"
)

// Label is a name with a value: "ICE" and a number, "IBAN" and an account.
type Label struct {
	Name, Value string
}

// Party is who bills or who is billed.
type Party struct {
	Name    string
	Address []string // as it goes on an envelope
	IDs     []Label  // tax and trade identifiers: ICE, IF and RC in Morocco, TRN in the UAE
}

// Document is all that is printed.
type Document struct {
	Invoice  invoice.Invoice
	Seller   Party
	Buyer    Party
	Bank     []Label  // where to pay; not on a credit note
	Reason   string   // of a credit note: why it was made
	Notes    []string // what the law or the tenant wants said
	Language string   // "fr", "en" or "ar"
	Printed  time.Time
}

// MaxLines bounds a document: at 40 lines a page it is 250 pages, and takes three seconds and up to 400 MB to typeset.
const MaxLines = 10_000

var (
	errLanguage = errors.New(`paper: languages are "fr", "en" and "ar"`)
	errTooLong  = fmt.Errorf("paper: a document has at most %d lines", MaxLines)
)

// PDF writes a document. An invoice without a number is printed as a draft, with that across each page.
func PDF(w io.Writer, d Document) error {
	words, ok := languages[d.Language]
	if !ok {
		return errLanguage
	}
	if len(d.Invoice.Lines) > MaxLines {
		return errTooLong
	}
	centres, err := invoice.ByCentre(d.Invoice.Lines)
	if err != nil {
		return err
	}
	// Once to count the pages, once to write them: "page x of y" stands on the first.
	pages, shaped := 0, map[part][]run{}
	for {
		s, err := newSheet(d, words, pages, shaped)
		if err != nil {
			return err
		}
		s.draw(centres)
		if err := s.pdf.Error(); err != nil {
			return fmt.Errorf("paper: typeset %v: %w", d.Invoice.Number, err)
		}
		if pages == s.pdf.PageCount() {
			if err := s.pdf.Output(w); err != nil {
				return fmt.Errorf("paper: write %v: %w", d.Invoice.Number, err)
			}
			return nil
		}
		if pages > 0 {
			return fmt.Errorf("paper: %v has %d pages, then %d", d.Invoice.Number, pages, s.pdf.PageCount())
		}
		pages = s.pdf.PageCount()
	}
}
