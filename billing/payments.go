package billing

import (
	"log/slog"
	"time"

	"github.com/waymeet/waymeet/store"
)

// Payments asks gateways for money, and draws from what they say what it means for the ledger.
//
//	TopUp ──▶ payment, operation pay:1, job ─ one commit
//	   └────▶ Carry ──▶ the gateway, key payment:pay:1 ──▶ what it answered ─ one commit
//	                                                          ▲
//	 webhook ──▶ Inbox ──▶ look the object up ──▶ draw: lock the payment, join, journals ─ one commit
//
// Between any two of these the process may die: the job carries the operation again, under the same key.
type Payments struct {
	db       *store.DB
	accounts *Accounts
	inbox    *Inbox
	log      *slog.Logger
	now      func() time.Time
}

// NewPayments makes it. Inbox must be told, so that events about payments are applied.
func NewPayments(db *store.DB, accounts *Accounts, inbox *Inbox, log *slog.Logger) *Payments {
	p := &Payments{db: db, accounts: accounts, inbox: inbox, log: log, now: time.Now}
	inbox.appliers["payment_intent"] = p.applyPayment
	inbox.appliers["payment"] = p.applyPayment // a redirect acquirer's
	inbox.appliers["setup_intent"] = p.applySetup
	inbox.appliers["payment_method"] = p.applyMethod
	inbox.appliers["refund"] = p.applyRefund
	inbox.appliers["dispute"] = p.applyDispute
	inbox.appliers["payout"] = p.applyPayout
	inbox.appliers["account"] = p.applySeller(inbox.applyAccount)
	return p
}

// Operations on a payment.
const (
	OpPay    = store.OpPay
	OpCancel = store.OpCancel
	OpRefund = store.OpRefund

	OpAuthorise = "authorise" // sets money aside at the payer's bank
	OpExtend    = "extend"    // sets more aside, asking the same card while its holder talks
	OpCapture   = "capture"   // takes what was set aside, or less
	OpTransfer  = "transfer"  // sends an expert their share
	OpReverse   = "reverse"   // takes of it back
)
