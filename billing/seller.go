package billing

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/gateway"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/errand"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store"
)

// Seller is an expert's account at the gateway, as it was last seen.
type Seller struct {
	User   uuid.UUID
	SeenAt time.Time
	gateway.Account
}

// OpenSeller opens an account for somebody whom the tenant pays a share. They have one at most; asked again it is the same.
func (p *Payments) OpenSeller(ctx context.Context, t tenant.ID, by, user uuid.UUID, claim idem.Claim, country string, business gateway.BusinessType) (Seller, error) {
	account, err := p.splitsAt(ctx, t)
	if err != nil {
		return Seller{}, err
	}
	if _, err := p.db.Read(t).UserByID(ctx, user); store.IsNotFound(err) {
		return Seller{}, fault.New("not_found")
	} else if err != nil {
		return Seller{}, err
	}
	o := errand.OpenSeller{Account: account, User: user, Country: country, Business: string(business), N: 1}
	decided := p.now()
	err = p.db.InTx(ctx, t, func(tx *store.Tx) error {
		_, repeated, err := tx.Once(ctx, claim, 201, func() (any, error) {
			if _, err := tx.ConnectedOf(ctx, account, user); !store.IsNotFound(err) {
				return user, err
			}
			if err := tx.Audit(store.Audit{Actor: by, Action: "seller.open", Target: "user/" + user.String(), Detail: map[string]any{"country": country}}); err != nil {
				return nil, err
			}
			return user, p.queueSeller(ctx, tx, o, carryAfter)
		})
		if repeated {
			decided = time.Time{} // long ago, for all that is known here: the account is looked for first
		}
		return err
	})
	if err != nil {
		return Seller{}, err
	}
	if err := p.openSeller(ctx, t, o, decided); err != nil {
		return Seller{}, err
	}
	return p.seller(ctx, t, account, user)
}

func (p *Payments) queueSeller(ctx context.Context, tx *store.Tx, o errand.OpenSeller, after time.Duration) error {
	return tx.AddJobAt(ctx, o, fmt.Sprintf("%s/%s/%d/%d", o.Account, o.User, o.N, p.now().Unix()/60), p.now().Add(after))
}

// openSeller is OpenSeller's call. What the gateway refuses is over: nobody is asked again.
func (p *Payments) openSeller(ctx context.Context, t tenant.ID, o errand.OpenSeller, decided time.Time) error {
	if _, err := p.seller(ctx, t, o.Account, o.User); !fault.Is(err, "not_found") {
		return err
	}
	g, err := p.accounts.Open(ctx, t, o.Account)
	if err != nil {
		return err
	}
	at := p.now()
	find := func(ctx context.Context) (gateway.Account, error) {
		return g.LookUpAccount(ctx, gateway.Lookup{Key: gateway.Attempts(o.User.String(), "account"), Since: at.Add(-sellersSince)})
	}
	seen, err := gateway.Once(ctx, decided, at, find, func(ctx context.Context) (gateway.Account, error) {
		return g.OpenAccount(ctx, gateway.AccountOrder{Key: gateway.Key(o.User.String(), "account", o.N), Seller: o.User.String(), Country: o.Country, Business: gateway.BusinessType(o.Business)})
	})
	if err != nil {
		var verdict gateway.Verdict
		seen, verdict, err = gateway.Judge(ctx, err, find)
		if verdict == gateway.NextKey {
			o.N++
		}
		if verdict != gateway.Found && verdict != gateway.Final {
			again := p.db.InTx(context.WithoutCancel(ctx), t, func(tx *store.Tx) error { return p.queueSeller(ctx, tx, o, time.Minute) })
			if again != nil {
				return again
			}
		}
		if verdict != gateway.Found {
			return err
		}
	}
	state, err := json.Marshal(seen)
	if err != nil {
		return fmt.Errorf("billing: account %s: %w", seen.ID, err)
	}
	return p.db.InTx(context.WithoutCancel(ctx), t, func(tx *store.Tx) error {
		_, err := tx.OpenConnected(ctx, store.Connected{Account: o.Account, User: o.User, Ref: seen.ID, State: state, SeenAt: at})
		return err
	})
}

// sellersSince is how far back an account is looked for whose job cannot say when it was decided on.
const sellersSince = 30 * 24 * time.Hour

// CarrySeller opens an account for the job, whose failures are noted already. It looks for the account first: the job may be days old.
func (p *Payments) CarrySeller(ctx context.Context, t tenant.ID, o errand.OpenSeller) error {
	err := p.openSeller(ctx, t, o, time.Time{})
	if f := fault.As(err); err != nil && f.Kind != fault.Internal {
		return nil
	}
	return err
}

