package stripeemu

import (
	"embed"
	"encoding/json"
	"html/template"
	"net/http"
	"sort"
	"strings"
	"time"
)

//go:embed pages/*.html pages/stripe.js
var files embed.FS

var templates = template.Must(template.New("").ParseFS(files, "pages/*.html"))

func nameOf(key string) string {
	_, name, _ := strings.Cut(key, "_test_")
	return name
}

func (e *Emulator) pages() {
	e.mux.HandleFunc("GET /{$}", func(rw http.ResponseWriter, r *http.Request) { http.Redirect(rw, r, "/emu", http.StatusSeeOther) })
	e.mux.HandleFunc("GET /emu", e.index)
	e.mux.HandleFunc("POST /emu/control", e.control)
	e.mux.HandleFunc("GET /emu/challenge/{id}", e.challengePage)
	e.mux.HandleFunc("POST /emu/challenge/{id}", e.challengeDone)
	e.mux.HandleFunc("GET /emu/onboard/{world}/{link}", e.onboardPage)
	e.mux.HandleFunc("POST /emu/onboard/{world}/{link}", e.onboardDone)
	e.mux.HandleFunc("GET /js/v3", e.script)
	e.mux.HandleFunc("GET /js/v3/{$}", e.script)
}

func (e *Emulator) script(rw http.ResponseWriter, _ *http.Request) {
	js, err := files.ReadFile("pages/stripe.js")
	if err != nil {
		http.Error(rw, err.Error(), http.StatusInternalServerError)
		return
	}
	rw.Header().Set("Content-Type", "text/javascript; charset=utf-8")
	_, _ = rw.Write([]byte(strings.ReplaceAll(string(js), "__EMULATOR__", e.url)))
}

func render(rw http.ResponseWriter, status int, name string, data any) {
	rw.Header().Set("Content-Type", "text/html; charset=utf-8")
	rw.Header().Set("Referrer-Policy", "no-referrer")
	rw.WriteHeader(status)
	_ = templates.ExecuteTemplate(rw, name, data) // the client may be gone
}

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

// intent finds a payment or setup intent in any account: its id is the page's address. Under mu.
func (e *Emulator) intent(id string) (*world, object) {
	for _, w := range e.worlds {
		if o := w.objects[id]; o != nil && (o.text("object") == "payment_intent" || o.text("object") == "setup_intent") {
			return w, o
		}
	}
	return nil, nil
}

func (e *Emulator) challengePage(rw http.ResponseWriter, r *http.Request) {
	e.mu.Lock()
	_, o := e.intent(r.PathValue("id"))
	var shown object
	if o != nil {
		shown, _ = clone(o).(object)
	}
	e.mu.Unlock()
	if shown == nil {
		render(rw, http.StatusNotFound, "gone.html", "There is no such payment.")
		return
	}
	if shown.text("status") != "requires_action" {
		render(rw, http.StatusConflict, "gone.html", "This payment needs no confirmation (any more): it is "+shown.text("status")+".")
		return
	}
	render(rw, http.StatusOK, "challenge.html", shown)
}

func (e *Emulator) challengeDone(rw http.ResponseWriter, r *http.Request) {
	e.mu.Lock()
	w, o := e.intent(r.PathValue("id"))
	back, secret, id, kind := "", "", "", ""
	if o != nil {
		w.authenticated(o, r.PostFormValue("answer") == "yes")
		back, secret, id, kind = o.text("emulated_return_url"), o.text("client_secret"), o.id(), o.text("object")
	}
	e.mu.Unlock()
	if o == nil {
		render(rw, http.StatusNotFound, "gone.html", "There is no such payment.")
		return
	}
	if back == "" || r.PostFormValue("framed") == "yes" {
		render(rw, http.StatusOK, "done.html", nil) // tells the page that framed it
		return
	}
	sep := "?"
	if strings.Contains(back, "?") {
		sep = "&"
	}
	http.Redirect(rw, r, back+sep+kind+"="+id+"&"+kind+"_client_secret="+secret, http.StatusSeeOther)
}

func (e *Emulator) onboardPage(rw http.ResponseWriter, r *http.Request) {
	e.mu.Lock()
	w := e.worlds[r.PathValue("world")]
	var l link
	var shown object
	if w != nil {
		l = w.links[r.PathValue("link")]
		if o := w.objects[l.account]; o != nil {
			shown, _ = clone(o).(object)
		}
	}
	over := l.used || e.now().After(l.until)
	if shown != nil && !over {
		l.used = true
		w.links[r.PathValue("link")] = l
	}
	e.mu.Unlock()
	switch {
	case shown == nil:
		render(rw, http.StatusNotFound, "gone.html", "There is no such link.")
	case over:
		http.Redirect(rw, r, l.refreshes, http.StatusSeeOther) // as Stripe does: the platform makes a new one
	default:
		render(rw, http.StatusOK, "onboard.html", map[string]any{"Account": shown.id(), "Country": shown.text("country"), "Due": shown.sub("requirements")["currently_due"]})
	}
}

func (e *Emulator) onboardDone(rw http.ResponseWriter, r *http.Request) {
	e.mu.Lock()
	w := e.worlds[r.PathValue("world")]
	var l link
	if w != nil {
		l = w.links[r.PathValue("link")]
	}
	if a := e.accountOf(w, l); a != nil && r.PostFormValue("answer") == "complete" {
		w.complete(a)
	}
	e.mu.Unlock()
	if l.account == "" {
		render(rw, http.StatusNotFound, "gone.html", "There is no such link.")
		return
	}
	http.Redirect(rw, r, l.returns, http.StatusSeeOther)
}

func (e *Emulator) accountOf(w *world, l link) object {
	if w == nil {
		return nil
	}
	return w.get("account", l.account, "")
}
