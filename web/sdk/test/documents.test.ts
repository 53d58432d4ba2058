import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, it } from 'vitest'
import { walletIn } from '../src/index.js'

// The documents' types are written by hand; the server's structs are what they must say.
const root = resolve(import.meta.dirname, '../../..')
const go = ['trip', 'booking', 'user', 'ride', 'purse', 'finance', 'matching', 'floor', 'appointment', 'session'].map((f) => readFileSync(`${root}/internal/event/${f}.go`, 'utf8')).join('\n')
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
  ['rideDoc', 'RideDoc'],
  ['walletDoc', 'WalletDoc'],
  ['owedDoc', 'OwedDoc'],
  ['financeMarkDoc', 'FinanceListDoc'],
  ['requestDoc', 'RequestDoc'],
  ['queuedDoc', 'QueuedDoc'],
  ['callback', 'Callback'],
  ['appointmentDoc', 'AppointmentDoc'],
  ['Ring', 'Ring'],
  ['offerDoc', 'OfferDoc'],
  ['onDutyDoc', 'OnDutyDoc'],
  ['takenDoc', 'TakenDoc'],
  ['boardTalkDoc', 'BoardTalkDoc'],
  ['sessionDoc', 'SessionDoc'],
  ['participant', 'Participant'],
  ['sessionReceipt', 'SessionReceipt'],
  ['sessionMeter', 'SessionMeter'],
  ['Message', 'MessageDoc'],
  ['MessageFile', 'MessageFile'],
  ['talkDoc', 'TalkDoc'],
  ['Halt', 'Halt'],
  ['Money', 'Money'],
])('%s is %s', (a, b) => {
  expect(struct(a).length).toBeGreaterThan(0)
  expect(type(b).sort()).toEqual(struct(a).sort())
})

it('boardDoc is BoardDoc', () => {
  // The board never carries the riders' reason: it has the incident.
  expect(type('BoardDoc').filter((k) => k !== 'reason?').sort()).toEqual(struct('boardDoc').filter((k) => k !== 'reason?').sort())
})

it('reads a wallet out of me', () => {
  const m = (amount: number) => ({ amount, currency: 'MAD' })
  const me = (status: 'loading' | 'current', of: Record<string, unknown>) => ({ status, entities: new Map(Object.entries(of).map(([e, d]) => [e, { v: 1, d }])) }) as never
  expect(walletIn(me('loading', {}), 'MAD')).toBeUndefined()
  expect(walletIn(me('current', {}), 'MAD')).toEqual({ balance: m(0), held: m(0), available: m(0), owed: m(0) })
  const full = me('current', { 'wallet/MAD': { balance: m(500), held: m(120) }, 'wallet/EUR': { balance: m(9), held: m(0) }, 'owed/MAD': { owed: m(30) } })
  expect(walletIn(full, 'MAD')).toEqual({ balance: m(500), held: m(120), available: m(380), owed: m(30) })
})
