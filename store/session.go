package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/advice"
	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/session/meter"
	"github.com/waymeet/waymeet/store/internal/sqlc"
)

// Session is one conversation as its row has it.
type Session struct {
	ID, Request, Funds, Client, Expert uuid.UUID
	Provider, Modality                 string
	RelayOnly                          bool         // its parties never learn each other's addresses
	Price                              ledger.Money // of a minute
	Policy                             meter.Policy // the tenant's, as it was when it opened
	Meter                              meter.Session
	Charged, Cost                      *int64 // once it has ended: seconds that are paid, and what they cost
	Shown                              int64  // billed when the document last changed
	RunningSince                       time.Time
	Generation, Messages               int
	SaidAt                             time.Time // the last word
	Version                            int64
	CreatedAt, EndedAt                 time.Time
	Parties                            []SessionParty // behind its lock
	Queue                              uuid.UUID      // its request's, when it opened
	Transfer                           *Transfer      // the handover that was asked for last; nil: none was
	Second                             *Second        // the second expert who was asked for last; nil: none was

	told bool // its document changes with this write
}

// SessionParty is somebody who takes part.
type SessionParty struct {
	User             uuid.UUID
	Role             string
	Epoch            int64 // of the newest connection; 0: was never here
	JoinedAt, LeftAt time.Time
	Name             string    // as the others read it
	Notice           bool      // the others are shown them
	SeenAt           time.Time // of whoever is none of the two: their last heartbeat, by some seconds
}

// Roles of parties: the two whose conversation it is, an expert beside them, and supervisors by what they do in it.
const (
	RoleClient     = "client"
	RoleExpert     = "expert"
	RoleSecond     = "second"
	RoleObserver   = "observer"   // listens
	RoleWhisperer  = "whisperer"  // speaks to the expert alone
	RoleSupervisor = "supervisor" // speaks with both
)

// BuiltIn is how a session names the provider that is no server's: peer, in the tenant's setting.
const BuiltIn = "builtin"

// Here says that the newest connection said hello and not goodbye.
func (p SessionParty) Here() bool { return !p.JoinedAt.IsZero() && p.LeftAt.IsZero() }

// Party is a user's part in it.
func (s *Session) Party(user uuid.UUID) (*SessionParty, bool) {
	for i := range s.Parties {
		if s.Parties[i].User == user {
			return &s.Parties[i], true
		}
	}
	return nil, false
}

// Tell lets those who watch see it as it is after this write: they count on from here while the meter runs.
func (s *Session) Tell() { s.told = true }

// Ended says that nothing more is billed.
func (s *Session) Ended() bool { return s.Charged != nil }

// FundingOf is what a request names as its funding, when that is money set aside for a session.
func FundingOf(funds uuid.UUID) string { return "session/" + funds.String() }

// FundsOf is the money that a request's funding names; false: it names something else.
func FundsOf(funding string) (uuid.UUID, bool) {
	text, named := strings.CutPrefix(funding, "session/")
	id, err := uuid.Parse(text)
	return id, named && err == nil
}

// SessionGround is what a conversation is opened from: the offer, its request, and its expert's price now.
type SessionGround struct {
	Request, Offer, Client, Expert uuid.UUID
	Taken                          bool // the offer is accepted, and the request is its
	Modality, Funding              string
	Follows                        uuid.UUID // the conversation that its client is in; nil: none
	Ceiling, Price                 ledger.Money
}

// SessionGround is what an offer's conversation is opened from.
func (r *Reader) SessionGround(ctx context.Context, request, offer uuid.UUID) (SessionGround, error) {
	g, err := r.q.SessionGround(ctx, r.tenant.UUID(), offer)
	if err != nil {
		return SessionGround{}, fmt.Errorf("store: read what session %s is opened from: %w", offer, err)
	}
	return SessionGround{Request: request, Offer: g.ID, Client: g.ClientID, Expert: g.ExpertID, Modality: g.Modality, Funding: g.Funding, Follows: idOf(g.Follows),
		Taken:   g.OfferState == "accepted" && g.State == string(RequestMatched) && idOf(g.OfferID) == offer,
		Ceiling: ledger.Of(g.Ceiling, ledger.Currency(g.Currency)), Price: ledger.Of(g.Price, ledger.Currency(g.ExpertCurrency))}, nil
}

