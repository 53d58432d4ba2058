import { Courier, lineOf } from './courier'
import { PeerLink, type Heard, type Link } from './link'
import type { Quality } from './quality'
import { RoomLink } from './room'
import { isSide, type CallRole, type Joined, type MediaEntry, type MediaTrack, type SessionDoc } from './types'

export type RemoteView = {
  user: string
  role: CallRole
  connection: RTCPeerConnectionState
  streams: ReadonlyMap<MediaTrack, MediaStream>
  /** What they say that they send now. */
  sends: { microphone: boolean; camera: boolean; screen: boolean }
  /** How well they hear us, by their own word. */
  hears: Quality | null
}

type Other = { link: Link | null; line: string; heardAt: number; sends: RemoteView['sends']; hears: Quality | null; last: Heard }

export type Signal = { sig: string; key: string; from: string; d: Record<string, unknown> }

/** What connections are made by. All but `me` is asked whenever it matters, since it changes while they stand. */
type Surroundings = {
  me: string
  doc: () => SessionDoc | undefined
  joined: () => Joined | null
  supervises: () => boolean
  /** What is sent in each place now. */
  sent: (place: MediaTrack) => MediaStreamTrack | null
  /** A way in that has not ended. */
  entry: () => Promise<MediaEntry>
  post: (sig: string, key: string, to: string, d: object) => boolean
  changed: () => void
}

const NOTHING: Heard = { bytes: 0, frames: 0, packets: 0, lost: 0, rttMs: null }

/**
 * The others of a session as this page reaches them: one link to each who is there, of one generation, and what each said of themselves last. It decides nothing:
 * the engine says when there may be links (`keep`) and when there may be none (`close`).
 */
export class Connections {
  private readonly others = new Map<string, Other>()
  private readonly courier: Courier
  private generation_ = 0
  private room: RoomLink | null = null // where a server carries the media

  constructor(private readonly o: Surroundings) {
    this.courier = new Courier(o.me, o.post, () => performance.now())
  }

  /** Which of the session's generations they are of. */
  get generation(): number {
    return this.generation_
  }

  /** From now on they are another generation's; those of before are to be closed first. */
  begin(generation: number): void {
    this.generation_ = generation
  }

  /** Connects everybody who is there, and nobody else. */
  keep(): void {
    const participants = this.o.doc()?.participants ?? {}
    for (const [user, x] of this.others) {
      const p = participants[user]
      const left = !isSide(p?.role) && !p?.here // who supervised; that one of the two is away the state says
      if (!x.link || (!left && x.line === this.line(user))) continue
      this.cut(x)
      this.courier.drop(user)
      this.o.changed()
    }
    for (const [user, p] of Object.entries(participants)) {
      if (user === this.o.me || !p.here) continue
      const other = this.other(user)
      if (other.link) continue
      other.line = this.line(user)
      other.link = this.connect(user, other.line)
    }
  }

  /** Ends all of them, and says whether there were any. */
  close(): boolean {
    let any = false
    for (const x of this.others.values()) any = this.cut(x) || any
    this.room?.close()
    this.room = null
    this.courier.drop()
    return any
  }

  connected(to: readonly string[]): boolean {
    return to.some((user) => this.others.get(user)?.link)
  }

  /** When a page of one of these was heard last. */
  heardAt(of: readonly string[]): number {
    return Math.max(-Infinity, ...of.map((user) => this.others.get(user)?.heardAt ?? -Infinity))
  }

  /** What has come in of these since it was asked last. */
  async received(of: readonly string[]): Promise<Heard> {
    const sum = { ...NOTHING }
    for (const user of of) {
      const x = this.others.get(user)
      if (!x?.link) continue
      const h = await x.link.heard().catch(() => NOTHING)
      sum.bytes += Math.max(0, h.bytes - x.last.bytes)
      sum.packets += Math.max(0, h.packets - x.last.packets)
      sum.lost += Math.max(0, h.lost - x.last.lost)
      sum.rttMs = h.rttMs ?? sum.rttMs
      x.last = h
    }
    return sum
  }

