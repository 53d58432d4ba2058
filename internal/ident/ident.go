// Package ident makes identifiers and secrets.
//
// Every id is a UUIDv7. Rows of tables that are partitioned by service date carry a dated one: its
// 48-bit time is the service date's midnight (UTC) plus an offset inside that day, so that the partition
// follows from the id alone, a route can carry just the id, and ids sort by date. It is still a valid
// UUIDv7: 74 bits of it are random.
package ident

import (
	"crypto/rand"
	"encoding/base64"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/dispatch/servicedate"
)

const millisecondsOfDay = 24 * 60 * 60 * 1000

// New returns a UUIDv7 of now.
func New() uuid.UUID { return uuid.Must(uuid.NewV7()) }

// Dated returns a UUIDv7 that carries a service date; msOfDay is clipped to the day.
func Dated(date servicedate.Date, msOfDay int) uuid.UUID {
	id := uuid.New()
	stamp(&id, date, msOfDay)
	return id
}

// stamp turns a random UUID into a dated one.
func stamp(id *uuid.UUID, date servicedate.Date, msOfDay int) {
	ms := uint64(date.Midnight().UnixMilli()) + uint64(min(max(msOfDay, 0), millisecondsOfDay-1))
	for i := range 6 {
		id[i] = byte(ms >> (40 - 8*i))
	}
	id[6] = 0x70 | id[6]&0x0f // version 7
	id[8] = 0x80 | id[8]&0x3f // RFC 9562 variant
}

// DateOf returns the service date that a dated id carries; false for an id that is no UUIDv7. A v7 made
// by New answers with the day of its making, so only ask it of ids from a dated table.
func DateOf(id uuid.UUID) (servicedate.Date, bool) {
	if id.Version() != 7 || id.Variant() != uuid.RFC4122 {
		return 0, false
	}
	var ms int64
	for i := range 6 {
		ms = ms<<8 | int64(id[i])
	}
	return servicedate.On(time.UnixMilli(ms), time.UTC), true
}

// Token returns n random bytes in base64url: a secret, or a link that cannot be guessed.
func Token(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails: crypto/rand ends the program instead
	return base64.RawURLEncoding.EncodeToString(b)
}
