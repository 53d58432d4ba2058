package stripeemu

import (
	"net/http"
	"strings"
)

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
