package api

import (
	"bytes"
	"context"
	"encoding/base64"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/invoice"
	"github.com/waymeet/waymeet/billing/invoice/paper"
	"github.com/waymeet/waymeet/billing/invoicing"
	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/web/rest"
)

// Invoice is an invoice or a credit note; a preview has neither id nor number.
type Invoice struct {
	ID               *uuid.UUID    `json:"id,omitempty" format:"uuid"`
	Kind             string        `json:"kind" enum:"invoice,credit_note" example:"invoice"`
	Number           string        `json:"number,omitempty" example:"FA-2026-000042"`
	Organisation     uuid.UUID     `json:"organisation" format:"uuid"`
	OrganisationName string        `json:"organisation_name" example:"Câblages du Détroit"`
	Corrects         *uuid.UUID    `json:"corrects,omitempty" format:"uuid" doc:"Of a credit note: the invoice"`
	Reason           string        `json:"reason,omitempty" example:"The bus did not come" doc:"Of a credit note: why it was made"`
	Month            string        `json:"month" example:"2026-11"`
	Issued           string        `json:"issued" format:"date" example:"2026-12-01"`
	Due              string        `json:"due" format:"date" example:"2027-01-30"`
	State            string        `json:"state" enum:"draft,finalised,partly_paid,overdue,paid,credited" example:"finalised"`
	PO               string        `json:"po,omitempty" example:"4500018872"`
	Prices           string        `json:"prices" enum:"gross,net" example:"gross" doc:"Whether lines hold the tax"`
	Net              Money         `json:"net"`
	Tax              Money         `json:"tax"`
	Gross            Money         `json:"gross"`
	Open             Money         `json:"open" doc:"What waits to be paid; below nothing: credited after it was paid, and not in the organisation's credit yet"`
	FromCredit       int64         `json:"from_credit,omitempty" example:"-4000" doc:"What it got of its organisation's credit; below nothing: what it gave"`
	LineCount        int           `json:"line_count" example:"412"`
	Part             int           `json:"part" example:"1" doc:"Of its month, from 1: a month with more lines than a document holds is billed in parts"`
	More             bool          `json:"more,omitempty" example:"false" doc:"Of a preview: the month has lines that another part bills"`
	Taxes            []InvoiceTax  `json:"taxes"`
	Lines            []InvoiceLine `json:"lines,omitempty" doc:"Of one document; not in lists"`
	Notes            []Invoice     `json:"credit_notes,omitempty"`
	Receipts         []Receipt     `json:"receipts,omitempty"`
	Missing          []string      `json:"missing,omitempty" enum:"name,address,tax_number,country" doc:"Of a preview: what nobody said of who bills; it cannot be finalised before"`
}

// InvoiceTax is what the lines of one tax come to, rounded once.
type InvoiceTax struct {
	Code      string `json:"code" example:"MA-10"`
	Rate      int    `json:"rate" example:"1000" doc:"Hundredths of a per cent"`
	Treatment string `json:"treatment" enum:"taxed,zero_rated,exempt,reverse_charge" example:"taxed"`
	Net       int64  `json:"net" example:"2500"`
	Tax       int64  `json:"tax" example:"250"`
}

// InvoiceLine is one ride, session or adjustment.
type InvoiceLine struct {
	N          string `json:"n" example:"1"`
	Source     string `json:"source,omitempty" example:"ride/0190b7a6-4444-7abc-8def-0123456789ab" doc:"Opens the evidence"`
	Mirrors    string `json:"mirrors,omitempty" example:"1" doc:"On a credit note: the line that it takes back"`
	Date       string `json:"date" format:"date" example:"2026-11-03"`
	Text       string `json:"text" example:"L12 Sidi Maarouf – Casa Port, 07:10"`
	Person     string `json:"person,omitempty" example:"Amal Idrissi"`
	CostCentre string `json:"cost_centre,omitempty" example:"CC-410"`
	Quantity   int64  `json:"quantity,omitempty" example:"1"`
	Unit       string `json:"unit,omitempty" example:"ride"`
	Amount     int64  `json:"amount" example:"1200" doc:"In the document's currency, minor units"`
	TaxCode    string `json:"tax_code" example:"MA-10"`
}

