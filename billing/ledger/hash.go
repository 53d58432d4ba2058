package ledger

import (
	"crypto/sha256"
	"encoding/binary"
)

// Hash is of all that a journal says, so that another one under the same key is told apart. Each part carries its length:
// no two journals read the same.
func (j Journal) Hash() [32]byte {
	b := make([]byte, 0, 256)
	text := func(s string) {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	text(j.Kind)
	text(string(j.Phase))
	text(j.Subject)
	text(j.Reason)
	var effective int64
	if !j.Effective.IsZero() {
		effective = j.Effective.UnixMicro()
	}
	b = binary.AppendVarint(b, effective)
	b = binary.AppendVarint(b, int64(j.For))
	b = append(b, j.Hold[:]...)
	for _, e := range j.Entries {
		text(e.Account.Code())
		text(string(e.Money.Currency))
		n := e.Money.Amount
		if !e.Debit {
			n = -n // amounts are positive: the sign is the side
		}
		b = binary.AppendVarint(b, n)
	}
	return sha256.Sum256(b)
}
