package demo

import (
	"fmt"

	"github.com/waymeet/waymeet/identity"
	"github.com/waymeet/waymeet/internal/demo/crowd"
)

// staff are the printed logins and the dispatcher whom the crowd plays.
func (o *operator) staff() (out []identity.NewUser) {
	for i, role := range loginRoles {
		out = append(out, identity.NewUser{Email: o.email(role), Name: o.logins[i], Roles: []string{role}})
	}
	return append(out, identity.NewUser{Email: o.email("control"), Name: "Control", Roles: []string{"dispatcher"}})
}

// public are the riders and drivers.
func (o *operator) public() (out []identity.NewUser) {
	for i, email := range o.riderEmails() {
		locale := o.names.locales[i%len(o.names.locales)]
		out = append(out, identity.NewUser{Email: email, Name: o.names.at(i), Locale: locale, Roles: []string{"rider"}})
	}
	for i, email := range o.driverEmails() {
		out = append(out, identity.NewUser{Email: email, Name: o.names.at(o.riders + 3*i), Roles: []string{"driver"}})
	}
	return out
}

func (o *operator) riderEmails() []string  { return o.numbered("rider", o.riders) }
func (o *operator) driverEmails() []string { return o.numbered("driver", o.drivers) }

func (o *operator) numbered(who string, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = o.email(fmt.Sprintf("%s%03d", who, i+1))
	}
	return out
}

// sockets is how many drivers of the crowd open one; each speaks for several vehicles, as a fleet's tracking
// boxes do that share a gateway.
const sockets = 6

// Crowd is who moves by themselves, as clients of a server that has these nodes.
func Crowd(nodes []string) crowd.Config {
	c := crowd.Config{Nodes: nodes, Dial: dial}
	for _, o := range operators {
		c.Tenants = append(c.Tenants, crowd.Tenant{Slug: o.tenant.Slug, Password: Password, Riders: o.riderEmails(),
			Drivers: o.driverEmails()[:sockets], Dispatcher: o.email("control"), Every: o.every, Vehicles: o.vehicles, Reasons: o.reasons})
	}
	for _, b := range bureaus {
		c.Bureaus = append(c.Bureaus, b.crowd())
	}
	return c
}
