package stripeemu

import (
	"net/http"
)

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
