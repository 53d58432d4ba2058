package api

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing"
	"github.com/waymeet/waymeet/billing/gateway"
	"github.com/waymeet/waymeet/billing/payout"
	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/web/rest"
)

type movesPayout = func(ctx context.Context, t tenant.ID, by uuid.UUID, claim idem.Claim, id uuid.UUID) error

// SellerAccount is an expert's account at the gateway, as it was last told.
type SellerAccount struct {
	Expert    uuid.UUID  `json:"expert" format:"uuid"`
	Country   string     `json:"country" example:"AE"`
	Transfers string     `json:"transfers" enum:"none,active,pending,inactive" example:"active" doc:"Whether it may receive a share"`
	CanPayOut bool       `json:"can_pay_out" example:"true"`
	Submitted bool       `json:"submitted" example:"true" doc:"Its owner has been through the gateway's questions"`
	Due       []string   `json:"due" example:"[\"external_account\"]" doc:"What the gateway still wants to know, in its own words"`
	Deadline  *time.Time `json:"deadline,omitempty"`
	Disabled  string     `json:"disabled,omitempty" example:"requirements.past_due"`
	SeenAt    time.Time  `json:"seen_at"`
}

// Beneficiary is where an expert's money goes when a bank carries it.
type Beneficiary struct {
	Expert uuid.UUID `json:"expert" format:"uuid"`
	Holder string    `json:"holder" example:"Yasmin Haddad"`
	Number string    `json:"number" example:"AE07•••••••••••••••3456" doc:"As much of it as is shown"`
}

type openSeller struct {
	ID   uuid.UUID `path:"id" format:"uuid" doc:"The expert's"`
	Body struct {
		Country  string `json:"country" pattern:"^[A-Z]{2}$" example:"AE"`
		Business string `json:"business" enum:"individual,company" example:"individual"`
	}
}

type linkSeller struct {
	ID   uuid.UUID `path:"id" format:"uuid" doc:"The expert's"`
	Body struct {
		Back string `json:"back" format:"uri" maxLength:"500" pattern:"^https?://" example:"https://atlas.example/experts" doc:"Where the browser comes back to"`
	}
}

// SellerLink is a page that works once.
type SellerLink struct {
	URL   string    `json:"url" example:"https://connect.stripe.com/setup/…"`
	Until time.Time `json:"until"`
}

type setBeneficiary struct {
	ID   uuid.UUID `path:"id" format:"uuid" doc:"The expert's"`
	Body struct {
		Holder string `json:"holder" minLength:"2" maxLength:"70" example:"Yasmin Haddad"`
		Number string `json:"number" minLength:"10" maxLength:"60" example:"AE07 0331 2345 6789 0123 456" doc:"An IBAN or a Moroccan RIB"`
	}
}

// Experts is where experts' money goes: their accounts at the gateway and at banks.
func Experts(p *billing.Payments) func(*rest.API) {
	d := payDesk{p}
	return func(a *rest.API) {
		expertPages(a, d)
		rest.Handle(a, "experts.account", rest.Doc{Summary: "An expert's account at the gateway"}, func(ctx context.Context, in *thingID) (*rest.Answer[SellerAccount], error) {
			if err := d.may(ctx, policy.PayoutMake, in.ID); err != nil {
				return nil, err
			}
			s, err := p.Seller(ctx, byOf(ctx).Tenant, in.ID)
			return rest.Say(sellerOf(s)), err
		})
		rest.Handle(a, "experts.open", rest.Doc{Summary: "Open an account for an expert", Status: http.StatusCreated, About: "They have one at most: asked again it is the same."},
			func(ctx context.Context, in *openSeller) (*rest.Answer[SellerAccount], error) {
				if err := d.may(ctx, policy.PayoutMake, in.ID); err != nil {
					return nil, err
				}
				by := byOf(ctx)
				s, err := p.OpenSeller(ctx, by.Tenant, by.User, in.ID, rest.ClaimOf(ctx), in.Body.Country, gateway.BusinessType(in.Body.Business))
				return rest.Say(sellerOf(s)), err
			})
		rest.Handle(a, "experts.link", rest.Doc{Summary: "The page on which an expert answers the gateway", About: "It works once, for minutes."},
			func(ctx context.Context, in *linkSeller) (*rest.Answer[SellerLink], error) {
				if err := d.may(ctx, policy.PayoutMake, in.ID); err != nil {
					return nil, err
				}
				l, err := p.SellerLink(ctx, byOf(ctx).Tenant, in.ID, in.Body.Back)
				return rest.Say(SellerLink(l)), err
			})
		rest.Handle(a, "experts.refresh", rest.Doc{Summary: "Ask the gateway about an expert's account anew"}, func(ctx context.Context, in *thingID) (*rest.Answer[SellerAccount], error) {
			if err := d.may(ctx, policy.PayoutMake, in.ID); err != nil {
				return nil, err
			}
			s, err := d.p.RefreshSeller(ctx, byOf(ctx).Tenant, in.ID)
			return rest.Say(sellerOf(s)), err
		})
		rest.Handle(a, "experts.beneficiary", rest.Doc{Summary: "Set where an expert's money goes", About: "By bank. Payouts that are prepared already keep the number that they have."},
			func(ctx context.Context, in *setBeneficiary) (*rest.Answer[Beneficiary], error) {
				if err := d.may(ctx, policy.PayoutMake, in.ID); err != nil {
					return nil, err
				}
				by := byOf(ctx)
				b, err := p.SetBeneficiary(ctx, by.Tenant, by.User, rest.ClaimOf(ctx), store.Beneficiary{User: in.ID, Holder: in.Body.Holder, Number: in.Body.Number})
				return rest.Say(Beneficiary{in.ID, b.Holder, payout.Masked(b.Number)}), err
			})
	}
}

func sellerOf(s billing.Seller) SellerAccount {
	out := SellerAccount{Expert: s.User, Country: s.Country, Transfers: string(s.Transfers), CanPayOut: s.CanPayOut, Submitted: s.Submitted,
		Due: append([]string{}, s.Due...), Deadline: some(s.Deadline), Disabled: s.Disabled, SeenAt: s.SeenAt}
	if out.Transfers == "" {
		out.Transfers = "none"
	}
	return out
}