// AddSession opens a conversation of two; false: it is open, or was, or its request or its funds are in another.
func (tx *Tx) AddSession(ctx context.Context, s *Session) (bool, error) {
	policy, err := json.Marshal(s.Policy)
	if err != nil {
		return false, fmt.Errorf("store: policy of session %s: %w", s.ID, err)
	}
	m, err := json.Marshal(s.Meter)
	if err != nil {
		return false, fmt.Errorf("store: meter of session %s: %w", s.ID, err)
	}
	t := tx.tenant.UUID()
	p := sqlc.SessionAddParams{TenantID: t, ID: s.ID, RequestID: s.Request, FundsID: s.Funds, ClientID: s.Client, ExpertID: s.Expert, Provider: s.Provider, RelayOnly: s.RelayOnly, Modality: s.Modality,
		Price: s.Price.Amount, Currency: string(s.Price.Currency), Policy: policy, State: string(s.Meter.State), Reason: textOrNull(string(s.Meter.Reason)), Meter: m,
		FundedS: s.Meter.Funded, FreeS: s.Policy.Free, ChargedS: s.Charged, Cost: s.Cost}
	if s.Ended() {
		p.EndedAt = &s.Meter.Meter.At
	}
	n, err := tx.q.SessionAdd(ctx, p)
	if err != nil {
		return false, fmt.Errorf("store: add session %s: %w", s.ID, err)
	}
	if n == 0 {
		return false, nil
	}
	for role, user := range map[string]uuid.UUID{RoleClient: s.Client, RoleExpert: s.Expert} {
		if err := tx.q.SessionPartyAdd(ctx, t, s.ID, user, role); err != nil {
			return false, fmt.Errorf("store: add the %s of session %s: %w", role, s.ID, err)
		}
	}
	made, err := tx.Session(ctx, s.ID)
	if err != nil {
		return false, err
	}
	opened := []Session{made}
	if _, err := tx.parties(ctx, opened); err != nil {
		return false, err
	}
	e := opened[0].event()
	return true, tx.Emit(e.Change())
}

// Session is one conversation, without its parties.
func (r *Reader) Session(ctx context.Context, id uuid.UUID) (Session, error) {
	row, err := r.q.SessionGet(ctx, r.tenant.UUID(), id)
	if err != nil {
		return Session{}, fmt.Errorf("store: read session %s: %w", id, err)
	}
	return sessionOf(&row)
}

// LockSessions is these conversations as they stand, which nobody else writes until the transaction ends, and what time it is
// then. One that does not exist is not among them.
func (tx *Tx) LockSessions(ctx context.Context, ids ...uuid.UUID) ([]Session, time.Time, error) {
	rows, err := tx.q.SessionsLock(ctx, tx.tenant.UUID(), ids)
	return tx.behind(ctx, rows, err)
}

// LockQuiet is those of these conversations that go on and of which nobody has said a word for a second. Those that somebody
// is writing at this moment are not quiet.
func (tx *Tx) LockQuiet(ctx context.Context, ids []uuid.UUID) ([]Session, time.Time, error) {
	rows, err := tx.q.SessionsLockDue(ctx, tx.tenant.UUID(), ids)
	return tx.behind(ctx, rows, err)
}

// behind reads, now that the locks are held, the clock and who takes part.
func (tx *Tx) behind(ctx context.Context, rows []sqlc.Session, err error) ([]Session, time.Time, error) {
	var at time.Time
	if err != nil || len(rows) == 0 {
		if err != nil {
			err = fmt.Errorf("store: lock sessions: %w", err)
		}
		return nil, at, err
	}
	out := make([]Session, len(rows))
	for i := range rows {
		if out[i], err = sessionOf(&rows[i]); err != nil {
			return nil, at, err
		}
	}
	at, err = tx.parties(ctx, out)
	return out, at, err
}

// parties reads who takes part, and what time it is.
func (tx *Tx) parties(ctx context.Context, all []Session) (at time.Time, err error) {
	ids, place := make([]uuid.UUID, len(all)), make(map[uuid.UUID]int, len(all))
	for i := range all {
		ids[i], place[all[i].ID] = all[i].ID, i
	}
	parties, err := tx.q.SessionParties(ctx, tx.tenant.UUID(), ids)
	if err != nil {
		return at, fmt.Errorf("store: read who takes part: %w", err)
	}
	for _, p := range parties {
		s := &all[place[p.SessionID]]
		s.Parties = append(s.Parties, SessionParty{p.UserID, p.Role, p.Epoch, orZero(p.JoinedAt), orZero(p.LeftAt), p.Name, p.Notice, orZero(p.SeenAt)})
		at = p.At
	}
	return at, nil
}

