package api

import (
	"context"
	"io"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/invoice"
	"github.com/waymeet/waymeet/billing/invoicing"
	"github.com/waymeet/waymeet/booking"
	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/web/rest"
)

// Reminded is how many reminders were written.
type Reminded struct {
	Reminders int `json:"reminders" example:"2"`
}

// Opened is how many accounts got what they held before.
type Opened struct {
	Accounts int `json:"accounts" example:"12" doc:"That the file has"`
	Known    int `json:"known" example:"0" doc:"Of them: that were taken over before with the same balance, and are left as they are"`
}

// Receivables is what organisations owe today.
type Receivables struct {
	Today string `json:"today" format:"date" example:"2027-02-02"`
	Items []Aged `json:"items"`
}

// Aged is what one organisation owes in one currency, by the days that it is late.
type Aged struct {
	Organisation uuid.UUID `json:"organisation" format:"uuid"`
	Name         string    `json:"name" example:"Câblages du Détroit"`
	Currency     string    `json:"currency" example:"MAD"`
	NotDue       int64     `json:"not_due" example:"92750"`
	To30         int64     `json:"to_30" example:"0"`
	To60         int64     `json:"to_60" example:"0"`
	To90         int64     `json:"to_90" example:"0"`
	Older        int64     `json:"older" example:"0"`
	Total        int64     `json:"total" example:"92750"`
	Credit       int64     `json:"credit" example:"0" doc:"What they have with us; it is not taken off the total"`
	Count        int       `json:"invoice_count" example:"1" doc:"How many invoices that is"`
	Invoices     []Invoice `json:"invoices" doc:"The oldest due first, at most 20"`
}

// BankLine is money that came and is not matched, or not wholly.
type BankLine struct {
	ID        uuid.UUID     `json:"id" format:"uuid"`
	Account   string        `json:"account" example:"main"`
	Booked    string        `json:"booked" format:"date" example:"2027-01-20"`
	Amount    Money         `json:"amount"`
	Left      int64         `json:"left" example:"5000" doc:"What of it is in suspense"`
	Payer     string        `json:"payer" example:"CABLAGES DU DETROIT"`
	Text      string        `json:"text" example:"VIR FA 2026 42"`
	Reference string        `json:"reference,omitempty" example:"R1"`
	Matches   []MatchChoice `json:"matches" doc:"What it may pay, the likeliest first"`
	Payouts   []BankPayout  `json:"payouts,omitempty" doc:"Gateways' payouts that the whole of it may be"`
	Done      []BankMatch   `json:"done,omitempty" doc:"What it was matched with, in order; what was taken back too"`
	Aside     *BankAside    `json:"aside,omitempty" doc:"Why it waits no more"`
}

// BankPayout is what a gateway paid to the operator's bank.
type BankPayout struct {
	ID      uuid.UUID `json:"id" format:"uuid" doc:"The journal's that booked it"`
	Gateway string    `json:"gateway" example:"stripe"`
	Ref     string    `json:"ref" example:"po_1NXYZ"`
	Amount  Money     `json:"amount"`
	At      time.Time `json:"at" example:"2027-01-18T04:00:00Z"`
}

// BankMatch is what so much of a line was matched with.
type BankMatch struct {
	ID       uuid.UUID  `json:"id" format:"uuid"`
	Amount   Money      `json:"amount"`
	Invoice  *uuid.UUID `json:"invoice,omitempty" format:"uuid" doc:"That it pays"`
	Number   string     `json:"number,omitempty" example:"FA-2026-000042"`
	Gateway  string     `json:"gateway,omitempty" example:"stripe" doc:"Whose payout it is"`
	How      string     `json:"how" enum:"automatic,manual" example:"manual"`
	By       string     `json:"by" example:"Salma Bennis"`
	At       time.Time  `json:"at" example:"2027-01-20T09:00:00Z"`
	UndoneAt *time.Time `json:"undone_at,omitempty" doc:"Taken back; absent while it stands"`
	UndoneBy string     `json:"undone_by,omitempty" example:"Salma Bennis"`
	Why      string     `json:"why,omitempty" example:"Another customer of the same name"`
}

