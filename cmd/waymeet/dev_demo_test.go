package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"testing"
	"time"
)

// The demo's people use the public API of a whole stack: within a few minutes of any hour of the day somebody has booked,
// somebody was let aboard, and the board says so, on the node that the dispatcher happens to ask. Whoever signs in as the printed
// expert is rung, and has somebody to talk to.
func TestTheDemoIsAlive(t *testing.T) {
	t.Parallel()
	dir := open(t)
	p := start(t, "dev", "--dir", dir, "--listen", "127.0.0.1:0", "--nodes", "2", "--json")
	var r ready
	p.line(t, &r)
	token, today := signIn(t, r, "atlas", "dispatcher")

	first := boards(t, r.Nodes[1], token, today)
	if first.trips == 0 {
		t.Fatal("no trips on today's board")
	}
	var booked, boarded bool
	for late := time.Now().Add(4 * time.Minute); !booked || !boarded; time.Sleep(500 * time.Millisecond) { // as a dispatcher without a socket would
		if time.Now().After(late) {
			t.Fatalf("nothing happens in the demo: booked %t, boarded %t: %s", booked, boarded, p.err)
		}
		now := boards(t, r.Nodes[0], token, today)
		booked, boarded = booked || now.taken > first.taken, boarded || now.boarded > first.boarded
	}
	isRung(t, r)
	_ = p.in.Close()
	if err := p.Wait(); err != nil {
		t.Errorf("%v: %s", err, p.err)
	}
	gone(t, dir)
}

// signIn is one of the demo's logins, at work; today is the tenant's.
func signIn(t *testing.T, r ready, slug, role string) (token, today string) {
	t.Helper()
	for _, l := range r.Logins {
		if l.Tenant != slug || l.Role != role {
			continue
		}
		body, err := json.Marshal(map[string]string{"tenant": l.Tenant, "email": l.Email, "password": l.Password})
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.Post(r.Nodes[0]+"/v1/auth/sign-in", "application/json", bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		var got struct {
			AccessToken string `json:"access_token"`
			User        struct{ Tenant struct{ Today string } }
		}
		if err := json.NewDecoder(res.Body).Decode(&got); err != nil || got.AccessToken == "" || got.User.Tenant.Today == "" {
			t.Fatalf("sign in: %d %+v %v", res.StatusCode, got, err)
		}
		return got.AccessToken, got.User.Tenant.Today
	}
	t.Fatalf("the demo has no %s of %s", role, slug)
	return "", ""
}

// boardSums is what a day's board adds up to.
type boardSums struct{ trips, taken, boarded int }

// boards sums today's board with its neighbours': around midnight the people of the demo travel on the day before, and book
// for the next.
func boards(t *testing.T, node, token, today string) (sums boardSums) {
	t.Helper()
	day, err := time.Parse(time.DateOnly, today)
	if err != nil {
		t.Fatal(err)
	}
	for _, off := range []int{-1, 0, 1} {
		one := board(t, node, token, day.AddDate(0, 0, off).Format(time.DateOnly))
		sums.trips += one.trips
		sums.taken += one.taken
		sums.boarded += one.boarded
	}
	return sums
}

func board(t *testing.T, node, token, date string) (sums boardSums) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, node+"/v1/realtime/sets/board:"+date, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%d %s %v", res.StatusCode, body, err)
	}
	var got struct {
		Set map[string]struct {
			D struct{ Held, Booked, Boarded int }
		}
	}
	if err := json.Unmarshal(body, &got); err != nil {
		t.Fatal(err)
	}
	for _, trip := range got.Set {
		sums.trips++
		sums.taken += trip.D.Held + trip.D.Booked
		sums.boarded += trip.D.Boarded
	}
	return sums
}
