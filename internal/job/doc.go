// Package job is work that is done behind the requests, by whichever node comes first.
//
// Jobs are rows in PostgreSQL (River, polled): a job that was committed runs, at least once, whatever becomes of the
// node that took it. So each handler may run twice, and finds out for itself what is left to do. A job's arguments
// name its tenant; the work itself is done in that tenant's transactions. Keys are unique, so that a job that is
// already waiting is not added again.
//
// The catalogue of kinds is the files of this package, one each; what a tenant's transaction may ask for is worded in
// internal/errand. What is due is found by a job of its own that the
// nodes' elected leader adds every few minutes and at its start.
//
//	extend_due    finds the tenants whose trips are not derived far enough ahead
//	extend_trips  derives them, for one tenant
//
//	reconcile_due     finds the gateway accounts in use, and the tenants whose ledger is to be verified
//	reconcile_account compares what a gateway says with what is booked, for one account
//	verify_ledger     derives a tenant's balances from its entries, once a day
//
//	apply_webhook  draws from a gateway's object what an event says has changed
//	withdraw_rides cancels the coming programme rides of somebody who left an organisation
//	carry_payment  brings what was asked about a payment to its gateway
//	forget_method  has a card that its owner removed forgotten by its gateway
//	refund_payment gives back what the end of something that was paid owes its payer
//	bill_ride      puts a ride that an employer pays for on its next invoice
//	settle_booking confirms the seat that a payment was made for, or has the money given back
//
//	session_open   opens the conversation of an accepted offer
//	session_extend sets more money aside for it, session_settle takes what it cost, session_close gives the expert's slot back,
//	appointment_fund sets money aside for a time that was booked
//	push           wakes somebody's browsers
//	session_arrange makes its media follow who takes part, session_media ends it where a server carries it; funds_unused lets go what was set aside and nobody waits with
//
// The latter are added by a tenant's own transaction (add_job in the schema), so that a thing is committed with the work
// that it asks for, and run in a queue of their own.
//
// On failure a job is tried again with growing pauses. A node holds a lease for its jobs (a row of live_node, of this run of it), which it
// renews until the last of them has ended:
//
//	the node dies              its lease lapses within leaseFor, and the next look of any other makes its jobs available: at once the first
//	                           time, ever later for one that ends its node each time. No try is the last for that, nothing is discarded
//	it begins again            it is another run, and takes up what it left like anybody
//	it stands still, or        the same; when it goes on it finds its lease gone, or knows that it must be, and ends its jobs' contexts. What
//	hears no PostgreSQL        they still do, they do twice; what they then say is no failure
//	PostgreSQL crashed         all leases are gone (the table is unlogged): whoever runs jobs ends them, and they begin anew
//
// River's own rescue, by age (rescueAfter), is left for what a living node has lost.
package job
