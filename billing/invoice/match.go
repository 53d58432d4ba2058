package invoice

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/waymeet/waymeet/dispatch/servicedate"
)

// Transfer is one parsed line of a bank statement: money that came.
type Transfer struct {
	Booked   servicedate.Date
	Amount   int64
	Currency string
	Payer    string
	Text     string // the reference and whatever else the payer wrote
}

// Outstanding is an invoice that waits for money.
type Outstanding struct {
	Number   Number
	Customer string
	Currency string
	Open     int64
	Issued   servicedate.Date
	Account  string // whose it is, for names are not unique; without, it is paid alone
}

// Candidate is invoices that a transfer may pay, with how much speaks for it.
type Candidate struct {
	Invoices []Number
	Score    int // 0 to 100; from Certain on it may be booked when the tenant says so
	Why      []MatchReason
}

// MatchReason is a stable code for what speaks for a candidate or against it.
type MatchReason string

// What speaks for a candidate, then against.
const (
	NumberNamed   MatchReason = "number_in_reference"
	AmountEqual   MatchReason = "amount_equal"
	SumEqual      MatchReason = "sum_of_named_equal"
	PayerNamed    MatchReason = "payer_is_customer"
	PaidInPart    MatchReason = "amount_lower"
	PaidTooMuch   MatchReason = "amount_higher"
	AmountShared  MatchReason = "amount_of_several"
	BeforeInvoice MatchReason = "before_invoice"
)

// Certain is the score from which nothing else could have been meant: the number was written and the amount is right.
const Certain = 90

// Matcher compares transfers with what is open: what they are compared by is made once for all of them.
type Matcher struct {
	open      []Outstanding
	customers [][]string       // their names' words
	named     map[string][]int // which a number, as it is spelled without hyphens, is of
	short     map[string][]int // and one whose last part is cut: FA2026 42
	owed      []debts
}

// NewMatcher makes one for invoices that are open; others are left out.
func NewMatcher(open []Outstanding) *Matcher {
	m := &Matcher{named: map[string][]int{}, short: map[string][]int{}}
	for _, o := range open {
		if o.Open <= 0 {
			continue
		}
		n := o.Number.String()
		cut := strings.LastIndex(n, "-")
		full, head := strings.ReplaceAll(n, "-", ""), strings.ReplaceAll(n[:cut], "-", "")
		m.named[full] = append(m.named[full], len(m.open))
		m.short[head+" "+strings.TrimLeft(n[cut+1:], "0")] = append(m.short[head+" "+strings.TrimLeft(n[cut+1:], "0")], len(m.open))
		m.open, m.customers = append(m.open, o), append(m.customers, tokens(o.Customer))
	}
	m.owed = debtsOf(m.open)
	return m
}

// Match ranks the invoices that a transfer may pay, the likeliest first. Another currency or an amount not above zero
// matches nothing. Equal amounts alone never reach Certain: two invoices of one amount are common with passes.
func (m *Matcher) Match(t Transfer) []Candidate {
	if t.Amount <= 0 {
		return nil
	}
	payer, mentions := tokens(t.Payer), m.mentions(t.Text)
	var out []Candidate
	var named []Outstanding
	equal := 0
	for _, o := range m.open {
		if o.Currency == t.Currency && o.Open == t.Amount {
			equal++
		}
	}
	for i, o := range m.open {
		if o.Currency != t.Currency {
			continue
		}
		c := Candidate{Invoices: []Number{o.Number}}
		is := func(yes bool, points int, why MatchReason) bool {
			if yes {
				c.Score += points
				c.Why = append(c.Why, why)
			}
			return yes
		}
		mentioned := is(mentions[i], 60, NumberNamed)
		if mentioned {
			named = append(named, o)
		}
		same := is(o.Open == t.Amount, 35, AmountEqual)
		if !mentioned && !same {
			continue // a known payer with an odd amount says nothing about which invoice
		}
		known := is(sharesName(payer, m.customers[i]), 5, PayerNamed)
		if !mentioned && known {
			c.Score += 25 // without the number, the name is what there is
		}
		is(!same && t.Amount < o.Open, 0, PaidInPart)
		is(!same && t.Amount > o.Open, 0, PaidTooMuch)
		is(!mentioned && same && equal > 1, -20, AmountShared)
		is(t.Booked < o.Issued, -15, BeforeInvoice)
		out = append(out, c)
	}
	if c, ok := together(t, named); ok {
		out = append(out, c)
	}
	for _, c := range combined(t, m.owed) {
		if !slices.ContainsFunc(out, func(o Candidate) bool { return slices.Equal(o.Invoices, c.Invoices) }) {
			out = append(out, c)
		}
	}
	slices.SortStableFunc(out, func(a, b Candidate) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), slices.CompareFunc(a.Invoices, b.Invoices, compareNumbers))
	})
	return out
}

