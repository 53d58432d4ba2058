package faults

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/identity"
	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/internal/devstack"
	"github.com/waymeet/waymeet/internal/devstack/devtest"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/internal/seal"
	"github.com/waymeet/waymeet/realtime"
	"github.com/waymeet/waymeet/store/storetest"
)

// world is one operator, its service day, and everything that serves it.
type world struct {
	*storetest.DB
	redis *devstack.Redis
	nodes []*server
	lines []storetest.Day // one line each, all on one date
	trips []trip
	users []user
	rides []uuid.UUID // bookings that were there before

	patience time.Duration // of a caller, with an answer that does not come
}

type trip struct {
	id  uuid.UUID
	day *storetest.Day
}

// user is somebody who may ask; role names what for.
type user struct {
	id    uuid.UUID
	role  string
	token string
}

var secret = base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, 32))

// unpaced lets one machine's crowd through: it shares a few users, and one address.
const unpaced = `{"booking":{"board_ahead_s":2678400},"live":{"requests_per_s":100000,"burst":200000,"connections":20000,
	"all_connections":100000,"all_subscriptions":1000000,"all_requests_per_s":1000000,"all_bytes_per_s":1000000000}}`

// newWorld makes lines of trips, an hour apart from 06:00 on, and starts the nodes.
func newWorld(t *testing.T, nodes, lines, tripsEach int) *world {
	t.Helper()
	w := &world{DB: storetest.New(t), redis: devtest.OwnRedis(t), patience: 3 * time.Second}
	w.Brief = true
	w.Exec(t, `update tenant set settings = $2 where id = $1`, w.A.ID.UUID(), unpaced)
	date := servicedate.On(time.Now(), time.UTC).AddDays(3)
	for range lines {
		w.lines = append(w.lines, w.Day(t, w.A, date, tripsEach))
	}
	for i := range w.lines {
		for _, id := range w.lines[i].Trips {
			w.trips = append(w.trips, trip{id, &w.lines[i]})
		}
	}
	box, err := seal.Parse(secret)
	if err != nil {
		t.Fatal(err)
	}
	people := identity.New(identity.Config{DB: w.DB.DB, Box: box, Logger: slog.New(slog.DiscardHandler)})
	for i := range 16 {
		role := "rider"
		if i%2 == 1 {
			role = "dispatcher"
		}
		u, err := people.CreateUser(t.Context(), w.A.ID, identity.NewUser{Email: fmt.Sprintf("%s%d@crowd.example", role, i), Name: role, Roles: []string{role}}, idem.Claim{})
		if err != nil {
			t.Fatal(err)
		}
		token, err := people.OpenSession(t.Context(), w.A.ID, u.ID)
		if err != nil {
			t.Fatal(err)
		}
		w.users = append(w.users, user{u.ID, role, token})
	}
	for i := range 16 {
		at := w.trips[i%len(w.trips)]
		w.rides = append(w.rides, w.Booking(t, *at.day, at.id, w.users[i&^1].id))
	}
	for i := range nodes {
		w.nodes = append(w.nodes, w.server(t, i+1))
	}
	for _, n := range w.nodes {
		if err := n.answers("/readyz", 200); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

func (w *world) addresses() (out []string) {
	for _, n := range w.nodes {
		out = append(out, n.addr)
	}
	return out
}

// actor is a user as a node would take it.
func (w *world) actor(id uuid.UUID) policy.Actor {
	for _, u := range w.users {
		if u.id == id {
			a := w.A.Actor(u.role)
			a.User, a.Session = id, ident.New()
			return a
		}
	}
	return policy.Actor{}
}

// truth is what PostgreSQL holds, as GET /v1/realtime/sets/CHANNEL answers it to that user.
func (w *world) truth(ctx context.Context, who uuid.UUID, channel string) (string, error) {
	body, err := realtime.ReadSet(policy.With(ctx, w.actor(who)), w.DB.DB, channel)
	return string(body), err
}

func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// tellRedis says one command past the links, and returns its answer.
func (w *world) tellRedis(words ...string) (string, error) {
	u, err := url.Parse(w.redis.URL())
	if err != nil {
		return "", err
	}
	c, err := net.DialTimeout("tcp", u.Host, time.Second)
	if err != nil {
		return "", err
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(5 * time.Second))
	password, _ := u.User.Password()
	var b strings.Builder
	for _, command := range [][]string{{"AUTH", password}, words} {
		fmt.Fprintf(&b, "*%d\r\n", len(command))
		for _, word := range command {
			fmt.Fprintf(&b, "$%d\r\n%s\r\n", len(word), word)
		}
	}
	if _, err := c.Write([]byte(b.String())); err != nil {
		return "", err
	}
	in := bufio.NewReader(c)
	if _, err := in.ReadString('\n'); err != nil {
		return "", err
	}
	line, err := in.ReadString('\n')
	line = strings.TrimSpace(line)
	switch {
	case err != nil:
		return "", err
	case strings.HasPrefix(line, "-"):
		return "", fmt.Errorf("redis: %s", line)
	case strings.HasPrefix(line, "$"):
		n, err := strconv.Atoi(line[1:])
		if err != nil || n < 0 {
			return "", err
		}
		text := make([]byte, n)
		_, err = io.ReadFull(in, text)
		return string(text), err
	}
	return line, nil
}
