package demo

import (
	"io/fs"
	"time"

	"github.com/waymeet/waymeet/billing/invoice"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/demo/feed"
	"github.com/waymeet/waymeet/store"
)

// Password opens every login of the demonstration. It is printed when it starts.
const Password = "waymeet-demo"

// Hours says when there is something to see, to print with the logins.
const Hours = "atlas (Casablanca) runs day and night, rift (Nairobi) from 6 to 21 h there; majlis (Dubai) gives advice at any hour. "

// operator is one tenant of the demonstration.
type operator struct {
	tenant   tenant.Tenant // without its id
	domain   string        // of e-mail addresses
	feed     func() fs.FS
	shift    bool // the feed is of another year
	capacity int  // seats of a vehicle
	fleet    string

	biller          store.Biller // who bills the employer
	riders, drivers int
	employer        string // who pays a part for the first of the riders
	experts         []expert
	names           names
	logins          []string // names of those whose logins are printed, in the order of loginRoles

	// ahead and back bound the trips that get riders at once: all of two days in a small city, some hours in
	// one with thousands of trips.
	ahead, back time.Duration

	every    time.Duration // between two journeys of the crowd
	vehicles int           // that the crowd drives at once, at most
	reasons  []string      // why a trip does not run
}

// operators are the two tenants. Neither exists; the places, and the second one's feed, do.
var operators = []operator{
	{
		tenant: tenant.Tenant{Slug: "atlas", Name: "Atlas Navettes", TimeZone: "Africa/Casablanca", Currency: "MAD", DefaultLocale: "fr",
			Map: tenant.Map{Lat: 33.5560, Lon: -7.6050, Zoom: 10.6}},
		biller: store.Biller{Party: store.Party{Name: "Atlas Navettes SA", Address: []string{"12 rue de Fès", "20250 Casablanca"}, IDs: []store.Label{{Name: "ICE", Value: "001525713000089"}, {Name: "IF", Value: "40221587"}},
			Bank: []store.Label{{Name: "RIB", Value: "007 780 0001234567890123 45"}}}, Country: "MA", Prices: invoice.GrossPrices},
		domain: "atlas.example", feed: feed.Casablanca, capacity: 18, fleet: "AT-",
		riders: 200, drivers: 140, employer: "Atlas Textiles", names: moroccan, logins: []string{"Salma Bennani", "Youssef El Idrissi", "Nadia Chraïbi", "Karim Tazi", "Hind Berrada", "Hicham Alaoui", "Leila Amrani"},
		experts: []expert{
			{"expert1", "Yasmin Haddad", 184_000, "007780000123456789012396"}, {"expert2", "Omar Benkirane", 96_050, "011790000222333444555677"}, {"expert3", "Lina Sefrioui", 41_500, ""},
		},
		ahead: 30 * time.Hour, back: 5 * time.Hour,
		every: 1500 * time.Millisecond, vehicles: 60,
		reasons: []string{"Panne du véhicule", "Chauffeur indisponible", "Route coupée"},
	},
	{
		tenant: tenant.Tenant{Slug: "rift", Name: "Rift Matatus", TimeZone: "Africa/Nairobi", Currency: "KES", DefaultLocale: "en",
			Map: tenant.Map{Lat: -1.2640, Lon: 36.8380, Zoom: 11.6}},
		biller: store.Biller{Party: store.Party{Name: "Rift Matatus Ltd", Address: []string{"Moi Avenue 44", "00100 Nairobi"}, IDs: []store.Label{{Name: "PIN", Value: "P051234567X"}}},
			Country: "KE", Prices: invoice.GrossPrices},
		domain: "rift.example", feed: feed.Nairobi, shift: true, capacity: 14, fleet: "RM-",
		riders: 60, drivers: 140, employer: "Rift Flowers", names: kenyan, logins: []string{"Wanjiru Kamau", "Brian Otieno", "Achieng Odhiambo", "Daniel Mwangi", "Njeri Mutua", "Kevin Kiprono", "Mercy Wambui"},
		experts: []expert{
			{"expert1", "Faith Nyambura", 1_250_000, "AE070331234567890123456"}, {"expert2", "Peter Odinga", 480_000, ""},
		},
		ahead: 90 * time.Minute, back: 45 * time.Minute,
		every: 6 * time.Second, vehicles: 16,
		reasons: []string{"Vehicle broke down", "No driver", "Road closed"},
	},
}

// Operators is the short names of the demonstration's tenants.
func Operators() (all []string) {
	for _, o := range operators {
		all = append(all, o.tenant.Slug)
	}
	for _, b := range bureaus {
		all = append(all, b.tenant.Slug)
	}
	return all
}

// roles of the printed logins, in the order of operator.logins; the address is role@domain.
var loginRoles = []string{"rider", "driver", "dispatcher", "admin", "finance", "agent", "manager"}

// Login is one way in.
type Login struct {
	Tenant   string `json:"tenant"`
	Role     string `json:"role"`
	Email    string `json:"email"`
	Password string `json:"password"`
}

// Logins are those to print: one for each role of each operator.
func Logins() (all []Login) {
	for _, o := range operators {
		for _, role := range loginRoles {
			all = append(all, Login{o.tenant.Slug, role, o.email(role), Password})
		}
	}
	for _, b := range bureaus {
		for _, role := range bureauRoles {
			all = append(all, Login{b.tenant.Slug, role, b.email(role), Password})
		}
	}
	return all
}

func (o *operator) email(who string) string { return who + "@" + o.domain }
