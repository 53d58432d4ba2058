package daily

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/waymeet/waymeet/internal/secret"
	"github.com/waymeet/waymeet/session/media"
	"github.com/waymeet/waymeet/session/media/mediatest"
)

const apiKey = "hush-hush-daily-key"

var (
	oldHook = base64.StdEncoding.EncodeToString([]byte("hush-hush-old-hook-secret"))
	newHook = base64.StdEncoding.EncodeToString([]byte("hush-hush-new-hook-secret"))
)

// fake is Daily as its reference describes it (docs.daily.co, REST API): paths, bodies and answers.
type fake struct {
	*httptest.Server
	mu     sync.Mutex
	rooms  map[string]*room
	tokens map[string]properties
	broken mediatest.How
	events int
}

type room struct {
	props   map[string]any
	there   map[string]*person // by session id
	banned  map[string]bool
	private bool
}

type person struct {
	user string
	may  permissions
}

type properties struct {
	RoomName          string      `json:"room_name"`
	UserID            string      `json:"user_id"`
	UserName          string      `json:"user_name"`
	Exp               int64       `json:"exp"`
	IsOwner           bool        `json:"is_owner"`
	EjectAfterElapsed int         `json:"eject_after_elapsed"`
	Permissions       permissions `json:"permissions"`
}

