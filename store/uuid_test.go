package store

import (
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"
)

func TestUUIDsTravelAsBytes(t *testing.T) {
	t.Parallel()
	m := pgtype.NewMap()
	googleUUID(m)
	id := uuid.MustParse("0190b6a2-7c11-7f3a-9e55-0123456789ab")
	raw, err := m.Encode(pgtype.UUIDOID, pgtype.BinaryFormatCode, id, nil)
	if err != nil || string(raw) != string(id[:]) {
		t.Fatalf("% x, %v", raw, err)
	}
	var back uuid.UUID
	if err := m.Scan(pgtype.UUIDOID, pgtype.BinaryFormatCode, raw, &back); err != nil || back != id {
		t.Fatalf("%v, %v", back, err)
	}
	if err := m.Scan(pgtype.UUIDOID, pgtype.BinaryFormatCode, nil, &back); err != nil || back != uuid.Nil {
		t.Fatalf("null: %v, %v", back, err)
	}
	if err := m.Scan(pgtype.UUIDOID, pgtype.BinaryFormatCode, raw[:15], &back); err == nil {
		t.Fatal("fifteen bytes were read as a UUID")
	}
	if err := m.Scan(pgtype.UUIDOID, pgtype.TextFormatCode, []byte(id.String()), &back); err != nil || back != id {
		t.Fatalf("as text: %v, %v", back, err)
	}
	var none *uuid.UUID
	if raw, err := m.Encode(pgtype.UUIDOID, pgtype.BinaryFormatCode, none, nil); err != nil || raw != nil {
		t.Fatalf("% x, %v", raw, err)
	}
	some := &uuid.UUID{}
	if err := m.Scan(pgtype.UUIDOID, pgtype.BinaryFormatCode, nil, &some); err != nil || some != nil {
		t.Fatalf("%v, %v", some, err)
	}
	ids := []uuid.UUID{id, {}}
	if raw, err = m.Encode(pgtype.UUIDArrayOID, pgtype.BinaryFormatCode, ids, nil); err != nil {
		t.Fatal(err)
	}
	var all []uuid.UUID
	if err := m.Scan(pgtype.UUIDArrayOID, pgtype.BinaryFormatCode, raw, &all); err != nil || len(all) != 2 || all[0] != id {
		t.Fatalf("%v, %v", all, err)
	}
}

func BenchmarkUUIDEncode(b *testing.B) {
	for name, set := range map[string]func(*pgtype.Map){"ours": googleUUID, "pgx": func(*pgtype.Map) {}} {
		b.Run(name, func(b *testing.B) {
			m := pgtype.NewMap()
			set(m)
			id := uuid.New()
			var buf []byte
			for b.Loop() {
				buf, _ = m.Encode(pgtype.UUIDOID, pgtype.BinaryFormatCode, id, buf[:0])
			}
		})
	}
}
