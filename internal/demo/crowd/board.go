package crowd

import (
	"context"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"
)

// notice is a trip on the board.
type notice struct {
	ID        uuid.UUID `json:"-"`
	Line      uuid.UUID `json:"line"`
	Pattern   uuid.UUID `json:"pattern"`
	Date      string    `json:"date"`
	Dep       string    `json:"dep"`
	DepartsAt time.Time `json:"departs_at"`
	Status    string    `json:"status"`
	Capacity  int       `json:"capacity"`
	Load      []int     `json:"load"`
	Boarded   int       `json:"boarded"`
	DelayS    int       `json:"delay_s"`
	Vehicle   string    `json:"vehicle"`
}

func (n notice) leaves() time.Time {
	return n.DepartsAt.Add(time.Duration(n.DelayS) * time.Second)
}

func (n notice) over() bool { return n.Status == "completed" || n.Status == "cancelled" }

// fullness is the load of the fullest leg, 1 when not a seat is left there.
func (n notice) fullness() float64 {
	most := 0
	for _, l := range n.Load {
		most = max(most, l)
	}
	if n.Capacity == 0 {
		return 1
	}
	return float64(most) / float64(n.Capacity)
}

const (
	lookBack  = 100 * time.Minute // the longest way there is, and a delay
	lookAhead = 100 * time.Minute
)

// readBoard reads what departs around now. Around midnight that is on two service dates.
func (c *city) readBoard(ctx context.Context, now time.Time) (map[uuid.UUID]notice, error) {
	if _, err := c.dispatcher.token(ctx); err != nil { // tells the time zone, too
		return nil, err
	}
	board := map[uuid.UUID]notice{}
	first, last := c.local(now.Add(-lookBack)), c.local(now.Add(lookAhead))
	for day := first; ; day = day.AddDate(0, 0, 1) {
		if day.Format(time.DateOnly) > last.Format(time.DateOnly) {
			return board, nil
		}
		window := url.Values{}
		if sameDay(day, first) {
			window.Set("from", first.Format("15:04"))
		}
		if sameDay(day, last) {
			window.Set("to", last.Format("15:04"))
		}
		if err := c.readDay(ctx, "board:"+day.Format(time.DateOnly), window, board); err != nil {
			return nil, err
		}
	}
}

func sameDay(a, b time.Time) bool { return a.Format(time.DateOnly) == b.Format(time.DateOnly) }

func (c *city) readDay(ctx context.Context, channel string, window url.Values, into map[uuid.UUID]notice) error {
	path := "/v1/realtime/sets/" + channel
	if len(window) > 0 {
		path += "?" + window.Encode()
	}
	var answer struct {
		Set map[string]struct {
			D notice `json:"d"`
		} `json:"set"`
	}
	if err := c.dispatcher.get(ctx, path, &answer); err != nil {
		return err
	}
	for entity, at := range answer.Set {
		id, err := uuid.Parse(strings.TrimPrefix(entity, "trip/"))
		if err != nil {
			continue // something else may hang on a board one day
		}
		at.D.ID = id
		into[id] = at.D
	}
	return nil
}
