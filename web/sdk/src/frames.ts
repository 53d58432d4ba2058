import type { Doc } from './merge.js'

/** An entity as a set carries it: whole (`d`), or as a patch from a version that the reader said it has (`p`, `from`). */
export type Item = { v: number; d?: Doc; p?: Doc; from?: number }
/** Entities by name, `trip/0190…`. */
export type ItemSet = Record<string, Item>

/**
 * Something said on a channel, unversioned and best effort: a vehicle's position. Of one `sig` and `key` the latest wins.
 * `from` and `to` are `user/ID`; `at` is when the node took it (RFC 3339).
 */
export type Signal = { ch: string; sig: string; key?: string; from?: string; to?: string; d: Doc; at?: string }

/** The first frame of a connection. `auth_exp` is in Unix seconds, `max_frame` in bytes; `have` of another `epoch` means nothing. */
export type Hello = {
  conn: string
  node: string
  user: string
  epoch: string
  ping_ms: number
  max_frame: number
  auth_exp: number
}

/** The answer to a subscription. */
export type SubOk = { set?: ItemSet; gone?: string[]; sig?: Signal[] | Record<string, Doc>; more?: boolean; err?: WireError }
/** A refusal: `retry` says that the same may succeed later, `problem` is the HTTP API's RFC 9457 document. */
export type WireError = { code: string; message: string; retry?: boolean; problem?: unknown }
/** What the HTTP API would have answered. */
export type CallOk = { status: number; body?: unknown }

/** Everything a server may send in one frame; which keys are present says what it is. */
export type Frame = {
  hello?: Hello
  id?: number | null
  ok?: unknown
  err?: WireError
  ch?: string
  e?: string
  v?: number
  from?: number | string
  p?: Doc
  d?: Doc
  gone?: boolean
  set?: ItemSet
  more?: boolean
  sig?: string
  key?: string
  at?: string
  closed?: { code: string; message: string }
  bye?: { reason: string; retry_ms?: [number, number] }
}

/** A text message holds one or more objects, a line each. A line that is no JSON object is the server's fault and is left out, loudly. */
export function parseMessage(text: string, onBad: (line: string) => void): Frame[] {
  const frames: Frame[] = []
  for (const line of text.split('\n')) {
    if (line === '') continue
    let value: unknown
    try {
      value = JSON.parse(line)
    } catch {
      value = undefined
    }
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) frames.push(value as Frame)
    else onBad(line)
  }
  return frames
}

/** Whether `text` is at most `max` bytes of UTF-8: a node closes the connection on a larger frame, so we must know before. */
export function fits(text: string, max: number): boolean {
  if (text.length * 3 <= max) return true
  let bytes = 0
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    bytes += c < 0x80 ? 1 : c < 0x800 ? 2 : c >= 0xd800 && c < 0xe000 ? 2 : 3 // half a surrogate pair: two of its four bytes
  }
  return bytes <= max
}
