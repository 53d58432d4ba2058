package billing

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/gateway"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store"
)

// opSave is what a setup's key calls it.
const opSave = "save"

// SetupStep is a card on its way to being kept, with what its owner has to do next.
type SetupStep struct {
	Setup store.MethodSetup
	Next  gateway.Next
	Form  gateway.Form
}

// SaveMethod begins to keep a card, without a payment: its owner types it into the gateway's form, and their bank may want to see them.
//
//	SaveMethod ──▶ payer, setup ─ one commit ──▶ customer (if there is none), SetupIntent under SETUP:save:1 ──▶ their names ─ a commit each
//	                                                                                          ▲
//	 webhook, or whoever looks ──▶ look the setup and the card up ──▶ saved_method, setup done ─ one commit
//
// One who goes away in between finds the same setup the next time.
func (p *Payments) SaveMethod(ctx context.Context, t tenant.ID, user uuid.UUID, claim idem.Claim) (SetupStep, error) {
	account, err := p.keepsAt(ctx, t)
	if err != nil {
		return SetupStep{}, err
	}
	if _, err := p.db.Read(t).Payer(ctx, account, user); store.IsNotFound(err) {
		_, err = p.newPayer(ctx, t, account, user)
		if err != nil {
			return SetupStep{}, err
		}
	}
	var id uuid.UUID
	err = p.db.InTx(ctx, t, func(tx *store.Tx) error {
		answer, _, err := tx.Once(ctx, claim, 201, func() (any, error) {
			if _, err := tx.LockPayer(ctx, account, user); err != nil {
				return nil, err
			}
			if err := tx.RoomForMethod(ctx, account, user); err != nil {
				return nil, err
			}
			s, err := tx.OpenSetup(ctx, ident.New(), account, user)
			return s.ID, err
		})
		if err != nil {
			return err
		}
		return json.Unmarshal(answer, &id)
	})
	if err != nil {
		return SetupStep{}, err
	}
	return p.Setup(ctx, t, user, id)
}

// Setup goes on with a setup of one's own: at the gateway, if nobody has brought it there yet.
func (p *Payments) Setup(ctx context.Context, t tenant.ID, user, id uuid.UUID) (SetupStep, error) {
	s, err := p.db.Read(t).Setup(ctx, id)
	if store.IsNotFound(err) || err == nil && s.User != user {
		return SetupStep{}, fault.New("not_found")
	}
	if err != nil || s.State != store.SetupOpen {
		return SetupStep{Setup: s}, err
	}
	g, err := p.accounts.Open(ctx, t, s.Account)
	if err != nil {
		return SetupStep{}, err
	}
	seen, err := p.seeSetup(ctx, t, g, s)
	if err != nil {
		return SetupStep{}, err
	}
	if err := p.drawSetup(context.WithoutCancel(ctx), t, g, s, seen); err != nil {
		return SetupStep{}, err
	}
	if s, err = p.db.Read(t).Setup(ctx, id); err != nil || s.State != store.SetupOpen {
		return SetupStep{Setup: s}, err
	}
	return SetupStep{Setup: s, Next: seen.Next, Form: g.Profile().Form}, nil
}

// seeSetup is the gateway's object, made if it is not there yet.
func (p *Payments) seeSetup(ctx context.Context, t tenant.ID, g gateway.Gateway, s store.MethodSetup) (gateway.Setup, error) {
	if s.Ref != "" {
		seen, err := g.LookUpSetup(ctx, gateway.Lookup{ID: s.Ref})
		var missing *gateway.NotFound
		if errors.As(err, &missing) { // a test account that was wiped: the next one is another
			return gateway.Setup{ID: s.Ref, Status: gateway.SetupCancelled}, nil
		}
		return seen, err
	}
	customer, err := p.payerAt(ctx, t, g, s.Account, s.User)
	if err != nil {
		return gateway.Setup{}, err
	}
	find := func(ctx context.Context) (gateway.Setup, error) {
		return g.LookUpSetup(ctx, gateway.Lookup{Key: gateway.Attempts(s.ID.String(), opSave), Customer: customer, Since: s.CreatedAt.Add(-time.Minute)})
	}
	seen, err := gateway.Once(ctx, s.CreatedAt, p.now(), find, func(ctx context.Context) (gateway.Setup, error) {
		return g.SaveMethod(ctx, gateway.SaveOrder{Key: gateway.Key(s.ID.String(), opSave, s.N), Customer: customer})
	})
	if err == nil {
		return seen, nil
	}
	seen, verdict, err := gateway.Judge(ctx, err, find)
	if verdict == gateway.NextKey {
		if again := p.db.InTx(context.WithoutCancel(ctx), t, func(tx *store.Tx) error { return tx.SetupAgain(ctx, s) }); again != nil {
			return seen, again
		}
	}
	return seen, err
}

