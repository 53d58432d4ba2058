package api

import (
	"context"
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/invoicing"
	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/web/rest"
)

// Case is somebody's word that a ride, a session or a line of an invoice is wrong, and what was decided.
type Case struct {
	ID        uuid.UUID      `json:"id" format:"uuid"`
	Subject   string         `json:"subject" example:"booking/0190b7a6-4444-7abc-8def-0123456789ab"`
	Reason    string         `json:"reason" enum:"not_delivered,late,wrong_amount,not_ours,quality,other" example:"not_delivered"`
	Says      string         `json:"says" example:"It did not stop."`
	State     string         `json:"state" enum:"open,decided" example:"open"`
	Decision  string         `json:"decision,omitempty" enum:"declined,goodwill,credit,refund" example:"goodwill"`
	Amount    *Money         `json:"amount,omitempty"`
	Answer    string         `json:"answer,omitempty" example:"We are sorry."`
	Outcome   string         `json:"outcome,omitempty" example:"invoice/0190b7a6-4444-7abc-8def-0123456789ab" doc:"What was written"`
	OpenedAt  time.Time      `json:"opened_at"`
	DecidedAt *time.Time     `json:"decided_at,omitempty"`
	Evidence  []CaseEvidence `json:"evidence,omitempty"`
	About     *CaseAbout     `json:"about,omitempty" doc:"Of one case; not in lists"`
}

// CaseAbout is the ride or the line that a case is about.
type CaseAbout struct {
	Text      string     `json:"text" example:"L12 Sidi Maarouf, Ville Verte – Casa Port"`
	Person    string     `json:"person,omitempty" example:"Amal Idrissi"`
	Date      string     `json:"date,omitempty" format:"date" example:"2026-11-03"`
	Amount    Money      `json:"amount"`
	Net       bool       `json:"net,omitempty" doc:"Of a line: the amount is without tax"`
	Invoice   *uuid.UUID `json:"invoice,omitempty" format:"uuid" doc:"Of a line"`
	Number    string     `json:"number,omitempty" example:"FA-2026-000042"`
	State     string     `json:"state,omitempty" example:"no_show" doc:"Of a booking"`
	Share     *Money     `json:"share,omitempty" doc:"Of a booking: what the rider bears of the amount"`
	Pay       string     `json:"pay,omitempty" example:"card" doc:"Of a booking: how the rider paid"`
	Back      *bool      `json:"refundable,omitempty" example:"true" doc:"Of a booking: it is over, and its money can go back the way it came"`
	BoardedAt *time.Time `json:"boarded_at,omitempty" doc:"When the ticket was scanned"`
}

// CaseEvidence is words or a file.
type CaseEvidence struct {
	ID   uuid.UUID `json:"id" format:"uuid"`
	Says string    `json:"says,omitempty" example:"Seen by three"`
	File string    `json:"file,omitempty" example:"stop.png"`
	Type string    `json:"type,omitempty" example:"image/png"`
	Size int       `json:"size,omitempty" example:"20480"`
	At   time.Time `json:"at"`
}

// CaseID names one.
type CaseID struct {
	ID uuid.UUID `path:"id" format:"uuid"`
}

