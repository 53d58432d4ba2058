import type { Doc } from './merge'

/** An entity as a set carries it: whole (`d`), or as a patch from a version that the reader said it has (`p`, `from`). */
export type Item = { v: number; d?: Doc; p?: Doc; from?: number }
export type ItemSet = Record<string, Item>

export type Signal = { ch: string; sig: string; key?: string; from?: string; to?: string; d: Doc; at?: string }

export type Hello = {
  conn: string
  node: string
  user: string
  epoch: string
  ping_ms: number
  max_frame: number
  auth_exp: number
}

export type SubOk = { set?: ItemSet; gone?: string[]; sig?: Signal[] | Record<string, Doc>; more?: boolean; err?: WireError }
export type WireError = { code: string; message: string; retry?: boolean; problem?: unknown }
export type CallOk = { status: number; body?: unknown }

/** Everything a server may send in one frame; which keys are present says what it is. */
export type Frame = {
  hello?: Hello
  id?: number
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
    try {
      const value: unknown = JSON.parse(line)
      if (typeof value === 'object' && value !== null && !Array.isArray(value)) frames.push(value as Frame)
      else onBad(line)
    } catch {
      onBad(line)
    }
  }
  return frames
}
