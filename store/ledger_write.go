package store

import (
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/store/internal/sqlc"
)

// ledgerWrites is a batch's rows, by column: one statement for all journals, one for all entries. The entries of a journal
// must come in one statement, and the trigger that judges them runs once for all.
type ledgerWrites struct {
	tenant uuid.UUID
	at     time.Time

	ids, resolves                          []uuid.UUID
	keys, kinds, subjects, reasons, phases []string
	hashes                                 [][]byte
	expiries                               []pgtype.Timestamptz
	effectives                             []time.Time

	journals, accounts []uuid.UUID
	seqs, signs        []int16
	currencies, layers []string
	drs, crs           []int64

	moved map[ledger.Ref]bool // whose balances change
}

func (w *ledgerWrites) add(r Recorded, hash [32]byte, lines []ledger.Line, ids map[ledger.Ref]uuid.UUID) {
	w.ids, w.resolves, w.keys, w.kinds = append(w.ids, r.ID), append(w.resolves, r.Hold), append(w.keys, r.Key), append(w.kinds, r.Kind)
	w.subjects, w.reasons, w.phases = append(w.subjects, r.Subject), append(w.reasons, r.Reason), append(w.phases, string(r.Phase))
	w.hashes, w.effectives = append(w.hashes, hash[:]), append(w.effectives, r.Effective)
	w.expiries = append(w.expiries, pgtype.Timestamptz{Time: r.Expires, Valid: !r.Expires.IsZero()})
	for i, l := range lines {
		sign := int16(1)
		if l.Release {
			sign = -1
		}
		w.journals, w.accounts, w.seqs = append(w.journals, r.ID), append(w.accounts, ids[l.Ref]), append(w.seqs, int16(i+1))
		w.signs, w.currencies, w.layers = append(w.signs, sign), append(w.currencies, string(l.Currency)), append(w.layers, string(l.Layer))
		w.drs, w.crs = append(w.drs, l.Debit), append(w.crs, l.Credit)
		w.moved[l.Ref] = true
	}
}

func (w *ledgerWrites) queue(b *pgx.Batch) {
	if len(w.ids) == 0 {
		return
	}
	b.Queue(sqlc.LedgerJournals, w.tenant, w.at, w.ids, w.keys, w.hashes, w.kinds, w.subjects, w.reasons, w.phases, w.resolves, w.expiries, w.effectives)
	b.Queue(sqlc.LedgerEntries, w.tenant, w.journals, w.seqs, w.accounts, w.currencies, w.layers, w.signs, w.drs, w.crs, w.at)
}
