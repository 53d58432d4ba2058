// Package employer is the service of a tenant's business customers: who they are, who belongs to them, and what they pay
// for.
//
//	organisation ─ units (a tree) ─┬─ members     by roster: read, previewed, applied as it was shown
//	                               ├─ managers    users who hold a role within a unit, beside their account's roles
//	                               └─ programmes  terms; decided in the booking's own transaction (store.Programmes)
//	spend ─ what programmes paid for, ride by ride
//
// Whoever asks reaches the units that their grants name and those under them: the operator's staff all of them. Every
// verb asks the policy about the unit in question, and every list is cut to what is within reach by the query itself, so
// that one employer never sees another's people, lines or spend.
//
// A roster is compared and kept as a preview; applying it does exactly what was shown, in one transaction, under the
// lock of the organisation's row. When somebody joined, left or changed since, the preview is refused (roster_changed)
// and is to be made anew. Who leaves keeps their past; what they booked for days after becomes a job that the service of
// bookings does (withdraw_rides): services never call each other.
//
// Who is named in a roster and has no account belongs all the same. The membership finds its user by the e-mail address,
// which only the operator's staff give to accounts: when the account is made, and until then at each booking.
package employer
