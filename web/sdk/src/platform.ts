/** Time and chance, so that tests can own both. Milliseconds throughout; `random` is uniform in [0, 1). */
export type Environment = {
  now(): number
  random(): number
  setTimeout(fn: () => void, ms: number): unknown
  clearTimeout(handle: unknown): void
}

/** What this package uses of its surroundings. All of it may be missing somewhere, so nothing is assumed. */
type Globals = {
  setTimeout(fn: () => void, ms: number): unknown
  clearTimeout(handle: unknown): void
  WebSocket?: new (url: string, protocols: unknown, options?: unknown) => unknown
  fetch?: Fetch
  crypto?: { randomUUID?(): string; getRandomValues?(into: Uint8Array): Uint8Array }
  navigator?: { product?: string }
  process?: { versions?: { node?: string } }
}

/** As much of `fetch` as this package needs. */
export type Fetch = (
  url: string,
  init: { method: string; headers: Record<string, string> },
) => Promise<{ ok: boolean; status: number; headers: { get(name: string): string | null }; json(): Promise<unknown> }>

/** @internal */
export const globals = globalThis as unknown as Globals

const LONGEST_MS = 2 ** 31 - 1 // a timer of more fires at once, everywhere

/** @internal */
export const systemEnvironment: Environment = {
  now: () => Date.now(),
  random: () => Math.random(),
  setTimeout: (fn, ms) => globals.setTimeout(fn, Math.min(ms, LONGEST_MS)),
  clearTimeout: (h) => globals.clearTimeout(h),
}

/**
 * Calls a function of our user's. What it throws is theirs and is reported as uncaught, but it must not end what we are doing: the
 * rest of a message is still to be applied, and others are still to be told. @internal
 */
export function callOut(fn: () => void): void {
  try {
    fn()
  } catch (e) {
    void Promise.reject(e)
  }
}

/** Where we run, as far as a WebSocket's constructor differs. */
export type Platform = 'react-native' | 'node' | 'browser'

/** @internal */
export function platform(): Platform {
  if (globals.navigator?.product === 'ReactNative') return 'react-native'
  return globals.process?.versions?.node ? 'node' : 'browser' // Bun and Deno say that they are Node, and take its arguments
}

/**
 * A new idempotency key, a random UUID. Pages without TLS have no `randomUUID`, React Native has no `crypto` at all: the key
 * must be unique, not secret, so weaker chance will do there.
 */
export function newKey(): string {
  const { crypto } = globals
  if (crypto?.randomUUID) return crypto.randomUUID()
  const bytes = new Uint8Array(16)
  if (crypto?.getRandomValues) crypto.getRandomValues(bytes)
  else for (let i = 0; i < 16; i++) bytes[i] = Math.floor(Math.random() * 256)
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80
  const hex = [...bytes].map((b) => b.toString(16).padStart(2, '0')).join('')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
