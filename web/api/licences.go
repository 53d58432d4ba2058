package api

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/web/rest"
)

// Licence is what proves that an expert may practise a skill.
type Licence struct {
	ID      uuid.UUID   `json:"id" format:"uuid"`
	Skill   uuid.UUID   `json:"skill" format:"uuid"`
	Number  string      `json:"number" example:"DLAD-20417"`
	Until   string      `json:"until" format:"date" example:"2027-03-31" doc:"The last day on which it counts, where the operator is"`
	Days    int         `json:"days" example:"128" doc:"Until then"`
	Expired bool        `json:"expired" doc:"Nobody is rung for the skill by it any more"`
	State   string      `json:"state" enum:"submitted,accepted,refused" example:"submitted"`
	Why     string      `json:"why,omitempty" example:"The second page is missing" doc:"It was refused"`
	Name    string      `json:"name" example:"licence.pdf" doc:"Of its file"`
	File    SessionFile `json:"file"`
	At      time.Time   `json:"at" doc:"When it was handed in"`
}

type askHandIn struct {
	Skill  uuid.UUID `query:"skill" required:"true" format:"uuid"`
	Number string    `query:"number" required:"true" maxLength:"80" example:"DLAD-20417"`
	Until  string    `query:"until" required:"true" format:"date" example:"2027-03-31"`
	Name   string    `query:"name" required:"true" maxLength:"120" example:"licence.pdf"`
}

type askLicenceDecision struct {
	ID   uuid.UUID `path:"id" format:"uuid"`
	Body struct {
		State string `json:"state" maxLength:"20" example:"accepted" doc:"accepted or refused"`
		Why   string `json:"why,omitempty" maxLength:"500" doc:"For its expert: required where it is refused"`
	}
}

// licences are handed in by experts and decided on by whoever runs queues.
func licences(a *rest.API, d adviceDesk) {
	rest.Handle(a, "practice.licences", rest.Doc{Summary: "See my licences"}, d.myLicences)
	rest.Handle(a, "practice.handIn", rest.Doc{Summary: "Hand in a licence", Status: http.StatusCreated,
		About: "The body is the file, 25 MiB at most; what it is is read from its bytes. Its skill rings once the operator has accepted it, and until its last day is over. licence_expired, licence_too_many, file_too_large, file_empty, file_kind_refused."}, d.handIn)
	rest.Handle(a, "practice.licenceLink", rest.Doc{Summary: "Get a link to my licence's file", About: "For whoever has it, for minutes."}, d.myLicenceLink)
	rest.Handle(a, "licences.list", rest.Doc{Summary: "See an expert's licences"}, d.licencesOf)
	rest.Handle(a, "licences.link", rest.Doc{Summary: "Get a link to a licence's file", About: "For whoever has it, for minutes."}, d.licenceLink)
	rest.Handle(a, "licences.decide", rest.Doc{Summary: "Decide whether a licence counts", About: "Never one's own. One that counted may be refused later: from then on nobody is rung by it."}, d.decideLicence)
}

func licenceOf(x *store.Licence) Licence {
	return Licence{ID: x.ID, Skill: x.Skill, Number: x.Number, Until: x.Until.String(), Days: x.Days, Expired: x.Expired, State: x.State, Why: x.Why, Name: x.Name,
		File: SessionFile{x.Kind, x.Size}, At: x.CreatedAt}
}

func (d adviceDesk) licences(ctx context.Context, expert uuid.UUID) (*rest.Answer[rest.Page[Licence]], error) {
	all, err := d.s.Licences(ctx, matcherOf(ctx).Tenant, expert)
	if err != nil {
		return nil, err
	}
	out := rest.Page[Licence]{Items: make([]Licence, len(all))}
	for i := range all {
		out.Items[i] = licenceOf(&all[i])
	}
	return rest.Say(out), nil
}

func (d adviceDesk) myLicences(ctx context.Context, _ *struct{}) (*rest.Answer[rest.Page[Licence]], error) {
	return d.licences(ctx, matcherOf(ctx).User)
}

func (d adviceDesk) licencesOf(ctx context.Context, in *thingID) (*rest.Answer[rest.Page[Licence]], error) {
	return d.licences(ctx, in.ID)
}

func (d adviceDesk) handIn(ctx context.Context, in *askHandIn) (*rest.Answer[Licence], error) {
	until, err := dayOf(in.Until, "query/until")
	if err != nil {
		return nil, err
	}
	body := rest.RawOf(ctx)
	x, err := d.s.HandIn(ctx, matcherOf(ctx), rest.ClaimOf(ctx), store.Licence{Skill: in.Skill, Number: in.Number, Until: until, Name: in.Name}, body)
	if fault.Is(err, "file_too_large") {
		_, _ = io.CopyN(io.Discard, body, drained)
	}
	return rest.Say(licenceOf(&x)), err
}

func (d adviceDesk) myLicenceLink(ctx context.Context, in *thingID) (*rest.Answer[FileLink], error) {
	by := matcherOf(ctx)
	x, err := d.s.Licence(ctx, by.Tenant, in.ID)
	if err == nil && x.Expert != by.User {
		err = fault.New("licence_not_found") // as of one that nobody handed in
	}
	return d.linkTo(ctx, x, err)
}

func (d adviceDesk) licenceLink(ctx context.Context, in *thingID) (*rest.Answer[FileLink], error) {
	x, err := d.s.Licence(ctx, matcherOf(ctx).Tenant, in.ID)
	return d.linkTo(ctx, x, err)
}

func (d adviceDesk) linkTo(ctx context.Context, x store.Licence, err error) (*rest.Answer[FileLink], error) {
	if err != nil {
		return nil, err
	}
	token, until, err := d.s.LicenceLink(matcherOf(ctx).Tenant, x)
	return rest.Say(FileLink{"/v1/files/" + token, until.UTC()}), err
}

func (d adviceDesk) decideLicence(ctx context.Context, in *askLicenceDecision) (*rest.Answer[Licence], error) {
	if in.Body.State != "accepted" && in.Body.State != "refused" {
		return nil, fault.New("bad_value").At("/state")
	}
	x, err := d.s.DecideLicence(ctx, matcherOf(ctx), in.ID, in.Body.State == "accepted", in.Body.Why)
	return rest.Say(licenceOf(&x)), err
}
