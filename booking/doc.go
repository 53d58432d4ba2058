// Package booking is riders taking seats: hold, confirm, cancel, board, no-show, expire.
//
// # Who owns which truth
//
// PostgreSQL owns all of it. A trip's row owns its seats, a booking's row its state; whoever changes either holds the
// trip's row lock, so a trip and its bookings move together or not at all. booking/seat decides, purely, on what was read
// behind that lock; the table's CHECK constraints stand behind the arithmetic. The clock that counts is PostgreSQL's,
// read after the lock. This process owns nothing but a queue of requests that nobody has answered yet.
//
// # One way to change a seat
//
// Every verb is a request with a decision, and the desk carries it:
//
//	verb ──▶ desk: wait until no batch of this node holds the trip
//	              │ first one there leads, at most 64 ride along, trips of one tenant
//	              ▼
//	         one transaction, two round trips
//	              1  BEGIN · lock trips by id · clock and terms · bookings · due holds · kept answers
//	                 decide each in turn (seat), due holds are released first
//	              2  trips · bookings · keys with their answers · outbox · audit · COMMIT
//	              ▼
//	         each hears its own answer or its own refusal; a trip moves one version a batch
//
// So a hot trip pays for one lock, one commit and one live document for many holds, and holds on many trips share a
// commit. A hold that is due never stands in a taker's way: it is released behind the same lock, before anybody decides.
//
// # What happens on failure
//
//   - A refusal (full, departed, …) changes nothing, frees its key, and leaves the others of the batch alone.
//   - An unexpected error undoes the whole batch; its halves are then tried, and theirs, so that one cannot
//     spoil the others.
//   - The connection breaks during COMMIT: nobody knows. A request with a key is repeated and hears what was committed; one
//     without is told of the error.
//   - The caller goes away: its request may still be done, and its key finds the answer. A batch runs in a context of its
//     own, so a leader that goes away takes nobody along.
//   - The process dies: PostgreSQL undoes what was not committed. Holds of the dead are found by any node's timer.
//   - Two nodes on one trip wait for each other at the row; trips are locked in the order of their ids and keys inserted in
//     theirs, so they do not deadlock; if an import does, the batch runs again.
//   - A request comes twice at once, here or there: it names one trip, so the second waits at that row and then sees the
//     first one's answer. The same key for two trips at once meets at the key's index: one is undone, and told.
package booking