// SaveSessions writes conversations that are locked, as many as there are in one statement. at is when.
func (tx *Tx) SaveSessions(ctx context.Context, at time.Time, all []Session) error {
	if len(all) == 0 {
		return nil
	}
	p := sqlc.SessionsSaveParams{TenantID: tx.tenant.UUID()}
	for i := range all {
		s := &all[i]
		s.SaidAt = at
		if s.Ended() && s.EndedAt.IsZero() {
			s.EndedAt = at
		}
		if s.told {
			s.Version++
			s.Shown, s.RunningSince = s.Meter.Meter.Seconds(), time.Time{}
			if s.Meter.State == meter.Live {
				s.RunningSince = at
			}
		}
		m, err := json.Marshal(s.Meter)
		if err != nil {
			return fmt.Errorf("store: meter of session %s: %w", s.ID, err)
		}
		p.Ids, p.States, p.Reasons, p.Meters = append(p.Ids, s.ID), append(p.States, string(s.Meter.State)), append(p.Reasons, string(s.Meter.Reason)), append(p.Meters, string(m))
		p.Billed, p.Funded = append(p.Billed, s.Meter.Meter.Seconds()), append(p.Funded, s.Meter.Funded)
		p.Ended, p.Charged, p.Costs = append(p.Ended, s.Ended()), append(p.Charged, amountOf(s.Charged)), append(p.Costs, amountOf(s.Cost))
		p.Shown, p.Running, p.Since = append(p.Shown, s.Shown), append(p.Running, !s.RunningSince.IsZero()), append(p.Since, s.RunningSince)
		p.Generations, p.Messages = append(p.Generations, int32(s.Generation)), append(p.Messages, int32(s.Messages))
		p.Said, p.Versions = append(p.Said, s.SaidAt), append(p.Versions, s.Version)
		handed, err := textOf(s.Transfer)
		if err != nil {
			return fmt.Errorf("store: transfer of session %s: %w", s.ID, err)
		}
		beside, err := textOf(s.Second)
		if err != nil {
			return fmt.Errorf("store: second of session %s: %w", s.ID, err)
		}
		p.Transfers, p.Seconds = append(p.Transfers, handed), append(p.Seconds, beside)
		if s.told {
			e := s.event()
			if err := tx.Emit(e.Change()); err != nil {
				return err
			}
		}
	}
	n, err := tx.q.SessionsSave(ctx, p)
	if err == nil && n != int64(len(all)) {
		err = errNoRow
	}
	if err != nil {
		return fmt.Errorf("store: save %d of %d sessions: %w", n, len(all), err)
	}
	return nil
}

// JoinSession lets a new connection speak for somebody who takes part. Lock the session first.
func (tx *Tx) JoinSession(ctx context.Context, s *Session, p *SessionParty, at time.Time) error {
	epoch, err := tx.q.SessionPartyJoin(ctx, at, tx.tenant.UUID(), s.ID, p.User)
	if err != nil {
		return fmt.Errorf("store: join session %s: %w", s.ID, err)
	}
	p.Epoch, p.JoinedAt, p.LeftAt = epoch, at, time.Time{}
	return nil
}

// LeaveSession says that the newest connection is gone. Lock the session first.
func (tx *Tx) LeaveSession(ctx context.Context, s *Session, p *SessionParty, at time.Time) error {
	if _, err := tx.q.SessionPartyLeave(ctx, sqlc.SessionPartyLeaveParams{At: at, TenantID: tx.tenant.UUID(), SessionID: s.ID, UserID: p.User, Epoch: p.Epoch}); err != nil {
		return fmt.Errorf("store: leave session %s: %w", s.ID, err)
	}
	p.LeftAt = at
	return nil
}

// AddMessage keeps what somebody wrote, as the next of its conversation. Lock the session first, and save it.
func (tx *Tx) AddMessage(ctx context.Context, s *Session, by uuid.UUID, body string, at time.Time) (event.Message, error) {
	s.Messages++
	m := event.Message{Session: s.ID, N: s.Messages, By: by, Body: body, At: at}
	err := tx.q.SessionMessageAdd(ctx, sqlc.SessionMessageAddParams{TenantID: tx.tenant.UUID(), SessionID: s.ID, N: int32(m.N), ByUser: by, Body: body, At: at})
	if err != nil {
		return m, fmt.Errorf("store: add message to session %s: %w", s.ID, err)
	}
	return m, tx.Emit(m.Change())
}

