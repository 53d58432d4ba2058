package api

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing"
	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/matching"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/web/rest"
)

// Level is a skill and how much of it.
type Level struct {
	Skill uuid.UUID `json:"skill" format:"uuid"`
	Level int       `json:"level" minimum:"1" maximum:"5" example:"3"`
}

// Request is somebody who waits for an expert, or waited.
type Request struct {
	ID        uuid.UUID  `json:"id" format:"uuid"`
	Queue     uuid.UUID  `json:"queue" format:"uuid"`
	Client    uuid.UUID  `json:"client" format:"uuid"`
	Modality  string     `json:"modality" enum:"audio,video,chat" example:"video"`
	Languages []string   `json:"languages" example:"[\"ar\",\"en\"]"`
	About     string     `json:"about,omitempty" doc:"What the client wrote"`
	Ceiling   Money      `json:"ceiling" doc:"Of a minute's price: what was set aside says it"`
	State     string     `json:"state" enum:"waiting,matched,cancelled" example:"waiting"`
	PlacedAt  time.Time  `json:"placed_at"`
	Position  int        `json:"position,omitempty" example:"3" doc:"While it waits"`
	Callback  *Callback  `json:"callback,omitempty" doc:"The client is not there, and is called when their turn comes"`
	Expert    *uuid.UUID `json:"expert,omitempty" format:"uuid"`
	Offer     *uuid.UUID `json:"offer,omitempty" format:"uuid" doc:"Once matched: the conversation has the same id"`
}

// Callback is where a client is who is called when their turn comes.
type Callback struct {
	Calls     int        `json:"calls" example:"1" doc:"So far"`
	CallUntil *time.Time `json:"call_until,omitempty" doc:"Of the latest call: until then requests.here says that one is there"`
}

func callbackOf(c store.Calling) *Callback {
	if !c.Away {
		return nil
	}
	out := &Callback{Calls: c.Calls}
	if !c.Until.IsZero() {
		out.CallUntil = &c.Until
	}
	return out
}

type askPlace struct {
	Body struct {
		Queue     uuid.UUID `json:"queue" format:"uuid"`
		Needs     []Level   `json:"needs" doc:"The most important first; at most eight with the queue's own"`
		Languages []string  `json:"languages,omitempty" example:"[\"ar\"]" doc:"Any of them will do; none: any language. At most eight"`
		Modality  string    `json:"modality" example:"video" doc:"audio, video or chat: one that the queue offers"`
		About     string    `json:"about,omitempty" maxLength:"2000" example:"My landlord keeps the deposit" doc:"For whoever is rung"`
		Funds     uuid.UUID `json:"funds" format:"uuid" doc:"What was set aside: no hold, no queue"`
	}
}

// RequestFunds is what was set aside for a conversation that nobody has taken yet.
type RequestFunds struct {
	Funds   uuid.UUID `json:"funds" format:"uuid" doc:"Names it when a request is placed"`
	Ceiling Money     `json:"ceiling" doc:"The most that a minute may cost"`
	Held    Money     `json:"held" doc:"What is set aside now"`
	Lasts   int       `json:"lasts_s" example:"600" doc:"How long that is enough, in seconds, at the ceiling"`
	// Payment is where money is asked of a card: the latest time.
	Payment *PaymentStep `json:"payment,omitempty" doc:"By card: what came of it, and what its payer has to do. A request can be placed once its status is authorised"`
}

type askFund struct {
	Body struct {
		Ceiling int64 `json:"ceiling" example:"900" doc:"The most that a minute may cost, in the minor unit of the operator's currency"`
		Minutes int   `json:"minutes" example:"10" doc:"To be set aside now; more is asked for while two talk"`

		Pay string `json:"pay,omitempty" enum:"wallet,card" doc:"Absent: a card where one is named, else the wallet"`
		WithCard
	}
}

// OfferAnswer is what became of an offer.
type OfferAnswer struct {
	Offer    uuid.UUID `json:"offer" format:"uuid"`
	State    string    `json:"state" example:"accepted"`
	Request  uuid.UUID `json:"request" format:"uuid"`
	Repeated bool      `json:"repeated" doc:"It was answered before, and this is what it was answered then"`
}

// adviceDesk is the handlers of those who ask, and of those who answer.
type adviceDesk struct {
	s *matching.Service
	p *billing.Payments
}

