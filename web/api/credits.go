package api

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/invoicing"
	"github.com/waymeet/waymeet/booking"
	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/web/rest"
)

// Credits is what organisations have with the operator, because what they had paid was credited.
type Credits struct {
	Items   []Credit       `json:"items"`
	Moves   []CreditMove   `json:"moves,omitempty" doc:"Of one organisation: how it came and where it went, the newest first, at most 200"`
	Refunds []CreditRefund `json:"refunds" doc:"To organisations' banks, the newest first, at most 200; of all organisations only those that are not over"`
}

// Credit is what one organisation has in one currency.
type Credit struct {
	Organisation uuid.UUID `json:"organisation" format:"uuid"`
	Name         string    `json:"name" example:"Câblages du Détroit"`
	Amount       Money     `json:"amount" doc:"That it may use"`
	Leaving      int64     `json:"leaving" example:"0" doc:"Beside that: on its way to its bank"`
}

// CreditMove is so much of it for an invoice; below nothing, from it.
type CreditMove struct {
	ID      uuid.UUID `json:"id" format:"uuid"`
	Invoice uuid.UUID `json:"invoice" format:"uuid"`
	Number  string    `json:"number" example:"FA-2026-000042"`
	Amount  Money     `json:"amount"`
	How     string    `json:"how" enum:"surplus,applied,undone,restored" example:"surplus" doc:"The invoice gave what was credited too much of it; it was paid; that was taken back; it was given back because its receipt was"`
	By      string    `json:"by" example:"Salma Bennis"`
	At      time.Time `json:"at" example:"2027-01-20T09:00:00Z"`
	Undone  bool      `json:"undone,omitempty" doc:"Of one that paid: it was taken back"`
}

// CreditRefund is credit that goes back to an organisation's bank.
type CreditRefund struct {
	ID           uuid.UUID  `json:"id" format:"uuid"`
	Organisation uuid.UUID  `json:"organisation" format:"uuid"`
	Name         string     `json:"name" example:"Câblages du Détroit"`
	Amount       Money      `json:"amount"`
	Holder       string     `json:"holder" example:"Cablages du Detroit SA"`
	Number       string     `json:"number" example:"AE070331234567890123456" doc:"Where to: an organisation's own account, whole, so that a second person can compare it"`
	Reason       string     `json:"reason" example:"They closed the route"`
	State        string     `json:"state" enum:"draft,approved,paid,returned,discarded" example:"draft"`
	Reference    string     `json:"reference,omitempty" example:"VIR-99812" doc:"The bank's own"`
	Problem      string     `json:"problem,omitempty" example:"account closed"`
	MadeBy       uuid.UUID  `json:"made_by" format:"uuid"`
	MadeByName   string     `json:"made_by_name" example:"Salma Bennis"`
	MadeAt       time.Time  `json:"made_at"`
	ApprovedBy   string     `json:"approved_by_name,omitempty" example:"Omar Tazi"`
	ApprovedAt   *time.Time `json:"approved_at,omitempty"`
	EndedBy      string     `json:"ended_by_name,omitempty" example:"Salma Bennis"`
	EndedAt      *time.Time `json:"ended_at,omitempty"`
}