  /** Somebody who takes part said something: of what they send, of how they hear, or to their end of a link. */
  signalled({ sig, key, from, d }: Signal): void {
    const other = this.other(from)
    other.heardAt = performance.now()
    if (sig === 'msg') {
      if (Array.isArray(d.ack)) this.courier.acknowledged(d.ack as string[])
      if (typeof d.sends === 'object') {
        const s = d.sends as Partial<RemoteView['sends']>
        other.sends = { microphone: s.microphone === true, camera: s.camera === true, screen: s.screen === true }
        this.o.changed()
      }
    } else if (sig === 'quality') {
      other.hears = d.level === 'good' || d.level === 'fair' || d.level === 'poor' ? d.level : null
      this.o.changed()
    } else if ((sig === 'sdp' || sig === 'ice') && d.to === this.o.me && other.link instanceof PeerLink && lineOf(key) === other.line && this.courier.take(sig, from, key)) {
      if (sig === 'sdp') other.link.described(d.description as RTCSessionDescriptionInit)
      else other.link.candidate(d.candidate as RTCIceCandidateInit)
    }
  }

  /** What is on its way is sent again, when it is time. */
  tick(): void {
    this.courier.tick()
  }

  /** The network is another. */
  restart(): void {
    for (const x of this.others.values()) x.link?.restart()
  }

  /** Something of ours has changed in a place. */
  switch(place: MediaTrack): void {
    for (const x of this.others.values()) x.link?.switch(place)
  }

  /** Whoever is shown: one who listens is not. */
  views(): RemoteView[] {
    return [...this.others].flatMap(([user, x]) => {
      const p = this.o.doc()?.participants[user]
      return p && p.role !== 'observer' ? [{ user, role: p.role, connection: x.link?.state ?? 'closed', streams: x.link?.streams ?? new Map(), sends: x.sends, hears: x.hears }] : []
    })
  }

  private other(user: string): Other {
    let o = this.others.get(user)
    if (!o) {
      o = { link: null, line: '', heardAt: -Infinity, sends: { microphone: false, camera: false, screen: false }, hears: null, last: NOTHING }
      this.others.set(user, o)
    }
    return o
  }

  /** Which connection to somebody it is: a generation is of the two, and each who supervises counts their own. */
  private line(user: string): string {
    const all = this.o.doc()?.participants ?? {}
    const ends = [
      { order: all[this.o.me]?.order ?? 0, epoch: this.o.joined()?.epoch, side: !this.o.supervises() },
      { order: all[user]?.order ?? 0, epoch: all[user]?.epoch, side: isSide(all[user]?.role) },
    ]
    return [this.generation_, ...ends.sort((a, b) => a.order - b.order).flatMap((e) => (e.side ? [] : [e.epoch]))].join('-')
  }

  private connect(user: string, line: string): Link {
    const { generation_: generation } = this
    const joined = this.o.joined()
    const media = joined?.media
    if (media?.provider === 'livekit') {
      this.room ??= new RoomLink({ entry: this.o.entry, track: this.o.sent, changed: this.o.changed })
      return this.room.seat(user)
    }
    const all = this.o.doc()?.participants
    const [mine, theirs] = [all?.[this.o.me]?.order, all?.[user]?.order]
    return new PeerLink({
      polite: mine !== undefined && theirs !== undefined ? mine < theirs : (joined?.polite ?? false),
      relayOnly: media?.relay_only ?? false,
      servers: media?.servers ?? [],
      track: this.o.sent,
      send: (sig, d) => {
        if (generation === this.generation_) this.courier.post(line, { sig, to: user, d: { to: user, generation, ...d } })
      },
      changed: this.o.changed,
    })
  }

  private cut(x: Other): boolean {
    if (!x.link) return false
    x.link.close()
    x.link = null
    x.last = NOTHING
    return true
  }
}
