package api

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/session"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/web/rest"
)

// Session is a conversation as those who take part in it see it.
type Session struct {
	ID           uuid.UUID      `json:"id" format:"uuid" example:"019ab1b0-8c40-7abc-8def-0123456789ab" doc:"The accepted offer's"`
	V            int64          `json:"v" example:"4" doc:"Grows by one with each change"`
	Request      uuid.UUID      `json:"request" format:"uuid"`
	State        string         `json:"state" enum:"connecting,live,reconnecting,interrupted,wrap_up,completed,connect_failed,no_show,cancelled" example:"live"`
	Reason       string         `json:"reason,omitempty" enum:"said,funds,lost,pauses,no_client,no_expert,no_media,called_off,transferred" doc:"Why it ended"`
	Modality     string         `json:"modality" enum:"audio,video,chat" example:"video"`
	Provider     string         `json:"provider" enum:"builtin,daily,livekit" example:"builtin"`
	Generation   int            `json:"generation" example:"2" doc:"Of the media: said with every signal about it"`
	Rate         Money          `json:"rate" doc:"Of a minute"`
	BilledS      int64          `json:"billed_s" example:"145" doc:"As of the last change; count on from running_since while it is there"`
	RunningSince *time.Time     `json:"running_since,omitempty"`
	FundedS      int64          `json:"funded_s" example:"600" doc:"What is set aside pays for so many seconds, the free ones not among them"`
	FreeS        int64          `json:"free_s" example:"0"`
	Warned       bool           `json:"warned" doc:"Less than a minute is left of what is funded"`
	ChargedS     *int64         `json:"charged_s,omitempty" doc:"Once it has ended: the seconds that are paid"`
	Cost         *Money         `json:"cost,omitempty" doc:"What they cost"`
	Participants []SessionParty `json:"participants"`

	Transfer *SessionTransfer `json:"transfer,omitempty" doc:"The handover to another expert that was asked for last"`
	Second   *SessionSecond   `json:"second,omitempty" doc:"The second expert beside the first who was asked for last; who it is is among the participants"`

	CreatedAt time.Time  `json:"created_at"`
	EndedAt   *time.Time `json:"ended_at,omitempty"`
}

// SessionTransfer is where a handover to another expert stands.
type SessionTransfer struct {
	ID      uuid.UUID  `json:"id" format:"uuid" doc:"Its request's: the client's own"`
	State   string     `json:"state" enum:"asked,taken,here,done,off" example:"asked" doc:"taken: an expert has; here: and is there, so the client may join session; done: the client has"`
	Queue   uuid.UUID  `json:"queue" format:"uuid"`
	Session *uuid.UUID `json:"session,omitempty" format:"uuid" doc:"That follows, once somebody has taken it"`
	Reason  string     `json:"reason,omitempty" example:"said" doc:"Why it is off: said, ended, funds, no_client, or a problem's code"`
}

// SessionSecond is where it stands with a second expert.
type SessionSecond struct {
	ID     uuid.UUID `json:"id" format:"uuid" doc:"Their request's"`
	State  string    `json:"state" enum:"asked,taken,here,done,off" example:"asked" doc:"taken: an expert has accepted; here: and has joined; done: they were there and have gone; off: nobody came"`
	Queue  uuid.UUID `json:"queue" format:"uuid"`
	Reason string    `json:"reason,omitempty" example:"said" doc:"Why it is off or done: said, ended, left, gone, no_show, declined, or a problem's code"`
}

// Colleague is an expert to whom a client can be handed now.
type Colleague struct {
	ID   uuid.UUID `json:"id" format:"uuid"`
	Name string    `json:"name" example:"Dr Layla Haddad"`
}

// Colleagues is whom a client can be handed to now.
type Colleagues struct {
	Items []Colleague `json:"items"`
}

type askTransfer struct {
	ID   uuid.UUID `path:"id" format:"uuid"`
	Body struct {
		Queue  uuid.UUID `json:"queue,omitempty" format:"uuid" doc:"Whoever of it can take it is rung; absent: the session's own"`
		Expert uuid.UUID `json:"expert,omitempty" format:"uuid" doc:"This one alone is rung: one of sessions.colleagues"`
		Note   string    `json:"note,omitempty" maxLength:"2000" example:"About the deposit; the contract is from 2024" doc:"For whoever is rung; the client can read it, too"`
	}
}

