package event

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
)

// Session is what a conversation's document is made from: its row, and who takes part.
type Session struct {
	ID, Request, Client, Expert uuid.UUID
	Modality, Provider          string
	RelayOnly                   bool // its parties never learn each other's addresses
	State, Reason               string
	Generation                  int
	Price                       Money // of a minute
	Billed, Funded, Free        int64 // seconds; billed as it was when the document last changed
	RunningSince                time.Time
	Warned                      bool
	Charged, Cost               *int64 // once it has ended
	Parties                     []SessionParty
	CreatedAt, EndedAt          time.Time
	Version                     int64
	Queue                       uuid.UUID // its request's, when it opened
	Transfer                    *SessionTransfer
	Second                      *SessionSecond
}

// SessionTransfer is where the handover to another expert stands that was asked for last.
type SessionTransfer struct {
	ID      uuid.UUID `json:"id"` // its request's
	State   string    `json:"state"`
	Queue   uuid.UUID `json:"queue"`
	Session uuid.UUID `json:"session,omitzero"` // that follows, once somebody has taken it
	Reason  string    `json:"reason,omitempty"` // why it is off
}

// SessionSecond is where it stands with the second expert who was asked for last.
type SessionSecond struct {
	ID     uuid.UUID `json:"id"` // its request's
	State  string    `json:"state"`
	Queue  uuid.UUID `json:"queue"`
	Reason string    `json:"reason,omitempty"` // why it is off, or over

	Who uuid.UUID `json:"-"` // had the part last: a participant while they have it
}

// sits says that somebody has the part.
func (h *SessionSecond) sits() bool { return h.State == "taken" || h.State == "here" }

// SessionParty is somebody who takes part.
type SessionParty struct {
	User   uuid.UUID
	Role   string
	Here   bool // said hello, and has not said goodbye
	Epoch  int64
	Name   string // as the others read it
	Unseen bool   // listens, and the others are not told
}

// Talks says that it is one of the two whose conversation it is, or the expert beside them. All others supervise it.
func (p SessionParty) Talks() bool {
	return p.Role == "client" || p.Role == "expert" || p.Role == "second"
}

// rank decides who gives way when two offer at once: it stays while somebody listens, whispers and speaks.
func (p SessionParty) rank() int {
	switch p.Role {
	case "client":
		return 0
	case "expert":
		return 2
	}
	return 1
}

// Sides is who takes part: those who talk, and whoever supervises them.
func (s *Session) Sides() (talk, watch []uuid.UUID) {
	for _, p := range s.Parties {
		if p.Talks() {
			talk = append(talk, p.User)
		} else {
			watch = append(watch, p.User)
		}
	}
	return talk, watch
}

// Ordered is who takes part, in the order in which they give way to each other.
func (s *Session) Ordered() []SessionParty {
	return slices.SortedFunc(slices.Values(s.Parties), func(a, b SessionParty) int {
		return cmp.Or(cmp.Compare(a.rank(), b.rank()), bytes.Compare(a.User[:], b.User[:]))
	})
}

type sessionDoc struct {
	Request      uuid.UUID                 `json:"request"`
	Queue        uuid.UUID                 `json:"queue"`
	State        string                    `json:"state"`
	Reason       string                    `json:"reason,omitempty"`
	Modality     string                    `json:"modality"`
	Provider     string                    `json:"provider"`
	Generation   int                       `json:"generation"`
	RelayOnly    bool                      `json:"relay_only,omitempty"`
	Polite       uuid.UUID                 `json:"polite"` // who gives way when both offer at once
	Rate         Money                     `json:"rate"`
	Meter        sessionMeter              `json:"meter"`
	Participants map[uuid.UUID]participant `json:"participants"`
	Receipt      *sessionReceipt           `json:"receipt,omitempty"`
	Transfer     *SessionTransfer          `json:"transfer,omitempty"`
	Second       *SessionSecond            `json:"second,omitempty"`
	CreatedAt    time.Time                 `json:"created_at"`
	EndedAt      *time.Time                `json:"ended_at,omitempty"`
}

type sessionMeter struct {
	Billed       int64      `json:"billed_s"`
	RunningSince *time.Time `json:"running_since,omitempty"`
	Funded       int64      `json:"funded_s"`
	Free         int64      `json:"free_s"`
	Warned       bool       `json:"warned"`
}

type participant struct {
	Role  string `json:"role"`
	Here  bool   `json:"here"`
	Name  string `json:"name,omitempty"`
	Epoch int64  `json:"epoch"` // of the newest connection
	Order int    `json:"order"` // of two who offer at once the lesser gives way
}

type sessionReceipt struct {
	Charged int64 `json:"charged_s"`
	Cost    Money `json:"cost"`
}

// Entity is the session's name on the wire.
func (s *Session) Entity() string { return "session/" + s.ID.String() }

