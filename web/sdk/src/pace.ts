type Rate = { readonly burst: number; readonly perS: number }

/** A node allows a connection 60 requests at once and 30 a second. A little less, because a network brings late what was sent in time. */
const NODE: Rate = { burst: 56, perS: 28 }
/** What questions may take of it, and what calls may: whichever has hundreds, there is room left for the others. */
const SHARE: Rate = { burst: 40, perS: 24 }
const LEAST_SCALE = 1 / 32
const SLOWER_MS = 1_000 // refusals of one burst are one reason to go slower
const FASTER_MS = 10_000

class Bucket {
  private left = 0
  private at = 0
  constructor(private readonly rate: Rate) {}

  fill(now: number, scale: number, to = Infinity) {
    this.left = Math.min(to, this.rate.burst * scale)
    this.at = now
  }

  /** In ms, 0: now. */
  wait(now: number, scale: number): number {
    this.pass(now, scale)
    const lacks = 1 - this.left
    return lacks > 1e-9 ? Math.ceil((lacks * 1_000) / (this.rate.perS * scale)) : 0
  }

  take(now: number, scale: number) {
    this.pass(now, scale)
    this.left--
  }

  private pass(now: number, scale: number) {
    this.left = Math.min(Math.max(1, this.rate.burst * scale), this.left + (Math.max(0, now - this.at) * this.rate.perS * scale) / 1_000)
    this.at = now
  }
}

/**
 * What may be asked of a node, and when: it refuses what is too much and closes the connection of whoever goes on (4029). An operator can
 * allow less than we reckon with, so a refusal makes us slower for a while. @internal
 */
export class Pace {
  private readonly node = new Bucket(NODE)
  private readonly shares = { asks: new Bucket(SHARE), calls: new Bucket(SHARE) }
  private scale = 1
  private changed = -Infinity

  /** A new connection: the node has a full allowance for it. */
  opened(now: number) {
    for (const b of this.buckets()) b.fill(now, this.scale)
  }

  /** How long until it may go, in ms; 0: now. */
  wait(share: 'asks' | 'calls', now: number): number {
    if (this.scale < 1 && now - this.changed >= FASTER_MS) {
      this.scale = Math.min(1, this.scale * 2)
      this.changed = now
    }
    return Math.max(this.node.wait(now, this.scale), this.shares[share].wait(now, this.scale))
  }

  /** Something was sent; what waits for no turn (signals, a renewal) has no share. */
  sent(now: number, share?: 'asks' | 'calls') {
    this.node.take(now, this.scale)
    if (share) this.shares[share].take(now, this.scale)
  }

  /** The node has refused for that reason. */
  refused(now: number) {
    if (now - this.changed < SLOWER_MS) return
    this.scale = Math.max(LEAST_SCALE, this.scale / 2)
    this.changed = now
    for (const b of this.buckets()) b.fill(now, this.scale, 0)
  }

  private buckets = () => [this.node, this.shares.asks, this.shares.calls]
}
