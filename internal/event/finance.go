package event

import "encoding/json"

// FinanceChannel shows a tenant's finance which of their lists has changed.
const FinanceChannel = "finance"

// The lists of finance that change by themselves.
const (
	Payments = "payments"
	Events   = "events"
	Findings = "findings"
	Payouts  = "payouts"
)

// FinanceMark is how often one of finance's lists has changed. What is in it is asked for over HTTP: a list has filters and pages,
// and no end.
type FinanceMark struct {
	List    string
	Version int64
}

type financeMarkDoc struct {
	Changes int64 `json:"changes"`
}

// Entity is the list's name on the wire.
func (m FinanceMark) Entity() string { return "finance/" + m.List }

// Doc is the number as its readers see it.
func (m FinanceMark) Doc() json.RawMessage { return must(financeMarkDoc{m.Version}) }

// Change is the list's number as it stands.
func (m FinanceMark) Change() Change {
	return Change{Entity: m.Entity(), Version: m.Version, Docs: map[Projection]json.RawMessage{OnFinance: m.Doc()}, Channels: []string{FinanceChannel}}
}