func (d office) cases(a *rest.API) {
	rest.Handle(a, "cases.list", rest.Doc{Summary: "List cases", About: "Newest first."},
		func(ctx context.Context, in *struct {
			InvoicePage
			State string `query:"state" enum:"open,decided" doc:"Absent: both"`
		}) (*rest.Answer[rest.Page[Case]], error) {
			all, err := d.s.Cases(ctx, byOf(ctx).Tenant, in.State, uuid.Nil, in.before(), in.Limit)
			if err != nil {
				return nil, err
			}
			return rest.Say(casePage(all, in.Limit)), nil
		})
	rest.Handle(a, "me.cases", rest.Doc{Summary: "List the cases that one opened", About: "Newest first."},
		func(ctx context.Context, in *InvoicePage) (*rest.Answer[rest.Page[Case]], error) {
			by := byOf(ctx)
			all, err := d.s.Cases(ctx, by.Tenant, "", by.User, in.before(), in.Limit)
			if err != nil {
				return nil, err
			}
			return rest.Say(casePage(all, in.Limit)), nil
		})
	rest.Handle(a, "cases.get", rest.Doc{Summary: "See a case", About: "With its evidence; for finance, and for whoever opened it."},
		func(ctx context.Context, in *CaseID) (*rest.Answer[Case], error) {
			c, evidence, err := d.case_(ctx, policy.CaseRead, in.ID)
			if err != nil {
				return nil, err
			}
			about, err := d.s.About(ctx, byOf(ctx).Tenant, c)
			out := caseOf(c, evidence)
			out.About = aboutOf(about)
			return rest.Say(out), err
		})
	rest.Handle(a, "cases.open", rest.Doc{Summary: "Open a case", About: "A rider about a ride of theirs; a manager about a ride that their organisation pays for, or a line of its invoice, invoice/ID/LINE.", Status: 201},
		func(ctx context.Context, in *struct {
			Body struct {
				Subject string `json:"subject" pattern:"^(booking/[0-9a-f-]{36}|invoice/[0-9a-f-]{36}/[0-9]{1,5})$" example:"booking/0190b7a6-4444-7abc-8def-0123456789ab"`
				Reason  string `json:"reason" enum:"not_delivered,late,wrong_amount,not_ours,quality,other" example:"not_delivered"`
				Says    string `json:"says" minLength:"1" maxLength:"2000" example:"It did not stop."`
			}
		}) (*rest.Answer[Case], error) {
			by := byOf(ctx)
			c := store.Case{Subject: in.Body.Subject, OpenedBy: by.User, Reason: in.Body.Reason, Says: in.Body.Says}
			part := strings.Split(in.Body.Subject, "/")
			id, err := uuid.Parse(part[1])
			if err != nil {
				return nil, fault.New("case_subject").At("body/subject")
			}
			if part[0] == "booking" {
				owner, line, err := d.s.RiderOf(ctx, by.Tenant, id)
				if err != nil {
					return nil, err
				}
				c.User = owner
				err = told(policy.Can(ctx, policy.BookingRead, policy.Resource{Tenant: by.Tenant, Kind: "booking", ID: id, Owner: owner, Line: line}), "case_subject")
				if err != nil { // not their own: then one that their organisation pays a part of
					if c.Organisation, err = d.s.PaysFor(ctx, by.Tenant, id); err != nil {
						return nil, err
					}
					err = told(policy.Can(ctx, policy.InvoiceRead, policy.Resource{Tenant: by.Tenant, Kind: "invoice", ID: id, Units: []uuid.UUID{c.Organisation}}), "case_subject")
				}
				if err != nil {
					return nil, err
				}
			} else {
				doc, err := d.s.Document(ctx, by.Tenant, id)
				if err != nil {
					return nil, told(err, "case_subject")
				}
				if err := told(policy.Can(ctx, policy.InvoiceRead, policy.Resource{Tenant: by.Tenant, Kind: "invoice", ID: id, Units: []uuid.UUID{doc.Organisation}}), "case_subject"); err != nil {
					return nil, err
				}
				if n, _ := strconv.Atoi(part[2]); n < 1 || n > len(doc.Lines) || strconv.Itoa(n) != part[2] {
					return nil, fault.New("case_subject").At("body/subject")
				}
				c.Organisation = doc.Organisation
			}
			if c.ID, err = d.s.OpenCase(ctx, by.Tenant, c, rest.ClaimOf(ctx)); err != nil {
				return nil, err
			}
			c, evidence, err := d.s.Case(ctx, by.Tenant, c.ID)
			return rest.Say(caseOf(c, evidence)), err
		})
	rest.Handle(a, "cases.evidence", rest.Doc{Summary: "Add evidence to a case", About: "Words, or a PDF, PNG or JPEG file of at most 2 MB.", Status: 204},
		func(ctx context.Context, in *struct {
			CaseID
			Body struct {
				Says string `json:"says,omitempty" maxLength:"2000" example:"Seen by three"`
				File string `json:"file,omitempty" maxLength:"200" example:"stop.png"`
				Data string `json:"data,omitempty" maxLength:"2900000" example:"JVBERi0=" doc:"Base64"`
			}
		}) (*rest.Nothing, error) {
			if _, _, err := d.case_(ctx, policy.CaseRead, in.ID); err != nil {
				return nil, err
			}
			file, err := base64.StdEncoding.DecodeString(in.Body.Data)
			if err != nil {
				return nil, fault.New("evidence_invalid").At("body/data")
			}
			by := byOf(ctx)
			_, err = d.s.AddEvidence(ctx, by.Tenant, store.Evidence{Case: in.ID, By: by.User, Says: in.Body.Says, File: in.Body.File, Bytes: file}, rest.ClaimOf(ctx))
			return &rest.Nothing{}, err
		})
	rest.Handle(a, "cases.file", rest.Doc{Summary: "Download a piece of evidence"},
		func(ctx context.Context, in *struct {
			CaseID
			Evidence uuid.UUID `path:"evidence" format:"uuid"`
		}) (*rest.Answer[File], error) {
			if _, _, err := d.case_(ctx, policy.CaseRead, in.ID); err != nil {
				return nil, err
			}
			e, err := d.s.EvidenceFile(ctx, byOf(ctx).Tenant, in.ID, in.Evidence)
			return rest.Say(File{e.File, e.ContentType, base64.StdEncoding.EncodeToString(e.Bytes)}), err
		})
	rest.Handle(a, "cases.decide", rest.Doc{Summary: "Decide a case", About: "Once. Goodwill goes into the rider's wallet, a credit is a credit note over the line, a refund is asked for.", Status: 204},
		func(ctx context.Context, in *struct {
			CaseID
			Body struct {
				Decision string `json:"decision" enum:"declined,goodwill,credit,refund" example:"goodwill"`
				Amount   *Money `json:"amount,omitempty" doc:"Of everything but declined"`
				Answer   string `json:"answer" minLength:"1" maxLength:"2000" example:"We are sorry."`
			}
		}) (*rest.Nothing, error) {
			if _, _, err := d.case_(ctx, policy.InvoiceWrite, in.ID); err != nil {
				return nil, err
			}
			decision := invoicing.Decision{As: in.Body.Decision, Answer: in.Body.Answer}
			if in.Body.Amount != nil {
				decision.Amount = ledger.Of(in.Body.Amount.Amount, ledger.Currency(in.Body.Amount.Currency))
			}
			by := byOf(ctx)
			return &rest.Nothing{}, d.s.Decide(ctx, by.Tenant, by.User, rest.ClaimOf(ctx), in.ID, decision)
		})
}

