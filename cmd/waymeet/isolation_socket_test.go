package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/realtime"
	"github.com/waymeet/waymeet/realtime/wire"
	"github.com/waymeet/waymeet/web"
	"github.com/waymeet/waymeet/web/rest"
)

// channels is how each kind of channel is attacked: its name with the thing that it is of. A kind without a case fails
// TestIsolationOverTheSocket.
var channels = map[string][]channelCase{
	"trip":    {{as: "rider", thing: "trip", name: "trip:%s", signals: "driver"}, {as: "dispatcher", thing: "trip", name: "trip:%s"}},
	"line":    {{as: "rider", thing: "line", name: "line:%s:DATE"}},
	"booking": {{as: "rider", thing: "confirmed", name: "booking:%s"}, {as: "dispatcher", thing: "confirmed", name: "booking:%s"}},
	"board": {
		{as: "dispatcher", name: "board:DATE"},
		{as: "dispatcher", thing: "line", name: "board:DATE?line=%s", empty: "a filter by a line that nobody has matches nothing, and so does one by another tenant's"},
	},
	"session": {{as: "rider", thing: "talk", name: "session:%s", signals: "rider"}, {as: "driver", thing: "talk", name: "session:%s"}},
	"request": {{as: "client", thing: "request", name: "request:%s"}, {as: "supervisor", thing: "request", name: "request:%s"}},
	"queue":   {{as: "supervisor", thing: "queue", name: "queue:%s"}},
	"me":      {{as: "rider", name: "me"}, {as: "client", name: "me"}, {as: "expert", name: "me"}},
	"finance": {{as: "finance", name: "finance"}},
}

// channelCase is one channel: of a thing, whose id is swapped, or of the caller's own world, which must stay closed.
type channelCase struct {
	as      string
	thing   string
	name    string // DATE stands for the side's service date, %s for the id
	signals string // the role that may send signals there
	empty   string // why a swapped channel is empty instead of not_found
}

func (c channelCase) of(s *side, id string) string {
	n := strings.ReplaceAll(c.name, "DATE", s.things["date"])
	if c.thing != "" {
		n = fmt.Sprintf(n, id)
	}
	return n
}

// verbs names what attacks each verb of the protocol.
var verbs = map[string]string{
	"sub":    "each kind of channel, below",
	"unsub":  "each kind of channel, below",
	"signal": "each kind of channel, below",
	"call":   "each case of swaps, through the socket",
	"auth":   "another tenant's token",
}

// line is a connection that keeps everything that it was sent.
type line struct {
	ws     *websocket.Conn
	closed chan error // why reading ended
	next   int        // owned by the test

	mu   sync.Mutex
	all  []string      // guarded by mu
	news chan struct{} // a nudge that all has grown
}

func (w *world) dial(t *testing.T, token string) *line {
	t.Helper()
	ws, res, err := websocket.Dial(t.Context(), "ws"+strings.TrimPrefix(w.url, "http")+"/v1/realtime",
		&websocket.DialOptions{Subprotocols: []string{"waymeet.v1"}, HTTPHeader: http.Header{"Authorization": {"Bearer " + token}}})
	if err != nil {
		t.Fatal(err, res)
	}
	ws.SetReadLimit(1 << 20)
	l := &line{ws: ws, news: make(chan struct{}, 1), closed: make(chan error, 1)}
	go l.read(context.WithoutCancel(t.Context()))
	t.Cleanup(func() { _ = ws.CloseNow() })
	return l
}

func (l *line) read(ctx context.Context) {
	for {
		_, b, err := l.ws.Read(ctx)
		if err != nil {
			l.closed <- err
			return
		}
		l.mu.Lock()
		l.all = append(l.all, strings.Split(strings.TrimSpace(string(b)), "\n")...)
		l.mu.Unlock()
		select {
		case l.news <- struct{}{}:
		default:
		}
	}
}

// await waits for a frame that fits.
func (l *line) await(t *testing.T, fits func(frame string) bool) string {
	t.Helper()
	late := time.After(10 * time.Second)
	for {
		l.mu.Lock()
		i := slices.IndexFunc(l.all, fits)
		var got string
		if i >= 0 {
			got = l.all[i]
		}
		l.mu.Unlock()
		if i >= 0 {
			return got
		}
		select {
		case <-l.news:
		case <-late:
			t.Fatal("nothing came")
		}
	}
}

// ask sends a request and gives its answer, without the id.
func (l *line) ask(t *testing.T, request string) string {
	t.Helper()
	l.next++
	id := fmt.Sprintf(`"id":%d,`, l.next)
	if err := l.ws.Write(t.Context(), websocket.MessageText, []byte(`{`+id+request+`}`)); err != nil {
		t.Fatal(err)
	}
	return strings.Replace(l.await(t, func(f string) bool { return strings.HasPrefix(f, `{`+id) }), id, "", 1)
}

