import { beforeAll, describe, expect, it } from 'vitest'
import { readTicket } from './ticket'

const context = new TextEncoder().encode('waymeet ticket 1\0')
const b64 = (b: Uint8Array) => Buffer.from(b).toString('base64url')
const trip = '0190aaaa-0000-7000-8000-000000000001'
const booking = '0190bbbb-0000-7000-8000-000000000002'
let keys: { kid: string; public_key: string }[]
let token: Uint8Array

beforeAll(async () => {
  const pair = (await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])) as CryptoKeyPair
  const pub = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey))
  keys = [{ kid: '7', public_key: b64(pub) }]
  const body = new Uint8Array(63)
  const view = new DataView(body.buffer)
  body[0] = 1
  body[1] = 7
  body.set(Buffer.from(trip.replaceAll('-', ''), 'hex'), 18)
  body.set(Buffer.from(booking.replaceAll('-', ''), 'hex'), 34)
  view.setUint16(50, 2)
  view.setUint16(52, 5)
  body[54] = 3
  view.setUint32(59, 1_800_000_000)
  const signature = new Uint8Array(await crypto.subtle.sign('Ed25519', pair.privateKey, Buffer.concat([context, body])))
  token = Buffer.concat([body, signature])
})

describe('readTicket', () => {
  it('reads a genuine ticket without a network', async () => {
    expect(await readTicket(b64(token), keys)).toEqual({ ok: true, trip, booking, from: 2, to: 5, party: 3, expires: 1_800_000_000_000 })
  })

  it('refuses one with a changed byte, wherever it is', async () => {
    for (const at of [2, 19, 40, 51, 54, 60, 70, 126]) {
      const forged = Uint8Array.from(token)
      forged[at] = (forged[at] ?? 0) ^ 1
      expect(await readTicket(b64(forged), keys), `byte ${at}`).toEqual({ ok: false, why: 'forged' })
    }
  })

  it('says what else is wrong', async () => {
    expect(await readTicket(b64(token), [])).toEqual({ ok: false, why: 'unknown_key' })
    expect(await readTicket('https://example.org', keys)).toEqual({ ok: false, why: 'not_a_ticket' })
    expect(await readTicket(b64(token).slice(0, -4), keys)).toEqual({ ok: false, why: 'not_a_ticket' })
  })
})
