package stripeemu

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// request is one call, understood.
type request struct {
	*world
	http    *http.Request
	params  url.Values
	account string // Stripe-Account
	public  bool   // with a publishable key
}

// failure is an answer that is not 200.
type failure struct {
	status  int
	kind    string // api_error, card_error, idempotency_error, invalid_request_error
	code    string
	decline string
	param   string
	text    string
	intent  object // payment_intent or setup_intent
}

func (f *failure) body() object {
	e := object{"type": f.kind, "message": "[Stripe emulator] " + f.text}
	for k, v := range map[string]string{"code": f.code, "decline_code": f.decline, "param": f.param} {
		if v != "" {
			e[k] = v
		}
	}
	if f.intent != nil {
		e[f.intent.text("object")] = clone(f.intent)
	}
	return object{"error": e}
}

func invalid(code, param, text string) *failure {
	return &failure{status: 400, kind: "invalid_request_error", code: code, param: param, text: text}
}

func missing(param, id string) *failure {
	return &failure{status: 404, kind: "invalid_request_error", code: "resource_missing", param: param, text: "No such object: '" + id + "'"}
}

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
}

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
		case fault == HangAfter:
			<-r.Context().Done()
			return
		case fault == DropAfter:
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
func (e *Emulator) answer(v verb, allowed []string, r *http.Request, body []byte, fault What) (status int, out []byte, replayed bool) {
	q, f := e.understand(v, allowed, r, body)
	if f != nil {
		return f.status, encode(f.body()), false
	}
	key := r.Header.Get("Idempotency-Key")
	slot := q.account + " " + key
	asked := sha256.Sum256(fmt.Appendf(nil, "%s %s %s %s", r.Method, r.URL.Path, q.account, q.params.Encode()))
	if key != "" && r.Method == http.MethodPost {
		if kept, ok := q.answers[slot]; ok {
			if kept.asked != asked {
				f := &failure{status: 400, kind: "idempotency_error", text: "Keys for idempotent requests can only be used with the same parameters they were first used with."}
				return f.status, encode(f.body()), false
			}
			return kept.status, kept.body, true
		}
	}
	switch fault {
	case TooMany:
		f := &failure{status: 429, kind: "invalid_request_error", code: "rate_limit", text: "Too many requests."}
		return f.status, encode(f.body()), false
	case FailBefore:
		f = &failure{status: 500, kind: "api_error", text: "Something went wrong, and nothing was done."}
	}
	var made object
	if f == nil {
		q.sweep()
		made, f = v.do(q)
	}
	if fault == FailAfter && f == nil {
		f = &failure{status: 500, kind: "api_error", text: "Something went wrong after the work was done."}
	}
	if f != nil {
		status, out = f.status, encode(f.body())
	} else {
		status, out = http.StatusOK, encode(q.expand(made))
	}
	// What failed before it began is not kept; everything else is, failures too.
	if key != "" && r.Method == http.MethodPost && (status < 400 || status == 402 || status >= 500) {
		q.answers[slot] = answer{asked, status, out}
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
		return nil, &failure{status: 403, kind: "invalid_request_error", code: "account_invalid", text: "The provided key does not have access to this account."}
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

func (q *request) str(name string) string { return q.params.Get(name) }
func (q *request) yes(name string) bool   { return q.params.Get(name) == "true" }

// text is a parameter as JSON: null when it is not there.
func (q *request) text(name string) any {
	if s := q.params.Get(name); s != "" {
		return s
	}
	return nil
}

// amount is a positive integer parameter; fallback when it is not there, and 0 means that it must be.
func (q *request) amount(name string, fallback int64) (int64, *failure) {
	s := q.params.Get(name)
	if s == "" && fallback > 0 {
		return fallback, nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if s == "" || err != nil {
		return 0, invalid("parameter_invalid_integer", name, "Invalid integer: "+s)
	}
	if n < 1 {
		return 0, invalid("parameter_invalid_integer", name, "This value must be greater than or equal to 1.")
	}
	if n > 99999999 {
		return 0, invalid("amount_too_large", name, "Amount must be no more than 99999999.")
	}
	return n, nil
}

func (q *request) metadata() object {
	m := object{}
	for p, v := range q.params {
		if k, ok := strings.CutPrefix(p, "metadata["); ok {
			m[strings.TrimSuffix(k, "]")] = v[0]
		}
	}
	return m
}

// expand puts objects where ids were asked to be more, one level deep.
func (q *request) expand(o object) object {
	o, _ = clone(o).(object)
	for p, v := range q.params {
		if !strings.HasPrefix(p, "expand[") {
			continue
		}
		name, many := strings.CutPrefix(v[0], "data.")
		if !many {
			q.inline(o, name)
			continue
		}
		rows, _ := o["data"].([]any)
		for _, row := range rows {
			if r, ok := row.(object); ok {
				q.inline(r, name)
			}
		}
	}
	return o
}

func (q *request) inline(o object, name string) {
	if full := q.objects[o.text(name)]; full != nil {
		o[name] = clone(full)
	}
}

// list is a page of a kind's objects, newest first.
func (q *request) list(kind string, keep func(object) bool) (object, *failure) {
	limit, after := 10, q.str("starting_after")
	if s := q.str("limit"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 || n > 100 {
			return nil, invalid("parameter_invalid_integer", "limit", "1 to 100")
		}
		limit = n
	}
	bound := func(name string) int64 { n, _ := strconv.ParseInt(q.str("created["+name+"]"), 10, 64); return n }
	data, more, started := []any{}, false, after == ""
	for _, o := range q.all(kind, q.account, keep) {
		if at := o.int("created"); at < bound("gte") || bound("lte") > 0 && at > bound("lte") {
			continue
		}
		if !started {
			started = o.id() == after
			continue
		}
		if more = len(data) == limit; more {
			break
		}
		data = append(data, o)
	}
	return object{"object": "list", "data": data, "has_more": more, "url": q.http.URL.Path}, nil
}
