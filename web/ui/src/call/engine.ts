import { CallError, type Snapshot, type WaymeetClient } from '@waymeet/sdk'
import { Connections, type RemoteView } from './connections'
import { mayCarry, QUIET_MS, shouldReturn } from './gate'
import { places } from './link'
import { LocalMedia, type LocalView } from './local'
import { qualityOf, type Quality } from './quality'
import { isOver, isSide, type CallRole, type Joined, type MediaEntry, type MediaTrack, type SessionDoc } from './types'

export type CallView = {
  /** `elsewhere`: another page speaks for us by now. `gone`: there is no such session, or we take no part in it. */
  phase: 'joining' | 'in' | 'elsewhere' | 'gone' | 'over'
  role: CallRole | null
  local: LocalView
  remotes: readonly RemoteView[]
  quality: Quality | null
  /** The connection to the server: without it nothing is counted. */
  linked: boolean
  /** Heartbeats are not answered any more: the last that was, by the server's clock. What came after it is not counted. */
  countedTo: number | null
  capabilities: readonly string[]
  /** What carries this call's media is not something that a page like this can take part in. */
  unable: boolean
}

const TICK_MS = 250
const BEAT_MS = 1_000
const STATE_MS = 1_000
const COVERS_MS = 3_000 // a heartbeat covers no more
const OPENS_MS = 20_000
const ENTERS_MS = 20_000 // an entry that ends sooner may end on the way in
const FRESH_MS = 4_000 // for so long somebody's last word counts as being there

type Options = { live: WaymeetClient; session: string; me: string; now: () => number; onChange: () => void }

/**
 * One person's part in one session: joins, beats each second, and keeps the connections that the document allows. The server decides who is there, which
 * generation of connections counts, and whether the meter runs; here media follows it.
 */
export class CallEngine {
  readonly local: LocalMedia
  private view_: CallView
  private readonly channel
  private readonly connections: Connections
  private readonly stops: (() => void)[] = []
  private doc: SessionDoc | undefined
  private joined: Joined | null = null
  private joining = false
  private speaks = false // we are heard: our devices are open
  private phase: CallView['phase'] = 'joining'
  private heardAt = -Infinity // a heartbeat was answered
  private answeredAt = 0 // the same, by the server's clock
  private counts = true
  private triedAt = -Infinity // this generation's connections were begun
  private idleAt = 0 // nothing is connected since
  private stateAt = 0
  private joinAfter = 0
  private failures = 0
  private away = false // our heartbeats were not answered: it is for us to begin again
  private spent = false // this generation's connections were torn down: there will be another's
  private beatAt = 0
  private saidAt = 0
  private beats = 0 // not answered yet
  private media = false
  private quality: Quality | null = null
  private closed = false
  private readonly startedAt = performance.now()

  constructor(private readonly o: Options) {
    this.channel = o.live.channel(`session:${o.session}`)
    this.local = new LocalMedia((place) => this.localChanged(place), (taken) => this.taken(taken))
    this.connections = new Connections({
      me: o.me,
      doc: () => this.doc,
      joined: () => this.joined,
      supervises: () => this.supervises(),
      sent: (place) => this.sent(place),
      entry: () => this.entry(),
      post: (sig, key, to, d) => this.channel.signal(d, { sig, key, to: `user/${to}` }),
      changed: () => this.changed(),
    })
    this.view_ = this.look()
  }

  view = (): CallView => this.view_

  start(): void {
    this.stops.push(this.channel.subscribe((s) => this.heard(s)), this.channel.onSignal((s) => this.signalled(s.sig, s.key ?? '', s.from ?? '', s.d)), this.o.live.onStatus(() => this.changed()))
    const clock = setInterval(() => this.tick(), TICK_MS)
    const online = () => this.connections.restart()
    const bye = () => this.leave()
    window.addEventListener('online', online)
    window.addEventListener('pagehide', bye)
    const network = (navigator as { connection?: EventTarget }).connection
    network?.addEventListener('change', online)
    this.stops.push(
      () => clearInterval(clock),
      () => window.removeEventListener('online', online),
      () => window.removeEventListener('pagehide', bye),
      () => network?.removeEventListener('change', online),
    )
    this.heard(this.channel.snapshot())
  }

