/**
 * Why a channel waits for its turn, and for how long (ms) it lets others pass that come later and are more urgent: what nobody sees yet
 * or what is known to be wrong before what is only stale, and that before what is to be proven. Nothing waits for ever.
 */
const LETS_PASS = { fresh: 0, wrong: 0, leave: 0, stale: 10_000, proof: 20_000 }

export type Reason = keyof typeof LETS_PASS
type Turn = { reason: Reason; due: number }

/** Channels that wait to be asked for, or to be left, each once. @internal */
export class Turns {
  private readonly all = new Map<string, Turn>()

  put(channel: string, reason: Reason, now: number) {
    const due = now + LETS_PASS[reason]
    const before = this.all.get(channel)
    if (before && (before.reason === 'leave') === (reason === 'leave') && before.due <= due) return
    this.all.set(channel, { reason, due })
  }

  has(channel: string): boolean {
    return this.all.has(channel)
  }

  drop(channel: string) {
    this.all.delete(channel)
  }

  clear() {
    this.all.clear()
  }

  /** Whose turn it is. */
  first(): { channel: string; leave: boolean } | undefined {
    let found: [string, Turn] | undefined
    for (const x of this.all) if (!found || x[1].due < found[1].due) found = x
    return found && { channel: found[0], leave: found[1].reason === 'leave' }
  }

  /** The first of those to be asked for that `fit`, in turn. */
  among(fit: (channel: string) => boolean, most: number): string[] {
    const found = [...this.all].filter(([ch, t]) => t.reason !== 'leave' && fit(ch))
    return found.sort((a, b) => a[1].due - b[1].due).slice(0, most).map(([ch]) => ch)
  }
}