// BankAside is why a line waits no more.
type BankAside struct {
	Reason string    `json:"reason" example:"Interest of the bank"`
	By     string    `json:"by" example:"Salma Bennis"`
	At     time.Time `json:"at" example:"2027-01-20T09:00:00Z"`
}

type bankReason struct {
	ID   uuid.UUID `path:"id" format:"uuid"`
	Body struct {
		Reason string `json:"reason" minLength:"1" maxLength:"500" example:"Interest of the bank"`
	}
}

// MatchChoice is invoices that a line may pay.
type MatchChoice struct {
	Score int       `json:"score" example:"95"`
	Why   []string  `json:"why" example:"[\"number_in_reference\",\"amount_equal\"]"`
	Pays  []PayPart `json:"pays"`
}

// PayPart is so much for one invoice.
type PayPart struct {
	Invoice uuid.UUID `json:"invoice" format:"uuid"`
	Number  string    `json:"number,omitempty" maxLength:"40" example:"FA-2026-000042"`
	Amount  int64     `json:"amount" minimum:"1" example:"92750"`
}

// BankImport is what a statement brought.
type BankImport struct {
	Lines   int `json:"lines" example:"12" doc:"Of money that came"`
	Fresh   int `json:"fresh" example:"9" doc:"That were not there before"`
	Matched int `json:"matched" example:"7" doc:"That paid invoices at once"`
	Skipped int `json:"skipped" example:"3" doc:"Of money that went"`
}

// ReadLine is a line of a statement that was not imported yet.
type ReadLine struct {
	Booked    string        `json:"booked" format:"date" example:"2027-01-20"`
	Amount    Money         `json:"amount"`
	Payer     string        `json:"payer" example:"CABLAGES DU DETROIT"`
	Text      string        `json:"text" example:"VIR FA 2026 42"`
	Reference string        `json:"reference,omitempty" example:"R1"`
	Known     bool          `json:"known" example:"false" doc:"It was imported before, and is left as it is"`
	Certain   bool          `json:"certain" example:"true" doc:"It would pay its invoice at once"`
	Matches   []MatchChoice `json:"matches" doc:"What it may pay, the likeliest first"`
}

// BankRead is what a statement would bring.
type BankRead struct {
	Lines   int        `json:"lines" example:"12" doc:"Of money that came"`
	Fresh   int        `json:"fresh" example:"9" doc:"That are not there yet"`
	Certain int        `json:"certain" example:"7" doc:"That would pay invoices at once"`
	Skipped int        `json:"skipped" example:"3" doc:"Of money that went"`
	Dates   string     `json:"dates" enum:"ymd,dmy,mdy" example:"dmy" doc:"As which its dates were read"`
	Decimal string     `json:"decimal" enum:"point,comma" example:"comma" doc:"As which the sign before the cents was read"`
	From    string     `json:"from,omitempty" format:"date" example:"2027-01-09" doc:"The first day on which money came"`
	To      string     `json:"to,omitempty" format:"date" example:"2027-01-20" doc:"The last"`
	Items   []ReadLine `json:"items" doc:"The first 200"`
}

// statementBody is a bank's file.
type statementBody struct {
	Body struct {
		Account string `json:"account" pattern:"^[a-z][a-z0-9-]{0,39}$" example:"main"`
		Name    string `json:"name" maxLength:"200" example:"november.csv"`
		CSV     string `json:"csv" minLength:"1" maxLength:"4000000" example:"date,amount,currency,payer,text,reference"`
		Dates   string `json:"dates,omitempty" enum:"ymd,dmy,mdy" example:"dmy" doc:"How its dates are written. Absent: as the file itself tells; a file that could be read two ways is refused"`
		Decimal string `json:"decimal,omitempty" enum:"point,comma" example:"comma" doc:"What stands before the cents, likewise"`
	}
}

