package store

import (
	"strings"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/internal/event"
)

// purse is what somebody is shown of an account of theirs; false for all others.
func purse(code, currency string, posted, held, version int64) (event.Purse, bool) {
	kind, whose, _ := strings.Cut(code, ":")
	p := event.Purse{Owed: kind == "recovery", Currency: currency, Version: version}
	switch kind {
	case "wallet":
		p.Amount, p.Held = -posted, held
	case "recovery":
		p.Amount = posted
	default:
		return p, false
	}
	var err error
	p.User, err = uuid.Parse(whose)
	return p, err == nil
}

// pursesMoved keeps how accounts that are shown to somebody stand after what a batch writes: it goes out with the COMMIT. Of what
// is recorded in two pieces the last counts.
func (tx *Tx) pursesMoved(g *ledgerGround, moved map[ledger.Ref]bool) {
	for ref := range moved {
		b := g.books[ref].Balance
		p, ok := purse(ref.Code, string(ref.Currency), b.Posted, b.HeldDebit, g.versions[ref]+1)
		if !ok {
			continue
		}
		if tx.purses == nil {
			tx.purses = map[ledger.Ref]event.Purse{}
		}
		tx.purses[ref] = p
	}
}

// tellPurses emits them.
func (tx *Tx) tellPurses() {
	for _, p := range tx.purses {
		tx.emitted = append(tx.emitted, p.Change())
	}
}
