package store

import (
	"bytes"
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/ledger"
)

// written is one journal as its rows have it, entry by entry.
type written struct {
	id, resolves                 uuid.UUID
	kind, subject, reason, phase *string // nil: there is no such journal
	effective, at                *time.Time
	hash                         []byte

	missing bool             // an account of its entries
	net     map[string]int64 // debits less credits, by currency and layer
	n       int
	asked   []ledger.Entry // what it asked for
	strange string         // what of an entry is not as it was written
}

type writtenLine struct {
	seq             int16
	account         uuid.UUID
	currency, layer string
	sign            int16
	dr, cr          int64
	at              time.Time
}

func (w *written) add(l writtenLine, of ledger.Account) {
	w.n++
	w.missing = w.missing || of.None()
	w.net[l.currency+" "+l.layer] += int64(l.sign) * (l.dr - l.cr)
	switch {
	case int(l.seq) != w.n:
		w.strange = "the numbers of its entries"
	case w.at != nil && !l.at.Equal(*w.at):
		w.strange = "the time of its entries"
	}
	if ledger.Layer(l.layer) == ledger.Posted {
		w.asked = append(w.asked, ledger.Entry{Account: of, Debit: l.dr > 0, Money: ledger.Of(l.dr+l.cr, ledger.Currency(l.currency))})
	}
}

// wrote judges a journal whose entries have all been read: that it balances, and that it is what was asked for under its key.
func (v *verifier) wrote(w *written) error {
	if w.id == uuid.Nil {
		return nil
	}
	v.count.Journals++
	where := "journal " + w.id.String()
	if w.n < 2 {
		return v.differs(where, "the number of entries", "2 or more", w.n)
	}
	for on, n := range w.net {
		if n != 0 {
			return v.differs(where, "debits less credits in "+on, 0, n)
		}
	}
	if w.kind == nil || w.missing {
		return nil // told when journals and accounts are counted
	}
	if w.strange != "" {
		return v.differs(where, w.strange, "as they were written", "changed")
	}
	if !w.isAsked() {
		return v.differs(where, "the digest of what was asked for", "that of its rows", "another")
	}
	return nil
}

// isAsked says whether a journal's rows make the digest that was kept when it was written. Of a pending one they do not say how long it was asked for; whether one
// said when it happened is told by the instant being another than that of its recording.
func (w *written) isAsked() bool {
	j := ledger.Journal{Kind: *w.kind, Subject: *w.subject, Reason: *w.reason, Phase: ledger.Phase(*w.phase), Hold: w.resolves, Entries: w.asked}
	if j.Phase == ledger.PhasePending {
		return true
	}
	if !w.effective.Equal(*w.at) {
		j.Effective = *w.effective
	}
	hash := j.Hash()
	if bytes.Equal(hash[:], w.hash) {
		return true
	}
	j.Entries = nil // exactly what was held
	hash = j.Hash()
	return j.Phase == ledger.PhasePost && bytes.Equal(hash[:], w.hash)
}

// codes is every account of the chart by its id, with the rules that its code stands for.
func (v *verifier) codes(ctx context.Context) (map[uuid.UUID]ledger.Account, error) {
	rows, err := v.r.db.Query(ctx, `select id, code, currency::text, class, may_overdraw, running from account`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := map[uuid.UUID]ledger.Account{}
	for rows.Next() {
		var id uuid.UUID
		var code, currency, class string
		var overdraw, running bool
		if err := rows.Scan(&id, &code, &currency, &class, &overdraw, &running); err != nil {
			return nil, err
		}
		a, err := ledger.Parse(code, ledger.Currency(currency))
		if err != nil {
			return nil, v.differs(code+" "+currency, "its code", "one of the chart", code)
		}
		if string(a.Class()) != class || a.MayOverdraw() != overdraw || a.Running() != running {
			return nil, v.differs(code+" "+currency, "its rules", "those of "+a.Kind(), "others")
		}
		all[id] = a
	}
	return all, rows.Err()
}
