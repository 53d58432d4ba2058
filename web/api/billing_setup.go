package api

import (
	"context"

	"github.com/waymeet/waymeet/billing/invoice"
	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/web/rest"
)

// BillerLabel is a name with a value, as it is printed.
type BillerLabel struct {
	Name  string `json:"name" minLength:"1" maxLength:"40" example:"ICE"`
	Value string `json:"value" minLength:"1" maxLength:"80" example:"001234567000089"`
}

// Biller is what stands at the head of the operator's invoices.
type Biller struct {
	Name    string        `json:"name" minLength:"1" maxLength:"200" example:"Atlas Mobilité SA"`
	Address []string      `json:"address" maxItems:"6" maxLength:"120" example:"[\"12 rue de Fès\",\"Casablanca\"]" doc:"Line by line"`
	Country string        `json:"country" pattern:"^([A-Z]{2})?$" example:"MA" doc:"Where its rides are supplied: it decides the tax; empty only while nothing was saved"`
	IDs     []BillerLabel `json:"ids" maxItems:"8" doc:"Numbers that the law wants on an invoice"`
	Bank    []BillerLabel `json:"bank" maxItems:"8" doc:"Where to pay"`
	Notes   []string      `json:"notes" maxItems:"6" maxLength:"300" example:"[\"Pas d'escompte.\"]"`
	Prices  string        `json:"prices" enum:"gross,net" example:"gross" doc:"Whether fares hold the tax"`
	Version int64         `json:"version" minimum:"0" example:"3" doc:"The one that was seen; 0: nothing was saved yet"`
}

// TaxRule is a tax with where, on what and when it holds.
type TaxRule struct {
	Country   string `json:"country" pattern:"^[A-Z]{2}$" example:"MA"`
	Supply    string `json:"supply" pattern:"^[a-z][a-z_]{1,39}$" example:"urban_passenger_transport" doc:"general is whatever has no rule of its own"`
	From      string `json:"from,omitempty" format:"date" example:"2026-01-01" doc:"Absent: since ever"`
	Until     string `json:"until,omitempty" format:"date" example:"2026-12-31" doc:"The last day; absent: until further notice"`
	Code      string `json:"code" minLength:"1" maxLength:"20" example:"MA-10" doc:"One code stands for one rate for ever"`
	Rate      int    `json:"rate" minimum:"0" maximum:"10000" example:"1000" doc:"Hundredths of a per cent"`
	Treatment string `json:"treatment" enum:"taxed,zero_rated,exempt,reverse_charge" example:"taxed"`
	Law       string `json:"law,omitempty" maxLength:"200" example:"CGI, art. 99" doc:"Who says so"`
}

// Taxes is the operator's table.
type Taxes struct {
	Own   bool      `json:"own" example:"true" doc:"false: the table that every operator starts with"`
	Items []TaxRule `json:"items"`
}