// Advice is asking for an expert, and being one.
func Advice(s *matching.Service, p *billing.Payments) func(*rest.API) {
	d := adviceDesk{s, p}
	return func(a *rest.API) {
		rest.Handle(a, "requests.fund", rest.Doc{Summary: "Set money aside for a conversation", Status: http.StatusCreated,
			About: "From the wallet, or of a card: then payment says what is left to do, as with bookings.pay, and a request can be placed once it is authorised. What no request waits with is let go after 40 minutes. ceiling_too_low where no expert asks for so little; funds_insufficient where the wallet has less."}, d.fund)
		rest.Handle(a, "requests.funds", rest.Doc{Summary: "See what I set aside for a conversation", About: "And go on with its payment."}, d.funds)
		rest.Handle(a, "requests.giveBackFunds", rest.Doc{Summary: "Let go what I set aside for a conversation", About: "While no request waits with it: request_funds_used. A second time it says the same."}, d.giveBackFunds)
		rest.Handle(a, "requests.place", rest.Doc{Summary: "Ask for an expert", Status: http.StatusCreated,
			About: "The place is kept from now on: through reloads, reconnects and the end of any node. request_not_funded where nothing was set aside; ceiling_too_low where no expert asks for so little."}, d.place)
		rest.Handle(a, "requests.get", rest.Doc{Summary: "See a request", About: "Live as request:ID."}, d.get)
		rest.Handle(a, "requests.cancel", rest.Doc{Summary: "Wait no longer", About: "Whoever is rung for it stops. request_matched when somebody has taken it."}, d.cancel)
		rest.Handle(a, "requests.callMe", rest.Doc{Summary: "Be called when my turn comes", About: "For who has waited for some time (the signal wait says when it may be asked): the place is kept, nobody is rung meanwhile, and the page may be closed. callback_not_offered before; request_rung while an expert is asked."}, d.callMe)
		rest.Handle(a, "requests.here", rest.Doc{Summary: "Say that I am there", About: "Of who is called, or comes by themselves: they wait on in their place, and experts are rung. request_over for who comes after the last call."}, d.here)
		rest.Handle(a, "offers.accept", rest.Doc{Summary: "Take a request that I am rung for", About: "Asked again it answers as the first time. offer_expired, offer_taken and offer_withdrawn say what came before."}, d.accept)
		rest.Handle(a, "offers.decline", rest.Doc{Summary: "Leave a request to others"}, d.decline)
		supervise(a, d)
		practice(a, d)
		licences(a, d)
		queues(a, d)
		appointments(a, d)
	}
}

func matcherOf(ctx context.Context) matching.By {
	a, _ := policy.ActorFrom(ctx) // the door let nobody in without one
	return matching.By{Tenant: a.Tenant, User: a.User}
}

func levelsOf(all []Level) []store.SkillLevel {
	out := make([]store.SkillLevel, len(all))
	for i, l := range all {
		out[i] = store.SkillLevel(l)
	}
	return out
}

func sayLevels(all []store.SkillLevel) []Level {
	out := make([]Level, len(all))
	for i, l := range all {
		out[i] = Level(l)
	}
	return out
}

func (d adviceDesk) fund(ctx context.Context, in *askFund) (*rest.Answer[RequestFunds], error) {
	by, claim := matcherOf(ctx), rest.ClaimOf(ctx)
	terms, err := d.s.Agree(ctx, by.Tenant, in.Body.Ceiling)
	if err != nil {
		return nil, err
	}
	card := in.Body.Pay == "card" || in.Body.Pay == "" && in.Body.Method != uuid.Nil
	if !card && (in.Body.Method != uuid.Nil || in.Body.Keep) {
		return nil, fault.New("bad_value").At("/method")
	}
	funds := matching.FundsOf(claim)
	_, err = d.p.Authorise(ctx, by.Tenant, claim, billing.Advice{Session: funds, Client: by.User, Terms: terms, Minutes: in.Body.Minutes, FromWallet: !card, ByCard: card, With: in.Body.with()})
	if err != nil {
		return nil, err
	}
	return d.fundsOf(ctx, funds)
}

// fundsOf is what the caller set aside; what others did is not there.
func (d adviceDesk) fundsOf(ctx context.Context, id uuid.UUID) (*rest.Answer[RequestFunds], error) {
	by := matcherOf(ctx)
	s, err := d.p.SetAside(ctx, by.Tenant, by.User, id)
	if err != nil {
		return nil, err
	}
	money := func(n int64) Money { return Money{n, string(s.Ceiling.Currency)} }
	out := RequestFunds{Funds: id, Ceiling: money(s.Ceiling.Amount), Held: money(s.Funds.Authorised.Amount), Lasts: int(s.Funds.Until / time.Second)}
	if s.Step != nil {
		step := stepOf(*s.Step)
		out.Payment = &step
	}
	return rest.Say(out), nil
}

func (d adviceDesk) funds(ctx context.Context, in *thingID) (*rest.Answer[RequestFunds], error) {
	return d.fundsOf(ctx, in.ID)
}