  /** The page goes away. The session does not: whoever comes back in time goes on. */
  close(): void {
    if (this.closed) return
    this.leave()
    this.closed = true
    for (const stop of this.stops) stop()
    this.hangUp()
    this.local.close()
  }

  /** Takes the call over to this page. */
  takeOver(): void {
    this.phase = 'joining'
    this.joinAfter = 0
    this.changed()
    this.tick()
  }

  // What we know.

  private heard(s: Snapshot): void {
    const doc = s.entities.get(`session/${this.o.session}`)?.d as SessionDoc | undefined
    if (s.status === 'closed' && this.phase !== 'over') return this.refused()
    if (!doc || doc === this.doc) return
    const [before, role] = [this.doc, this.role()]
    this.doc = doc
    if (before?.state !== doc.state) this.stateAt = performance.now()
    if (isOver(doc.state)) {
      this.phase = 'over'
      this.hangUp()
      this.local.close()
    } else {
      this.played(role)
      if (this.joined && doc.generation > this.connections.generation) this.begin(doc.generation)
    }
    this.tick()
    this.changed()
  }

  /** A session is opened a moment after its offer was accepted: what is not there yet is asked for again for a while. */
  private refused(): void {
    if (!this.doc && performance.now() - this.startedAt < OPENS_MS) {
      setTimeout(() => !this.closed && this.channel.retry(), 600)
      return
    }
    this.phase = 'gone'
    this.hangUp()
    this.local.close()
    this.changed()
  }

  /** A supervisor whom nobody is shown is not in the document: they listen. */
  private role(): CallRole | null {
    const joined = this.joined?.role ?? null
    return this.doc?.participants[this.o.me]?.role ?? (joined === null || isSide(joined) || joined === 'second' ? joined : 'observer')
  }

  private supervises(): boolean {
    const role = this.role()
    return role !== null && !isSide(role)
  }

  /** Those with whom the conversation is: of one of the two the other, of a supervisor both. */
  private partners(): string[] {
    const mine = this.role()
    return Object.entries(this.doc?.participants ?? {}).flatMap(([user, p]) => (user !== this.o.me && isSide(p.role) && p.role !== mine ? [user] : []))
  }

  /** Whoever is heard has their devices, a supervisor for as long as they speak. Between browsers another role is another thing sent; a server wants another entry. */
  private played(before: CallRole | null): void {
    const { doc } = this
    const role = this.role()
    if (!doc || role === null) return
    const speaks = role !== 'observer'
    if (speaks !== this.speaks) {
      this.speaks = speaks
      if (speaks) void this.local.open(isSide(role) || role === 'second' || doc.modality === 'chat' ? doc.modality : 'audio') // a supervisor is heard, and not seen
      else this.local.release()
    }
    if (before === null || before === role) return
    if (this.joined?.media?.provider === 'livekit') {
      delete this.joined.media.until
      this.connections.close()
      this.changed()
    } else {
      for (const place of places) this.localChanged(place)
    }
  }

  private linked(): boolean {
    return this.o.live.status().state === 'open'
  }

