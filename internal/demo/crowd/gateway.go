package crowd

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/coder/websocket"
	"golang.org/x/sync/errgroup"
)

// gateway is a tracking service's socket: it speaks for several vehicles, whoever drives them. It opens when there is something to say and stays open; what could not be
// said while it was away is not said later, a position is only good when it is new.
type gateway struct {
	box    *person // whom it signs in as
	driver *person // who lets people on those vehicles
	out    chan signal
}

type signal struct {
	ID     int64    `json:"id"`
	Signal string   `json:"signal"`
	Sig    string   `json:"sig"`
	Key    string   `json:"key"`
	D      position `json:"d"`
}

type position struct {
	Lat     float64 `json:"lat"`
	Lon     float64 `json:"lon"`
	Bearing float64 `json:"bearing"`
	Speed   float64 `json:"speed"`
	Vehicle string  `json:"vehicle,omitempty"`
}

func (g *gateway) run(ctx context.Context) {
	wait := time.Second
	for {
		select {
		case <-g.out:
		case <-ctx.Done():
			return
		}
		opened := time.Now()
		err := g.talk(ctx)
		if ctx.Err() != nil {
			return
		}
		g.box.city.log.DebugContext(ctx, "a gateway's socket closed", "cause", err)
		if time.Since(opened) > time.Minute {
			wait = time.Second
		}
		g.box.elsewhere()
		if !pause(ctx, about(wait)) {
			return
		}
		wait = min(2*wait, time.Minute)
		for len(g.out) > 0 {
			<-g.out
		}
	}
}

// talk opens the socket and says what comes until it closes.
func (g *gateway) talk(ctx context.Context) error {
	token, err := g.box.token(ctx)
	if err != nil {
		return err
	}
	dialing, stop := context.WithTimeout(ctx, 15*time.Second)
	defer stop()
	conn, _, err := websocket.Dial(dialing, "ws"+strings.TrimPrefix(g.box.base(), "http")+"/v1/realtime", &websocket.DialOptions{
		HTTPClient: &http.Client{Transport: g.box.city.http.Transport}, // no overall timeout: it lives for hours
		HTTPHeader: http.Header{"Authorization": {"Bearer " + token}}, Subprotocols: []string{"waymeet.v1"}})
	if err != nil {
		g.box.forget()
		return fmt.Errorf("open a socket: %w", err)
	}
	defer conn.CloseNow()
	conn.SetReadLimit(1 << 20)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return g.listen(ctx, conn) })
	group.Go(func() error { return g.speak(ctx, conn, token) })
	err = group.Wait()
	_ = conn.Close(websocket.StatusNormalClosure, "")
	return err
}

// listen reads, because answers and pings come that way.
func (g *gateway) listen(ctx context.Context, conn *websocket.Conn) error {
	for {
		_, text, err := conn.Read(ctx)
		if err != nil {
			return err
		}
		for line := range strings.SplitSeq(string(text), "\n") {
			var frame struct {
				Err *struct{ Code, Message string } `json:"err"`
				Bye json.RawMessage                 `json:"bye"`
			}
			if json.Unmarshal([]byte(line), &frame) != nil {
				continue
			}
			if frame.Err != nil {
				g.box.city.log.DebugContext(ctx, "a signal was refused", "code", frame.Err.Code)
				if frame.Err.Code == "rate_limited" {
					g.box.city.mood.trouble(time.Now())
				}
			}
			if frame.Bye != nil {
				return fmt.Errorf("the node is leaving")
			}
		}
	}
}

func (g *gateway) speak(ctx context.Context, conn *websocket.Conn, token string) error {
	for id := int64(1); ; id++ {
		var s signal
		select {
		case s = <-g.out:
		case <-ctx.Done():
			return ctx.Err()
		}
		now, err := g.box.token(ctx)
		if err != nil {
			return err
		}
		if now != token {
			token = now
			if err := say(ctx, conn, map[string]any{"id": id, "auth": token}); err != nil {
				return err
			}
			id++
		}
		s.ID = id
		if err := say(ctx, conn, s); err != nil {
			return err
		}
	}
}

func say(ctx context.Context, conn *websocket.Conn, frame any) error {
	text, err := json.Marshal(frame)
	if err != nil {
		return err
	}
	ctx, stop := context.WithTimeout(ctx, 10*time.Second)
	defer stop()
	return conn.Write(ctx, websocket.MessageText, text)
}
