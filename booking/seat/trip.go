package seat

import "time"

// Status is where a trip stands.
type Status string

// Statuses of a trip.
const (
	Scheduled Status = "scheduled"
	Boarding  Status = "boarding"
	Departed  Status = "departed"
	Completed Status = "completed"
	Cancelled Status = "cancelled"
)

// State is where a booking stands.
type State string

// States of a booking.
const (
	Held      State = "held"
	Confirmed State = "confirmed"
	Boarded   State = "boarded"
	Done      State = "completed"
	NoShow    State = "no_show"
	Withdrawn State = "cancelled"
	Expired   State = "expired"
)

// Takes says whether a booking in that state has its seats on the trip.
func (s State) Takes() bool { return s != Withdrawn && s != Expired }

// Trip is what decisions need of a trip's locked row.
type Trip struct {
	Inventory
	Status  Status
	Closed  bool // sells no more, runs for those who have seats: the timetable no longer has it
	Held    int  // seats held, not yet confirmed
	Booked  int  // seats confirmed, whatever became of them
	Boarded int  // of these, seats whose riders are or were on board
}

// Booking is what decisions need of one booking on that trip.
type Booking struct {
	Ride      Interval
	Party     int
	State     State
	Pickup    time.Time // when the trip leaves the rider's stop, delay included
	ExpiresAt time.Time // of a hold
	CutOff    time.Time // for its refund
	Fare      Fare
}

// Open says whether seats can be sold for a pickup at that instant.
func (t *Trip) Open(pickup, now time.Time) error {
	switch t.Status {
	case Cancelled:
		return refuse(TripCancelled)
	case Departed, Completed:
		return refuse(TripDeparted)
	}
	if !now.Before(pickup) {
		return refuse(TripDeparted)
	}
	if t.Closed {
		return refuse(TripClosed)
	}
	return nil
}

// Hold keeps seats for a while: b's ride, party and pickup are asked, its state, deadline and cut-off are answered.
func (t *Trip) Hold(b *Booking, p Policy, now time.Time) error {
	if b.Party < 1 || b.Party > MaxParty {
		return refuse(PartyInvalid).on("party")
	}
	if err := t.Open(b.Pickup, now); err != nil {
		return err
	}
	if err := t.Take(b.Ride, b.Party); err != nil {
		return err
	}
	b.State, b.ExpiresAt, b.CutOff = Held, now.Add(p.HoldFor), p.CutOff(b.Pickup)
	t.Held += b.Party
	return nil
}

// Due says whether b is a hold whose time is over.
func (b *Booking) Due(now time.Time) bool { return b.State == Held && !now.Before(b.ExpiresAt) }

// Expire frees the seats of a hold that is due; false when it is not.
func (t *Trip) Expire(b *Booking, now time.Time) (bool, error) {
	if !b.Due(now) {
		return false, nil
	}
	if err := t.Release(b.Ride, b.Party); err != nil {
		return false, err
	}
	b.State = Expired
	t.Held -= b.Party
	return true, nil
}

// Confirm turns a hold into a booking. A live hold is a promise: a trip that left its first stop meanwhile keeps it.
func (t *Trip) Confirm(b *Booking, now time.Time) error {
	switch b.State {
	case Held:
	case Expired:
		return refuse(HoldExpired).from(b.State)
	case Withdrawn:
		return refuse(AlreadyCancelled).from(b.State)
	default:
		return refuse(AlreadyConfirm).from(b.State)
	}
	if b.Due(now) {
		return refuse(HoldExpired).from(Expired)
	}
	if t.Status == Cancelled {
		return refuse(TripCancelled)
	}
	if t.Status == Completed {
		return refuse(TripDeparted)
	}
	b.State = Confirmed
	t.Held -= b.Party
	t.Booked += b.Party
	return nil
}