func (l *line) frames() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.all, "\n")
}

func refused(answer, code string) bool {
	return strings.Contains(answer, `"err":`) && strings.Contains(answer, `"code":"`+code+`"`)
}

func TestIsolationOverTheSocket(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, v := range wire.Verbs() {
		if verbs[v] == "" {
			t.Errorf("the verb %s has no isolation case", v)
		}
	}
	lines := map[*side]map[string]*line{w.a: {}, w.b: {}}
	for s := range lines {
		for role := range s.tokens {
			lines[s][role] = w.dial(t, s.tokens[role])
		}
	}
	for _, kind := range realtime.Kinds() {
		if len(channels[kind]) == 0 {
			t.Errorf("channels of kind %s have no isolation case", kind)
		}
		for _, c := range channels[kind] {
			t.Run(kind+" "+c.as+" "+c.name, func(t *testing.T) { w.attackChannel(t, lines, c) })
		}
	}
	t.Run("call", func(t *testing.T) { w.attackCalls(t, lines) })
	t.Run("auth", func(t *testing.T) {
		theirs := lines[w.a]["rider"].ask(t, `"auth":"`+w.b.tokens["rider"]+`"`)
		if !strings.Contains(theirs, `"err":`) {
			t.Errorf("took another tenant's token: %s", theirs)
		}
		w.clean(t, w.b, answered{Body: theirs})
		if mine := lines[w.a]["rider"].ask(t, `"auth":"`+w.a.tokens["rider"]+`"`); !strings.Contains(mine, `"ok":`) {
			t.Errorf("its own: %s", mine)
		}
	})
	w.live(t, lines)
	// Nothing of the other side was ever sent to anybody: no text of its, no id, not even those that were asked for.
	for s, of := range lines {
		other := w.a
		if s == w.a {
			other = w.b
		}
		for role, l := range of {
			t.Run(s.Slug+" "+role, func(t *testing.T) { w.clean(t, other, answered{Body: l.frames()}) })
		}
	}
	w.quiet(t)
}

func (w *world) attackChannel(t *testing.T, lines map[*side]map[string]*line, c channelCase) {
	t.Helper()
	mine := lines[w.a][c.as]
	if c.thing != "" {
		id := w.b.things[c.thing]
		theirs, nobody := c.of(w.a, id), c.of(w.a, nobodys(c.thing, id))
		for _, verb := range []string{"sub", "unsub", "signal"} {
			got, control := mine.ask(t, w.frame(verb, theirs)), mine.ask(t, w.frame(verb, nobody))
			if strings.ReplaceAll(got, theirs, nobody) != control {
				t.Errorf("%s of the other tenant's: %s\nof nobody's: %s", verb, got, control)
			}
			if verb == "sub" && c.empty == "" && !refused(got, "not_found") {
				t.Errorf("sub: %s", got)
			}
			w.clean(t, w.b, answered{Body: strings.ReplaceAll(got, id, "")})
		}
		got := w.send(t, w.a.tokens[c.as], "GET", "/v1/realtime/sets/"+url.PathEscape(theirs), "")
		control := w.send(t, w.a.tokens[c.as], "GET", "/v1/realtime/sets/"+url.PathEscape(nobody), "")
		if !same(got, control) || (c.empty == "" && got.Status != http.StatusNotFound) {
			t.Errorf("the set: %v, of nobody's: %v", got, control)
		}
		w.clean(t, w.b, got)
		if c.signals != "" {
			got, control := lines[w.a][c.signals].ask(t, w.frame("signal", theirs)), lines[w.a][c.signals].ask(t, w.frame("signal", nobody))
			if got != control || !refused(got, "not_found") {
				t.Errorf("signal: %s\nto nobody's: %s", got, control)
			}
		}
	}
	for _, s := range []*side{w.a, w.b} {
		other := w.b
		if s == w.b {
			other = w.a
		}
		own := c.of(s, s.things[c.thing])
		got := lines[s][c.as].ask(t, w.frame("sub", own))
		if !strings.Contains(got, `"ok":`) || !strings.Contains(got, `"v":`) {
			t.Errorf("%s's own: %s", s.Slug, got)
		}
		w.clean(t, other, answered{Body: got})
		set := w.send(t, s.tokens[c.as], "GET", "/v1/realtime/sets/"+url.PathEscape(own), "")
		if set.Status != http.StatusOK || !strings.Contains(set.Body, `"v":`) {
			t.Errorf("%s's own set: %v", s.Slug, set)
		}
		w.clean(t, other, set)
		if c.signals != "" {
			if got := lines[s][c.signals].ask(t, w.frame("signal", own)); !strings.Contains(got, `"ok":`) {
				t.Errorf("%s's own signal: %s", s.Slug, got)
			}
			lines[s][c.as].await(t, func(f string) bool {
				return strings.Contains(f, `"sig":"`+sigOf(own)+`"`) && strings.Contains(f, `"ch":"`+own+`"`)
			})
		}
	}
}

