package store

import (
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"
)

// googleUUID lets pgx write and read google's UUID as the sixteen bytes that it is. Left to itself pgx goes by
// way of its text (database/sql's Valuer and Scanner), tries that in binary first, fails, and tries again: some
// 5 µs each, which a bulk load pays four times a row and a batch of holds for every id in it.
func googleUUID(m *pgtype.Map) {
	element := &pgtype.Type{Name: "uuid", OID: pgtype.UUIDOID, Codec: uuidCodec{}}
	m.RegisterType(element)
	m.RegisterType(&pgtype.Type{Name: "_uuid", OID: pgtype.UUIDArrayOID, Codec: &pgtype.ArrayCodec{ElementType: element}})
}

// uuidCodec is pgx's, with a short way for google's type in the binary format.
type uuidCodec struct{ pgtype.UUIDCodec }

func (c uuidCodec) PlanEncode(m *pgtype.Map, oid uint32, format int16, value any) pgtype.EncodePlan {
	if _, ok := value.(uuid.UUID); ok && format == pgtype.BinaryFormatCode {
		return uuidBytes{}
	}
	return c.UUIDCodec.PlanEncode(m, oid, format, value)
}

func (c uuidCodec) PlanScan(m *pgtype.Map, oid uint32, format int16, target any) pgtype.ScanPlan {
	if _, ok := target.(*uuid.UUID); ok && format == pgtype.BinaryFormatCode {
		return uuidBytes{}
	}
	return c.UUIDCodec.PlanScan(m, oid, format, target)
}

type uuidBytes struct{}

func (uuidBytes) Encode(value any, buf []byte) ([]byte, error) {
	id := value.(uuid.UUID)
	return append(buf, id[:]...), nil
}

// Scan reads null as the nil UUID, as google's own Scan does.
func (uuidBytes) Scan(src []byte, target any) error {
	id := target.(*uuid.UUID)
	switch len(src) {
	case 0:
		*id = uuid.Nil
	case len(id):
		copy(id[:], src)
	default:
		return fmt.Errorf("store: a UUID of %d bytes", len(src))
	}
	return nil
}
