// Package invoice is the pure kernel of what organisations are billed: which month a usage belongs to, what tax it
// bears, what it adds up to, when it is due, how a credit note undoes it and which payment settles it.
//
//	usage records ─ MonthOf(date) ─▶ lines ─ TaxTable.Find ─▶ Draft ─ Finalise(number, day) ─▶ Invoice
//	                                                                                          │ Credit(picks)
//	                                                                                          ▼
//	                                                                              credit note: lines mirrored
//
// An invoice's life. What it says never changes after finalise: a mistake is undone by a credit note, and the digest
// of what was finalised shows that nobody did otherwise.
//
//	         finalise            pay            pay
//	draft ────────────▶ finalised ──▶ partly_paid ──▶ paid
//	  │                    │  ▲ due date passed: overdue
//	  └▶ discarded         └──┴── credit ──▶ … ──▶ credited (nothing of it is left)
//
// Tax is rounded once per rate, on the sum of all lines that bear it, so that the invoice's tax is the rate on what it
// says; a series of credit notes down to nothing gives back exactly the tax that was charged.
//
// Amounts are integers in the minor unit of the invoice's one currency; sums are checked and an overflow is an error.
// Nothing here reads a clock or a database. Gapless numbers are taken in the database; here is how they read.
package invoice