// SessionParty is somebody who takes part.
type SessionParty struct {
	User uuid.UUID `json:"user" format:"uuid"`
	Role string    `json:"role" enum:"client,expert,second,observer,whisperer,supervisor" example:"expert"`
	Here bool      `json:"here"`
	Name string    `json:"name,omitempty" example:"Dr Layla Haddad" doc:"As the others read it"`
}

// SessionItem is a conversation in a list.
type SessionItem struct {
	ID        uuid.UUID  `json:"id" format:"uuid"`
	State     string     `json:"state" example:"completed"`
	Client    uuid.UUID  `json:"client" format:"uuid"`
	Expert    uuid.UUID  `json:"expert" format:"uuid"`
	ChargedS  *int64     `json:"charged_s,omitempty"`
	Cost      *Money     `json:"cost,omitempty"`
	CreatedAt time.Time  `json:"created_at"`
	EndedAt   *time.Time `json:"ended_at,omitempty"`
}

// SessionMessage is what somebody wrote in a conversation.
type SessionMessage struct {
	N    int       `json:"n" example:"3" doc:"In the conversation, from 1"`
	By   uuid.UUID `json:"by" format:"uuid"`
	Body string    `json:"body" example:"Here is the form" doc:"Of a file its name"`
	At   time.Time `json:"at"`

	File *SessionFile `json:"file,omitempty" doc:"It is a file: sessions.fileLink with its n"`
}

// SessionFile is what is shown of a file.
type SessionFile struct {
	Kind string `json:"kind" example:"image/png" doc:"As its bytes say"`
	Size int64  `json:"size" example:"48213"`
}

// FileLink is where a file can be fetched, for a while.
type FileLink struct {
	URL   string    `json:"url" example:"/v1/files/eyJ0Ijoi…"`
	Until time.Time `json:"until"`
}

type askShare struct {
	ID   uuid.UUID `path:"id" format:"uuid"`
	Name string    `query:"name" required:"true" maxLength:"120" example:"contract.pdf"`
}

type askFileLink struct {
	ID uuid.UUID `path:"id" format:"uuid"`
	N  int       `path:"n" minimum:"1" maximum:"500" doc:"The message's"`
}

type askFile struct {
	Token string `path:"token" maxLength:"1000"`
}

// SessionEntry is another way into a conversation's media.
type SessionEntry struct {
	Media *session.MediaEntry `json:"media,omitempty" doc:"Not there in a chat"`
}

type sessionID struct {
	ID uuid.UUID `path:"id" format:"uuid"`
}

