package api

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/matching"
	"github.com/waymeet/waymeet/session"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/web/rest"
)

// Favourite is an expert whom one would talk to again.
type Favourite struct {
	Expert uuid.UUID `json:"expert" format:"uuid"`
	Name   string    `json:"name" example:"Dr Layla Haddad" doc:"Empty: the tenant shows no names of experts"`
	Price  Money     `json:"price" doc:"Of a minute"`
	Rating int       `json:"rating" example:"470" doc:"Hundredths of a star"`
	Rated  int       `json:"rated" example:"31"`
	There  bool      `json:"there" doc:"Could be rung now"`
	At     time.Time `json:"at"`
}

// BlockedPerson is somebody whom one does not want to meet again.
type BlockedPerson struct {
	User uuid.UUID `json:"user" format:"uuid"`
	Name string    `json:"name" example:"Amal Idrissi" doc:"Empty: of an expert, where the tenant shows no names of them"`
	At   time.Time `json:"at"`
}

// Report is what somebody says of another with whom they talked.
type Report struct {
	ID          uuid.UUID  `json:"id" format:"uuid"`
	Session     uuid.UUID  `json:"session" format:"uuid" doc:"The evidence"`
	By          uuid.UUID  `json:"by" format:"uuid"`
	ByName      string     `json:"by_name" example:"Amal Idrissi"`
	About       uuid.UUID  `json:"about" format:"uuid"`
	AboutName   string     `json:"about_name" example:"Dr Layla Haddad"`
	AboutExpert bool       `json:"about_expert"`
	OfThem      int        `json:"of_them" example:"2" doc:"Reports about the same person, this one among them"`
	Reason      string     `json:"reason" enum:"abuse,fraud,unqualified,other" example:"abuse"`
	Words       string     `json:"words"`
	At          time.Time  `json:"at"`
	Outcome     string     `json:"outcome,omitempty" enum:"dismissed,warned,suspended" doc:"Absent: nobody has decided"`
	Note        string     `json:"note,omitempty"`
	DecidedAt   *time.Time `json:"decided_at,omitempty"`
}

// ReportEvidence is a report with what was written in its conversation.
type ReportEvidence struct {
	Report
	Messages []SessionMessage `json:"messages" doc:"At most 500"`
}

// ReportMade names a report.
type ReportMade struct {
	ID uuid.UUID `json:"id" format:"uuid"`
}

type askReport struct {
	ID   uuid.UUID `path:"id" format:"uuid"`
	Body struct {
		Reason string `json:"reason" maxLength:"20" example:"abuse" doc:"abuse, fraud, unqualified or other"`
		Words  string `json:"words,omitempty" maxLength:"2000" doc:"What happened; required for other"`
		Block  bool   `json:"block,omitempty" doc:"And never meet them again"`
	}
}

