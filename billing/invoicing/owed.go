package invoicing

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/invoice"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store"
)

// maxNamed bounds the organisations of whose name a part was typed, by name: whoever means one of more types more of it.
const maxNamed = 200

// Owed is a page of invoices that wait for money, the oldest due first: an organisation's, or all's for the nil UUID; where something is typed,
// those with such a number, or the beginning of one, those of which as much is open, and of all organisations those of one with such a name.
func (s *Service) Owed(ctx context.Context, t tenant.ID, page store.OwedPage, organisation uuid.UUID, typed string, amount int64) (out []store.Document, err error) {
	r := s.db.Read(t)
	typed = strings.TrimSpace(typed)
	of := store.OwedOf{Whose: organisation, Begins: strings.ToUpper(strings.ReplaceAll(typed, " ", "-")), Amount: amount}
	of.Like, _ = invoice.ParsePart(typed)
	switch {
	case typed == "" && organisation == uuid.Nil:
		out, err = r.Owed(ctx, page)
	case typed == "":
		of.Organisations = []uuid.UUID{organisation}
		out, err = r.FindOwed(ctx, page, of)
	default:
		if organisation == uuid.Nil {
			if of.Organisations, err = r.OrganisationsNamed(ctx, typed, maxNamed); err != nil {
				return nil, err
			}
		}
		out, err = r.FindOwed(ctx, page, of)
	}
	if store.IsNotFound(err) {
		return nil, fault.New("invoice_not_found").At("query/cursor")
	}
	return out, err
}