  private signalled(sig: string, key: string, from: string, d: Record<string, unknown>): void {
    const user = from.replace(/^user\//, '')
    if (user !== this.o.me && this.doc && user in this.doc.participants) this.connections.signalled({ sig, key, from: user, d })
  }

  // What we do.

  private tick(): void {
    if (this.closed || this.phase === 'over' || this.phase === 'gone' || this.phase === 'elsewhere') return
    const now = performance.now()
    if (this.joinWanted(now)) void this.join()
    if (!this.joined || !this.doc) return
    const counts = now - this.heardAt <= COVERS_MS
    if (counts !== this.counts) {
      this.counts = counts
      this.changed()
    }
    this.follow(now)
    if (!this.linked()) return
    this.connections.tick()
    if (now - this.saidAt >= STATE_MS) this.say(now)
    if (now - this.beatAt >= BEAT_MS - 20) void this.beat(now)
  }

  private joinWanted(now: number): boolean {
    if (this.joining || now < this.joinAfter || !this.doc || isOver(this.doc.state) || !this.linked()) return false
    if (!this.joined || this.phase === 'joining') return true
    if (this.connected() || this.local.view().taken || this.doc.modality === 'chat') return false
    if (this.supervises()) return this.away || (this.spent && this.doc.state === 'live') // the two begin anew by themselves
    if (!this.local.view().opened) return false
    const otherAt = this.connections.heardAt(this.partners())
    return shouldReturn({ state: this.doc.state, idleMs: now - this.idleAt, wasAway: this.away, polite: this.joined.polite, otherMs: now - otherAt })
  }

  private async join(): Promise<void> {
    this.joining = true
    try {
      const { body } = await this.o.live.call<Joined>('sessions.join', { path: { id: this.o.session } }, { key: crypto.randomUUID(), signal: AbortSignal.timeout(10_000) })
      if (this.closed || !body) return
      this.joined = body
      this.phase = 'in'
      this.away = false
      this.failures = 0
      this.answered()
      this.played(null)
      this.joinAfter = performance.now() + 3_000
      this.begin(Math.max(body.generation, this.doc?.generation ?? 0))
    } catch (e) {
      this.failures++
      this.joinAfter = performance.now() + Math.min(8_000, 500 * 2 ** this.failures)
      if (e instanceof CallError && (e.code === 'session_not_found' || e.code === 'not_found')) this.phase = 'gone'
    } finally {
      this.joining = false
      this.changed()
    }
  }

  private answered(): void {
    this.heardAt = performance.now()
    this.answeredAt = this.o.now()
  }

  private async beat(now: number): Promise<void> {
    this.beatAt = now
    if (!this.joined || this.beats > 3) return
    this.beats++
    const { epoch } = this.joined
    try {
      const media = await this.listen()
      await this.o.live.call('sessions.beat', { path: { id: this.o.session }, body: { epoch, media } }, { signal: AbortSignal.timeout(3_000) })
      this.answered()
    } catch (e) {
      if (this.joined.epoch !== epoch || !(e instanceof CallError)) return
      if (e.code === 'session_superseded') {
        this.phase = 'elsewhere'
        this.joined = null
        this.hangUp()
        this.changed()
      }
    } finally {
      this.beats--
    }
  }

  /** Whether anything came in since the last heartbeat: of a chat, the other's word that they are there. */
  private async listen(): Promise<boolean> {
    const partners = this.partners() // a supervisor's voice is not the other's
    const sum = await this.connections.received(partners)
    if (this.doc?.modality === 'chat') return performance.now() - this.connections.heardAt(partners) < FRESH_MS
    const quality = sum.packets > 0 ? qualityOf(sum.lost, sum.packets, sum.rttMs) : null
    const media = sum.bytes > 0
    if (quality !== this.quality || media !== this.media) {
      this.quality = quality
      this.media = media
      this.changed()
    }
    return media
  }

  /** What we send now, and how well we hear: each second, since nobody keeps it for whoever comes later. */
  private say(now: number): void {
    this.saidAt = now
    const l = this.local.view()
    const sends = { microphone: l.microphone !== null && !l.muted && !l.taken, camera: l.camera !== null, screen: l.screen !== null }
    this.channel.signal({ sends }, { sig: 'msg', key: `${this.o.me}.sends` })
    if (this.quality) this.channel.signal({ level: this.quality }, { sig: 'quality', key: `${this.o.me}.quality` })
  }

  /** New connections to everybody who is there: those of before do not count any more. */
  private begin(generation: number): void {
    this.hangUp()
    this.connections.begin(generation)
    this.spent = false
    this.triedAt = this.idleAt = performance.now()
    this.follow(this.triedAt)
    this.changed()
  }

  /** Keeps the connections that the document allows, and no other. */
  private follow(now: number): void {
    if (!this.doc || !this.joined) return
    const { participants } = this.doc
    const partners = this.partners()
    const met = partners.length > 0 && partners.every((user) => participants[user]?.here)
    const heardMs = now - this.heardAt
    if (!mayCarry({ state: this.doc.state, bothHere: met, heardMs, stateMs: now - this.stateAt, triedMs: now - this.triedAt })) {
      if (heardMs > QUIET_MS) this.away = true
      if (met) this.spent = true
      return this.hangUp()
    }
    const l = this.local.view()
    if (l.taken) return this.hangUp()
    if (this.spent || (!l.opened && !this.supervises()) || this.connections.generation < this.doc.generation || this.doc.modality === 'chat' || this.unable()) return
    this.connections.keep()
  }

  /** Who listens sends nothing, whatever is open. */
  private sent(place: MediaTrack): MediaStreamTrack | null {
    return this.role() === 'observer' ? null : this.local.track(place)
  }

  /** The way in that we joined with, while it lasts; then another. */
  private async entry(): Promise<MediaEntry> {
    const { joined } = this
    if (!joined) throw new Error('nobody is in')
    if (joined.media?.until !== undefined && Date.parse(joined.media.until) > this.o.now() + ENTERS_MS) return joined.media
    const { body } = await this.o.live.call<{ media?: MediaEntry }>('sessions.entry', { path: { id: this.o.session }, query: { epoch: String(joined.epoch) } }, { signal: AbortSignal.timeout(10_000) })
    if (!body?.media) throw new Error('no entry')
    joined.media = body.media
    return body.media
  }

  private unable(): boolean {
    const carrier = this.joined?.media?.provider
    return carrier !== undefined && carrier !== 'builtin' && carrier !== 'livekit'
  }

  private connected(): boolean {
    return this.connections.connected(this.partners())
  }

  private hangUp(): void {
    if (!this.connections.close()) return
    this.idleAt = performance.now()
    this.media = false
    this.quality = null
    this.changed()
  }

  private localChanged(place?: MediaTrack): void {
    if (place) this.connections.switch(place)
    this.saidAt = 0 // the other sees it with the next tick
    this.changed()
  }

  /** The system gave the microphone to somebody else, a phone call; or gave it back. */
  private taken(taken: boolean): void {
    if (taken && !this.supervises()) void this.o.live.call('sessions.interrupt', { path: { id: this.o.session } }, { key: crypto.randomUUID(), signal: AbortSignal.timeout(10_000) }).catch(() => undefined)
    else if (!taken) this.away = true // we come back, and begin anew
    this.tick()
  }

  private leave(): void {
    if (!this.joined || !this.doc || isOver(this.doc.state) || this.phase === 'elsewhere') return
    void this.o.live.call('sessions.leave', { path: { id: this.o.session }, body: { epoch: this.joined.epoch } }, { key: crypto.randomUUID(), signal: AbortSignal.timeout(3_000) }).catch(() => undefined)
    this.joined = null
  }

  private look(): CallView {
    return {
      phase: this.phase,
      role: this.role(),
      local: this.local.view(),
      remotes: this.connections.views(),
      quality: this.quality,
      linked: this.linked(),
      countedTo: this.counts ? null : this.answeredAt,
      capabilities: this.joined?.media?.capabilities ?? [],
      unable: this.unable(),
    }
  }

  private changed(): void {
    if (this.closed || !this.local) return
    this.view_ = this.look()
    this.o.onChange()
  }
}
