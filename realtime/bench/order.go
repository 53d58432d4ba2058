package bench

import "errors"

// ErrLinux says that this machine cannot run it.
var ErrLinux = errors.New("the generator and the floor need Linux (epoll, timerfd)")

// Order is one thing that a generator is told to do: exactly one of these is set.
type Order struct {
	Open    *Open    `json:"open,omitempty"`
	Join    *Join    `json:"join,omitempty"`
	Publish *Publish `json:"publish,omitempty"`
	Hold    *Hold    `json:"hold,omitempty"`
	Count   bool     `json:"count,omitempty"` // how many connections still stand
}

// Open opens connections and has each subscribe to one channel: the channels in turn.
type Open struct {
	Addr        string   `json:"addr"`
	Channels    []string `json:"channels"`
	Readers     []string `json:"readers"` // access tokens, in turn
	Connections int      `json:"connections"`
	Publishers  []string `json:"publishers"` // access tokens; a connection each, without a subscription
	Skip        int      `json:"skip"`       // so many channels at the beginning are nobody's yet
	AtOnce      int      `json:"at_once"`    // being opened at any time
}

// Join has the connections From to To (without To) subscribe to one more channel. From then on that is the one they check.
type Join struct {
	Channel int `json:"channel"`
	From    int `json:"from"`
	To      int `json:"to"`
	AtOnce  int `json:"at_once"`
}

// Publish sends signals on the first so many channels in turn: Rate a second, or with Rate 0 as many as keep Window publishes
// under way.
type Publish struct {
	Channels int     `json:"channels"`
	Rate     float64 `json:"rate"`
	Window   int     `json:"window"`
	Seconds  float64 `json:"seconds"`
}

// Hold takes seats on the channels' trips in turn by the HTTP API of the node at Addr, and awaits the patch of each.
type Hold struct {
	Addr    string   `json:"addr"`
	Stops   []string `json:"stops"` // of the trips' pattern, in order
	Callers int      `json:"callers"`
	Rate    float64  `json:"rate"`
	Seconds float64  `json:"seconds"`
}

// Answer is what came of an order.
type Answer struct {
	Error string `json:"error,omitempty"`

	Standing int    `json:"standing"`      // connections that are open and subscribed
	Ended    int    `json:"ended"`         // that the server ended, since the generator began
	Refused  int    `json:"refused"`       // upgrades that were told to come later, since then
	Why      string `json:"why,omitempty"` // what the server said first of what it ended or refused

	Published  uint64  `json:"published"`
	Delivered  uint64  `json:"delivered"`
	Lost       int64   `json:"lost"`
	Repeated   uint64  `json:"repeated"`   // or of a channel that was not asked for
	Disordered uint64  `json:"disordered"` // delivered, behind a later one
	Failed     uint64  `json:"failed"`     // signals and holds that were refused
	Seconds    float64 `json:"seconds"`    // from the first due to the last delivery
	Late       bool    `json:"late"`       // the generator could not keep its own schedule
	P50MS      float64 `json:"p50_ms"`
	P99MS      float64 `json:"p99_ms"`
	MaxMS      float64 `json:"max_ms"`

	// Of holds: from the answer's arrival to the patch's; zero where the patch was first.
	AnsweredP50MS float64 `json:"answered_p50_ms"`
	AnsweredP99MS float64 `json:"answered_p99_ms"`
}

// FloorReady is what the floor says on its output once it can be used.
type FloorReady struct {
	Addr string `json:"addr"`
}
