package programme

// NoShowRule says who pays for a seat that nobody came for.
type NoShowRule uint8

// The rules. None of them makes the employer pay above a cap.
const (
	AsBooked     NoShowRule = iota // the split of the booking stands
	RiderPays                      // the employer's part goes over to the rider
	EmployerPays                   // the employer pays the whole fare, as far as the caps leave room
)

// Missed is the split of a covered ride whose rider did not show up. Usage excludes this ride, as it did when it was
// booked. What the employer granted by the booking is not taken back by EmployerPays when room has shrunk since.
func Missed(t *Terms, u Usage, booked Split) Split {
	if len(booked.Refused) > 0 {
		return booked // it was the rider's alone from the start
	}
	fare := booked.Employer + booked.Rider
	s := Split{Rider: fare, CostCentre: booked.CostCentre}
	switch t.NoShow {
	case RiderPays:
		if booked.Employer > 0 {
			s.Cuts = []Cut{{Reason: NoShowRiderPays, By: booked.Employer}}
		}
	case EmployerPays:
		if s.grant(t, u, fare); s.Employer < booked.Employer {
			return booked
		}
	default:
		return booked
	}
	return s
}