func (d adviceDesk) giveBackFunds(ctx context.Context, in *thingID) (*rest.Answer[RequestFunds], error) {
	by := matcherOf(ctx)
	if _, err := d.p.GiveBackFunds(ctx, by.Tenant, by.User, in.ID); err != nil {
		return nil, err
	}
	return d.fundsOf(ctx, in.ID)
}

func (d adviceDesk) place(ctx context.Context, in *askPlace) (*rest.Answer[Request], error) {
	by := matcherOf(ctx)
	needs := make([]store.Need, len(in.Body.Needs))
	for i, n := range in.Body.Needs {
		needs[i] = store.Need(n)
	}
	p, err := d.s.Request(ctx, by, rest.ClaimOf(ctx), matching.Ask{Queue: in.Body.Queue, Needs: needs, Languages: in.Body.Languages, Modality: in.Body.Modality, About: in.Body.About, Funding: store.FundingOf(in.Body.Funds)})
	if err != nil {
		return nil, err
	}
	return d.request(ctx, p.Request)
}

func (d adviceDesk) request(ctx context.Context, id uuid.UUID) (*rest.Answer[Request], error) {
	r, ahead, err := d.s.See(ctx, matcherOf(ctx).Tenant, id)
	if err != nil {
		return nil, err
	}
	out := Request{ID: r.ID, Queue: r.Queue, Client: r.Client, Modality: r.Modality, Languages: r.Languages, About: r.About, Ceiling: Money{r.Ceiling.Amount, string(r.Ceiling.Currency)},
		State: string(r.State), PlacedAt: r.PlacedAt}
	if r.State == store.RequestWaiting {
		out.Position, out.Callback = ahead+1, callbackOf(r.Calling)
	}
	if r.Expert != uuid.Nil {
		out.Expert, out.Offer = &r.Expert, &r.Offer
	}
	return rest.Say(out), nil
}

func (d adviceDesk) get(ctx context.Context, in *thingID) (*rest.Answer[Request], error) {
	by := matcherOf(ctx)
	r, _, err := d.s.See(ctx, by.Tenant, in.ID)
	if err != nil {
		return nil, err
	}
	if err := policy.Can(ctx, policy.RequestRead, policy.Resource{Tenant: by.Tenant, Kind: "request", ID: in.ID, Owner: r.Client, Queue: r.Queue}); err != nil {
		if fault.Is(err, "not_found") || fault.Is(err, "forbidden") {
			err = fault.New("request_not_found") // as of one that nobody placed
		}
		return nil, err
	}
	return d.request(ctx, in.ID)
}

// cancel lets the money go, too. A repeat does so again, so that what a node left undone is done by whoever asks once more; else the
// hold's own time ends it.
func (d adviceDesk) cancel(ctx context.Context, in *thingID) (*rest.Answer[Request], error) {
	by := matcherOf(ctx)
	if _, err := d.s.Cancel(ctx, by, in.ID); err != nil {
		return nil, err
	}
	r, _, err := d.s.See(ctx, by.Tenant, in.ID)
	if err != nil {
		return nil, err
	}
	if funds, named := store.FundsOf(r.Funding); named {
		if _, err := d.p.Release(ctx, by.Tenant, funds); err != nil && !fault.Is(err, "not_found") {
			return nil, err
		}
	}
	return d.request(ctx, in.ID)
}

func (d adviceDesk) callMe(ctx context.Context, in *thingID) (*rest.Answer[Request], error) {
	if err := d.s.CallMe(ctx, matcherOf(ctx), in.ID); err != nil {
		return nil, err
	}
	return d.request(ctx, in.ID)
}

func (d adviceDesk) here(ctx context.Context, in *thingID) (*rest.Answer[Request], error) {
	if err := d.s.Here(ctx, matcherOf(ctx), in.ID); err != nil {
		return nil, err
	}
	return d.request(ctx, in.ID)
}

func offerAnswer(o store.Decision, err error) (*rest.Answer[OfferAnswer], error) {
	if err != nil {
		return nil, err
	}
	return rest.Say(OfferAnswer{o.Offer, o.State, o.Request, o.Repeated}), nil
}

func (d adviceDesk) accept(ctx context.Context, in *thingID) (*rest.Answer[OfferAnswer], error) {
	return offerAnswer(d.s.Accept(ctx, matcherOf(ctx), in.ID))
}

func (d adviceDesk) decline(ctx context.Context, in *thingID) (*rest.Answer[OfferAnswer], error) {
	return offerAnswer(d.s.Decline(ctx, matcherOf(ctx), in.ID))
}
