package livekit

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/waymeet/waymeet/internal/secret"
	"github.com/waymeet/waymeet/session/media"
	"github.com/waymeet/waymeet/session/media/mediatest"
)

const (
	keyID  = "APIwaymeet"
	key    = "hush-hush-hush-hush-hush-hush-hush-2026"
	oldKey = "hush-hush-hush-hush-hush-hush-hush-2025"
)

// fake is LiveKit's server as it answers: shapes taken from livekit-server 1.13.5 (real_test.go holds it to that).
type fake struct {
	*httptest.Server
	mu     sync.Mutex
	rooms  map[string]map[string]*person
	broken mediatest.How
	events int
}

type person struct {
	grant      grant
	restricted bool
	heardBy    []string
	since      int64
}

func serve(t *testing.T) *fake {
	f := &fake{rooms: map[string]map[string]*person{}}
	f.Server = httptest.NewServer(f)
	t.Cleanup(func() { f.CloseClientConnections(); f.Close() })
	return f
}

func twirp(w http.ResponseWriter, status int, code, msg string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"code": code, "msg": msg})
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	f.mu.Lock()
	how := f.broken
	f.broken = ""
	f.mu.Unlock()
	if how == mediatest.Hang {
		<-r.Context().Done()
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if err != nil {
		return
	}
	switch how {
	case mediatest.Fail:
		twirp(w, 503, "unavailable", "no response from servers")
		return
	case mediatest.TooMany:
		twirp(w, 429, "resource_exhausted", "too many")
		return
	case mediatest.Drop:
		panic(http.ErrAbortHandler)
	case mediatest.Babble:
		_, _ = w.Write([]byte("<html>"))
		return
	}
	c, err := parse(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "), time.Now())
	if err != nil {
		twirp(w, 401, "unauthenticated", "invalid API key")
		return
	}
	var in struct {
		Name, Room, Identity string
		EmptyTimeout         int `json:"empty_timeout"`
		MaxParticipants      int `json:"max_participants"`
		Permission           *struct {
			CanSubscribe      bool     `json:"can_subscribe"`
			CanPublish        bool     `json:"can_publish"`
			CanPublishData    bool     `json:"can_publish_data"`
			CanPublishSources []string `json:"can_publish_sources"`
			Hidden            bool     `json:"hidden"`
		}
	}
	if err := json.Unmarshal(body, &in); err != nil || r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json" {
		twirp(w, 400, "malformed", "the json request could not be decoded")
		return
	}
	method := strings.TrimPrefix(r.URL.Path, "/twirp/livekit.RoomService/")
	creates := method == "CreateRoom" || method == "DeleteRoom"
	if creates != c.Video.RoomCreate || !creates && (!c.Video.RoomAdmin || c.Video.Room != in.Room) {
		twirp(w, 403, "permission_denied", "permissions denied")
		return
	}
	room, open := f.rooms[in.Room]
	p := room[in.Identity]
	out := map[string]any{}
	switch method {
	case "CreateRoom":
		if in.EmptyTimeout <= 0 || in.MaxParticipants <= 0 {
			twirp(w, 400, "invalid_argument", "timeouts")
			return
		}
		if f.rooms[in.Name] == nil {
			f.rooms[in.Name] = map[string]*person{}
		}
		out["name"] = in.Name
	case "DeleteRoom":
		if !open {
			twirp(w, 404, "not_found", "requested room does not exist")
			return
		}
		delete(f.rooms, in.Room)
	case "ListParticipants":
		list := []any{}
		for id, p := range room {
			list = append(list, map[string]any{"sid": "PA_" + id, "identity": id, "state": "ACTIVE", "joined_at": fmt.Sprint(p.since), "kind": "STANDARD"})
		}
		out["participants"] = list
	case "RemoveParticipant", "UpdateParticipant":
		if p == nil {
			twirp(w, 404, "not_found", "participant does not exist")
			return
		}
		if method == "RemoveParticipant" {
			delete(room, in.Identity)
			break
		}
		p.grant.CanSubscribe, p.grant.CanPublish, p.grant.CanPublishData = &in.Permission.CanSubscribe, &in.Permission.CanPublish, &in.Permission.CanPublishData
		p.grant.CanPublishSources, p.grant.Hidden = nil, in.Permission.Hidden
		for _, s := range in.Permission.CanPublishSources {
			p.grant.CanPublishSources = append(p.grant.CanPublishSources, strings.ToLower(s))
		}
	default:
		twirp(w, 404, "bad_route", "no handler for path")
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(out)
}

// parse is LiveKit's check of a token.
func parse(token string, at time.Time) (claims, error) {
	var c claims
	_, err := jwt.ParseWithClaims(token, &c, func(*jwt.Token) (any, error) { return []byte(key), nil },
		jwt.WithValidMethods([]string{"HS256"}), jwt.WithIssuer(keyID), jwt.WithExpirationRequired(), jwt.WithTimeFunc(func() time.Time { return at }))
	if err == nil && c.Video == nil {
		err = fmt.Errorf("no grant")
	}
	return c, err
}

// come is a browser at the server's door, which then does as its entry says.
func (f *fake) come(s media.Seat, e media.Entry, at time.Time) error {
	c, err := parse(e.Token.Reveal(), at)
	if err != nil {
		return err
	}
	if !c.Video.RoomJoin || c.Video.Room != s.Room || c.Subject != s.Participant || c.Name != s.Name || c.Video.RoomAdmin || c.Video.RoomCreate || *c.Video.CanPublishData || *c.Video.CanUpdateOwnMetadata {
		return fmt.Errorf("%+v", c.Video)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.rooms[s.Room] == nil {
		f.rooms[s.Room] = map[string]*person{}
	}
	f.rooms[s.Room][s.Participant] = &person{grant: *c.Video, restricted: e.Restricted, heardBy: e.HeardBy, since: at.Unix()}
	return nil
}

func (f *fake) at(room, participant string) *person {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.rooms[room][participant]
}

func (f *fake) open(t *testing.T, c media.Credentials) media.Provider {
	t.Helper()
	c.Kind, c.URL = media.LiveKit, strings.Replace(f.URL, "http", "ws", 1)
	p, err := New(0).Open(c)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func sign(with string, at time.Time, body []byte) media.Delivery {
	sum := sha256.Sum256(body)
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims{
		RegisteredClaims: jwt.RegisteredClaims{Issuer: keyID, NotBefore: jwt.NewNumericDate(at), ExpiresAt: jwt.NewNumericDate(at.Add(lasting))},
		Sha256:           base64.StdEncoding.EncodeToString(sum[:])}).SignedString([]byte(with))
	if err != nil {
		panic(err)
	}
	return media.Delivery{Body: body, At: at, Header: http.Header{"Authorization": {token}, "Content-Type": {"application/webhook+json"}}}
}

func TestConformance(t *testing.T) {
	t.Parallel()
	mediatest.Run(t, func(t *testing.T) mediatest.Rig {
		f := serve(t)
		now := media.Credentials{KeyID: keyID, Key: secret.Hide(key)}
		both := now
		both.WebhookSecrets = []secret.Text{secret.Hide(oldKey)}
		return mediatest.Rig{
			Provider: f.open(t, both), Secrets: []string{key, oldKey},
			Join:  func(_ *testing.T, s media.Seat, e media.Entry) error { return f.come(s, e, time.Now()) },
			Leave: func(_ *testing.T, room, who string) { f.mu.Lock(); defer f.mu.Unlock(); delete(f.rooms[room], who) },
			Reuse: func(_ *testing.T, s media.Seat, e media.Entry, late bool) error {
				if late {
					return f.come(s, e, e.Until.Add(time.Second))
				}
				return f.come(s, e, time.Now())
			},
			Sends: func(_ *testing.T, room, who string) (out []media.Track) {
				p := f.at(room, who)
				for _, track := range media.Tracks {
					if *p.grant.CanPublish && slices.Contains(p.grant.CanPublishSources, sourceOf[track]) {
						out = append(out, track)
					}
				}
				return out
			},
			Hears: func(_ *testing.T, room, listener, speaker string) bool {
				l, s := f.at(room, listener), f.at(room, speaker)
				return *l.grant.CanSubscribe && *s.grant.CanPublish && (!s.restricted || slices.Contains(s.heardBy, listener))
			},
			Sees:  func(_ *testing.T, room, _, other string) bool { return !f.at(room, other).grant.Hidden },
			Break: func(_ *testing.T, how mediatest.How) { f.mu.Lock(); defer f.mu.Unlock(); f.broken = how },
			Event: func(*testing.T) []byte {
				f.mu.Lock()
				defer f.mu.Unlock()
				f.events++
				return fmt.Appendf(nil, `{"event":"participant_joined","room":{"sid":"RM_1","name":"session-1","emptyTimeout":300,"creationTime":"1732350000","numParticipants":1},`+
					`"participant":{"sid":"PA_1","identity":"client-1","state":"ACTIVE","joinedAt":"1732350001","kind":"STANDARD"},"id":"EV_%d","createdAt":"1732350002"}`, f.events)
			},
			Sign: func(n int, at time.Time, body []byte) media.Delivery {
				return sign(map[int]string{-1: "a stranger's secret, of 32 characters", 0: oldKey, 1: key}[n], at, body)
			},
			Rotated: func(t *testing.T) media.Provider { return f.open(t, now) },
			WrongKey: func(t *testing.T) media.Provider {
				return f.open(t, media.Credentials{KeyID: keyID, Key: secret.Hide("not the key, though it is long enough")})
			},
		}
	})
}

// Signatures that are none of LiveKit's.
func TestWebhookTokensThatAreNone(t *testing.T) {
	t.Parallel()
	p := serve(t).open(t, media.Credentials{KeyID: keyID, Key: secret.Hide(key)})
	body, now := []byte(`{"id":"EV_1","event":"room_started","room":{"name":"r"}}`), time.Now()
	sum := sha256.Sum256(body)
	hash := base64.StdEncoding.EncodeToString(sum[:])
	make := func(method jwt.SigningMethod, with any, c claims) media.Delivery {
		token, err := jwt.NewWithClaims(method, c).SignedString(with)
		if err != nil {
			t.Fatal(err)
		}
		return media.Delivery{Body: body, At: now, Header: http.Header{"Authorization": {token}}}
	}
	valid := jwt.RegisteredClaims{Issuer: keyID, NotBefore: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(lasting))}
	foreign := valid
	foreign.Issuer = "APIsomebody"
	if e, err := p.ReadWebhook(make(jwt.SigningMethodHS256, []byte(key), claims{RegisteredClaims: valid, Sha256: hash})); err != nil || e.News != media.Started || e.Room != "r" {
		t.Fatal(e, err)
	}
	for name, d := range map[string]media.Delivery{
		"alg none":              make(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, claims{RegisteredClaims: valid, Sha256: hash}),
		"another algorithm":     make(jwt.SigningMethodHS512, []byte(key), claims{RegisteredClaims: valid, Sha256: hash}),
		"another key's name":    make(jwt.SigningMethodHS256, []byte(key), claims{RegisteredClaims: foreign, Sha256: hash}),
		"no hash":               make(jwt.SigningMethodHS256, []byte(key), claims{RegisteredClaims: valid}),
		"another body's hash":   make(jwt.SigningMethodHS256, []byte(key), claims{RegisteredClaims: valid, Sha256: "AAAA"}),
		"no time":               make(jwt.SigningMethodHS256, []byte(key), claims{RegisteredClaims: jwt.RegisteredClaims{Issuer: keyID}, Sha256: hash}),
		"a participant's token": make(jwt.SigningMethodHS256, []byte(key), claims{RegisteredClaims: valid, Video: &grant{RoomJoin: true}}),
		"no token":              {Body: body, At: now, Header: http.Header{"Authorization": {"Bearer x.y.z"}}},
	} {
		if e, err := p.ReadWebhook(d); err == nil {
			t.Errorf("%s: %+v", name, e)
		}
	}
}

func TestAddressesThatAreNone(t *testing.T) {
	t.Parallel()
	good := media.Credentials{Kind: media.LiveKit, URL: "wss://media.example", KeyID: keyID, Key: secret.Hide(key)}
	if _, err := New(0).Open(good); err != nil {
		t.Fatal(err)
	}
	for _, url := range []string{"", "media.example", "ws://media.example", "https://media.example", "wss://user:pw@media.example", "wss://media.example?x=1", "file:///etc/passwd", "ws://10.0.0.1"} {
		c := good
		c.URL = url
		if _, err := New(0).Open(c); err == nil {
			t.Error(url)
		}
	}
	short := good
	short.Key = secret.Hide("short")
	if _, err := New(0).Open(short); err == nil {
		t.Error("a short secret")
	}
}
