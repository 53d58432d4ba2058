export type Parcel = { sig: 'sdp' | 'ice'; to: string; d: object }
type Kept = Parcel & { key: string; n: number; at: number; tries: number }

const PAUSES = [400, 700, 1_200, 2_000, 3_000] // between two attempts at one thing
const MOST_TRIES = 12 // what a server withholds is never acknowledged
const MOST_HEARD = 2_000

/** Of which connection a key is. */
export const lineOf = (key: string): string => key.split('.')[1] ?? ''

/**
 * Signals are best effort: what WebRTC needs is sent under a key of its own until the other end says that it has it, and taken once. Keys are
 * WHO.LINE.N, so that nobody's replaces another's and the newest of two descriptions is known. It has no clock of its own: `tick` is called often.
 */
export class Courier {
  private readonly kept = new Map<string, Kept>()
  private readonly heard = new Set<string>()
  private readonly newest = new Map<string, number>() // of descriptions, by sender and line
  private readonly owed = new Map<string, string[]>() // acknowledgements, by whom they are for
  private n = 0

  constructor(
    private readonly me: string,
    private readonly send: (sig: string, key: string, to: string, d: object) => boolean,
    private readonly now: () => number,
  ) {}

  /** Takes something to the other end, for as long as it takes. */
  post(line: string, p: Parcel): void {
    const n = ++this.n
    const kept: Kept = { ...p, key: `${this.me}.${line}.${n}`, n, at: this.now(), tries: 0 }
    this.kept.set(kept.key, kept)
    this.attempt(kept)
  }

  /** Something came in: true if it is new, and no description that a newer one has overtaken. It is acknowledged either way. */
  take(sig: string, from: string, key: string): boolean {
    this.owed.set(from, [...(this.owed.get(from) ?? []), key])
    if (this.heard.has(key)) return false
    this.heard.add(key)
    if (this.heard.size > MOST_HEARD) for (const old of this.heard) if (this.heard.size > MOST_HEARD / 2) this.heard.delete(old)
    if (sig !== 'sdp') return true
    const dot = key.lastIndexOf('.')
    const [whose, n] = [key.slice(0, dot), Number(key.slice(dot + 1))]
    if (n <= (this.newest.get(whose) ?? 0)) return false
    this.newest.set(whose, n)
    return true
  }

  /** The other end has these. */
  acknowledged(keys: readonly string[]): void {
    for (const k of keys) this.kept.delete(k)
  }

  /** Whatever was on its way, to one or to all, belongs to connections that are gone. */
  drop(to?: string): void {
    for (const k of this.kept.values()) if (to === undefined || k.to === to) this.kept.delete(k.key)
  }

  tick(): void {
    for (const [to, keys] of this.owed) this.send('msg', `${this.me}.ack.${++this.n}`, to, { ack: keys.slice(0, 100) })
    this.owed.clear()
    const now = this.now()
    for (const k of this.kept.values()) {
      if (now < k.at) continue
      if (k.tries >= MOST_TRIES) this.kept.delete(k.key)
      else this.attempt(k)
    }
  }

  private attempt(k: Kept): void {
    if (this.send(k.sig, k.key, k.to, k.d)) k.tries++ // without a connection it has not been tried
    k.at = this.now() + (PAUSES[Math.min(k.tries, PAUSES.length) - 1] ?? PAUSES[0] ?? 0)
  }
}