// drawSetup keeps what a setup has come to.
func (p *Payments) drawSetup(ctx context.Context, t tenant.ID, g gateway.Gateway, s store.MethodSetup, seen gateway.Setup) error {
	var card gateway.Card
	if seen.Status == gateway.SetupDone {
		found, err := methodAt(ctx, g, seen.Customer, seen.Method)
		if err != nil {
			return err
		}
		card = found.Card
	}
	return p.db.InTx(ctx, t, func(tx *store.Tx) error {
		who, err := tx.LockPayer(ctx, s.Account, s.User)
		if err != nil {
			return err
		}
		if err := tx.MadeSetup(ctx, s.ID, seen.ID); err != nil {
			return err
		}
		switch {
		case seen.Status == gateway.SetupCancelled:
			_, err = tx.SettleSetup(ctx, s.ID, store.SetupCancelled, uuid.Nil)
			return err
		case seen.Status != gateway.SetupDone:
			return nil
		case who.Ref != seen.Customer:
			return fmt.Errorf("billing: setup %s is another customer's: %s", s.ID, seen.ID)
		}
		kept, err := keep(ctx, tx, who, seen.Method, card)
		if err != nil {
			return err
		}
		_, err = tx.SettleSetup(ctx, s.ID, store.SetupDone, kept.ID)
		return err
	})
}

// keep notes a card of a payer whom tx has locked. One that the gateway does not describe (it has forgotten it meanwhile) is not kept.
func keep(ctx context.Context, tx *store.Tx, who store.Payer, ref string, card gateway.Card) (store.Method, error) {
	c, ok := cardOf(card)
	if !ok {
		return store.Method{}, nil
	}
	m, added, err := tx.KeepMethod(ctx, store.Method{ID: ident.New(), Account: who.Account, User: who.User, Customer: who.Ref, Ref: ref, Card: c})
	if err != nil || !added {
		return m, err
	}
	return m, tx.Audit(store.Audit{Actor: who.User, Action: "method.keep", Target: "method/" + m.ID.String(), Detail: map[string]any{"brand": c.Brand, "last4": c.Last4}})
}

// cardOf is what we keep of a card; false: it is none that we could show.
func cardOf(c gateway.Card) (store.Card, bool) {
	ok := c.Brand != "" && len(c.Brand) <= 40 && len(c.Last4) == 4 && strings.Trim(c.Last4, "0123456789") == "" && c.ExpMonth >= 1 && c.ExpMonth <= 12 && c.ExpYear >= 2000 && c.ExpYear <= 2200
	return store.Card{Brand: c.Brand, Last4: c.Last4, ExpMonth: c.ExpMonth, ExpYear: c.ExpYear}, ok
}

// methodAt is a card as its gateway keeps it now; empty: it does not any more.
func methodAt(ctx context.Context, g gateway.Gateway, customer, ref string) (gateway.Method, error) {
	all, err := g.ListMethods(ctx, customer)
	if err != nil {
		return gateway.Method{}, err
	}
	for _, m := range all {
		if m.ID == ref {
			return m, nil
		}
	}
	return gateway.Method{}, nil
}

// keepPaid keeps the card of a payment whose payer wanted it kept, in the transaction that books its capture.
func keepPaid(ctx context.Context, tx *store.Tx, pay store.Payment, seen gateway.Payment) error {
	if !pay.With.Keep || seen.Method == "" || seen.Customer == "" {
		return nil
	}
	who, err := tx.LockPayer(ctx, pay.Account, pay.Payer)
	if err != nil {
		return err
	}
	if who.Ref != seen.Customer {
		return nil // not the one that was ordered: nothing that we would charge again
	}
	_, err = keep(ctx, tx, who, seen.Method, seen.Card)
	return err
}
