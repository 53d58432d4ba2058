package store

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store/internal/sqlc"
)

// Emit queues a change for the outbox. It commits with everything else, or not at all.
func (tx *Tx) Emit(c event.Change) error {
	tx.emitted = append(tx.emitted, c)
	return nil
}

// queueEvidence puts what was emitted and audited before the COMMIT: one statement each, however many rows.
func (tx *Tx) queueEvidence() error {
	if n := len(tx.emitted); n > 0 {
		p := sqlc.OutboxAppendParams{TenantID: tx.tenant.UUID(), Entities: make([]string, n), Versions: make([]int64, n),
			Docs: make([]string, n), Channels: make([]string, n), LeftChannels: make([]string, n)}
		for i, c := range tx.emitted {
			if !c.Gone {
				docs, err := json.Marshal(c.Docs)
				if err != nil {
					return fmt.Errorf("store: emit %s: %w", c.Entity, err)
				}
				p.Docs[i] = string(docs)
			}
			p.Entities[i], p.Versions[i] = c.Entity, c.Version
			p.Channels[i], p.LeftChannels[i] = textArray(c.Channels), textArray(c.Left)
		}
		tx.tail.Queue(sqlc.OutboxAppend, p.TenantID, p.Entities, p.Versions, p.Docs, p.Channels, p.LeftChannels)
	}
	if n := len(tx.audits); n > 0 {
		p := sqlc.AuditAppendParams{TenantID: tx.tenant.UUID(), Ids: make([]uuid.UUID, n), Actors: make([]uuid.UUID, n),
			Actions: make([]string, n), Targets: make([]string, n), Details: make([]string, n)}
		for i, a := range tx.audits {
			p.Ids[i], p.Actors[i], p.Actions[i], p.Targets[i], p.Details[i] = ident.New(), a.Actor, a.Action, a.Target, "{}"
			if a.Detail != nil {
				detail, err := json.Marshal(a.Detail)
				if err != nil {
					return fmt.Errorf("store: audit %s: %w", a.Action, err)
				}
				p.Details[i] = string(detail)
			}
		}
		tx.tail.Queue(sqlc.AuditAppend, p.TenantID, p.Ids, p.Actors, p.Actions, p.Targets, p.Details)
	}
	return nil
}

// textArray writes a text[] as PostgreSQL reads it, so that arrays of differing length can travel as one array of text.
func textArray(items []string) string {
	var b strings.Builder
	b.WriteByte('{')
	for i, s := range items {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('"')
		for j := range len(s) {
			if s[j] == '"' || s[j] == '\\' {
				b.WriteByte('\\')
			}
			b.WriteByte(s[j])
		}
		b.WriteByte('"')
	}
	b.WriteByte('}')
	return b.String()
}
