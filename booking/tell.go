package booking

import (
	"errors"

	"github.com/waymeet/waymeet/booking/seat"
	"github.com/waymeet/waymeet/internal/fault"
)

// tell turns a refusal of the kernel into words for people. Reasons are codes of the catalogue; what its sentence needs
// goes along.
func tell(err error) error {
	var r *seat.Refusal
	if !errors.As(err, &r) {
		return err
	}
	var p fault.Params
	switch r.Reason {
	case seat.PartyInvalid:
		p = fault.Params{"max": seat.MaxParty}
	case seat.TripFull:
		p = fault.Params{"free": r.Free}
	case seat.NotBoardable, seat.NotNoShow:
		p = fault.Params{"state": fault.Word(r.State)}
	case seat.CapacityInvalid:
		p = fault.Params{"max": seat.MaxCapacity}
	}
	e := fault.New(string(r.Reason), p)
	if r.Field != "" {
		e = e.At("/" + r.Field)
	}
	return e
}