// Seller is an expert's account, as the gateway last told.
func (p *Payments) Seller(ctx context.Context, t tenant.ID, user uuid.UUID) (Seller, error) {
	account, err := p.splitsAt(ctx, t)
	if err != nil {
		return Seller{}, err
	}
	return p.seller(ctx, t, account, user)
}

// RefreshSeller asks the gateway what an expert's account may do now, for who does not want to wait until it tells.
func (p *Payments) RefreshSeller(ctx context.Context, t tenant.ID, user uuid.UUID) (Seller, error) {
	account, err := p.splitsAt(ctx, t)
	if err != nil {
		return Seller{}, err
	}
	known, err := p.seller(ctx, t, account, user)
	if err != nil {
		return Seller{}, err
	}
	g, err := p.accounts.Open(ctx, t, account)
	if err != nil {
		return Seller{}, err
	}
	at := p.now()
	seen, err := g.LookUpAccount(ctx, gateway.Lookup{ID: known.ID})
	if err != nil {
		return Seller{}, err
	}
	state, err := json.Marshal(seen)
	if err != nil {
		return Seller{}, fmt.Errorf("billing: account %s: %w", seen.ID, err)
	}
	if err := p.db.InTx(ctx, t, func(tx *store.Tx) error {
		_, err := tx.SawConnected(ctx, account, seen.ID, state, at)
		return err
	}); err != nil {
		return Seller{}, err
	}
	c, err := p.db.Read(t).ConnectedOf(ctx, account, user)
	if err != nil {
		return Seller{}, err
	}
	if mayReceive(c) { // its news may have been lost
		if err := p.sendOwed(ctx, t, g, c); err != nil {
			return Seller{}, err
		}
	}
	return Seller{User: user, SeenAt: at, Account: seen}, nil
}

func (p *Payments) seller(ctx context.Context, t tenant.ID, account, user uuid.UUID) (Seller, error) {
	c, err := p.db.Read(t).ConnectedOf(ctx, account, user)
	if store.IsNotFound(err) {
		return Seller{}, fault.New("not_found")
	}
	if err != nil {
		return Seller{}, err
	}
	seen, err := accountOf(c)
	if err != nil {
		return Seller{}, fmt.Errorf("billing: account %s: %w", c.Ref, err)
	}
	return Seller{User: user, SeenAt: c.SeenAt, Account: seen}, nil
}

// SellerLink makes the page on which an expert answers what the gateway still asks. It works once, for minutes.
func (p *Payments) SellerLink(ctx context.Context, t tenant.ID, user uuid.UUID, back string) (gateway.Link, error) {
	account, err := p.splitsAt(ctx, t)
	if err != nil {
		return gateway.Link{}, err
	}
	s, err := p.seller(ctx, t, account, user)
	if err != nil {
		return gateway.Link{}, err
	}
	g, err := p.accounts.Open(ctx, t, account)
	if err != nil {
		return gateway.Link{}, err
	}
	return g.AccountLink(ctx, gateway.LinkOrder{Key: gateway.Key(user.String(), "link-"+ident.New().String(), 1), Account: s.ID, ReturnURL: back, RefreshURL: back})
}

// splitsAt is the tenant's gateway if it shares with third parties.
func (p *Payments) splitsAt(ctx context.Context, t tenant.ID) (uuid.UUID, error) {
	account, err := p.db.Read(t).GatewayAccountOf(ctx, string(gateway.Stripe))
	if store.IsNotFound(err) {
		return uuid.Nil, fault.New("payment_not_set_up")
	}
	if err != nil {
		return uuid.Nil, err
	}
	g, err := p.accounts.Open(ctx, t, account.ID)
	if err != nil {
		return uuid.Nil, err
	}
	if !g.Profile().Can(gateway.Splits) {
		return uuid.Nil, fault.New("payment_not_supported")
	}
	return account.ID, nil
}

// applySeller keeps what an account may do now. One that may receive money is sent what was owed meanwhile.
func (p *Payments) applySeller(keep Applier) Applier {
	return func(ctx context.Context, t tenant.ID, g gateway.Gateway, w store.Webhook) error {
		if err := keep(ctx, t, g, w); err != nil {
			return err
		}
		c, err := p.db.Read(t).ConnectedByRef(ctx, w.Account, w.ObjectID)
		if store.IsNotFound(err) {
			return nil
		}
		if err != nil || !mayReceive(c) {
			return err
		}
		return p.sendOwed(ctx, t, g, c)
	}
}
