import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, it } from 'vitest'

// The documents' types are written by hand; the server's structs are what they must say.
const root = resolve(import.meta.dirname, '../../..')
const go = ['trip', 'booking', 'user'].map((f) => readFileSync(`${root}/internal/event/${f}.go`, 'utf8')).join('\n')
const ts = readFileSync(`${root}/web/sdk/src/documents.ts`, 'utf8')

/** Keys of a Go struct's JSON, a `?` after those that may be absent; what it embeds is included. */
function struct(name: string): string[] {
  const body = new RegExp(`type ${name} struct \\{\\n([\\s\\S]*?)\\n\\}`).exec(go)?.[1] ?? ''
  return body.split('\n').flatMap((line) => {
    const tag = /`json:"(\w+)(,omitempty)?"`/.exec(line)
    if (tag) return [tag[1] + (tag[2] ? '?' : '')]
    return /^\t\w+$/.test(line) ? struct(line.trim()) : []
  })
}

/** The same of a type here. */
function type(name: string): string[] {
  const [, base, body] = new RegExp(`export type ${name} = (?:Omit<(\\w+), [^>]*> & )?\\{([\\s\\S]*?)\\}\\n`).exec(ts) ?? []
  const own = (body ?? '').replace(/\/\*\*[\s\S]*?\*\//g, '').split(/[\n;]/).flatMap((line) => /^\s*(\w+\??):/.exec(line)?.[1] ?? [])
  return [...(base ? type(base) : []), ...own]
}

it.each([
  ['tripDoc', 'TripDoc'],
  ['lineDoc', 'LineTripDoc'],
  ['bookingDoc', 'BookingDoc'],
  ['userDoc', 'UserDoc'],
  ['Halt', 'Halt'],
  ['Money', 'Money'],
])('%s is %s', (a, b) => {
  expect(struct(a).length).toBeGreaterThan(1)
  expect(type(b).sort()).toEqual(struct(a).sort())
})

it('boardDoc is BoardDoc', () => {
  // The board never carries the riders' reason: it has the incident.
  expect(type('BoardDoc').filter((k) => k !== 'reason?').sort()).toEqual(struct('boardDoc').filter((k) => k !== 'reason?').sort())
})