// AddFile keeps what somebody handed to the others, as the next message. Lock the session first, and save it.
func (tx *Tx) AddFile(ctx context.Context, s *Session, by uuid.UUID, name string, f event.MessageFile, hash string, at time.Time) error {
	s.Messages++
	m := event.Message{Session: s.ID, N: s.Messages, By: by, Body: name, At: at, File: &f}
	err := tx.q.SessionMessageAdd(ctx, sqlc.SessionMessageAddParams{TenantID: tx.tenant.UUID(), SessionID: s.ID, N: int32(m.N), ByUser: by, Body: name, At: at})
	if err == nil {
		err = tx.q.SessionFileAdd(ctx, sqlc.SessionFileAddParams{TenantID: tx.tenant.UUID(), SessionID: s.ID, N: int32(m.N), Hash: hash, Kind: f.Kind, Size: f.Size})
	}
	if err != nil {
		return fmt.Errorf("store: add file to session %s: %w", s.ID, err)
	}
	return tx.Emit(m.Change())
}

// SessionFile is a file that somebody handed to the others.
type SessionFile struct {
	Hash, Kind, Name string
	Size             int64
}

// SessionFile is the file of a conversation's n-th message.
func (r *Reader) SessionFile(ctx context.Context, session uuid.UUID, n int) (SessionFile, error) {
	f, err := r.q.SessionFileGet(ctx, r.tenant.UUID(), session, int32(n))
	if err != nil {
		return SessionFile{}, fmt.Errorf("store: read file %d of session %s: %w", n, session, err)
	}
	return SessionFile{f.Hash, f.Kind, f.Name, f.Size}, nil
}

// Messages is what was written after the n-th.
func (r *Reader) Messages(ctx context.Context, session uuid.UUID, after, limit int) ([]event.Message, error) {
	rows, err := r.q.SessionMessages(ctx, r.tenant.UUID(), session, int32(after), int32(limit))
	if err != nil {
		return nil, fmt.Errorf("store: read messages of session %s: %w", session, err)
	}
	out := make([]event.Message, len(rows))
	for i, m := range rows {
		out[i] = event.Message{Session: session, N: int(m.N), By: m.ByUser, Body: m.Body, At: m.At}
		if m.Kind != nil {
			out[i].File = &event.MessageFile{Kind: *m.Kind, Size: amountOf(m.Size)}
		}
	}
	return out, nil
}

// Rating is what one of the two says of it afterwards.
type Rating struct {
	By    uuid.UUID
	Stars int
	Words string
}

// Rate keeps it; false: they have said already. What the client says counts for the expert.
func (tx *Tx) Rate(ctx context.Context, s *Session, r Rating) (bool, error) {
	n, err := tx.q.SessionRatingAdd(ctx, sqlc.SessionRatingAddParams{TenantID: tx.tenant.UUID(), SessionID: s.ID, ByUser: r.By, Stars: int16(r.Stars), Words: r.Words})
	if err != nil || n == 0 {
		if err != nil {
			err = fmt.Errorf("store: rate session %s: %w", s.ID, err)
		}
		return false, err
	}
	if r.By == s.Client {
		if err := tx.q.ExpertRated(ctx, int32(r.Stars), tx.tenant.UUID(), s.Expert); err != nil {
			return false, fmt.Errorf("store: rate expert %s: %w", s.Expert, err)
		}
		return true, tx.TellExperts(ctx, s.Expert)
	}
	return true, nil
}

// Ratings is what was said of a conversation.
func (r *Reader) Ratings(ctx context.Context, session uuid.UUID) ([]Rating, error) {
	rows, err := r.q.SessionRatings(ctx, r.tenant.UUID(), session)
	if err != nil {
		return nil, fmt.Errorf("store: read ratings of session %s: %w", session, err)
	}
	out := make([]Rating, len(rows))
	for i, x := range rows {
		out[i] = Rating{x.ByUser, int(x.Stars), x.Words}
	}
	return out, nil
}

