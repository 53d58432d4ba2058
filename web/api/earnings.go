package api

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/web/rest"
)

// EarnedSpan is what a day or a week brought an expert.
type EarnedSpan struct {
	Part     Money `json:"part" doc:"Theirs, of what is settled"`
	Sessions int   `json:"sessions" example:"6" doc:"That cost something"`
	TalkedS  int64 `json:"talked_s" example:"3120"`
}

// EarnedSession is a conversation of an expert's that is over.
type EarnedSession struct {
	ID        uuid.UUID `json:"id" format:"uuid"`
	State     string    `json:"state" example:"completed"`
	Modality  string    `json:"modality" example:"video"`
	CreatedAt time.Time `json:"created_at"`
	EndedAt   time.Time `json:"ended_at"`
	ChargedS  int64     `json:"charged_s" example:"640"`
	Cost      Money     `json:"cost" doc:"To the client; of one beside another expert what its minutes come to, which the operator pays"`
	Part      *Money    `json:"part,omitempty" doc:"Theirs; absent until it is settled"`
	Beside    bool      `json:"beside,omitempty" doc:"They were its second expert; id is the offer that they accepted"`
}

// Earnings is what an expert's conversations brought them.
type Earnings struct {
	Today EarnedSpan      `json:"today" doc:"In their own time zone"`
	Week  EarnedSpan      `json:"week" doc:"From Monday"`
	Items []EarnedSession `json:"items" doc:"The newest first"`
	Next  string          `json:"next,omitempty"`
}

type askPractices struct {
	State  string `query:"state" maxLength:"20" doc:"applied, approved or refused; none: all"`
	Cursor string `query:"cursor" format:"uuid" doc:"What next said"`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"50"`
}

type askEarned struct {
	Cursor string `query:"cursor" format:"uuid" doc:"What next said"`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"20"`
}

func (d adviceDesk) earned(ctx context.Context, in *askEarned) (*rest.Answer[Earnings], error) {
	by := matcherOf(ctx)
	sums, each, err := d.s.Earned(ctx, by.Tenant, by.User, cursorOf(in.Cursor), in.Limit+1)
	if err != nil {
		return nil, err
	}
	span := func(m ledger.Money, n int, talked time.Duration) EarnedSpan {
		return EarnedSpan{moneyOf(m), n, int64(talked / time.Second)}
	}
	out := Earnings{Today: span(sums.Today, sums.TodayN, sums.TodayTalk), Week: span(sums.Week, sums.WeekN, sums.WeekTalk), Items: []EarnedSession{}}
	for i, e := range each {
		if i == in.Limit {
			out.Next = each[i-1].ID.String()
			break
		}
		x := EarnedSession{ID: e.ID, State: e.State, Modality: e.Modality, CreatedAt: e.CreatedAt, EndedAt: e.EndedAt, ChargedS: e.Charged, Cost: moneyOf(e.Cost), Beside: e.Beside}
		if e.Settled {
			part := moneyOf(e.Part)
			x.Part = &part
		}
		out.Items = append(out.Items, x)
	}
	return rest.Say(out), nil
}

func (d adviceDesk) practices(ctx context.Context, in *askPractices) (*rest.Answer[rest.Page[Practice]], error) {
	all, err := d.s.Practices(ctx, matcherOf(ctx).Tenant, in.State, cursorOf(in.Cursor), in.Limit+1)
	if err != nil {
		return nil, err
	}
	page := rest.Page[Practice]{Items: []Practice{}}
	for i := range all {
		if i == in.Limit {
			page.Next = all[i-1].ID.String()
			break
		}
		page.Items = append(page.Items, sayPractice(&all[i]))
	}
	return rest.Say(page), nil
}

func sayPractice(p *store.ExpertProfile) Practice {
	return Practice{ID: p.ID, Name: p.Name, State: p.State, Suspended: p.Suspended, Why: p.Why, Intent: p.Intent, Asked: p.Asked, Rating: p.Rating, Rated: p.Rated,
		PracticeRules: PracticeRules{Price: moneyOf(p.Minute), Slots: p.Slots, Modalities: p.Modalities, Languages: p.Languages, TimeZone: p.TimeZone,
			Skills: sayLevels(p.Skills), Hours: sayHours(p.Hours), Days: sayDays(p.Days)}}
}
