package store

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// documents compares what each invoice and credit note says, line by line, with the digest that was kept when it was finalised: what its PDF and
// its CSV are made of is what its buyer got. A document at a time is in memory.
func (v *verifier) documents(ctx context.Context) error {
	rows, err := v.r.db.Query(ctx, `select id from invoice order by tenant_id, series, year, seq`)
	if err != nil {
		return err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return err
	}
	for _, id := range ids {
		d, err := v.r.Document(ctx, id)
		if err != nil {
			return err
		}
		where := "document " + d.Number.String()
		if len(d.Lines) != d.LineCount {
			return v.differs(where, "the number of its lines", len(d.Lines), d.LineCount)
		}
		says, err := d.Invoice.Digest()
		if err != nil {
			return err
		}
		if says != d.Digest {
			return v.differs(where, "the digest of what it says", says, d.Digest)
		}
	}
	return nil
}
