package invoicing_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/invoice"
	"github.com/waymeet/waymeet/billing/invoicing"
	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/store/storetest"
)

// office is an operator with an employer and its programme, and a clock that tests set.
type office struct {
	*storetest.DB
	*invoicing.Service
	t        *testing.T
	id       tenant.ID
	by       uuid.UUID
	employer uuid.UUID
	scheme   uuid.UUID // the employer's programme
	today    time.Time
}

func newOffice(t *testing.T) *office {
	t.Helper()
	o := &office{DB: storetest.New(t), t: t, today: time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)}
	o.id, o.by = o.A.ID, o.A.Users["finance"]
	o.Service = invoicing.At(o.DB.DB, func() time.Time { return o.today })
	o.employer, o.scheme = o.organisation(o.id, "Câblages du Détroit", "Africa/Casablanca", "MAD")
	if _, err := o.SaveBiller(t.Context(), o.id, o.by, idem.Claim{}, store.Biller{Party: store.Party{Name: "Atlas", Address: []string{"Casablanca"}, IDs: []store.Label{{Name: "ICE", Value: "1"}}},
		Country: "MA", Prices: invoice.GrossPrices}); err != nil {
		t.Fatal(err)
	}
	return o
}

func (o *office) organisation(id tenant.ID, name, zone, currency string) (organisation, programme uuid.UUID) {
	organisation, programme = ident.New(), ident.New()
	o.Exec(o.t, `insert into organisation (tenant_id, id, name, legal_name, address, country, email, currency, time_zone, locale, terms, po_number)
		values ($1, $2, $3, $3 || ' SA', '{"Zone franche", "Tanger"}', 'MA', '', $4, $5, 'fr', 'eom_30', '4500018872')`, id.UUID(), organisation, name, currency, zone)
	o.Exec(o.t, `insert into unit (tenant_id, id, organisation_id, above, name) values ($1, $2, $2, array[$2::uuid], $3)`, id.UUID(), organisation, name)
	o.Exec(o.t, `insert into programme (tenant_id, id, organisation_id, unit_id, name, currency, percent, fixed, lines, stops, weekdays, hours_from, hours_until,
		time_zone, no_show, cost_centre, valid_from) values ($1, $2, $3, $3, 'Commute', $4, 100, 0, '{}', '{}', 0, 0, 0, $5, 'as_booked', '', '2020-01-01')`,
		id.UUID(), programme, organisation, currency, zone)
	return organisation, programme
}

// ride is a usage record of a ride that the programme paid.
func (o *office) ride(date servicedate.Date, amount int64) store.Usage {
	return store.Usage{Source: "ride/" + ident.New().String(), Organisation: o.employer, Unit: o.employer, Programme: o.scheme, Person: o.A.Rider, PersonName: "Amal Idrissi",
		CostCentre: "CC-410", Date: date, At: date.Midnight().Add(7 * time.Hour), Supply: invoice.UrbanTransport, Country: "MA", Says: "L12, 07:10",
		Quantity: 1, UnitOf: "ride", Amount: amount, Currency: "MAD"}
}

// add settles rides: usage records, and what the programme owes for them, as the flow of a ride does.
func (o *office) add(usages ...store.Usage) {
	o.t.Helper()
	if err := o.InTx(context.Background(), o.id, func(tx *store.Tx) error {
		ctx := context.Background()
		for _, u := range usages {
			if err := tx.AddUsage(ctx, u); err != nil {
				return err
			}
			if u.Programme == uuid.Nil || u.Amount < 0 {
				continue
			}
			c := ledger.Currency(u.Currency)
			if err := tx.OpenAccounts(ctx, ledger.Programme(u.Programme, c)); err != nil {
				return err
			}
			if _, err := tx.RecordOne(ctx, ledger.Post(u.Source+":settled", "ride_settled", ledger.Debit(ledger.Programme(u.Programme, c), ledger.Of(u.Amount, c)),
				ledger.Credit(ledger.Revenue("seats", c), ledger.Of(u.Amount, c)))); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) claim(key string) idem.Claim {
	return idem.Claim{Actor: o.by, Operation: "test", Key: key, Hash: idem.HashOf(key)}
}

func (o *office) finalise(m string) store.Document {
	o.t.Helper()
	id, err := o.Finalise(context.Background(), o.id, o.by, idem.Claim{}, o.employer, month(o.t, m), nil)
	if err != nil {
		o.t.Fatal(err)
	}
	return o.document(id)
}

func (o *office) document(id uuid.UUID) store.Document {
	o.t.Helper()
	d, err := o.Document(context.Background(), o.id, id)
	if err != nil {
		o.t.Fatal(err)
	}
	return d
}

// holds checks what accounts hold, each from its own point of view.
func (o *office) holds(want map[ledger.Account]int64) {
	o.t.Helper()
	for a, n := range want {
		b, err := o.Read(o.id).Balance(context.Background(), a)
		if err != nil || b.Amount(a.Class()) != n {
			o.t.Errorf("%v holds %d, want %d (%v)", a, b.Amount(a.Class()), n, err)
		}
	}
}

// verified derives the whole ledger again.
func (o *office) verified() {
	o.t.Helper()
	if _, err := o.VerifyLedger(context.Background(), o.id); err != nil {
		o.t.Error(err)
	}
}

func month(t *testing.T, s string) invoice.Month {
	t.Helper()
	m, err := invoice.ParseMonth(s)
	if err != nil {
		t.Fatal(err)
	}
	return m
}
