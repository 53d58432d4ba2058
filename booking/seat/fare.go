package seat

// Fare rules follow GTFS fares v1: a fare has a price for one rider and rules that say where it holds. A fare without
// rules holds everywhere. A rule holds when each thing that it names is so; the zones that a fare's rules call
// "contains" must, taken together, be exactly the zones that the ride passes. Of the fares that hold the cheapest is
// taken, since a rider would take it.

// Tariff is the fares of one feed.
type Tariff []FareClass

// FareClass is one fare and where it holds.
type FareClass struct {
	Price Fare
	Rules []FareRule
}

// FareRule names what it asks; an empty part asks nothing.
type FareRule struct {
	Line, Origin, Destination, Contains string
}

// Ride is what a fare depends on.
type Ride struct {
	Line                string
	Origin, Destination string   // zones of the two stops
	Zones               []string // of every stop from the one to the other, both included
}

// Quote is the cheapest fare of a party, in the tenant's currency if there is one, else in that of the feed; false when
// no fare holds for the ride.
func (t Tariff) Quote(r Ride, party int, currency string) (Fare, bool) {
	best, found := Fare{Currency: currency}, false
	for i := range t {
		c := &t[i]
		if !c.holds(r) {
			continue
		}
		price := Fare{c.Price.Amount * int64(party), c.Price.Currency}
		ours, bestOurs := price.Currency == currency, best.Currency == currency
		if !found || (ours && !bestOurs) || (ours == bestOurs && price.Amount < best.Amount) {
			best, found = price, true
		}
	}
	return best, found
}

func (c *FareClass) holds(r Ride) bool {
	if len(c.Rules) == 0 {
		return true
	}
	var asked map[string]bool
	for _, rule := range c.Rules {
		if !rule.names(r) {
			continue
		}
		if rule.Contains == "" {
			return true
		}
		if asked == nil {
			asked = map[string]bool{}
		}
		asked[rule.Contains] = true
	}
	return asked != nil && sameZones(asked, r.Zones)
}

func (f FareRule) names(r Ride) bool {
	return (f.Line == "" || f.Line == r.Line) &&
		(f.Origin == "" || f.Origin == r.Origin) &&
		(f.Destination == "" || f.Destination == r.Destination)
}

func sameZones(asked map[string]bool, passed []string) bool {
	seen := make(map[string]bool, len(passed))
	for _, z := range passed {
		if z == "" || !asked[z] {
			return false
		}
		seen[z] = true
	}
	return len(seen) == len(asked)
}
