package billing

import (
	"context"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store"
)

// Story is everything that is known of one payment: what was asked of the gateway, what it told, what it moved, what was booked,
// who did what, and what does not fit.
type Story struct {
	store.PaymentView
	Left       int64 // that can still be given back
	Operations []store.Operation
	Events     []store.Webhook
	Movements  []store.Movement
	Journals   []store.Booked
	Acts       []store.Audited
	Findings   []store.Finding
}

// storied bounds each part of a story; a payment has a dozen lines of each at most.
const storied = 200

// Story is one payment's.
func (f *Finance) Story(ctx context.Context, t tenant.ID, id uuid.UUID) (s Story, err error) {
	r := f.db.Read(t)
	if s.PaymentView, err = r.PaymentView(ctx, id); store.IsNotFound(err) {
		return s, fault.New("not_found")
	}
	if err != nil {
		return s, err
	}
	left, err := r.StillLeft(ctx, s.Payment)
	if err != nil {
		return s, err
	}
	s.Left = max(left, 0)
	subject := "payment/" + id.String()
	if s.Operations, err = r.Operations(ctx, id); err != nil {
		return s, err
	}
	if s.Movements, err = r.MovementsAbout(ctx, id, storied); err != nil {
		return s, err
	}
	var objects []string
	for _, ref := range append([]string{s.Ref}, refsOf(s)...) {
		if ref != "" {
			objects = append(objects, ref)
		}
	}
	if s.Events, err = r.WebhooksAbout(ctx, objects, storied); err != nil {
		return s, err
	}
	if s.Journals, err = r.EntriesAbout(ctx, subject, storied); err != nil {
		return s, err
	}
	if s.Acts, err = r.AuditTrail(ctx, subject); err != nil {
		return s, err
	}
	s.Findings, err = r.FindingsAbout(ctx, subject, storied)
	return s, err
}

// refsOf is the gateway's objects that a payment's refunds and disputes are.
func refsOf(s Story) (refs []string) {
	for _, o := range s.Operations {
		refs = append(refs, o.Ref)
	}
	for _, m := range s.Movements {
		refs = append(refs, m.Source)
	}
	return refs
}
