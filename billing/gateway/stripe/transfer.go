package stripe

import (
	"context"

	"github.com/stripe/stripe-go/v76"

	"github.com/waymeet/waymeet/billing/gateway"
)

// Transfer sends a share to a connected account, out of a charge if one is named.
func (g *account) Transfer(ctx context.Context, o gateway.TransferOrder) (gateway.Transfer, error) {
	common, err := order(ctx, o.Key, "")
	if err != nil {
		return gateway.Transfer{}, err
	}
	amount, currency, err := toStripe(o.Amount)
	if err != nil {
		return gateway.Transfer{}, err
	}
	t, err := g.orders.Transfers.New(&stripe.TransferParams{
		Params: common, Amount: &amount, Currency: &currency, Destination: &o.Destination, SourceTransaction: some(o.Source),
		TransferGroup: some(o.Group), Description: some(o.Description), Metadata: tags(o.Key, ""),
	})
	if err != nil {
		return gateway.Transfer{}, failedOrder("transfer", o.Key, err)
	}
	return transfer(t), nil
}

// LookUpTransfer finds a transfer by id or key.
func (g *account) LookUpTransfer(ctx context.Context, l gateway.Lookup) (gateway.Transfer, error) {
	if l.ID != "" {
		t, err := g.reads.Transfers.Get(l.ID, &stripe.TransferParams{Params: read(ctx, "")})
		if err != nil {
			return gateway.Transfer{}, failedGet("transfer", l.ID, err)
		}
		return transfer(t), nil
	}
	p := &stripe.TransferListParams{Destination: some(l.Account)}
	p.ListParams, p.CreatedRange = search(ctx, gateway.Lookup{Since: l.Since}) // transfers are the platform's objects
	it := g.reads.Transfers.List(p)
	t, err := find("transfer", l.Key, it, it.Transfer, func(t *stripe.Transfer) map[string]string { return t.Metadata })
	if err != nil {
		return gateway.Transfer{}, err
	}
	return transfer(t), nil
}

// ReverseTransfer takes a share back.
func (g *account) ReverseTransfer(ctx context.Context, o gateway.ReverseOrder) (gateway.Reversal, error) {
	common, err := order(ctx, o.Key, "")
	if err != nil {
		return gateway.Reversal{}, err
	}
	amount, _, err := toStripe(o.Amount)
	if err != nil {
		return gateway.Reversal{}, err
	}
	p := &stripe.TransferReversalParams{Params: common, ID: &o.Transfer, Amount: &amount, Metadata: tags(o.Key, "")}
	if o.WaiveFee {
		p.RefundApplicationFee = stripe.Bool(true)
	}
	r, err := g.orders.TransferReversals.New(p)
	if err != nil {
		return gateway.Reversal{}, failedOrder("reverse transfer", o.Key, err)
	}
	return reversal(r, o.Transfer), nil
}

// LookUpReversal finds a reversal of a transfer, by id or key.
func (g *account) LookUpReversal(ctx context.Context, l gateway.Lookup) (gateway.Reversal, error) {
	if l.Transfer == "" {
		return gateway.Reversal{}, &gateway.Refused{Code: "lookup_invalid", Param: "transfer", Text: "a reversal is looked for at its transfer"}
	}
	if l.ID != "" {
		r, err := g.reads.TransferReversals.Get(l.ID, &stripe.TransferReversalParams{Params: read(ctx, ""), ID: &l.Transfer})
		if err != nil {
			return gateway.Reversal{}, failedGet("reversal", l.ID, err)
		}
		return reversal(r, l.Transfer), nil
	}
	p := &stripe.TransferReversalListParams{ID: &l.Transfer}
	p.ListParams, _ = search(ctx, gateway.Lookup{})
	it := g.reads.TransferReversals.List(p)
	r, err := find("reversal", l.Key, it, it.TransferReversal, func(r *stripe.TransferReversal) map[string]string { return r.Metadata })
	if err != nil {
		return gateway.Reversal{}, err
	}
	return reversal(r, l.Transfer), nil
}

func reversal(r *stripe.TransferReversal, transfer string) gateway.Reversal {
	return gateway.Reversal{ID: r.ID, Key: r.Metadata[metaKey], Transfer: transfer, Amount: fromStripe(r.Amount, r.Currency), At: at(r.Created)}
}

func transfer(t *stripe.Transfer) gateway.Transfer {
	out := gateway.Transfer{
		ID: t.ID, Key: t.Metadata[metaKey], Amount: fromStripe(t.Amount, t.Currency), Reversed: fromStripe(t.AmountReversed, t.Currency), At: at(t.Created),
	}
	if t.Destination != nil {
		out.Destination = t.Destination.ID
	}
	if t.SourceTransaction != nil {
		out.Source = t.SourceTransaction.ID
	}
	return out
}