func (w *world) frame(verb, channel string) string {
	if verb == "signal" {
		return `"signal":"` + channel + `","sig":"` + sigOf(channel) + `","key":"vehicle/x","d":{"lat":1,"lon":2}`
	}
	return `"` + verb + `":"` + channel + `"`
}

// sigOf is a signal that a channel's people may send.
func sigOf(channel string) string {
	if strings.HasPrefix(channel, "session:") {
		return "quality"
	}
	return "position"
}

var placeholder = regexp.MustCompile(`\{(\w+)\}`)

// callOf writes a request as a socket call: path and query taken apart by the route's template.
func callOf(route rest.Route, path, body string) string {
	path, query, _ := strings.Cut(path, "?")
	args := map[string]any{}
	if names := placeholder.FindAllStringSubmatch(route.Path, -1); names != nil {
		found := regexp.MustCompile("^" + placeholder.ReplaceAllString(route.Path, "([^/]+)") + "$").FindStringSubmatch(path)
		in := map[string]string{}
		for i, n := range names {
			in[n[1]] = found[i+1]
		}
		args["path"] = in
	}
	if values, _ := url.ParseQuery(query); len(values) > 0 {
		in := map[string]string{}
		for k := range values {
			in[k] = values.Get(k)
		}
		args["query"] = in
	}
	if body != "" {
		args["body"] = json.RawMessage(body)
	}
	raw, err := json.Marshal(args)
	if err != nil {
		panic(err)
	}
	call := `"call":"` + route.ID + `","args":` + string(raw)
	if route.Key {
		call += `,"key":"` + ident.Token(9) + `"`
	}
	return call
}

// attackCalls sends the swaps of HTTP through the socket: the same doors must stand there.
func (w *world) attackCalls(t *testing.T, lines map[*side]map[string]*line) {
	t.Helper()
	tried := 0
	for _, route := range web.Routes {
		if pending[route.ID] || route.Raw || route.Stream != "" { // what is no JSON comes by HTTP alone
			continue
		}
		for _, c := range swaps[route.ID] {
			for _, together := range c.ids {
				with := func(other func(string) string) string {
					path, body := c.ask(func(name string) string {
						if slices.Contains(strings.Fields(together), name) {
							return other(name)
						}
						return w.a.thing(name)
					})
					return lines[w.a][c.as].ask(t, callOf(route, path, body))
				}
				got := with(w.b.thing)
				control := with(func(name string) string { return nobodys(name, w.b.thing(name)) })
				want := c.status
				if want == 0 {
					want = http.StatusNotFound
				}
				if !strings.Contains(got, fmt.Sprintf(`"status":%d`, want)) || instance.ReplaceAllString(got, "") != instance.ReplaceAllString(control, "") {
					t.Errorf("%s, %s of the other tenant: %s\nof nobody: %s", route.ID, together, got, control)
				}
				w.clean(t, w.b, answered{Body: got})
				tried++
			}
			// The positive control: one's own is not refused for whose it is.
			path, body := c.ask(w.a.thing)
			if got := lines[w.a][c.as].ask(t, callOf(route, path, body)); strings.Contains(got, `"status":404`) || strings.Contains(got, `"status":403`) {
				t.Errorf("%s with its own: %s", route.ID, got)
			}
		}
	}
	if tried < 20 {
		t.Errorf("only %d calls were tried", tried)
	}
}

// live changes a trip of each side: its own watchers hear of it, and nobody else.
func (w *world) live(t *testing.T, lines map[*side]map[string]*line) {
	t.Helper()
	for _, s := range []*side{w.b, w.a} { // the other side first: what leaks has arrived by the time that one's own did
		trip := `"trip/` + s.things["trip"] + `"`
		w.book(t, s, false)
		lines[s]["rider"].await(t, func(f string) bool { return strings.Contains(f, `"ch":"trip:`) && strings.Contains(f, trip) })
		lines[s]["dispatcher"].await(t, func(f string) bool { return strings.Contains(f, `"ch":"board:`) && strings.Contains(f, trip) })
	}
}
