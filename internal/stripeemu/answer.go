package stripeemu

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// verb does one call. Every parameter that it may be given is named: others are refused, as Stripe does.
type verb struct {
	params string
	public bool // a browser may, with a client secret
	do     func(*request) (object, *failure)
}

// answer is what an idempotency key keeps.
type answer struct {
	asked  [32]byte
	status int
	body   []byte
	at     time.Time
}

// keysFor is how long answers are kept; Stripe says at least a day.
const keysFor = 24 * time.Hour

func (e *Emulator) api(v verb) http.HandlerFunc {
	allowed := append(strings.Fields(v.params), "expand")
	return func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Access-Control-Allow-Origin", "*")
		body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
		if err != nil {
			return // the client is gone
		}
		e.mu.Lock()
		fault := e.fault(r)
		status, out, replayed := e.answer(v, allowed, r, body, fault)
		e.calls = append(e.calls, Call{r.Method, r.URL.Path, r.Header.Get("Idempotency-Key"), status, replayed})
		e.mu.Unlock()
		switch {
		case replayed:
		case fault.What == HangAfter:
			<-r.Context().Done()
			return
		case fault.What == DropAfter:
			panic(http.ErrAbortHandler)
		}
		rw.Header().Set("Content-Type", "application/json")
		rw.Header().Set("Request-Id", "req_"+token(7))
		rw.Header().Set("Stripe-Version", apiVersion)
		if replayed {
			rw.Header().Set("Idempotent-Replayed", "true")
		}
		if status == http.StatusTooManyRequests {
			rw.Header().Set("Retry-After", "1")
		}
		rw.WriteHeader(status)
		_, _ = rw.Write(out) // the client may be gone
	}
}

// answer does the work, under mu.
func (e *Emulator) answer(v verb, allowed []string, r *http.Request, body []byte, fault Fault) (status int, out []byte, replayed bool) {
	q, f := e.understand(v, allowed, r, body)
	if f != nil {
		return f.status, encode(f.body()), false
	}
	key := r.Header.Get("Idempotency-Key")
	slot := q.account + " " + key
	asked := sha256.Sum256(fmt.Appendf(nil, "%s %s %s %s", r.Method, r.URL.Path, q.account, q.params.Encode()))
	if key != "" && r.Method == http.MethodPost {
		if kept, ok := q.answers[slot]; ok && q.e.now().Sub(kept.at) < keysFor {
			if kept.asked != asked {
				f := &failure{status: 400, kind: "idempotency_error", text: "Keys for idempotent requests can only be used with the same parameters they were first used with."}
				return f.status, encode(f.body()), false
			}
			return kept.status, kept.body, true
		}
	}
	switch fault.What {
	case TooMany:
		f := &failure{status: 429, kind: "invalid_request_error", code: "rate_limit", text: "Too many requests."}
		return f.status, encode(f.body()), false
	case Refuse:
		f := invalid(fault.Code, "", "This cannot be done.")
		return f.status, encode(f.body()), false
	case FailBefore:
		f = &failure{status: 500, kind: "api_error", text: "Something went wrong, and nothing was done."}
	}
	var made object
	if f == nil {
		q.sweep()
		made, f = v.do(q)
	}
	if fault.What == FailAfter && f == nil {
		f = &failure{status: 500, kind: "api_error", text: "Something went wrong after the work was done."}
	}
	if f != nil {
		status, out = f.status, encode(f.body())
	} else {
		status, out = http.StatusOK, encode(q.expand(made))
	}
	// What failed before it began is not kept; everything else is, failures too.
	if key != "" && r.Method == http.MethodPost && (status < 400 || status == 402 || status >= 500) {
		q.answers[slot] = answer{asked, status, out, q.e.now()}
	}
	return status, out, false
}

func (e *Emulator) understand(v verb, allowed []string, r *http.Request, body []byte) (*request, *failure) {
	params := r.URL.Query()
	if r.Method == http.MethodPost {
		var err error
		if params, err = url.ParseQuery(string(body)); err != nil {
			return nil, invalid("", "", "The body is no form.")
		}
	}
	key := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	kind, name, _ := strings.Cut(key, "_test_")
	public := kind == "pk"
	if (kind != "sk" && kind != "rk" && !public) || name == "" {
		return nil, &failure{status: 401, kind: "invalid_request_error", text: "Invalid API Key provided: the emulator takes sk_test_… and pk_test_…"}
	}
	if public && !v.public {
		return nil, &failure{status: 401, kind: "invalid_request_error", code: "secret_key_required", text: "This is not for publishable keys."}
	}
	q := &request{world: e.world(name), http: r, params: params, account: r.Header.Get("Stripe-Account"), public: public}
	if q.account == q.id {
		q.account = ""
	}
	if q.account != "" && q.get("account", q.account, "") == nil {
		return nil, noAccount()
	}
	for p := range params {
		top, _, _ := strings.Cut(p, "[")
		if top == "client_secret" && v.public {
			continue
		}
		if !slices.Contains(allowed, top) {
			return nil, invalid("parameter_unknown", p, "Received unknown parameter: "+p)
		}
	}
	if v.public && public {
		o := q.objects[r.PathValue("id")]
		if o == nil || params.Get("client_secret") == "" || o.text("client_secret") != params.Get("client_secret") {
			return nil, missing("intent", r.PathValue("id"))
		}
	}
	return q, nil
}

func encode(o object) []byte {
	b, err := json.Marshal(o)
	if err != nil {
		panic("stripeemu: " + err.Error()) // maps of plain values
	}
	return b
}
