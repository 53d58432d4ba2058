package invoicing

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/invoice"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/store"
)

// BillRide puts a ride that is over on its employer's next invoice: what was travelled, or missed at the employer's cost. Again
// changes nothing. What is on it is the employer's part as it was settled; the ledger has it on the programme's account.
func (s *Service) BillRide(ctx context.Context, t tenant.ID, booking uuid.UUID) error {
	ride, err := s.db.Read(t).CoveredRide(ctx, booking)
	if store.IsNotFound(err) || err == nil && (ride.Subsidy == 0 || ride.State != "used" && ride.State != "no_show") {
		return nil // nobody pays for it but its rider
	}
	if err != nil {
		return err
	}
	return s.db.InTx(ctx, t, func(tx *store.Tx) error {
		who, err := biller(ctx, &tx.Reader)
		if err != nil {
			return err
		}
		return tx.AddUsage(ctx, store.Usage{Source: "ride/" + booking.String(), Organisation: ride.Organisation, Unit: ride.Unit, Programme: ride.Programme,
			Person: ride.Employee, PersonName: ride.EmployeeName, CostCentre: ride.CostCentre, Date: ride.Date, At: ride.Pickup, Supply: invoice.UrbanTransport,
			Country: who.Country, Says: fmt.Sprintf("%s, %s – %s", ride.LineName, ride.From, ride.To), Quantity: 1, UnitOf: "ride", Amount: ride.Subsidy, Currency: ride.Currency})
	})
}
