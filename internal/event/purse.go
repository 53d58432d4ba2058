package event

import (
	"encoding/json"

	"github.com/google/uuid"
)

// Purse is an account that somebody has with the operator, as its row says it: their wallet, or what they owe.
type Purse struct {
	User     uuid.UUID
	Owed     bool // what they owe, not what they have
	Currency string
	Amount   int64
	Held     int64 // of it: set aside
	Version  int64
}

type walletDoc struct {
	Balance Money `json:"balance"`
	Held    Money `json:"held"` // of the balance: set aside, not to be spent
}

type owedDoc struct {
	Owed Money `json:"owed"`
}

// Entity is the account's name on the wire: wallet/MAD, owed/MAD.
func (p *Purse) Entity() string { return string(p.on()) + "/" + p.Currency }

func (p *Purse) on() Projection {
	if p.Owed {
		return OnOwed
	}
	return OnWallet
}

// Doc is the account as its owner sees it.
func (p *Purse) Doc() json.RawMessage {
	if p.Owed {
		return must(owedDoc{Money{p.Amount, p.Currency}})
	}
	return must(walletDoc{Money{p.Amount, p.Currency}, Money{p.Held, p.Currency}})
}

// Change is the account as it stands.
func (p *Purse) Change() Change {
	return Change{Entity: p.Entity(), Version: p.Version, Docs: map[Projection]json.RawMessage{p.on(): p.Doc()}, Channels: []string{"me:" + p.User.String()}}
}