func (d office) case_(ctx context.Context, action policy.Action, id uuid.UUID) (store.Case, []store.Evidence, error) {
	by := byOf(ctx)
	c, evidence, err := d.s.Case(ctx, by.Tenant, id)
	if err != nil {
		return c, nil, err
	}
	about := policy.Resource{Tenant: by.Tenant, Kind: "case", ID: id, Owner: c.OpenedBy}
	if c.Organisation != uuid.Nil {
		about.Units = []uuid.UUID{c.Organisation}
	}
	return c, evidence, told(policy.Can(ctx, action, about), "case_not_found")
}

func aboutOf(a invoicing.About) *CaseAbout {
	if a.Text == "" {
		return nil
	}
	out := &CaseAbout{Text: a.Text, Person: a.Person, Date: a.Date, Amount: Money{a.Amount.Amount, string(a.Amount.Currency)}, Invoice: someID(a.Invoice), Number: a.Number, State: a.State, Net: a.Net, Pay: a.Pay}
	if a.State != "" {
		out.Share, out.Back = &Money{a.Share.Amount, string(a.Share.Currency)}, &a.Refundable
	}
	if !a.Boarded.IsZero() {
		at := a.Boarded.UTC()
		out.BoardedAt = &at
	}
	return out
}

func casePage(all []store.Case, limit int) rest.Page[Case] {
	page := rest.Page[Case]{Items: make([]Case, len(all))}
	for i, c := range all {
		page.Items[i] = caseOf(c, nil)
	}
	if len(all) == limit {
		page.Next = all[len(all)-1].ID.String()
	}
	return page
}

func caseOf(c store.Case, evidence []store.Evidence) Case {
	out := Case{ID: c.ID, Subject: c.Subject, Reason: c.Reason, Says: c.Says, State: c.State, Decision: c.Decision, Answer: c.Answer, Outcome: c.Outcome, OpenedAt: c.OpenedAt.UTC()}
	if c.Amount != 0 {
		out.Amount = &Money{c.Amount, c.Currency}
	}
	if !c.DecidedAt.IsZero() {
		at := c.DecidedAt.UTC()
		out.DecidedAt = &at
	}
	for _, e := range evidence {
		out.Evidence = append(out.Evidence, CaseEvidence{e.ID, e.Says, e.File, e.ContentType, e.Size, e.At.UTC()})
	}
	return out
}
