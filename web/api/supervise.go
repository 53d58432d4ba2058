package api

import (
	"context"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/web/rest"
)

// Spilt is what opening an overflow did.
type Spilt struct {
	Moved int `json:"moved" example:"7" doc:"Who wait on in the overflow queue now"`
}

type askPriority struct {
	ID   uuid.UUID `path:"id" format:"uuid"`
	Body struct {
		Priority int `json:"priority" minimum:"0" maximum:"9" example:"5" doc:"Greater is served sooner"`
	}
}

type askMove struct {
	ID   uuid.UUID `path:"id" format:"uuid"`
	Body struct {
		Queue uuid.UUID `json:"queue" format:"uuid"`
	}
}

// supervise is what whoever runs queues does to those who wait.
func supervise(a *rest.API, d adviceDesk) {
	rest.Handle(a, "requests.prioritise", rest.Doc{Summary: "Serve somebody sooner, or later", About: "Whoever is rung for them rings on. request_over and request_matched where nobody waits any more."}, d.prioritise)
	rest.Handle(a, "requests.move", rest.Doc{Summary: "Let somebody wait in another queue",
		About: "From when they were placed. What rings for them is taken back; what the old queue asks of everybody is not asked any more, what the new one asks is."}, d.move)
	rest.Handle(a, "queues.spill", rest.Doc{Summary: "Open a queue's overflow now", About: "Everybody for whom nobody is rung at this moment waits on in the overflow queue. Who comes later goes there after the last ring, as ever."}, d.spill)
}

// mayServe asks whether a request is in a queue that the caller runs, and says which: the service takes it from nowhere else.
func (d adviceDesk) mayServe(ctx context.Context, request uuid.UUID) (uuid.UUID, error) {
	r, _, err := d.s.See(ctx, matcherOf(ctx).Tenant, request)
	if err != nil {
		return uuid.Nil, err
	}
	if err = mayRun(ctx, policy.QueueWrite, r.Queue); fault.Is(err, "queue_not_found") {
		err = fault.New("request_not_found")
	}
	return r.Queue, err
}

func (d adviceDesk) prioritise(ctx context.Context, in *askPriority) (*rest.Answer[Request], error) {
	queue, err := d.mayServe(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if err := d.s.Prioritise(ctx, matcherOf(ctx), rest.ClaimOf(ctx), in.ID, queue, in.Body.Priority); err != nil {
		return nil, err
	}
	return d.request(ctx, in.ID)
}

func (d adviceDesk) move(ctx context.Context, in *askMove) (*rest.Answer[Request], error) {
	queue, err := d.mayServe(ctx, in.ID)
	if err == nil {
		err = mayRun(ctx, policy.QueueWrite, in.Body.Queue) // who waits there waits longer for it
	}
	if err != nil {
		return nil, err
	}
	if err := d.s.Move(ctx, matcherOf(ctx), rest.ClaimOf(ctx), in.ID, queue, in.Body.Queue); err != nil {
		return nil, err
	}
	return d.request(ctx, in.ID)
}

func (d adviceDesk) spill(ctx context.Context, in *thingID) (*rest.Answer[Spilt], error) {
	if err := mayRun(ctx, policy.QueueWrite, in.ID); err != nil {
		return nil, err
	}
	n, err := d.s.Spill(ctx, matcherOf(ctx), rest.ClaimOf(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	return rest.Say(Spilt{n}), nil
}