// Doc is the conversation as those who take part in it see it.
func (s *Session) Doc() json.RawMessage {
	d := sessionDoc{Request: s.Request, Queue: s.Queue, State: s.State, Reason: s.Reason, Modality: s.Modality, Provider: s.Provider, Generation: s.Generation, RelayOnly: s.RelayOnly, Polite: s.Client, Rate: s.Price,
		Meter:        sessionMeter{s.Billed, instant(s.RunningSince), s.Funded, s.Free, s.Warned},
		Participants: make(map[uuid.UUID]participant, len(s.Parties)), CreatedAt: s.CreatedAt.UTC(), EndedAt: instant(s.EndedAt), Transfer: s.Transfer, Second: s.Second}
	for i, p := range s.Ordered() {
		if !p.Unseen {
			d.Participants[p.User] = participant{p.Role, p.Here, p.Name, p.Epoch, i}
		}
	}
	if s.Charged != nil && s.Cost != nil {
		d.Receipt = &sessionReceipt{*s.Charged, Money{*s.Cost, s.Price.Currency}}
	}
	return must(d)
}

func sessionChannel(id uuid.UUID) string { return "session:" + id.String() }

type talkDoc struct {
	Request   uuid.UUID `json:"request"`
	State     string    `json:"state"`
	Modality  string    `json:"modality"`
	Client    uuid.UUID `json:"client"`
	Expert    uuid.UUID `json:"expert"`
	CreatedAt time.Time `json:"created_at"`
}

// Talk is the conversation as me shows it to those who talk in it: enough to find the way back.
func (s *Session) Talk() json.RawMessage {
	return must(talkDoc{s.Request, s.State, s.Modality, s.Client, s.Expert, s.CreatedAt.UTC()})
}

type boardTalkDoc struct {
	Queue        uuid.UUID  `json:"queue"`
	Client       uuid.UUID  `json:"client"`
	ClientName   string     `json:"client_name,omitempty"`
	Expert       uuid.UUID  `json:"expert"`
	ExpertName   string     `json:"expert_name,omitempty"`
	State        string     `json:"state"`
	Modality     string     `json:"modality"`
	Rate         Money      `json:"rate"`
	Billed       int64      `json:"billed_s"`
	RunningSince *time.Time `json:"running_since,omitempty"`
	Here         int        `json:"here"` // of the two
	CreatedAt    time.Time  `json:"created_at"`
}

// Supervised is the conversation as whoever runs its queue sees it.
func (s *Session) Supervised() json.RawMessage {
	d := boardTalkDoc{Queue: s.Queue, Client: s.Client, Expert: s.Expert, State: s.State, Modality: s.Modality, Rate: s.Price, Billed: s.Billed, RunningSince: instant(s.RunningSince), CreatedAt: s.CreatedAt.UTC()}
	for _, p := range s.Parties {
		switch p.Role {
		case "client":
			d.ClientName = p.Name
		case "expert":
			d.ExpertName = p.Name
		default:
			continue
		}
		if p.Here {
			d.Here++
		}
	}
	return must(d)
}

// Runs says that it is not over: talked in, or wrapped up.
func (s *Session) Runs() bool {
	switch s.State {
	case "completed", "connect_failed", "no_show", "cancelled":
		return false
	}
	return true
}

// Change is the conversation as it stands.
func (s *Session) Change() Change {
	c := Change{Entity: s.Entity(), Version: s.Version, Docs: map[Projection]json.RawMessage{OnSession: s.Doc(), OnTalk: s.Talk(), OnQueues: s.Supervised()}, Channels: []string{sessionChannel(s.ID)}}
	if whose := []string{"me:" + s.Client.String(), "me:" + s.Expert.String(), QueuesChannel}; s.Runs() {
		c.Channels = append(c.Channels, whose...)
	} else {
		c.Left = whose
	}
	if h := s.Second; h != nil && h.Who != uuid.Nil {
		if me := "me:" + h.Who.String(); h.sits() && s.Runs() {
			c.Channels = append(c.Channels, me)
		} else {
			c.Left = append(c.Left, me)
		}
	}
	return c
}

// Message is what somebody wrote in a conversation. It is never changed.
type Message struct {
	Session uuid.UUID `json:"session"`
	N       int       `json:"n"`
	By      uuid.UUID `json:"by"`
	Body    string    `json:"body"` // of a file its name
	At      time.Time `json:"at"`

	File *MessageFile `json:"file,omitempty"`
}

// MessageFile is what is shown of a file.
type MessageFile struct {
	Kind string `json:"kind"`
	Size int64  `json:"size"`
}

// Entity is the message's name on the wire.
func (m *Message) Entity() string { return fmt.Sprintf("message/%s-%d", m.Session, m.N) }

// Doc is the message as those who take part see it.
func (m *Message) Doc() json.RawMessage {
	d := *m
	d.At = d.At.UTC()
	return must(d)
}

// Change is its one version.
func (m *Message) Change() Change {
	return Change{Entity: m.Entity(), Version: 1, Docs: map[Projection]json.RawMessage{OnSession: m.Doc()}, Channels: []string{sessionChannel(m.Session)}}
}