// Extend gives a hold that is not due yet more time: its rider is paying. It is never shortened.
func (t *Trip) Extend(b *Booking, until, now time.Time) error {
	probe := *b
	if err := (&Trip{Status: t.Status}).Confirm(&probe, now); err != nil { // what cannot be confirmed is not paid for
		return err
	}
	if until.After(b.ExpiresAt) {
		b.ExpiresAt = until
	}
	return nil
}

// Retake turns a hold whose time was over when its payment came into a booking, if its seats are still free.
func (t *Trip) Retake(b *Booking, now time.Time) error {
	if b.State != Expired {
		return t.Confirm(b, now)
	}
	if err := t.Open(b.Pickup, now); err != nil {
		return err
	}
	if err := t.Take(b.Ride, b.Party); err != nil {
		return err
	}
	b.State = Confirmed
	t.Booked += b.Party
	return nil
}

// Cancel frees the seats and says what comes back of the fare. A hold that was never paid gives nothing back.
func (t *Trip) Cancel(b *Booking, p Policy, now time.Time) (Fare, error) {
	none := Fare{Currency: b.Fare.Currency}
	back := none
	switch b.State {
	case Held:
		t.Held -= b.Party
	case Confirmed:
		gone := t.Status == Departed || t.Status == Completed || !now.Before(b.Pickup)
		if gone && t.Status != Cancelled {
			return none, refuse(NotCancellable).from(b.State)
		}
		back = p.Refund(b.Fare, b.CutOff, now, t.Status == Cancelled)
		t.Booked -= b.Party
	case Withdrawn:
		return none, refuse(AlreadyCancelled).from(b.State)
	default:
		return none, refuse(NotCancellable).from(b.State)
	}
	if err := t.Release(b.Ride, b.Party); err != nil {
		return none, err
	}
	b.State = Withdrawn
	return back, nil
}

// Board records that the riders are on the vehicle. already is true for a repeated scan, which changes nothing. A scan
// that a phone kept while it was offline may come after the trip has ended and still counts; one that comes hours before is
// of the wrong trip, and there is no way back from it.
func (t *Trip) Board(b *Booking, p Policy, now time.Time) (already bool, err error) {
	switch b.State {
	case Boarded, Done:
		return true, nil
	case Confirmed, NoShow:
	default:
		return false, refuse(NotBoardable).from(b.State)
	}
	if t.Status == Cancelled {
		return false, refuse(TripCancelled)
	}
	if t.Status == Scheduled && now.Before(b.Pickup.Add(-p.BoardAhead)) {
		return false, refuse(BoardTooEarly)
	}
	if t.Status == Scheduled {
		t.Status = Boarding
	}
	b.State = Boarded
	t.Boarded += b.Party
	return false, nil
}

// MarkNoShow records that the riders did not come. Their seats stay theirs: the vehicle has gone.
func (t *Trip) MarkNoShow(b *Booking, now time.Time) error {
	switch {
	case b.State == NoShow:
		return nil
	case t.Status == Cancelled:
		return refuse(TripCancelled)
	case b.State != Confirmed:
		return refuse(NotNoShow).from(b.State)
	case now.Before(b.Pickup) && t.Status != Completed: // wherever the vehicle is: their stop's time has not come
		return refuse(NoShowTooEarly).from(b.State)
	}
	b.State = NoShow
	return nil
}

// Settle closes a booking whose trip is over: who was on board has travelled, who was not is a no-show, or gets everything
// back if the operator cancelled the trip, and a hold that nobody paid is released whether or not it was due.
func (t *Trip) Settle(b *Booking, now time.Time) (back Fare, err error) {
	switch b.State {
	case Boarded:
		b.State = Done
	case Confirmed:
		if t.Status == Cancelled {
			return t.Cancel(b, DefaultPolicy(), now)
		}
		b.State = NoShow
	case Held:
		b.ExpiresAt = now
		_, err = t.Expire(b, now)
	}
	return back, err
}
