package seat

// Interval is a ride on a trip, from stop index From to stop index To: it uses the legs From … To-1.
type Interval struct{ From, To int }

// Legs is how many legs the interval uses.
func (iv Interval) Legs() int { return iv.To - iv.From }

// Within says whether the interval exists on a trip with that many legs.
func (iv Interval) Within(legs int) bool { return iv.From >= 0 && iv.From < iv.To && iv.To <= legs }

// Find looks up the interval between two stops of a pattern. A loop visits a stop twice, so the answer is the shortest
// ride forwards: the last visit to the origin before the first later visit to the destination.
func Find[S comparable](stops []S, from, to S) (Interval, error) {
	if from == to {
		return Interval{}, refuse(SameStop).on("to")
	}
	sawFrom, sawTo := false, false
	at := -1
	for i, s := range stops {
		switch s {
		case from:
			sawFrom, at = true, i
		case to:
			sawTo = true
			if at >= 0 {
				return Interval{From: at, To: i}, nil
			}
		}
	}
	if !sawFrom {
		return Interval{}, refuse(StopNotOnTrip).on("from")
	}
	if !sawTo {
		return Interval{}, refuse(StopNotOnTrip).on("to")
	}
	return Interval{}, refuse(StopsReversed).on("to")
}
