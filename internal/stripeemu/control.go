package stripeemu

import (
	"encoding/json"
	"net/http"
	"sort"
	"time"
)

func (e *Emulator) index(rw http.ResponseWriter, _ *http.Request) {
	type row struct {
		Name     string
		Payments []object
		Accounts []object
		Events   int
	}
	e.mu.Lock()
	var rows []row
	for name, w := range e.worlds {
		r := row{Name: name, Events: len(w.all("event", "", nil))}
		for _, o := range w.all("payment_intent", "", nil) {
			r.Payments = append(r.Payments, clone(o).(object))
		}
		for _, o := range w.all("account", "", nil) {
			r.Accounts = append(r.Accounts, clone(o).(object))
		}
		rows = append(rows, r)
	}
	now := e.now()
	e.mu.Unlock()
	sort.Slice(rows, func(i, j int) bool { return rows[i].Name < rows[j].Name })
	var numbers []string
	for n := range cards {
		numbers = append(numbers, n)
	}
	sort.Strings(numbers)
	render(rw, http.StatusOK, "index.html", map[string]any{"Worlds": rows, "Cards": numbers, "Now": now.UTC().Format(time.RFC1123)})
}

// control is the switches, for tests in a browser: {"fault":{…}, "mood":{…}, "advance":"192h", "endpoint":{"key":…, …}, "restrict":"acct_…", "dispute":"pi_…", "win":"dp_…", "fail_payout":"po_…"}.
func (e *Emulator) control(rw http.ResponseWriter, r *http.Request) {
	var c struct {
		Fault    *Fault `json:"fault"`
		Mood     *Mood  `json:"mood"`
		Advance  string `json:"advance"`
		Complete string `json:"complete"`
		Restrict string `json:"restrict"`
		Dispute  string `json:"dispute"` // a payment
		Win      string `json:"win"`     // a dispute
		Lose     string `json:"lose"`
		Payout   string `json:"fail_payout"`
		Key      string `json:"key"`
		Endpoint *Endpoint
	}
	// A page of another site cannot send JSON here without asking first, and nobody answers that question.
	if r.Header.Get("Content-Type") != "application/json" {
		http.Error(rw, "application/json", http.StatusUnsupportedMediaType)
		return
	}
	if err := json.NewDecoder(http.MaxBytesReader(rw, r.Body, 1<<16)).Decode(&c); err != nil {
		http.Error(rw, err.Error(), http.StatusBadRequest)
		return
	}
	if c.Advance != "" {
		d, err := time.ParseDuration(c.Advance)
		if err != nil {
			http.Error(rw, err.Error(), http.StatusBadRequest)
			return
		}
		e.Advance(d)
	}
	if c.Fault != nil {
		e.Inject(*c.Fault)
	}
	if c.Mood != nil {
		e.Behave(*c.Mood)
	}
	if c.Endpoint != nil {
		e.AddEndpoint(c.Key, *c.Endpoint)
	}
	if c.Complete != "" {
		e.CompleteAccount(c.Complete)
	}
	if c.Restrict != "" {
		e.RestrictAccount(c.Restrict)
	}
	e.DisputePayment(c.Dispute)
	e.CloseDispute(c.Win, true)
	e.CloseDispute(c.Lose, false)
	e.FailPayout(c.Payout)
	rw.WriteHeader(http.StatusNoContent)
}