func (b *statementBody) how() invoicing.How {
	return invoicing.How{Dates: invoice.DateOrder(b.Body.Dates), Decimal: invoice.DecimalSign(b.Body.Decimal)}
}

// Period is a month that is locked.
type Period struct {
	Month string    `json:"month" example:"2026-11"`
	At    time.Time `json:"locked_at"`
}

// OpeningBalance is what an account is to start with.
type OpeningBalance struct {
	Account string `json:"account" example:"bank:main"`
	Amount  Money  `json:"amount"`
}

// openingBody is a file of balances.
type openingBody struct {
	Body struct {
		CSV     string `json:"csv" minLength:"1" maxLength:"900000" example:"account,currency,amount"`
		Decimal string `json:"decimal,omitempty" enum:"point,comma" example:"comma" doc:"What stands before the decimals. Absent: as the file itself tells; a file that could be read two ways is refused"`
	}
}

type list[T any] struct {
	Items []T `json:"items"`
}

func (d office) receivables(a *rest.API) {
	rest.Handle(a, "receivables.get", rest.Doc{Summary: "See what organisations owe", About: "By the days that it is late, the first due first."},
		func(ctx context.Context, _ *struct{}) (*rest.Answer[Receivables], error) {
			aged, today, err := d.s.Ageing(ctx, byOf(ctx).Tenant)
			if err != nil {
				return nil, err
			}
			out := Receivables{Today: today.String(), Items: make([]Aged, len(aged))}
			for i, x := range aged {
				out.Items[i] = Aged{x.Organisation, x.Name, x.Currency, x.NotDue, x.To30, x.To60, x.To90, x.Older, x.Total, x.Credit, x.Count, []Invoice{}}
				for _, doc := range x.Invoices {
					out.Items[i].Invoices = append(out.Items[i].Invoices, d.invoiceOf(doc))
				}
			}
			return rest.Say(out), nil
		})
	rest.Handle(a, "receivables.invoices", rest.Doc{Summary: "Find invoices that wait for money", About: "The oldest due first."},
		func(ctx context.Context, in *struct {
			Organisation string `query:"organisation" format:"uuid" doc:"Absent: any"`
			Currency     string `query:"currency" pattern:"^[A-Z]{3}$" example:"MAD" doc:"Absent: any"`
			Q            string `query:"q" maxLength:"100" example:"2026-42" doc:"The count of a number, and as much of what stands before it as one likes; or its beginning; of any organisation, also a part of its name"`
			Amount       int64  `query:"amount" minimum:"1" maximum:"1000000000000" example:"12000" doc:"Beside those of q: of which exactly so much is open, in minor units"`
			InvoicePage
		}) (*rest.Answer[rest.Page[Invoice]], error) {
			after, organisation := cursorOf(in.Cursor), cursorOf(in.Organisation)
			docs, err := d.s.Owed(ctx, byOf(ctx).Tenant, store.OwedPage{Currency: in.Currency, After: after, Limit: in.Limit}, organisation, in.Q, in.Amount)
			if err != nil {
				return nil, err
			}
			return rest.Say(d.page(docs, in.Limit)), nil
		})
	rest.Handle(a, "receivables.remind", rest.Doc{Summary: "Write the reminders that are due", About: "Each level of an invoice once. Nothing is sent."},
		func(ctx context.Context, _ *struct{}) (*rest.Answer[Reminded], error) {
			by := byOf(ctx)
			n, err := d.s.Remind(ctx, by.Tenant, by.User, rest.ClaimOf(ctx))
			return rest.Say(Reminded{n}), err
		})
	rest.Handle(a, "bank.preview", rest.Doc{Summary: "Read a bank statement", About: "As an import would, with what each line may pay. Nothing is written."},
		func(ctx context.Context, in *statementBody) (*rest.Answer[BankRead], error) {
			x, err := d.s.ReadStatement(ctx, byOf(ctx).Tenant, in.Body.Account, []byte(in.Body.CSV), in.how())
			if err != nil {
				return nil, err
			}
			out := BankRead{Lines: x.Lines, Fresh: x.Fresh, Certain: x.Certain, Skipped: x.Skipped, Dates: string(x.Dates), Decimal: string(x.Decimal), Items: make([]ReadLine, len(x.First))}
			if x.Lines > 0 {
				out.From, out.To = x.From.String(), x.To.String()
			}
			for i, l := range x.First {
				out.Items[i] = ReadLine{l.Booked.String(), Money{l.Amount, l.Currency}, l.Payer, l.Text, l.Reference, l.Known, l.Certain, choicesOf(l.Matches)}
			}
			return rest.Say(out), nil
		})
	rest.Handle(a, "bank.import", rest.Doc{Summary: "Import a bank statement", About: "CSV with the columns date, amount, currency, payer, text and reference. Dates as 2026-11-23, 23/11/2026 or 23.11.2026, amounts as 1234.50, 1,234.50 or 1 234,50. At most 20,000 lines a file; a line that was imported before is left as it is, so that a file that was cut off is sent again."},
		func(ctx context.Context, in *statementBody) (*rest.Answer[BankImport], error) {
			by := byOf(ctx)
			x, err := d.s.Import(ctx, by.Tenant, by.User, rest.ClaimOf(ctx), in.Body.Account, in.Body.Name, []byte(in.Body.CSV), in.how())
			return rest.Say(BankImport{x.Lines, x.Fresh, x.Matched, x.Skipped}), err
		})
	rest.Handle(a, "bank.lines", rest.Doc{Summary: "List lines of bank statements", About: "Those that wait, the oldest first, each with what it may pay or be; or those that are set aside or matched, the newest first."},
		func(ctx context.Context, in *struct {
			State  string `query:"state" enum:"waiting,aside,matched" default:"waiting"`
			Cursor string `query:"cursor" format:"uuid" doc:"next of the page before"`
			Limit  int    `query:"limit" minimum:"1" maximum:"50" default:"50"`
		}) (*rest.Answer[rest.Page[BankLine]], error) {
			lines, err := d.s.Lines(ctx, byOf(ctx).Tenant, in.State, cursorOf(in.Cursor), in.Limit)
			if err != nil {
				return nil, err
			}
			out := rest.Page[BankLine]{}
			if len(lines) == in.Limit {
				out.Next = lines[len(lines)-1].ID.String()
			}
			out.Items, err = d.bankLines(ctx, lines, in.State == invoicing.LinesWaiting)
			return rest.Say(out), err
		})
	rest.Handle(a, "bank.match", rest.Doc{Summary: "Let money pay invoices", About: "As much as is left of the line; what it paid already, it may pay more of.", Status: 204},
		func(ctx context.Context, in *struct {
			ID   uuid.UUID `path:"id" format:"uuid"`
			Body struct {
				Pays []PayPart `json:"pays" minItems:"1" maxItems:"200"`
				Left int64     `json:"left,omitempty" minimum:"0" example:"92750" doc:"What was seen to be left of the line: bank_line_changed when it is another amount now"`
			}
		}) (*rest.Nothing, error) {
			by, err := d.bankLine(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			return &rest.Nothing{}, d.s.Match(ctx, by.Tenant, by.User, rest.ClaimOf(ctx), in.ID, paysOf(in.Body.Pays), in.Body.Left)
		})
	rest.Handle(a, "bank.payout", rest.Doc{Summary: "Say that a line is a gateway's payout", About: "The whole line, of the same amount: what the gateway paid out is in the bank's account once.", Status: 204},
		func(ctx context.Context, in *struct {
			ID   uuid.UUID `path:"id" format:"uuid"`
			Body struct {
				Payout uuid.UUID `json:"payout" format:"uuid"`
			}
		}) (*rest.Nothing, error) {
			by, err := d.bankLine(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			return &rest.Nothing{}, d.s.IsPayout(ctx, by.Tenant, by.User, rest.ClaimOf(ctx), in.ID, in.Body.Payout)
		})
	rest.Handle(a, "bank.aside", rest.Doc{Summary: "Set a line aside", About: "It is nobody's payment. Its money stays in suspense.", Status: 204}, func(ctx context.Context, in *bankReason) (*rest.Nothing, error) {
		by, err := d.bankLine(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		return &rest.Nothing{}, d.s.SetAside(ctx, by.Tenant, by.User, rest.ClaimOf(ctx), in.ID, in.Body.Reason)
	})
	rest.Handle(a, "bank.back", rest.Doc{Summary: "Bring a line back that was set aside", Status: 204}, func(ctx context.Context, in *thingID) (*rest.Nothing, error) {
		by, err := d.bankLine(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		return &rest.Nothing{}, d.s.BringBack(ctx, by.Tenant, by.User, rest.ClaimOf(ctx), in.ID)
	})
	rest.Handle(a, "bank.unmatch", rest.Doc{Summary: "Take a wrong match back", About: "A journal of today: the invoice is open again, the money waits again.", Status: 204},
		func(ctx context.Context, in *struct {
			ID   uuid.UUID `path:"id" format:"uuid"`
			Body struct {
				Match  uuid.UUID `json:"match" format:"uuid"`
				Reason string    `json:"reason" minLength:"1" maxLength:"500" example:"Another customer of the same name"`
			}
		}) (*rest.Nothing, error) {
			by, err := d.bankLine(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			return &rest.Nothing{}, d.s.Unmatch(ctx, by.Tenant, by.User, rest.ClaimOf(ctx), in.ID, in.Body.Match, in.Body.Reason)
		})
}

// bankLine is who works on a line that is there.
func (d office) bankLine(ctx context.Context, id uuid.UUID) (booking.By, error) {
	by := byOf(ctx)
	if _, err := d.s.BankLine(ctx, by.Tenant, id); err != nil {
		return by, err
	}
	return by, policy.Can(ctx, policy.InvoiceWrite, policy.Resource{Tenant: by.Tenant, Kind: "bank_line", ID: id})
}

// bankLines is lines with what people know of them, and where they wait with what they may pay or be.
func (d office) bankLines(ctx context.Context, lines []store.BankLine, wait bool) ([]BankLine, error) {
	t := byOf(ctx).Tenant
	matches, asides, err := d.s.Desk(ctx, t, lines)
	if err != nil {
		return nil, err
	}
	found, payouts := make([][]invoicing.Candidate, len(lines)), make([][]store.GatewayPayout, len(lines))
	if wait {
		if found, err = d.s.MatchesOf(ctx, t, lines); err != nil {
			return nil, err
		}
		if payouts, err = d.s.PayoutsOf(ctx, t, lines); err != nil {
			return nil, err
		}
	}
	out := make([]BankLine, len(lines))
	for i, l := range lines {
		out[i] = BankLine{ID: l.ID, Account: l.Account, Booked: l.Booked.String(), Amount: Money{l.Amount, l.Currency}, Left: l.Amount - l.Matched, Payer: l.Payer,
			Text: l.Text, Reference: l.Reference, Matches: choicesOf(found[i])}
		for _, p := range payouts[i] {
			out[i].Payouts = append(out[i].Payouts, BankPayout{p.ID, p.Gateway, p.Ref, Money{p.Amount, p.Currency}, p.At.UTC()})
		}
		for _, m := range matches[l.ID] {
			out[i].Done = append(out[i].Done, BankMatch{ID: m.ID, Amount: Money{m.Amount, l.Currency}, Invoice: someID(m.Invoice), Number: m.Number, Gateway: m.Gateway, How: m.How, By: m.By,
				At: m.At.UTC(), UndoneAt: instant(m.Undone), UndoneBy: m.UndoneBy, Why: m.Why})
		}
		if a, aside := asides[l.ID]; aside {
			out[i].Aside = &BankAside{a.Reason, a.By, a.At.UTC()}
		}
	}
	return out, nil
}

func choicesOf(found []invoicing.Candidate) []MatchChoice {
	out := make([]MatchChoice, len(found))
	for i, c := range found {
		out[i] = MatchChoice{Score: c.Score, Why: make([]string, len(c.Why))}
		for k, w := range c.Why {
			out[i].Why[k] = string(w)
		}
		for k, p := range c.Pays {
			out[i].Pays = append(out[i].Pays, PayPart{p.Invoice, c.Invoices[k].String(), p.Amount})
		}
	}
	return out
}

func (d office) periods(a *rest.API) {
	rest.Handle(a, "periods.list", rest.Doc{Summary: "List locked months", About: "Newest first."},
		func(ctx context.Context, _ *struct{}) (*rest.Answer[list[Period]], error) {
			locks, err := d.s.Periods(ctx, byOf(ctx).Tenant)
			out := list[Period]{make([]Period, len(locks))}
			for i, l := range locks {
				out.Items[i] = Period{l.Month.String(), l.At}
			}
			return rest.Say(out), err
		})
	rest.Handle(a, "periods.lock", rest.Doc{Summary: "Lock a month", About: "Nothing that happened in it or before is recorded any more. It is not opened again.", Status: 204},
		func(ctx context.Context, in *struct {
			Body struct {
				Month string `json:"month" pattern:"^[0-9]{4}-[0-9]{2}$" example:"2026-11"`
			}
		}) (*rest.Nothing, error) {
			month, err := monthOf(in.Body.Month, "body/month")
			if err != nil {
				return nil, err
			}
			by := byOf(ctx)
			return &rest.Nothing{}, d.s.LockPeriod(ctx, by.Tenant, by.User, rest.ClaimOf(ctx), month)
		})
	rest.Handle(a, "periods.export", rest.Doc{Summary: "Export a month's journals", About: "CSV for an accounting program: balanced, in an order that never changes, however many entries there are. What is recorded meanwhile is not in it."},
		func(ctx context.Context, in *struct {
			Month  string `path:"month" pattern:"^[0-9]{4}-[0-9]{2}$" example:"2026-11"`
			Format string `query:"format" enum:"csv,csv_excel" default:"csv"`
		}) (*huma.StreamResponse, error) {
			month, err := monthOf(in.Month, "path/month")
			if err != nil {
				return nil, err
			}
			dialect := invoice.Plain
			if in.Format == "csv_excel" {
				dialect = invoice.European
			}
			t := byOf(ctx).Tenant
			return rest.Stream(invoicing.FileName("journal", in.Month+".csv"), "text/csv; charset=utf-8", func(ctx context.Context, begin func(int) (io.Writer, error)) error {
				return d.s.Export(ctx, t, month, dialect, begin)
			}), nil
		})
	rest.Handle(a, "opening.preview", rest.Doc{Summary: "Read opening balances", About: "CSV with the columns account, currency and amount, which is written as in a bank statement. What organisations owe is not among them (opening_receivable). Nothing is written."},
		func(ctx context.Context, in *openingBody) (*rest.Answer[list[OpeningBalance]], error) {
			rows, err := d.s.ReadOpening(ctx, byOf(ctx).Tenant, []byte(in.Body.CSV), invoice.DecimalSign(in.Body.Decimal))
			out := list[OpeningBalance]{make([]OpeningBalance, len(rows))}
			for i, r := range rows {
				out.Items[i] = OpeningBalance{r.Account.Code(), Money{r.Amount, string(r.Account.Currency())}}
			}
			return rest.Say(out), err
		})
	rest.Handle(a, "opening.apply", rest.Doc{Summary: "Take opening balances over", About: "In as many files as there are, of 5,000 lines at most; each all or nothing. An account has one: the same again is harmless, in whichever file, another one is opening_done."},
		func(ctx context.Context, in *openingBody) (*rest.Answer[Opened], error) {
			by := byOf(ctx)
			n, err := d.s.Open(ctx, by.Tenant, by.User, rest.ClaimOf(ctx), []byte(in.Body.CSV), invoice.DecimalSign(in.Body.Decimal))
			return rest.Say(Opened{n.Accounts, n.Known}), err
		})
}
