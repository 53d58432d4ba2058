import type { TicketKey } from '../api/types'

// The layout of a ticket (booking/seat): 127 bytes, base64url without padding.
const SIZE = 127
const BODY = 63
const CONTEXT = new TextEncoder().encode('waymeet ticket 1\0')

export type Reading =
  | { ok: true; booking: string; trip: string; from: number; to: number; party: number; expires: number }
  | { ok: false; why: 'not_a_ticket' | 'unknown_key' | 'forged' | 'cannot_verify' }

export function decode(token: string): Uint8Array | null {
  if (!/^[A-Za-z0-9_-]+$/.test(token)) return null
  try {
    const text = atob(token.replaceAll('-', '+').replaceAll('_', '/'))
    const bytes = Uint8Array.from(text, (c) => c.charCodeAt(0))
    return bytes.length === SIZE && bytes[0] === 1 ? bytes : null
  } catch {
    return null
  }
}

/** Reads a ticket and checks its signature with the keys at hand, as it must work in a tunnel. */
export async function readTicket(token: string, keys: readonly TicketKey[]): Promise<Reading> {
  const b = decode(token.trim())
  if (!b) return { ok: false, why: 'not_a_ticket' }
  const key = keys.find((k) => Number(k.kid) === b[1])
  if (!key) return { ok: false, why: 'unknown_key' }
  let genuine: boolean
  try {
    const raw = fromBase64(key.public_key)
    const pub = await crypto.subtle.importKey('raw', raw as BufferSource, { name: 'Ed25519' }, false, ['verify'])
    const signed = new Uint8Array(CONTEXT.length + BODY)
    signed.set(CONTEXT)
    signed.set(b.subarray(0, BODY), CONTEXT.length)
    genuine = await crypto.subtle.verify('Ed25519', pub, b.slice(BODY) as BufferSource, signed as BufferSource)
  } catch {
    return { ok: false, why: 'cannot_verify' } // an older phone: the server has to say
  }
  if (!genuine) return { ok: false, why: 'forged' }
  const view = new DataView(b.buffer, b.byteOffset)
  return {
    ok: true,
    trip: uuid(b.subarray(18, 34)),
    booking: uuid(b.subarray(34, 50)),
    from: view.getUint16(50),
    to: view.getUint16(52),
    party: b[54] ?? 0,
    expires: view.getUint32(59) * 1000,
  }
}

function fromBase64(s: string): Uint8Array {
  const text = atob(s.replaceAll('-', '+').replaceAll('_', '/').replace(/=+$/, ''))
  return Uint8Array.from(text, (c) => c.charCodeAt(0))
}

const hex = (b: Uint8Array) => Array.from(b, (x) => x.toString(16).padStart(2, '0')).join('')

function uuid(b: Uint8Array): string {
  const h = hex(b)
  return `${h.slice(0, 8)}-${h.slice(8, 12)}-${h.slice(12, 16)}-${h.slice(16, 20)}-${h.slice(20)}`
}