type askSessions struct {
	Cursor string `query:"cursor" maxLength:"40"`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"20"`
}

type askBeat struct {
	ID   uuid.UUID `path:"id" format:"uuid"`
	Body struct {
		Epoch int64 `json:"epoch" minimum:"1" maximum:"9007199254740991" example:"3" doc:"The connection's, from sessions.join"`
		Media bool  `json:"media" doc:"Media of the other came in since the last heartbeat"`
	}
}

type askEntry struct {
	ID    uuid.UUID `path:"id" format:"uuid"`
	Epoch int64     `query:"epoch" required:"true" minimum:"1" maximum:"9007199254740991" example:"3" doc:"The connection's, from sessions.join"`
}

type askLeave struct {
	ID   uuid.UUID `path:"id" format:"uuid"`
	Body struct {
		Epoch int64 `json:"epoch" minimum:"1" maximum:"9007199254740991" example:"3"`
	}
}

type askRate struct {
	ID   uuid.UUID `path:"id" format:"uuid"`
	Body struct {
		Stars int    `json:"stars" minimum:"1" maximum:"5" example:"5"`
		Words string `json:"words,omitempty" maxLength:"1000" example:"Clear and patient"`
	}
}

type askSay struct {
	ID   uuid.UUID `path:"id" format:"uuid"`
	Body struct {
		Body string `json:"body" maxLength:"2000" example:"Here is the form"`
	}
}

type askMessages struct {
	ID    uuid.UUID `path:"id" format:"uuid"`
	After int       `query:"after" minimum:"0" maximum:"500" doc:"Only those after the n-th"`
	Limit int       `query:"limit" minimum:"1" maximum:"100" default:"100"`
}

const cannot = "media_not_supported where what carries its media cannot do it (the entry's capabilities), session_crowded where it has no room."

// talkDesk is the handlers of conversations.
type talkDesk struct{ s *session.Service }

// Sessions is conversations, from the accepted offer to the receipt.
func Sessions(s *session.Service) func(*rest.API) {
	d := talkDesk{s}
	return func(a *rest.API) {
		rest.Handle(a, "sessions.list", rest.Doc{Summary: "See my sessions", About: "As client or as expert, newest first."}, d.list)
		rest.Handle(a, "sessions.get", rest.Doc{Summary: "See a session"}, d.get)
		rest.Handle(a, "sessions.join", rest.Doc{Summary: "Join a session",
			About: "The answer's epoch is this connection's: it says it with every heartbeat. The connection before it is not heard any more. media is how to come in, for the next minutes: a repeat under the same key is the same connection with another entry."}, d.join)
		rest.Handle(a, "sessions.entry", rest.Doc{Summary: "Get another entry into a session's media",
			About: "For the connection that has joined, when its credentials have ended or its network is another: ICE is restarted with it. The epoch stays. There is none in a chat."}, d.entry)
		rest.Handle(a, "sessions.beat", rest.Doc{Summary: "Beat in a session", Status: http.StatusNoContent,
			About: "Once a second while in a session, over the socket of the connection: I am here, and media came in, or did not. Seconds that both have covered so are billed. session_superseded when another connection speaks by now, session_over when it has ended."}, d.beat)
		rest.Handle(a, "sessions.leave", rest.Doc{Summary: "Leave a session for now", About: "The meter pauses at once. Whoever comes back in time goes on."}, d.leave)
		rest.Handle(a, "sessions.interrupt", rest.Doc{Summary: "Say that a phone call came in", About: "They are waited for longer than after a drop."}, d.interrupt)
		rest.Handle(a, "sessions.end", rest.Doc{Summary: "End a session", About: "What is over stays as it ended."}, d.end)
		rest.Handle(a, "sessions.done", rest.Doc{Summary: "End the wrap-up", About: "The expert's alone: they are ready for the next."}, d.done)
		rest.Handle(a, "sessions.rate", rest.Doc{Summary: "Rate a session", About: "Once each, when it has ended."}, d.rate)
		rest.Handle(a, "sessions.listen", rest.Doc{Summary: "Listen to a session", About: "As whoever runs its queue. The two who talk are shown it, unless the operator asks for no notice; it is written down always. Then join it. " + cannot}, d.supervise(policy.SessionListen))
		rest.Handle(a, "sessions.whisper", rest.Doc{Summary: "Speak to the expert of a session alone", About: "The client is shown that somebody is there, and hears nothing. " + cannot}, d.supervise(policy.SessionWhisper))
		rest.Handle(a, "sessions.barge", rest.Doc{Summary: "Speak with both in a session", About: cannot}, d.supervise(policy.SessionBarge))
		rest.Handle(a, "sessions.transfer", rest.Doc{Summary: "Hand a session's client to another expert",
			About: "As its expert, or as whoever may speak with both. The client talks on until the other is there, and pays no more than now; money is set aside anew. transfer_early before they talk, transfer_under_way while another is open, transfer_not_ready where the expert cannot be rung now."}, d.transfer)
		rest.Handle(a, "sessions.callOffTransfer", rest.Doc{Summary: "Take back a session's handover", About: "Whoever takes part may, the client too. When the client has gone over it changes nothing."}, d.callOffTransfer)
		rest.Handle(a, "sessions.bringIn", rest.Doc{Summary: "Ask for a second expert beside a session's",
			About: "As its expert, or as whoever may speak with both. They hear and speak with both; the client pays what they pay without them, the operator pays the second. One at a time: transfer_early before they talk, second_under_way or transfer_under_way while another is asked for, transfer_not_ready where the expert cannot be rung now. " + cannot}, d.bringIn)
		rest.Handle(a, "sessions.callOffSecond", rest.Doc{Summary: "Send a session's second expert away, or ask for none any more", About: "As its expert, its client, or whoever may speak with both. The second leaves by sessions.withdraw."}, d.callOffSecond)
		rest.Handle(a, "sessions.colleagues", rest.Doc{Summary: "See to whom a session's client can be handed now", About: "Experts who are free, in the same way, for no more than the client pays now; the first hundred by name."}, d.colleagues)
		rest.Handle(a, "sessions.withdraw", rest.Doc{Summary: "Supervise a session no more, or leave it as its second expert"}, d.withdraw)
		rest.Handle(a, "sessions.say", rest.Doc{Summary: "Write a message in a session", About: "At most 500 in one."}, d.say)
		rest.Handle(a, "sessions.shareFile", rest.Doc{Summary: "Hand a file to the others in a session", Status: http.StatusNoContent,
			About: "The body is the file, 25 MiB at most; what it is is read from its bytes (pictures, PDF, text, zipped documents). It is a message with its name. file_too_large, file_empty, file_kind_refused."}, d.share)
		rest.Handle(a, "sessions.fileLink", rest.Doc{Summary: "Get a link to a session's file", About: "For whoever has it, for minutes."}, d.fileLink)
		rest.Handle(a, "files.get", rest.Doc{Summary: "Fetch a file by its link", About: "As an attachment. file_link_over when its time is over."}, d.file)
		rest.Handle(a, "sessions.messages", rest.Doc{Summary: "Read a session's messages"}, d.messages)
	}
}

func talkBy(ctx context.Context) session.By {
	a, _ := policy.ActorFrom(ctx) // the door let nobody in without one
	return session.By{Tenant: a.Tenant, User: a.User}
}

// may loads a conversation and asks whether the caller may do this in it.
func (d talkDesk) may(ctx context.Context, action policy.Action, id uuid.UUID) (event.Session, error) {
	by := talkBy(ctx)
	x, err := d.s.Get(ctx, by, id)
	if err != nil {
		return x, err
	}
	res := policy.Resource{Tenant: by.Tenant, Kind: "session", ID: id, Owner: x.Client, Queue: x.Queue}
	if action == policy.SessionTransfer { // the expert's to do
		res.Owner = x.Expert
	}
	res.Party, res.Watch = x.Sides()
	err = policy.Can(ctx, action, res)
	if fault.Is(err, "not_found") {
		err = fault.New("session_not_found") // as of one that nobody has
	}
	return x, err
}

func (d talkDesk) seen(ctx context.Context, id uuid.UUID, err error) (*rest.Answer[Session], error) {
	if err != nil {
		return nil, err
	}
	x, err := d.s.Get(ctx, talkBy(ctx), id)
	return rest.Say(sessionOf(x)), err
}

func (d talkDesk) list(ctx context.Context, in *askSessions) (*rest.Answer[rest.Page[SessionItem]], error) {
	by := talkBy(ctx)
	if err := policy.Can(ctx, policy.SessionRead, policy.Resource{Tenant: by.Tenant, Kind: "session", Owner: by.User}); err != nil {
		return nil, err
	}
	before := uuid.Nil
	if in.Cursor != "" {
		var err error
		if before, err = uuid.Parse(in.Cursor); err != nil {
			return nil, fault.New("bad_value").At("/cursor")
		}
	}
	all, err := d.s.List(ctx, by, before, in.Limit+1)
	if err != nil {
		return nil, err
	}
	out := rest.Page[SessionItem]{Items: []SessionItem{}}
	for i := range all {
		if i == in.Limit {
			out.Next = all[i-1].ID.String()
			break
		}
		out.Items = append(out.Items, sessionItemOf(&all[i]))
	}
	return rest.Say(out), nil
}

func (d talkDesk) get(ctx context.Context, in *sessionID) (*rest.Answer[Session], error) {
	x, err := d.may(ctx, policy.SessionRead, in.ID)
	return rest.Say(sessionOf(x)), err
}

func (d talkDesk) join(ctx context.Context, in *sessionID) (*rest.Answer[session.Joined], error) {
	if _, err := d.may(ctx, policy.SessionTalk, in.ID); err != nil {
		return nil, err
	}
	j, err := d.s.Join(ctx, talkBy(ctx), rest.ClaimOf(ctx), in.ID)
	return rest.Say(j), err
}

func (d talkDesk) entry(ctx context.Context, in *askEntry) (*rest.Answer[SessionEntry], error) {
	if _, err := d.may(ctx, policy.SessionTalk, in.ID); err != nil {
		return nil, err
	}
	e, err := d.s.Entry(ctx, talkBy(ctx), in.ID, in.Epoch)
	return rest.Say(SessionEntry{e}), err
}

// beat is asked every second by everybody: whether they take part the service asks, once a connection.
func (d talkDesk) beat(ctx context.Context, in *askBeat) (*rest.Nothing, error) {
	by := talkBy(ctx)
	if err := policy.Can(ctx, policy.SessionTalk, policy.Resource{Tenant: by.Tenant, Kind: "session", ID: in.ID, Party: []uuid.UUID{by.User}}); err != nil {
		return nil, err
	}
	return &rest.Nothing{}, d.s.Beat(ctx, by, in.ID, in.Body.Epoch, in.Body.Media)
}

func (d talkDesk) leave(ctx context.Context, in *askLeave) (*rest.Answer[Session], error) {
	if _, err := d.may(ctx, policy.SessionTalk, in.ID); err != nil {
		return nil, err
	}
	return d.seen(ctx, in.ID, d.s.Leave(ctx, talkBy(ctx), rest.ClaimOf(ctx), in.ID, in.Body.Epoch))
}

func (d talkDesk) interrupt(ctx context.Context, in *sessionID) (*rest.Answer[Session], error) {
	if _, err := d.may(ctx, policy.SessionTalk, in.ID); err != nil {
		return nil, err
	}
	return d.seen(ctx, in.ID, d.s.Interrupt(ctx, talkBy(ctx), rest.ClaimOf(ctx), in.ID))
}

func (d talkDesk) end(ctx context.Context, in *sessionID) (*rest.Answer[Session], error) {
	if _, err := d.may(ctx, policy.SessionTalk, in.ID); err != nil {
		return nil, err
	}
	return d.seen(ctx, in.ID, d.s.End(ctx, talkBy(ctx), rest.ClaimOf(ctx), in.ID))
}

func (d talkDesk) done(ctx context.Context, in *sessionID) (*rest.Answer[Session], error) {
	if _, err := d.may(ctx, policy.SessionTalk, in.ID); err != nil {
		return nil, err
	}
	return d.seen(ctx, in.ID, d.s.Done(ctx, talkBy(ctx), rest.ClaimOf(ctx), in.ID))
}

func (d talkDesk) rate(ctx context.Context, in *askRate) (*rest.Nothing, error) {
	if _, err := d.may(ctx, policy.SessionTalk, in.ID); err != nil {
		return nil, err
	}
	return &rest.Nothing{}, d.s.Rate(ctx, talkBy(ctx), rest.ClaimOf(ctx), in.ID, in.Body.Stars, in.Body.Words)
}

func (d talkDesk) say(ctx context.Context, in *askSay) (*rest.Nothing, error) {
	if _, err := d.may(ctx, policy.SessionTalk, in.ID); err != nil {
		return nil, err
	}
	return &rest.Nothing{}, d.s.Say(ctx, talkBy(ctx), rest.ClaimOf(ctx), in.ID, in.Body.Body)
}

// supervise is one way of supervising a conversation.
func (d talkDesk) supervise(way policy.Action) func(context.Context, *sessionID) (*rest.Answer[Session], error) {
	return func(ctx context.Context, in *sessionID) (*rest.Answer[Session], error) {
		if _, err := d.may(ctx, way, in.ID); err != nil {
			return nil, err
		}
		return d.seen(ctx, in.ID, d.s.Supervise(ctx, talkBy(ctx), rest.ClaimOf(ctx), in.ID, way))
	}
}

func (d talkDesk) transfer(ctx context.Context, in *askTransfer) (*rest.Answer[Session], error) {
	if _, err := d.may(ctx, policy.SessionTransfer, in.ID); err != nil {
		return nil, err
	}
	return d.seen(ctx, in.ID, d.s.Transfer(ctx, talkBy(ctx), rest.ClaimOf(ctx), in.ID, session.HandOver{Queue: in.Body.Queue, Expert: in.Body.Expert, Note: in.Body.Note}))
}

func (d talkDesk) callOffTransfer(ctx context.Context, in *sessionID) (*rest.Answer[Session], error) {
	if err := d.mayRefuse(ctx, in.ID); err != nil {
		return nil, err
	}
	return d.seen(ctx, in.ID, d.s.CallOff(ctx, talkBy(ctx), rest.ClaimOf(ctx), in.ID))
}

// mayRefuse asks whether the caller may take back that another expert is asked for: whoever may ask, and the client.
func (d talkDesk) mayRefuse(ctx context.Context, id uuid.UUID) error {
	_, err := d.may(ctx, policy.SessionTransfer, id)
	if err != nil {
		if x, own := d.may(ctx, policy.SessionTalk, id); own == nil && x.Client == talkBy(ctx).User {
			return nil
		}
	}
	return err
}

func (d talkDesk) bringIn(ctx context.Context, in *askTransfer) (*rest.Answer[Session], error) {
	if _, err := d.may(ctx, policy.SessionTransfer, in.ID); err != nil {
		return nil, err
	}
	return d.seen(ctx, in.ID, d.s.BringIn(ctx, talkBy(ctx), rest.ClaimOf(ctx), in.ID, session.HandOver{Queue: in.Body.Queue, Expert: in.Body.Expert, Note: in.Body.Note}))
}

func (d talkDesk) callOffSecond(ctx context.Context, in *sessionID) (*rest.Answer[Session], error) {
	if err := d.mayRefuse(ctx, in.ID); err != nil {
		return nil, err
	}
	return d.seen(ctx, in.ID, d.s.CallOffSecond(ctx, talkBy(ctx), rest.ClaimOf(ctx), in.ID))
}

func (d talkDesk) colleagues(ctx context.Context, in *sessionID) (*rest.Answer[Colleagues], error) {
	x, err := d.may(ctx, policy.SessionTransfer, in.ID)
	if err != nil {
		return nil, err
	}
	all, err := d.s.Colleagues(ctx, talkBy(ctx), in.ID, x.Queue)
	out := Colleagues{Items: make([]Colleague, len(all))}
	for i, c := range all {
		out.Items[i] = Colleague(c)
	}
	return rest.Say(out), err
}

// withdraw ends that the caller takes part, and so cannot ask before a repeat whether they do: the service does, unless it was done.
func (d talkDesk) withdraw(ctx context.Context, in *sessionID) (*rest.Nothing, error) {
	by := talkBy(ctx)
	if err := policy.Can(ctx, policy.SessionTalk, policy.Resource{Tenant: by.Tenant, Kind: "session", ID: in.ID, Party: []uuid.UUID{by.User}}); err != nil {
		return nil, err
	}
	return &rest.Nothing{}, d.s.Withdraw(ctx, by, rest.ClaimOf(ctx), in.ID)
}

func (d talkDesk) messages(ctx context.Context, in *askMessages) (*rest.Answer[rest.Page[SessionMessage]], error) {
	if _, err := d.may(ctx, policy.SessionRead, in.ID); err != nil {
		return nil, err
	}
	said, err := d.s.Messages(ctx, talkBy(ctx), in.ID, in.After, in.Limit)
	if err != nil {
		return nil, err
	}
	out := rest.Page[SessionMessage]{Items: make([]SessionMessage, len(said))}
	for i, m := range said {
		out.Items[i] = SessionMessage{N: m.N, By: m.By, Body: m.Body, At: m.At}
		if m.File != nil {
			out.Items[i].File = &SessionFile{m.File.Kind, m.File.Size}
		}
	}
	return rest.Say(out), nil
}

func sessionOf(x event.Session) Session {
	s := Session{ID: x.ID, V: x.Version, Request: x.Request, State: x.State, Reason: x.Reason, Modality: x.Modality, Provider: x.Provider, Generation: x.Generation,
		Rate: Money(x.Price), BilledS: x.Billed, FundedS: x.Funded, FreeS: x.Free, Warned: x.Warned, ChargedS: x.Charged, Participants: []SessionParty{}, CreatedAt: x.CreatedAt}
	if !x.RunningSince.IsZero() {
		s.RunningSince = &x.RunningSince
	}
	if !x.EndedAt.IsZero() {
		s.EndedAt = &x.EndedAt
	}
	if x.Cost != nil {
		s.Cost = &Money{*x.Cost, x.Price.Currency}
	}
	for _, p := range x.Parties {
		if !p.Unseen {
			s.Participants = append(s.Participants, SessionParty{p.User, p.Role, p.Here, p.Name})
		}
	}
	if h := x.Transfer; h != nil {
		s.Transfer = &SessionTransfer{ID: h.ID, State: h.State, Queue: h.Queue, Reason: h.Reason}
		if h.Session != uuid.Nil {
			s.Transfer.Session = &h.Session
		}
	}
	if h := x.Second; h != nil {
		s.Second = &SessionSecond{h.ID, h.State, h.Queue, h.Reason}
	}
	return s
}

func sessionItemOf(x *store.Session) SessionItem {
	i := SessionItem{ID: x.ID, State: string(x.Meter.State), Client: x.Client, Expert: x.Expert, ChargedS: x.Charged, CreatedAt: x.CreatedAt}
	if x.Cost != nil {
		i.Cost = &Money{*x.Cost, string(x.Price.Currency)}
	}
	if !x.EndedAt.IsZero() {
		i.EndedAt = &x.EndedAt
	}
	return i
}