// together is one transfer for all the invoices that it names.
func together(t Transfer, named []Outstanding) (Candidate, bool) {
	if len(named) < 2 {
		return Candidate{}, false
	}
	c := Candidate{Score: 95, Why: []MatchReason{NumberNamed, SumEqual}}
	sum := int64(0)
	for _, o := range named {
		var err error
		if sum, err = add(sum, o.Open); err != nil {
			return Candidate{}, false
		}
		c.Invoices = append(c.Invoices, o.Number)
	}
	slices.SortFunc(c.Invoices, compareNumbers)
	return c, sum == t.Amount
}

func compareNumbers(a, b Number) int {
	return cmp.Or(cmp.Compare(a.Series, b.Series), cmp.Compare(a.Year, b.Year), cmp.Compare(a.Seq, b.Seq))
}

// tokens is the runs of letters and digits of a text, in capitals and without accents: banks leave them out.
func tokens(s string) []string {
	s = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToUpper(r)
	}, norm.NFKD.String(s))
	return strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// mentions is which invoices a text names, however the payer or their bank cut the number: "FA-2026-000042",
// "FA 2026 42", "fa2026000042". Words are joined only whole, so that 000042 is not found in 1000042.
func (m *Matcher) mentions(text string) map[int]bool {
	words, found := tokens(text), map[int]bool{}
	for i := range words {
		joined := ""
		for j := i; j < len(words) && j < i+8; j++ {
			for _, at := range m.short[joined+" "+strings.TrimLeft(words[j], "0")] {
				found[at] = true
			}
			joined += words[j]
			for _, at := range m.named[joined] {
				found[at] = true
			}
		}
	}
	return found
}

// Counts is the counts that numbers in a text may have: whatever number mentions finds in it, its count is among them.
func Counts(text string) (out []int64) {
	add := func(digits string) {
		if seq, err := strconv.ParseInt(digits, 10, 64); err == nil && seq > 0 {
			out = append(out, seq)
		}
	}
	words := tokens(text)
	for j := range words {
		add(words[j])
		joined := strings.Join(words[max(0, j-7):j+1], "")
		tail := joined[len(strings.TrimRightFunc(joined, unicode.IsDigit)):]
		for n := 6; n <= len(tail)-4; n++ { // behind a year's four digits
			if count := tail[len(tail)-n:]; n == 6 || count[0] != '0' {
				add(count)
			}
		}
	}
	return out
}

// MayPay is which of some customers, by their names, payers may be by theirs.
func MayPay(payers []string, customers []string) (out []int) {
	words := map[string]bool{}
	for _, p := range payers {
		for _, w := range tokens(p) {
			words[w] = true
		}
	}
	for i, c := range customers {
		if slices.ContainsFunc(tokens(c), func(w string) bool { return words[w] && tells(w) }) {
			out = append(out, i)
		}
	}
	return out
}

// legal forms and such say nothing about who somebody is.
const formWords = " SARL SA SAS SASU LLC FZ FZE FZCO DMCC LTD LIMITED INC CO CIE STE SOCIETE GROUP GROUPE ET AND THE DE DU LA LE DES "

func sharesName(a, b []string) bool {
	return slices.ContainsFunc(b, func(w string) bool { return tells(w) && slices.Contains(a, w) })
}

// tells is whether a word of a name says who it is.
func tells(w string) bool {
	return utf8.RuneCountInString(w) >= 3 && !strings.Contains(formWords, " "+w+" ")
}