// Receipt is money that paid a part.
type Receipt struct {
	Amount Money  `json:"amount"`
	Booked string `json:"booked" format:"date" example:"2027-01-20"`
	Payer  string `json:"payer" example:"CABLAGES DU DETROIT"`
	Text   string `json:"text" example:"VIR FA-2026-000042"`
	How    string `json:"how" enum:"automatic,manual" example:"automatic"`
}

// File is something to be saved.
type File struct {
	Name string `json:"name" example:"FA-2026-000042.pdf"`
	Type string `json:"type" example:"application/pdf"`
	Data string `json:"data" example:"JVBERi0=" doc:"Base64"`
}

// InvoicePage is where a list goes on.
type InvoicePage struct {
	Cursor string `query:"cursor" format:"uuid" doc:"next of the page before"`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

func (p InvoicePage) before() uuid.UUID {
	id, _ := uuid.Parse(p.Cursor) // its format was checked; none is the first page
	return id
}

// OfOrganisation names one. It is exported because huma reads no fields of an embedded struct that is not.
type OfOrganisation struct {
	ID uuid.UUID `path:"id" format:"uuid"`
}

// InvoiceID names one.
type InvoiceID struct {
	ID uuid.UUID `path:"id" format:"uuid"`
}

// Invoices is what organisations are billed: for finance all of it, for an organisation's managers their own.
func Invoices(s *invoicing.Service) func(*rest.API) {
	return func(a *rest.API) {
		d := office{s}
		rest.Handle(a, "invoices.list", rest.Doc{Summary: "List invoices and credit notes", About: "Newest first."},
			func(ctx context.Context, in *InvoicePage) (*rest.Answer[rest.Page[Invoice]], error) {
				return d.list(ctx, uuid.Nil, *in)
			})
		rest.Handle(a, "invoices.ofOrganisation", rest.Doc{Summary: "List an organisation's invoices", About: "Newest first; for its managers too."},
			func(ctx context.Context, in *struct {
				OfOrganisation
				InvoicePage
			}) (*rest.Answer[rest.Page[Invoice]], error) {
				if err := d.may(ctx, policy.InvoiceRead, in.ID); err != nil {
					return nil, err
				}
				return d.list(ctx, in.ID, in.InvoicePage)
			})
		rest.Handle(a, "invoices.preview", rest.Doc{Summary: "Preview a month's invoice", About: "As it would be if it were finalised now: each ride stands on it as soon as it is settled."},
			func(ctx context.Context, in *struct {
				OfOrganisation
				Month string `query:"month" pattern:"^[0-9]{4}-[0-9]{2}$" example:"2026-11" doc:"Absent: the running one"`
			}) (*rest.Answer[Invoice], error) {
				if err := d.may(ctx, policy.InvoiceRead, in.ID); err != nil {
					return nil, err
				}
				month, err := monthOf(in.Month, "query/month")
				if err != nil {
					return nil, err
				}
				doc, err := s.Preview(ctx, byOf(ctx).Tenant, in.ID, month)
				if err != nil {
					return nil, err
				}
				return rest.Say(d.invoiceOf(doc)), nil
			})
		rest.Handle(a, "invoices.get", rest.Doc{Summary: "See an invoice", About: "With every line, its credit notes and what paid it."},
			func(ctx context.Context, in *InvoiceID) (*rest.Answer[Invoice], error) {
				doc, err := d.load(ctx, policy.InvoiceRead, in.ID)
				if err != nil {
					return nil, err
				}
				out, t := d.invoiceOf(doc), byOf(ctx).Tenant
				notes, err := s.CreditNotes(ctx, t, in.ID)
				if err != nil {
					return nil, err
				}
				for _, n := range notes {
					n.Lines = nil
					out.Notes = append(out.Notes, d.invoiceOf(n))
				}
				paid, err := s.Receipts(ctx, t, in.ID)
				for _, r := range paid {
					out.Receipts = append(out.Receipts, Receipt{Money{r.Amount, doc.Currency}, r.Booked.String(), r.Payer, r.Ref, r.How})
				}
				return rest.Say(out), err
			})
		rest.Handle(a, "invoices.file", rest.Doc{Summary: "Download an invoice", About: "As it is printed, or line by line for a spreadsheet."},
			func(ctx context.Context, in *struct {
				InvoiceID
				Format   string `query:"format" enum:"pdf,csv,csv_excel" default:"pdf"`
				Language string `query:"language" enum:"fr,en,ar" doc:"Absent: the organisation's"`
			}) (*rest.Answer[File], error) {
				doc, err := d.load(ctx, policy.InvoiceRead, in.ID)
				if err != nil {
					return nil, err
				}
				var out bytes.Buffer
				name, kind := doc.Number.String()+".csv", "text/csv"
				switch in.Format {
				case "csv":
					err = doc.WriteCSV(&out, invoice.Plain)
				case "csv_excel":
					err = doc.WriteCSV(&out, invoice.European)
				default:
					name, kind = doc.Number.String()+".pdf", "application/pdf"
					err = paper.PDF(&out, invoicing.Printable(doc, in.Language))
				}
				return rest.Say(File{name, kind, base64.StdEncoding.EncodeToString(out.Bytes())}), err
			})
		rest.Handle(a, "invoices.finalise", rest.Doc{Summary: "Finalise a month's invoice", About: "It gets its number and never changes again. expected is the total that was seen: when something came since, the answer is invoice_changed.", Status: 201},
			func(ctx context.Context, in *struct {
				OfOrganisation
				Body struct {
					Month    string `json:"month" pattern:"^[0-9]{4}-[0-9]{2}$" example:"2026-11"`
					Expected *int64 `json:"expected,omitempty" example:"92750" doc:"The gross that was seen, in minor units"`
				}
			}) (*rest.Answer[Invoice], error) {
				if err := d.may(ctx, policy.InvoiceWrite, in.ID); err != nil {
					return nil, err
				}
				month, err := monthOf(in.Body.Month, "body/month")
				if err != nil {
					return nil, err
				}
				by := byOf(ctx)
				id, err := s.Finalise(ctx, by.Tenant, by.User, rest.ClaimOf(ctx), in.ID, month, in.Body.Expected)
				if err != nil {
					return nil, err
				}
				return d.short(ctx, id)
			})
		rest.Handle(a, "invoices.credit", rest.Doc{Summary: "Make a credit note", About: "Over parts of lines, or over all that is left.", Status: 201},
			func(ctx context.Context, in *struct {
				InvoiceID
				Body struct {
					Picks []struct {
						Line   string `json:"line" maxLength:"10" example:"2"`
						Amount int64  `json:"amount" example:"1550" doc:"With the line's own sign"`
					} `json:"picks,omitempty" nullable:"false" minItems:"1" maxItems:"1000" doc:"Absent: all that is left"`
					Reason string `json:"reason,omitempty" maxLength:"120" example:"The bus did not come" doc:"Printed on it, and kept with the journal and the act"`
				}
			}) (*rest.Answer[Invoice], error) {
				if _, err := d.load(ctx, policy.InvoiceWrite, in.ID); err != nil {
					return nil, err
				}
				var picks []invoice.Pick
				for _, p := range in.Body.Picks {
					picks = append(picks, invoice.Pick{Line: p.Line, Amount: p.Amount})
				}
				by := byOf(ctx)
				id, err := s.Credit(ctx, by.Tenant, by.User, rest.ClaimOf(ctx), in.ID, picks, in.Body.Reason)
				if err != nil {
					return nil, err
				}
				return d.short(ctx, id)
			})
		d.receivables(a)
		d.credits(a)
		d.periods(a)
		d.cases(a)
		d.setup(a)
	}
}

// office is the handlers around the service.
type office struct{ s *invoicing.Service }

// may asks for an organisation as a whole: whoever manages only a part of it does not see its bill. One that does not exist
// and one that is out of reach are told alike.
func (d office) may(ctx context.Context, action policy.Action, organisation uuid.UUID) error {
	by := byOf(ctx)
	if err := d.s.Exists(ctx, by.Tenant, organisation); err != nil {
		return err
	}
	return told(policy.Can(ctx, action, policy.Resource{Tenant: by.Tenant, Kind: "organisation", ID: organisation, Units: []uuid.UUID{organisation}}), "organisation_not_found")
}

func (d office) load(ctx context.Context, action policy.Action, id uuid.UUID) (store.Document, error) {
	by := byOf(ctx)
	doc, err := d.s.Document(ctx, by.Tenant, id)
	if err != nil {
		return doc, err
	}
	return doc, told(policy.Can(ctx, action, policy.Resource{Tenant: by.Tenant, Kind: "invoice", ID: id, Units: []uuid.UUID{doc.Organisation}}), "invoice_not_found")
}

// told says of what is out of reach what is said of what does not exist.
func told(err error, as string) error {
	if fault.Is(err, "not_found") {
		return fault.New(as)
	}
	return err
}

func (d office) list(ctx context.Context, organisation uuid.UUID, p InvoicePage) (*rest.Answer[rest.Page[Invoice]], error) {
	docs, err := d.s.Documents(ctx, byOf(ctx).Tenant, organisation, p.before(), p.Limit)
	if err != nil {
		return nil, err
	}
	return rest.Say(d.page(docs, p.Limit)), nil
}

func (d office) page(docs []store.Document, limit int) rest.Page[Invoice] {
	page := rest.Page[Invoice]{Items: make([]Invoice, len(docs))}
	for i, doc := range docs {
		page.Items[i] = d.invoiceOf(doc)
	}
	if len(docs) == limit {
		page.Next = docs[len(docs)-1].ID.String()
	}
	return page
}

// short is what a document came to, without its lines.
func (d office) short(ctx context.Context, id uuid.UUID) (*rest.Answer[Invoice], error) {
	doc, err := d.s.Document(ctx, byOf(ctx).Tenant, id)
	doc.Lines = nil
	return rest.Say(d.invoiceOf(doc)), err
}

func monthOf(s, at string) (invoice.Month, error) {
	if s == "" {
		return 0, nil
	}
	m, err := invoice.ParseMonth(s)
	if err != nil {
		return 0, fault.New("month_invalid").At(at)
	}
	return m, nil
}

func (o office) invoiceOf(d store.Document) Invoice {
	money := func(n int64) Money { return Money{n, d.Currency} }
	out := Invoice{Kind: string(d.Kind), Number: d.Number.String(), Organisation: d.Organisation, OrganisationName: d.OrganisationName, Month: d.Month.String(),
		Issued: d.Issued.String(), Due: d.Due.String(), State: string(o.s.State(d)), PO: d.PO, Prices: string(d.Prices),
		Net: money(d.Total.Net), Tax: money(d.Total.Tax), Gross: money(d.Total.Gross), Open: money(d.Open()), FromCredit: d.FromCredit, LineCount: d.LineCount, Part: max(d.Part, 1), More: d.More,
		Taxes: make([]InvoiceTax, len(d.Taxes)), ID: someID(d.ID), Corrects: someID(d.Corrects), Reason: d.Reason, Missing: d.Missing}
	if d.Kind == invoice.CreditNote {
		out.State = string(invoice.Finalised)
	}
	for i, t := range d.Taxes {
		out.Taxes[i] = InvoiceTax{t.Tax.Code, t.Tax.Rate, string(t.Tax.Treatment), t.Sum.Net, t.Sum.Tax}
	}
	for _, l := range d.Lines {
		out.Lines = append(out.Lines, InvoiceLine{l.ID, l.Usage, l.Mirrors, l.Date.String(), l.Text, l.Person, l.CostCentre, l.Quantity, l.Unit, l.Amount, l.Tax.Code})
	}
	return out
}

func someID(id uuid.UUID) *uuid.UUID {
	if id == uuid.Nil {
		return nil
	}
	return &id
}
