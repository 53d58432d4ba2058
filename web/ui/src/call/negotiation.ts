/** Perfect negotiation's decisions, without a browser: what is done with a description that comes in. */
export class Negotiation {
  making = false // an offer of ours
  settling = false // their answer
  private ignoring = false

  constructor(private readonly polite: boolean) {}

  /** `ignore`: an offer that crossed ours, at the end that does not give way; or an answer to what is not asked any more. */
  hear(type: string, signalling: RTCSignalingState): 'take' | 'ignore' {
    if (type === 'answer') {
      this.ignoring = false
      return signalling === 'have-local-offer' ? 'take' : 'ignore'
    }
    const ready = !this.making && (signalling === 'stable' || this.settling)
    this.ignoring = !this.polite && !ready
    return this.ignoring ? 'ignore' : 'take'
  }

  /** Candidates of an offer that was ignored are of no use, and their failing is none. */
  get deaf(): boolean {
    return this.ignoring
  }
}

const MOST = 200

/** Candidates that come before the description they belong to wait for it; those of another, older one are never used. */
export class CandidateBox {
  private ufrags = new Set<string>()
  private waiting: RTCIceCandidateInit[] = []

  /** A description was set: those that were waiting for it. */
  described(sdp: string): RTCIceCandidateInit[] {
    this.ufrags = new Set([...sdp.matchAll(/^a=ice-ufrag:(\S+)/gm)].map((m) => m[1] ?? ''))
    const [now, later] = [this.waiting.filter((c) => this.fits(c)), this.waiting.filter((c) => !this.fits(c))]
    this.waiting = later
    return now
  }

  /** A candidate came: itself if it can be used now. */
  add(c: RTCIceCandidateInit): RTCIceCandidateInit[] {
    if (this.fits(c)) return [c]
    this.waiting = [...this.waiting, c].slice(-MOST)
    return []
  }

  private fits(c: RTCIceCandidateInit): boolean {
    if (this.ufrags.size === 0) return false
    return c.usernameFragment == null || this.ufrags.has(c.usernameFragment)
  }
}

/** The codecs that are offered: all of a browser's make descriptions longer than a signal may be. Retransmission goes with each. */
export function fewCodecs<C extends { mimeType: string; sdpFmtpLine?: string }>(all: readonly C[]): C[] {
  const wanted = ['audio/opus', 'video/vp8', 'video/h264', 'video/rtx']
  let h264 = 0
  return all.filter((c) => {
    const type = c.mimeType.toLowerCase()
    if (!wanted.includes(type)) return false
    return type !== 'video/h264' || (/packetization-mode=1/.test(c.sdpFmtpLine ?? '') && /profile-level-id=42/i.test(c.sdpFmtpLine ?? '') && ++h264 <= 1)
  })
}