type askReports struct {
	All    bool   `query:"all" doc:"Those that were decided on, too"`
	Cursor string `query:"cursor" format:"uuid" doc:"next of the page before"`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"30"`
}

type askReportDecision struct {
	ID   uuid.UUID `path:"id" format:"uuid"`
	Body struct {
		Outcome string `json:"outcome" maxLength:"20" example:"warned" doc:"dismissed, warned or suspended: the expert whom it is about"`
		Note    string `json:"note,omitempty" maxLength:"500" doc:"Required but where it is dismissed; of a suspension its reason, which the expert is shown"`
	}
}

// peopleDesk is what people are to each other after they have talked.
type peopleDesk struct {
	m *matching.Service
	t talkDesk
}

// People is favourites, blocks and reports. Who the other is says a conversation: nobody blocks or reports whom they never met.
func People(m *matching.Service, s *session.Service) func(*rest.API) {
	d := peopleDesk{m, talkDesk{s}}
	return func(a *rest.API) {
		rest.Handle(a, "sessions.favour", rest.Doc{Summary: "Keep a session's expert as a favourite", About: "Its client alone: session_not_yours. They are preferred where they can be rung. expert_blocked, favourites_too_many."}, d.favour)
		rest.Handle(a, "sessions.block", rest.Doc{Summary: "Never meet the other of a session again", About: "Either way, and at once: what rings between the two stops. blocks_too_many."}, d.block)
		rest.Handle(a, "sessions.report", rest.Doc{Summary: "Report the other of a session", Status: http.StatusCreated, About: "To whoever runs queues, with the session as evidence; once each: report_made."}, d.report)
		rest.Handle(a, "me.favourites", rest.Doc{Summary: "See my favourite experts"}, d.favourites)
		rest.Handle(a, "me.disfavour", rest.Doc{Summary: "Forget a favourite"}, d.disfavour)
		rest.Handle(a, "me.blocks", rest.Doc{Summary: "See whom I blocked"}, d.blocks)
		rest.Handle(a, "me.unblock", rest.Doc{Summary: "Take a block back", About: "One's own: what the other said stands."}, d.unblock)
		rest.Handle(a, "reports.list", rest.Doc{Summary: "List reports about people", About: "The newest first."}, d.list)
		rest.Handle(a, "reports.get", rest.Doc{Summary: "See a report with its evidence", About: "Leaves an audit row."}, d.get)
		rest.Handle(a, "reports.decide", rest.Doc{Summary: "Decide on a report", About: "Once: report_decided. Never on one's own, or one about oneself: report_own."}, d.decide)
	}
}

// other is with whom the caller talked, as its client or its expert.
func (d peopleDesk) other(ctx context.Context, id uuid.UUID) (other uuid.UUID, client bool, err error) {
	x, err := d.t.may(ctx, policy.SessionTalk, id)
	if err != nil {
		return uuid.Nil, false, err
	}
	switch talkBy(ctx).User {
	case x.Client:
		return x.Expert, true, nil
	case x.Expert:
		return x.Client, false, nil
	}
	return uuid.Nil, false, fault.New("session_not_yours")
}

func (d peopleDesk) favour(ctx context.Context, in *sessionID) (*rest.Nothing, error) {
	other, client, err := d.other(ctx, in.ID)
	if err == nil && !client {
		err = fault.New("session_not_yours")
	}
	if err == nil {
		err = d.m.Favour(ctx, matcherOf(ctx), other)
	}
	return &rest.Nothing{}, err
}

func (d peopleDesk) block(ctx context.Context, in *sessionID) (*rest.Nothing, error) {
	other, _, err := d.other(ctx, in.ID)
	if err == nil {
		err = d.m.Block(ctx, matcherOf(ctx), other)
	}
	return &rest.Nothing{}, err
}

func (d peopleDesk) report(ctx context.Context, in *askReport) (*rest.Answer[ReportMade], error) {
	other, _, err := d.other(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	id, err := d.m.Report(ctx, matcherOf(ctx), rest.ClaimOf(ctx), store.Report{Session: in.ID, About: other, Reason: in.Body.Reason, Words: in.Body.Words}, in.Body.Block)
	return rest.Say(ReportMade{id}), err
}

func (d peopleDesk) favourites(ctx context.Context, _ *struct{}) (*rest.Answer[rest.Page[Favourite]], error) {
	by := matcherOf(ctx)
	all, err := d.m.Favourites(ctx, by.Tenant, by.User)
	out := rest.Page[Favourite]{Items: make([]Favourite, len(all))}
	for i, f := range all {
		out.Items[i] = Favourite{f.Expert, f.Name, moneyOf(f.Minute), f.Rating, f.Rated, f.There, f.At}
	}
	return rest.Say(out), err
}

func (d peopleDesk) disfavour(ctx context.Context, in *thingID) (*rest.Nothing, error) {
	return &rest.Nothing{}, d.m.Disfavour(ctx, matcherOf(ctx), in.ID)
}

func (d peopleDesk) blocks(ctx context.Context, _ *struct{}) (*rest.Answer[rest.Page[BlockedPerson]], error) {
	all, err := d.m.Blocked(ctx, matcherOf(ctx))
	out := rest.Page[BlockedPerson]{Items: make([]BlockedPerson, len(all))}
	for i, b := range all {
		out.Items[i] = BlockedPerson(b)
	}
	return rest.Say(out), err
}

func (d peopleDesk) unblock(ctx context.Context, in *thingID) (*rest.Nothing, error) {
	return &rest.Nothing{}, d.m.Unblock(ctx, matcherOf(ctx), in.ID)
}

func reportOf(x *store.Report) Report {
	return Report{ID: x.ID, Session: x.Session, By: x.By, ByName: x.ByName, About: x.About, AboutName: x.AboutName, AboutExpert: x.AboutExpert, OfThem: x.OfThem,
		Reason: x.Reason, Words: x.Words, At: x.At, Outcome: x.Outcome, Note: x.Note, DecidedAt: some(x.DecidedAt)}
}

func (d peopleDesk) list(ctx context.Context, in *askReports) (*rest.Answer[rest.Page[Report]], error) {
	all, err := d.m.Reports(ctx, matcherOf(ctx).Tenant, !in.All, cursorOf(in.Cursor), in.Limit)
	if err != nil {
		return nil, err
	}
	out := rest.Page[Report]{Items: make([]Report, len(all))}
	for i := range all {
		out.Items[i] = reportOf(&all[i])
	}
	if len(all) == in.Limit {
		out.Next = all[len(all)-1].ID.String()
	}
	return rest.Say(out), nil
}

func (d peopleDesk) get(ctx context.Context, in *thingID) (*rest.Answer[ReportEvidence], error) {
	x, said, err := d.m.Evidence(ctx, matcherOf(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	out := ReportEvidence{Report: reportOf(&x), Messages: make([]SessionMessage, len(said))}
	for i, m := range said {
		out.Messages[i] = SessionMessage{N: m.N, By: m.By, Body: m.Body, At: m.At}
	}
	return rest.Say(out), nil
}

func (d peopleDesk) decide(ctx context.Context, in *askReportDecision) (*rest.Answer[Report], error) {
	x, err := d.m.DecideReport(ctx, matcherOf(ctx), in.ID, in.Body.Outcome, in.Body.Note)
	return rest.Say(reportOf(&x)), err
}