func serve(t *testing.T) *fake {
	f := &fake{rooms: map[string]*room{}, tokens: map[string]properties{}}
	f.Server = httptest.NewServer(f)
	t.Cleanup(func() { f.CloseClientConnections(); f.Close() })
	return f
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func invalid(w http.ResponseWriter, info string) {
	answer(w, 400, map[string]string{"error": "invalid-request-error", "info": info})
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	f.mu.Lock()
	how := f.broken
	f.broken = ""
	f.mu.Unlock()
	switch {
	case err != nil:
		return
	case how == mediatest.Fail:
		answer(w, 500, map[string]string{"error": "server-error"})
		return
	case how == mediatest.TooMany:
		w.Header().Set("Retry-After", "7")
		answer(w, 429, map[string]string{"error": "rate-limit-error"})
		return
	case how == mediatest.Hang:
		<-r.Context().Done()
		return
	case how == mediatest.Drop:
		panic(http.ErrAbortHandler)
	case how == mediatest.Babble:
		_, _ = w.Write([]byte("<html>"))
		return
	case r.Header.Get("Authorization") != "Bearer "+apiKey:
		answer(w, 401, map[string]string{"error": "authentication-error"})
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	path := strings.Split(strings.TrimPrefix(r.URL.Path, "/v1/"), "/")
	switch {
	case path[0] == "meeting-tokens" && r.Method == http.MethodPost:
		var in struct{ Properties properties }
		if err := json.Unmarshal(body, &in); err != nil || in.Properties.Exp == 0 {
			invalid(w, "properties")
			return
		}
		token := rand.Text()
		f.tokens[token] = in.Properties
		answer(w, 200, map[string]string{"token": token})
	case path[0] == "rooms" && len(path) == 1 && r.Method == http.MethodPost:
		f.make(w, body)
	case path[0] == "rooms" && len(path) > 1:
		here := f.rooms[path[1]]
		if here == nil {
			answer(w, 404, map[string]string{"error": "not-found"})
			return
		}
		f.room(w, r, path, here, body)
	default:
		answer(w, 404, map[string]string{"error": "not-found"})
	}
}

func (f *fake) make(w http.ResponseWriter, body []byte) {
	var in struct {
		Name, Privacy string
		Properties    map[string]any
	}
	if err := json.Unmarshal(body, &in); err != nil || in.Name == "" {
		invalid(w, "name")
		return
	}
	if f.rooms[in.Name] != nil {
		invalid(w, "a room named "+in.Name+" already exists")
		return
	}
	f.rooms[in.Name] = &room{props: in.Properties, there: map[string]*person{}, banned: map[string]bool{}, private: in.Privacy == "private"}
	answer(w, 200, map[string]any{"name": in.Name, "privacy": in.Privacy, "api_created": true, "url": f.URL + "/" + in.Name, "config": in.Properties})
}

func (f *fake) room(w http.ResponseWriter, r *http.Request, path []string, here *room, body []byte) {
	what := r.Method + " " + strings.Join(path[2:], "/")
	switch what {
	case "POST ":
		var in struct {
			Privacy    string
			Properties map[string]any
		}
		if err := json.Unmarshal(body, &in); err != nil || in.Properties == nil {
			invalid(w, "properties")
			return
		}
		here.props, here.private = in.Properties, in.Privacy == "private"
		answer(w, 200, map[string]any{"name": path[1], "config": in.Properties})
	case "DELETE ":
		delete(f.rooms, path[1])
		answer(w, 200, map[string]any{"deleted": true, "name": path[1]})
	case "GET presence":
		data := []any{}
		for id, p := range here.there {
			data = append(data, map[string]any{"room": path[1], "id": id, "userId": p.user, "userName": "Amal", "mtgSessionId": "m1", "joinTime": "2026-01-01T20:53:19.000Z", "duration": 12})
		}
		answer(w, 200, map[string]any{"total_count": len(data), "data": data})
	case "POST eject":
		var in struct {
			IDs     []string `json:"ids"`
			UserIDs []string `json:"user_ids"`
			Ban     bool     `json:"ban"`
		}
		if err := json.Unmarshal(body, &in); err != nil {
			invalid(w, "body")
			return
		}
		out := []string{}
		for id, p := range here.there {
			if slices.Contains(in.IDs, id) || slices.Contains(in.UserIDs, p.user) {
				out = append(out, id)
				delete(here.there, id)
			}
		}
		for _, u := range in.UserIDs {
			here.banned[u] = here.banned[u] || in.Ban
		}
		answer(w, 200, map[string]any{"ejectedIds": out})
	case "POST update-permissions":
		var in struct{ Data map[string]permissions }
		if err := json.Unmarshal(body, &in); err != nil || in.Data == nil {
			invalid(w, "data")
			return
		}
		for id, may := range in.Data {
			if p := here.there[id]; p != nil {
				p.may = may
			}
		}
		answer(w, 200, map[string]any{})
	default:
		answer(w, 404, map[string]string{"error": "not-found"})
	}
}

// come is a browser at the room's door.
func (f *fake) come(s media.Seat, e media.Entry, at time.Time) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	here := f.rooms[s.Room]
	may, known := f.tokens[e.Token.Reveal()]
	switch {
	case here == nil || !here.private || e.URL != f.URL+"/"+s.Room:
		return fmt.Errorf("no room for %+v", e)
	case !known || may.RoomName != s.Room || may.UserID != s.Participant || may.UserName != s.Name || may.IsOwner || may.Permissions.CanAdmin || may.EjectAfterElapsed <= 0:
		return fmt.Errorf("a token like %+v", may)
	case at.Unix() >= may.Exp || here.banned[may.UserID]:
		return fmt.Errorf("over, or banned")
	case here.props["eject_at_room_exp"] != true || here.props["sfu_switchover"] != 0.5:
		return fmt.Errorf("a room like %+v", here.props)
	}
	for id, p := range here.there {
		if p.user == may.UserID {
			delete(here.there, id)
		}
	}
	here.there[rand.Text()] = &person{may.UserID, may.Permissions}
	return nil
}

func (f *fake) at(name, user string) *person {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, p := range f.rooms[name].there {
		if p.user == user {
			return p
		}
	}
	return &person{}
}

func (f *fake) open(t *testing.T, key string, hooks ...string) media.Provider {
	t.Helper()
	c := media.Credentials{Kind: media.Daily, URL: f.URL, Key: secret.Hide(key)}
	for _, h := range hooks {
		c.WebhookSecrets = append(c.WebhookSecrets, secret.Hide(h))
	}
	p, err := New(0).Open(c)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func sign(with, stamp string, at time.Time, body []byte) media.Delivery {
	key, err := base64.StdEncoding.DecodeString(with)
	if err != nil {
		panic(err)
	}
	mac := hmac.New(sha256.New, key)
	_, _ = io.WriteString(mac, stamp+"."+string(body))
	return media.Delivery{Body: body, At: at, Header: http.Header{"X-Webhook-Timestamp": {stamp}, "X-Webhook-Signature": {base64.StdEncoding.EncodeToString(mac.Sum(nil))}}}
}

func seconds(at time.Time) string { return strconv.FormatInt(at.Unix(), 10) }

func TestConformance(t *testing.T) {
	t.Parallel()
	mediatest.Run(t, func(t *testing.T) mediatest.Rig {
		f := serve(t)
		return mediatest.Rig{
			Provider: f.open(t, apiKey, oldHook, newHook), Secrets: []string{apiKey, oldHook, newHook},
			Join: func(_ *testing.T, s media.Seat, e media.Entry) error { return f.come(s, e, time.Now()) },
			Leave: func(_ *testing.T, name, who string) {
				f.mu.Lock()
				defer f.mu.Unlock()
				for id, p := range f.rooms[name].there {
					if p.user == who {
						delete(f.rooms[name].there, id)
					}
				}
			},
			Reuse: func(_ *testing.T, s media.Seat, e media.Entry, late bool) error {
				if late {
					return f.come(s, e, e.Until.Add(time.Second))
				}
				return f.come(s, e, time.Now())
			},
			Sends: func(_ *testing.T, name, who string) (out []media.Track) {
				can, _ := f.at(name, who).may.CanSend.([]any)
				for _, track := range media.Tracks {
					if slices.Contains(can, any(kindOf[track])) {
						out = append(out, track)
					}
				}
				return out
			},
			Hears: func(_ *testing.T, name, listener, speaker string) bool {
				l, s := f.at(name, listener).may, f.at(name, speaker).may
				to, named := l.CanReceive.ByUserID[speaker]
				if !named {
					to = l.CanReceive.Base
				}
				return to && s.HasPresence && s.CanSend != false // who is hidden is not heard
			},
			Sees:  func(_ *testing.T, name, _, other string) bool { return f.at(name, other).may.HasPresence },
			Break: func(_ *testing.T, how mediatest.How) { f.mu.Lock(); defer f.mu.Unlock(); f.broken = how },
			Event: func(*testing.T) []byte {
				f.mu.Lock()
				defer f.mu.Unlock()
				f.events++
				return fmt.Appendf(nil, `{"version":"1.0.0","type":"participant.joined","id":"ptcpt-join-%d","payload":{"room":"session-1","user_id":"client-1","user_name":"Amal",`+
					`"session_id":"0497c79b-f084-4942-add0-be8e3657c6ff","joined_at":1732350001.123,"owner":false,"permissions":{"hasPresence":true,"canSend":true,"canAdmin":false}},"event_ts":1732350002.9}`, f.events)
			},
			Sign: func(n int, at time.Time, body []byte) media.Delivery {
				stranger := base64.StdEncoding.EncodeToString([]byte("a stranger's own secret"))
				return sign(map[int]string{-1: stranger, 0: oldHook, 1: newHook}[n], seconds(at), at, body)
			},
			Rotated:  func(t *testing.T) media.Provider { return f.open(t, apiKey, newHook) },
			WrongKey: func(t *testing.T) media.Provider { return f.open(t, "not the key", newHook) },
		}
	})
}

func TestWebhooks(t *testing.T) {
	t.Parallel()
	f := serve(t)
	p, now := f.open(t, apiKey, newHook), time.Now()
	if e, err := p.ReadWebhook(media.Delivery{Body: []byte(trial), At: now}); err != nil || e.News != media.Tried {
		t.Fatal("the address is tried:", e, err)
	}
	body := []byte(`{"id":"met-end-1","type":"meeting.ended","payload":{"room":"r"},"event_ts":1732350002}`)
	millis := func(at time.Time) string { return strconv.FormatInt(at.UnixMilli(), 10) }
	if e, err := p.ReadWebhook(sign(newHook, millis(now), now, body)); err != nil || e.News != media.Ended || e.Room != "r" {
		t.Fatal(e, err)
	}
	for name, d := range map[string]media.Delivery{
		"an old one, in milliseconds": sign(newHook, millis(now.Add(-time.Hour)), now, body),
		"one from the future":         sign(newHook, millis(now.Add(time.Hour)), now, body),
		"a time that is none":         sign(newHook, "yesterday", now, body),
		"no time":                     sign(newHook, "", now, body),
		"a trial with more in it":     {Body: []byte(trial + " "), At: now},
	} {
		if e, err := p.ReadWebhook(d); err == nil {
			t.Errorf("%s: %+v", name, e)
		}
	}
	moved := sign(newHook, seconds(now), now, body) // the time is signed too
	moved.Header.Set("X-Webhook-Timestamp", seconds(now.Add(time.Second)))
	if e, err := p.ReadWebhook(moved); err == nil {
		t.Errorf("%+v", e)
	}
	if silent := f.open(t, apiKey); silent.Profile().Can(media.Webhooks) {
		t.Error("without a secret it believes webhooks")
	}
}

func TestCredentialsThatAreNone(t *testing.T) {
	t.Parallel()
	for _, c := range []media.Credentials{
		{URL: "https://acme.daily.co"}, {Key: secret.Hide("k")}, {URL: "http://acme.daily.co", Key: secret.Hide("k")}, {URL: "https://evil.example", Key: secret.Hide("k")},
		{URL: "https://acme.daily.co/room", Key: secret.Hide("k")}, {URL: "https://acme.daily.co", Key: secret.Hide("k"), WebhookSecrets: []secret.Text{secret.Hide("not base64!")}},
	} {
		if _, err := New(0).Open(c); err == nil {
			t.Errorf("%+v", c)
		}
	}
	if _, err := New(0).Open(media.Credentials{URL: "https://acme.daily.co", Key: secret.Hide("k")}); err != nil {
		t.Fatal(err)
	}
}
