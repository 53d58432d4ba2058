import type { Refusal, SocketLike } from '../src/index.js'

/** A clock that moves only when told, and a socket whose other end is the test. */
export class Clock {
  t = 1_000_000
  private timers: { at: number; fn: () => void; h: number }[] = []
  private n = 0
  env = {
    now: () => this.t,
    random: () => this.rnd,
    setTimeout: (fn: () => void, ms: number) => {
      this.timers.push({ at: this.t + ms, fn, h: ++this.n })
      return this.n
    },
    clearTimeout: (h: unknown) => {
      this.timers = this.timers.filter((x) => x.h !== h)
    },
  }
  rnd = 0.5
  async pass(ms: number) {
    const end = this.t + ms
    for (;;) {
      await flush()
      const next = this.timers.filter((x) => x.at <= end).sort((a, b) => a.at - b.at)[0]
      if (!next) break
      this.timers = this.timers.filter((x) => x !== next)
      this.t = Math.max(this.t, next.at)
      next.fn()
    }
    this.t = end
    await flush()
  }
}
export const flush = async () => {
  for (let i = 0; i < 10; i++) await Promise.resolve()
}

export class Wire implements SocketLike {
  static all: Wire[] = []
  sent: Record<string, unknown>[] = []
  readyState = 1
  onopen = null
  onmessage: ((e: { data: unknown }) => void) | null = null
  onclose: SocketLike['onclose'] = null
  onerror = null
  constructor(
    readonly url: string,
    readonly protocols: string[],
    readonly headers: Record<string, string> = {},
  ) {
    Wire.all.push(this)
  }
  send(data: string) {
    this.sent.push(JSON.parse(data) as Record<string, unknown>)
  }
  close() {
    this.readyState = 3
  }
  say(...frames: unknown[]) {
    this.onmessage?.({ data: frames.map((f) => JSON.stringify(f)).join('\n') })
  }
  drop(code = 1006, refused?: Refusal) {
    this.readyState = 3
    this.onclose?.({ code, reason: '', refused })
  }
  hello(epoch = 'e1') {
    this.say({ hello: { conn: 'c', node: 'n1', user: 'u', epoch, ping_ms: 25000, max_frame: 65536, auth_exp: 9_999_999 } })
  }
  last() {
    return this.sent[this.sent.length - 1] as { id: number; sub?: unknown; have?: unknown; epoch?: string; call?: string; key?: string; auth?: string; unsub?: string }
  }
}
export const wire = () => Wire.all[Wire.all.length - 1] as Wire