// setup is who bills, and what taxes hold.
func (d office) setup(a *rest.API) {
	rest.Handle(a, "biller.get", rest.Doc{Summary: "See who bills", About: "Before anything is saved (version 0): the operator's name alone. No invoice is finalised while the name, the address, a number or the country is missing."},
		func(ctx context.Context, _ *struct{}) (*rest.Answer[Biller], error) {
			b, err := d.s.Biller(ctx, byOf(ctx).Tenant)
			return rest.Say(billerOf(b)), err
		})
	rest.Handle(a, "biller.save", rest.Doc{Summary: "Say who bills", About: "All of it. Documents that are final keep what they say. version is the one that was seen; when somebody saved since, the answer is biller_changed."},
		func(ctx context.Context, in *struct{ Body Biller }) (*rest.Answer[Biller], error) {
			labels := func(all []BillerLabel) (out []store.Label) {
				for _, l := range all {
					out = append(out, store.Label(l))
				}
				return out
			}
			b := store.Biller{Party: store.Party{Name: in.Body.Name, Address: in.Body.Address, IDs: labels(in.Body.IDs), Bank: labels(in.Body.Bank), Notes: in.Body.Notes},
				Country: in.Body.Country, Prices: invoice.Prices(in.Body.Prices), Version: in.Body.Version}
			if b.Country == "" {
				return nil, fault.New("bad_value").At("body/country")
			}
			for _, lines := range [][]string{b.Address, b.Notes} {
				for _, l := range lines {
					if len([]rune(l)) > 300 {
						return nil, fault.New("bad_value").At("body")
					}
				}
			}
			by := byOf(ctx)
			saved, err := d.s.SaveBiller(ctx, by.Tenant, by.User, rest.ClaimOf(ctx), b)
			return rest.Say(billerOf(saved)), err
		})
	rest.Handle(a, "taxes.list", rest.Doc{Summary: "List taxes", About: "As they hold: a rule ends on the day before the next of its country and supply begins."},
		func(ctx context.Context, _ *struct{}) (*rest.Answer[Taxes], error) {
			table, own, err := d.s.Taxes(ctx, byOf(ctx).Tenant)
			out := Taxes{own, make([]TaxRule, len(table))}
			for i, r := range table {
				out.Items[i] = TaxRule{Country: r.Country, Supply: string(r.Supply), Code: r.Tax.Code, Rate: r.Tax.Rate, Treatment: string(r.Tax.Treatment), Law: r.Source}
				if r.From > 1 {
					out.Items[i].From = r.From.String()
				}
				if !r.Until.IsZero() {
					out.Items[i].Until = r.Until.String()
				}
			}
			return rest.Say(out), err
		})
	rest.Handle(a, "taxes.add", rest.Doc{Summary: "Add a tax", About: "From a day on, until the next of its kind. Nothing that was finalised changes; what is not billed yet bears the tax of its day.", Status: 204},
		func(ctx context.Context, in *struct {
			Body struct {
				Country   string `json:"country" pattern:"^[A-Z]{2}$" example:"MA"`
				Supply    string `json:"supply" pattern:"^[a-z][a-z_]{1,39}$" example:"urban_passenger_transport"`
				From      string `json:"from" format:"date" example:"2027-01-01"`
				Code      string `json:"code" pattern:"^[A-Za-z0-9][A-Za-z0-9-]{0,19}$" example:"MA-12"`
				Rate      int    `json:"rate" minimum:"0" maximum:"10000" example:"1200"`
				Treatment string `json:"treatment" enum:"taxed,zero_rated,exempt,reverse_charge" example:"taxed"`
				Law       string `json:"law,omitempty" maxLength:"200" example:"CGI, art. 99"`
			}
		}) (*rest.Nothing, error) {
			b := in.Body
			from, err := servicedate.Parse(b.From)
			if err != nil || from < servicedate.Of(2000, 1, 1) || from > servicedate.Of(2100, 1, 1) {
				return nil, fault.New("bad_value").At("body/from")
			}
			by := byOf(ctx)
			return &rest.Nothing{}, d.s.AddTax(ctx, by.Tenant, by.User, rest.ClaimOf(ctx), invoice.TaxRule{Country: b.Country, Supply: invoice.Supply(b.Supply), From: from,
				Tax: invoice.Tax{Code: b.Code, Rate: b.Rate, Treatment: invoice.Treatment(b.Treatment)}, Source: b.Law})
		})
}

func billerOf(b store.Biller) Biller {
	labels := func(all []store.Label) []BillerLabel {
		out := make([]BillerLabel, len(all))
		for i, l := range all {
			out[i] = BillerLabel(l)
		}
		return out
	}
	some := func(s []string) []string { return append([]string{}, s...) }
	return Biller{b.Name, some(b.Address), b.Country, labels(b.IDs), labels(b.Bank), some(b.Notes), string(b.Prices), b.Version}
}