// SessionsOf is somebody's conversations before one of them (nil: from the newest).
func (r *Reader) SessionsOf(ctx context.Context, user, before uuid.UUID, limit int) ([]Session, error) {
	rows, err := r.q.SessionsOf(ctx, r.tenant.UUID(), user, idOrNull(before), int32(limit))
	if err != nil {
		return nil, fmt.Errorf("store: list sessions of %s: %w", user, err)
	}
	out := make([]Session, len(rows))
	for i := range rows {
		if out[i], err = sessionOf(&rows[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// SessionIn is a conversation and whose it is.
type SessionIn struct {
	Tenant tenant.ID
	ID     uuid.UUID
}

// QuietSessions finds conversations, of whichever tenant, of which nobody has said a word for a second: the longest quiet first.
func (s *System) QuietSessions(ctx context.Context, limit int) ([]SessionIn, error) {
	rows, err := s.q.SessionsQuiet(ctx, int32(limit))
	if err != nil {
		return nil, fmt.Errorf("store: find quiet sessions: %w", err)
	}
	out := make([]SessionIn, len(rows))
	for i, x := range rows {
		out[i] = SessionIn{tenant.ID(x.TenantID), x.ID}
	}
	return out, nil
}

// LiveSession is one conversation with who takes part and what was written.
func (r *Reader) LiveSession(ctx context.Context, id uuid.UUID) (event.Session, []event.Message, error) {
	row, err := r.q.LiveSession(ctx, id)
	if err != nil {
		return event.Session{}, nil, err
	}
	s, err := sessionOf(&row.Session)
	if err != nil {
		return event.Session{}, nil, err
	}
	var parties []struct {
		User     uuid.UUID  `json:"user"`
		Role     string     `json:"role"`
		Epoch    int64      `json:"epoch"`
		JoinedAt *time.Time `json:"joined_at"`
		LeftAt   *time.Time `json:"left_at"`
		Name     string     `json:"name"`
		Notice   bool       `json:"notice"`
	}
	if err := json.Unmarshal(row.Parties, &parties); err != nil {
		return event.Session{}, nil, fmt.Errorf("store: who takes part in session %s: %w", id, err)
	}
	for _, p := range parties {
		s.Parties = append(s.Parties, SessionParty{User: p.User, Role: p.Role, Epoch: p.Epoch, JoinedAt: orZero(p.JoinedAt), LeftAt: orZero(p.LeftAt), Name: p.Name, Notice: p.Notice})
	}
	var said []event.Message
	if err := json.Unmarshal(row.Messages, &said); err != nil {
		return event.Session{}, nil, fmt.Errorf("store: messages of session %s: %w", id, err)
	}
	for i := range said {
		said[i].Session = id
	}
	return s.event(), said, nil
}

// event is what its document is made from.
func (s *Session) event() event.Session {
	e := event.Session{ID: s.ID, Request: s.Request, Client: s.Client, Expert: s.Expert, Modality: s.Modality, Provider: s.Provider, RelayOnly: s.RelayOnly, State: string(s.Meter.State),
		Reason: string(s.Meter.Reason), Generation: s.Generation, Price: event.Money{Amount: s.Price.Amount, Currency: string(s.Price.Currency)}, Billed: s.Shown,
		Funded: s.Meter.Funded, Free: s.Meter.Free(&s.Policy), RunningSince: s.RunningSince, Warned: s.Meter.Told == meter.Warn, Charged: s.Charged, Cost: s.Cost,
		CreatedAt: s.CreatedAt, EndedAt: s.EndedAt, Version: s.Version, Queue: s.Queue, Transfer: s.Transfer.event(), Second: s.Second.event()}
	for _, p := range s.Parties {
		e.Parties = append(e.Parties, event.SessionParty{User: p.User, Role: p.Role, Here: p.Here(), Epoch: p.Epoch, Name: p.Name, Unseen: !p.Notice})
	}
	return e
}

// CostOf is what so many seconds of it cost.
func (s *Session) CostOf(seconds int64) (int64, error) {
	return advice.Terms{Price: s.Price}.Cost(seconds)
}

func sessionOf(r *sqlc.Session) (Session, error) {
	s := Session{ID: r.ID, Request: r.RequestID, Funds: r.FundsID, Client: r.ClientID, Expert: r.ExpertID, Provider: r.Provider, RelayOnly: r.RelayOnly, Modality: r.Modality,
		Price: ledger.Of(r.Price, ledger.Currency(r.Currency)), Charged: r.ChargedS, Cost: r.Cost, Shown: r.ShownS, RunningSince: orZero(r.RunningSince),
		Generation: int(r.Generation), Messages: int(r.Messages), SaidAt: r.SaidAt, Version: r.Version, CreatedAt: r.CreatedAt, EndedAt: orZero(r.EndedAt), Queue: idOf(r.QueueID)}
	if err := json.Unmarshal(r.Policy, &s.Policy); err != nil {
		return s, fmt.Errorf("store: policy of session %s: %w", r.ID, err)
	}
	if err := json.Unmarshal(r.Meter, &s.Meter); err != nil {
		return s, fmt.Errorf("store: meter of session %s: %w", r.ID, err)
	}
	if r.Transfer != nil {
		if err := json.Unmarshal(r.Transfer, &s.Transfer); err != nil {
			return s, fmt.Errorf("store: transfer of session %s: %w", r.ID, err)
		}
	}
	if r.Second != nil {
		if err := json.Unmarshal(r.Second, &s.Second); err != nil {
			return s, fmt.Errorf("store: second of session %s: %w", r.ID, err)
		}
	}
	return s, nil
}
