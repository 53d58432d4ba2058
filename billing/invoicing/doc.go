// Package invoicing bills organisations and follows what they owe: invoices and credit notes, bank statements, ageing,
// locked periods, opening balances, and cases about what was billed.
//
//	a ride is settled ─▶ usage record ┐
//	a session ends    ─▶ usage record ┼─ Preview (live) ─ Finalise ─▶ invoice ─▶ PDF, CSV
//	a case is decided ─▶ usage record ┘                      │            ▲ │
//	                                             number, lines, journal   │ └ Credit ─▶ credit note
//	                                             in one transaction       │
//	bank statement ─▶ bank line ─▶ receipt ───────────────────────────────┘
//
// Who owns which truth: what happened is in usage records, written once by whoever completes a ride or session
// (store.Tx.AddUsage); what was billed is in the rows of the invoice, which never change; what is paid is the sum of receipts. The
// kernel billing/invoice decides and computes; PostgreSQL refuses what breaks the rules, whoever sends it (migration 0014).
//
// Who bills is saved whole, from the version that was seen; taxes are rows that are added and never changed (setup.go).
//
// A draft has no rows: it is reckoned from what is unbilled when somebody looks. There is thus nothing that could differ from
// what is finalised, and nothing to lock while people look. What arrives after a month was finalised is on the next invoice.
//
// When something fails between any two steps, nothing of the transaction is there: no number, no line, no journal. A caller who
// does not know sends the request again under its key.
package invoicing
