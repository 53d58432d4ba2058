package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/waymeet/waymeet/realtime/client"
)

// isRung signs in as the expert whose login is printed: somebody rings, and who takes it has a client who is there, writes, and pays.
func isRung(t *testing.T, r ready) {
	t.Helper()
	token, _ := signIn(t, r, "majlis", "expert")
	ctx, stop := context.WithTimeout(t.Context(), 3*time.Minute)
	defer stop()
	line := client.New(client.Config{URL: "ws" + strings.TrimPrefix(r.Nodes[1], "http") + "/v1/realtime", Token: func(context.Context) (string, error) { return token, nil }})
	go func() { _ = line.Run(ctx) }()
	mine := line.Subscribe("me")
	order(t, r.Nodes[0], token, "/v1/me/practice/intent", map[string]string{"intent": "available"})
	var offer string
	began := time.Now()
	if err := mine.Wait(ctx, func(held *client.Replica, _ client.Status) bool {
		for e := range held.All() {
			if id, is := strings.CutPrefix(e, "offer/"); is {
				offer = id
			}
		}
		return offer != ""
	}); err != nil {
		t.Fatalf("nobody rings: %v", err)
	}
	t.Logf("rung after %v", time.Since(began))
	order(t, r.Nodes[0], token, "/v1/offers/"+offer+"/accept", nil)
	session := "/v1/sessions/" + offer
	var joined struct{ Epoch int64 }
	for ctx.Err() == nil { // the conversation is opened behind the accept
		status, body := asking(t, r.Nodes[0], token, session+"/join", nil)
		if status == http.StatusOK {
			if err := json.Unmarshal(body, &joined); err != nil {
				t.Fatal(err)
			}
			break
		}
		time.Sleep(200 * time.Millisecond) // as a page would
	}
	room := line.Subscribe("session:" + offer)
	beats := time.NewTicker(time.Second)
	defer beats.Stop()
	for {
		var now struct {
			State string
			Meter struct {
				Billed int64 `json:"billed_s"`
			}
		}
		wrote := false
		room.Look(func(held *client.Replica, _ client.Status) {
			for e, d := range held.All() {
				if strings.HasPrefix(e, "session/") {
					_ = json.Unmarshal(d.JSON, &now)
				}
				wrote = wrote || strings.HasPrefix(e, "message/")
			}
		})
		if now.State == "live" && wrote {
			break
		}
		select {
		case <-beats.C:
			_, err := line.Call(ctx, "sessions.beat", "", map[string]any{"path": map[string]string{"id": offer}, "body": map[string]any{"epoch": joined.Epoch, "media": true}})
			if err != nil {
				t.Fatalf("%v (%+v)", err, now)
			}
		case <-ctx.Done():
			t.Fatalf("the client of the crowd does not talk: %+v, wrote %t", now, wrote)
		}
	}
	order(t, r.Nodes[0], token, session+"/end", nil)
	order(t, r.Nodes[0], token, session+"/done", nil)
	order(t, r.Nodes[0], token, "/v1/me/practice/intent", map[string]string{"intent": "off"})
}

func order(t *testing.T, node, token, path string, in any) {
	t.Helper()
	if status, body := asking(t, node, token, path, in); status >= 300 {
		t.Fatalf("%s: %d %s", path, status, body)
	}
}

func asking(t *testing.T, node, token, path string, in any) (status int, answer []byte) {
	t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	if in == nil {
		body = nil
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, node+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Idempotency-Key", fmt.Sprint("demo-test-", time.Now().UnixNano()))
	if in != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err = io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, answer
}