func (d office) credits(a *rest.API) {
	rest.Handle(a, "credits.list", rest.Doc{Summary: "See organisations' credit", About: "What was credited after it was paid and was not used yet, and what waits to go back."},
		func(ctx context.Context, _ *struct{}) (*rest.Answer[Credits], error) {
			return d.creditsOf(ctx, uuid.Nil)
		})
	rest.Handle(a, "credits.ofOrganisation", rest.Doc{Summary: "See an organisation's credit", About: "For its managers too."},
		func(ctx context.Context, in *OfOrganisation) (*rest.Answer[Credits], error) {
			if err := d.may(ctx, policy.InvoiceRead, in.ID); err != nil {
				return nil, err
			}
			return d.creditsOf(ctx, in.ID)
		})
	rest.Handle(a, "credits.apply", rest.Doc{Summary: "Let credit pay invoices", About: "Those that are picked, or without any the oldest due as far as it goes.", Status: 204},
		func(ctx context.Context, in *struct {
			OfOrganisation
			Body struct {
				Currency string    `json:"currency" pattern:"^[A-Z]{3}$" example:"MAD"`
				Pays     []PayPart `json:"pays,omitempty" maxItems:"200"`
			}
		}) (*rest.Nothing, error) {
			if err := d.may(ctx, policy.InvoiceWrite, in.ID); err != nil {
				return nil, err
			}
			by := byOf(ctx)
			return &rest.Nothing{}, d.s.ApplyCredit(ctx, by.Tenant, by.User, rest.ClaimOf(ctx), in.ID, in.Body.Currency, paysOf(in.Body.Pays))
		})
	rest.Handle(a, "credits.undo", rest.Doc{Summary: "Take back that credit paid an invoice", Status: 204}, func(ctx context.Context, in *thingID) (*rest.Nothing, error) {
		by := byOf(ctx)
		m, err := d.s.CreditMove(ctx, by.Tenant, in.ID)
		if err != nil {
			return nil, err
		}
		if err := d.may(ctx, policy.InvoiceWrite, m.Organisation); err != nil {
			return nil, err
		}
		return &rest.Nothing{}, d.s.UndoCredit(ctx, by.Tenant, by.User, rest.ClaimOf(ctx), in.ID)
	})
	rest.Handle(a, "credits.refund", rest.Doc{Summary: "Prepare that credit goes back to an organisation's bank", About: "Nothing moves until somebody else approves it.", Status: 201},
		func(ctx context.Context, in *struct {
			OfOrganisation
			Body struct {
				Amount Money  `json:"amount"`
				Holder string `json:"holder" minLength:"2" maxLength:"70" example:"Cablages du Detroit SA"`
				Number string `json:"number" minLength:"10" maxLength:"60" example:"AE070331234567890123456" doc:"An IBAN, or a national number such as Morocco's RIB"`
				Reason string `json:"reason" minLength:"1" maxLength:"500" example:"They closed the route"`
			}
		}) (*rest.Answer[CreditRefund], error) {
			if err := d.may(ctx, policy.PayoutMake, in.ID); err != nil {
				return nil, err
			}
			by, b := byOf(ctx), in.Body
			id, err := d.s.PrepareRefund(ctx, by.Tenant, by.User, rest.ClaimOf(ctx), store.CreditRefund{Organisation: in.ID, Currency: b.Amount.Currency, Amount: b.Amount.Amount, Holder: b.Holder, Number: b.Number, Reason: b.Reason})
			if err != nil {
				return nil, err
			}
			return d.creditRefund(ctx, by, id)
		})
	rest.Handle(a, "credits.approve", rest.Doc{Summary: "Approve that credit goes back", About: "Never one's own. The money leaves the credit."}, d.refundStep(policy.PayoutApprove, d.s.ApproveRefund))
	rest.Handle(a, "credits.discard", rest.Doc{Summary: "Discard a refund of credit", About: "Before it is approved."}, d.refundStep(policy.PayoutMake, d.s.DiscardRefund))
	rest.Handle(a, "credits.end", rest.Doc{Summary: "Say what became of a refund of credit", About: "It was paid, under the bank's reference; or it came back, before or after, and is credit again."},
		func(ctx context.Context, in *struct {
			ID   uuid.UUID `path:"id" format:"uuid"`
			Body struct {
				Returned  bool   `json:"returned" example:"false" doc:"It came back; else it was paid"`
				Reference string `json:"reference,omitempty" maxLength:"100" example:"VIR-99812" doc:"The bank's, of what was paid"`
				Why       string `json:"why,omitempty" maxLength:"200" example:"account closed"`
			}
		}) (*rest.Answer[CreditRefund], error) {
			return d.refundStep(policy.PayoutMake, func(ctx context.Context, t tenant.ID, by uuid.UUID, claim idem.Claim, id uuid.UUID) error {
				return d.s.EndRefund(ctx, t, by, claim, id, in.Body.Returned, in.Body.Reference, in.Body.Why)
			})(ctx, &thingID{ID: in.ID})
		})
}

func (d office) creditsOf(ctx context.Context, organisation uuid.UUID) (*rest.Answer[Credits], error) {
	t := byOf(ctx).Tenant
	credits, err := d.s.Credits(ctx, t, organisation)
	if err != nil {
		return nil, err
	}
	moves, refunds, err := d.s.CreditStory(ctx, t, organisation)
	out := Credits{Items: make([]Credit, len(credits)), Refunds: make([]CreditRefund, len(refunds))}
	for i, c := range credits {
		out.Items[i] = Credit{c.Organisation, c.Name, Money{c.Amount + c.Surplus, c.Currency}, c.Leaving}
	}
	for _, m := range moves {
		out.Moves = append(out.Moves, CreditMove{m.ID, m.Invoice, m.Number, Money{m.Amount, m.Currency}, m.How, m.By, m.At.UTC(), m.Undone})
	}
	for i, x := range refunds {
		out.Refunds[i] = creditRefundOf(x)
	}
	return rest.Say(out), err
}

func (d office) refundStep(action policy.Action, step func(ctx context.Context, t tenant.ID, by uuid.UUID, claim idem.Claim, id uuid.UUID) error) func(context.Context, *thingID) (*rest.Answer[CreditRefund], error) {
	return func(ctx context.Context, in *thingID) (*rest.Answer[CreditRefund], error) {
		by := byOf(ctx)
		if _, err := d.s.CreditRefund(ctx, by.Tenant, in.ID); err != nil {
			return nil, err
		}
		if err := policy.Can(ctx, action, policy.Resource{Tenant: by.Tenant, Kind: "credit_refund", ID: in.ID}); err != nil {
			return nil, err
		}
		if err := step(ctx, by.Tenant, by.User, rest.ClaimOf(ctx), in.ID); err != nil {
			return nil, err
		}
		return d.creditRefund(ctx, by, in.ID)
	}
}

func (d office) creditRefund(ctx context.Context, by booking.By, id uuid.UUID) (*rest.Answer[CreditRefund], error) {
	x, err := d.s.CreditRefund(ctx, by.Tenant, id)
	return rest.Say(creditRefundOf(x)), err
}

func creditRefundOf(x store.CreditRefund) CreditRefund {
	return CreditRefund{x.ID, x.Organisation, x.Name, Money{x.Amount, x.Currency}, x.Holder, x.Number, x.Reason, x.State, x.Reference, x.Problem, x.MadeBy, x.Maker, x.MadeAt.UTC(),
		x.Approver, instant(x.ApprovedAt), x.EndedBy, instant(x.EndedAt)}
}

func paysOf(parts []PayPart) []invoicing.Pay {
	pays := make([]invoicing.Pay, len(parts))
	for i, p := range parts {
		pays[i] = invoicing.Pay{Invoice: p.Invoice, Amount: p.Amount}
	}
	return pays
}
