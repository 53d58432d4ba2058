package seat

// Reason is a stable code for why a decision was no. The same codes reach clients, so they never change meaning.
type Reason string

// Reasons, in the order in which a hold meets them.
const (
	PartyInvalid     Reason = "party_invalid"
	SameStop         Reason = "same_stop"
	StopsReversed    Reason = "stops_reversed"
	StopNotOnTrip    Reason = "stop_not_on_trip"
	TripCancelled    Reason = "trip_cancelled"
	TripDeparted     Reason = "trip_departed"
	TripClosed       Reason = "trip_closed"
	TripFull         Reason = "trip_full"
	HoldExpired      Reason = "hold_expired"
	AlreadyConfirm   Reason = "already_confirmed"
	AlreadyCancelled Reason = "already_cancelled"
	NotCancellable   Reason = "not_cancellable"
	NotBoardable     Reason = "not_boardable"
	NotNoShow        Reason = "not_no_show"
	NoShowTooEarly   Reason = "too_early_for_show"
	BoardTooEarly    Reason = "too_early_to_board"
	TicketInvalid    Reason = "ticket_invalid"
	TicketExpired    Reason = "ticket_expired"
	CapacityInvalid  Reason = "capacity_invalid"
)

// Refusal is a decision of no, with what a person needs to know about it.
type Refusal struct {
	Reason Reason
	Field  string // the part of the request that is to blame, if one is
	Free   int    // seats left, for TripFull
	State  State  // where the booking stands, for refusals that come from its state
}

func (r *Refusal) Error() string { return "seat: " + string(r.Reason) }

// Is lets errors.Is compare refusals by their reason alone.
func (r *Refusal) Is(target error) bool {
	t, ok := target.(*Refusal)
	return ok && t.Reason == r.Reason
}

func refuse(why Reason) *Refusal { return &Refusal{Reason: why} }

func (r *Refusal) on(field string) *Refusal { r.Field = field; return r }

func (r *Refusal) from(s State) *Refusal { r.State = s; return r }
