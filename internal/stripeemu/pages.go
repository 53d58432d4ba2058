package stripeemu

import (
	"embed"
	"html/template"
	"net/http"
	"strings"
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
