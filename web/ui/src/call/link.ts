import { CandidateBox, fewCodecs, Negotiation } from './negotiation'
import type { MediaServer, MediaTrack } from './types'

/** The places of a connection, in the order in which they are offered; what is sent in one is switched without a new negotiation. */
export const places: readonly MediaTrack[] = ['microphone', 'camera', 'screen', 'screen_audio']
const kinds: Record<MediaTrack, 'audio' | 'video'> = { microphone: 'audio', camera: 'video', screen: 'video', screen_audio: 'audio' }
const most: Partial<Record<MediaTrack, number>> = { camera: 1_200_000, screen: 2_000_000 } // bits a second

export type LinkOptions = {
  polite: boolean
  relayOnly: boolean
  servers: readonly MediaServer[]
  /** What is sent in each place now. */
  track: (place: MediaTrack) => MediaStreamTrack | null
  send: (sig: 'sdp' | 'ice', d: { description: RTCSessionDescriptionInit } | { candidate: RTCIceCandidateInit }) => void
  /** A place of the other's, once it is known, and whenever the connection's state changes. */
  changed: () => void
}

export type Heard = { bytes: number; frames: number; packets: number; lost: number; rttMs: number | null }

/** The way to one other end, whatever lies between. */
export type Link = {
  readonly state: RTCPeerConnectionState
  /** What they send, by place. */
  readonly streams: ReadonlyMap<MediaTrack, MediaStream>
  /** Something of ours has changed in a place. */
  switch(place: MediaTrack): void
  /** What has come in so far. */
  heard(): Promise<Heard>
  /** The network has changed. */
  restart(): void
  close(): void
}

/** One connection to one other end. The impolite end makes the four places; the polite one takes them from its offer. */
export class PeerLink implements Link {
  readonly streams = new Map<MediaTrack, MediaStream>()
  private readonly pc: RTCPeerConnection
  private readonly negotiation: Negotiation
  private readonly box = new CandidateBox()
  private turn: Promise<unknown> = Promise.resolve() // one signal after the other
  private closed = false
  private weak: ReturnType<typeof setTimeout> | undefined

  constructor(private readonly o: LinkOptions) {
    this.negotiation = new Negotiation(o.polite)
    this.pc = new RTCPeerConnection({
      iceServers: o.servers.map((s) => ({ urls: s.urls, ...(s.username === undefined ? {} : { username: s.username }), ...(s.credential === undefined ? {} : { credential: s.credential }) })),
      iceTransportPolicy: o.relayOnly ? 'relay' : 'all',
      bundlePolicy: 'max-bundle',
    })
    this.pc.onnegotiationneeded = () => void this.offer()
    this.pc.onicecandidate = ({ candidate }) => {
      if (candidate !== null && candidate.candidate !== '') o.send('ice', { candidate: trimmed(candidate) })
    }
    this.pc.ontrack = ({ transceiver, track }) => {
      const place = places[this.pc.getTransceivers().indexOf(transceiver)]
      if (!place) return
      this.streams.set(place, new MediaStream([track]))
      o.changed()
    }
    this.pc.onconnectionstatechange = () => {
      this.watch()
      o.changed()
    }
    if (!o.polite) {
      for (const place of places) this.pc.addTransceiver(o.track(place) ?? kinds[place], { direction: 'sendrecv' })
      this.prepare()
    }
  }

  get state(): RTCPeerConnectionState {
    return this.closed ? 'closed' : this.pc.connectionState
  }

  /** Something of ours has changed in a place. */
  switch(place: MediaTrack): void {
    const t = this.pc.getTransceivers()[places.indexOf(place)]
    if (t && !this.closed) void t.sender.replaceTrack(this.o.track(place)).catch(() => undefined)
  }

  described(d: RTCSessionDescriptionInit): void {
    this.inTurn(() => this.hear(d))
  }
  candidate(c: RTCIceCandidateInit): void {
    this.inTurn(() => this.use(this.box.add(c)))
  }

  /** The network has changed: look for a way again. */
  restart(): void {
    if (!this.closed && this.pc.remoteDescription) this.pc.restartIce()
  }

  close(): void {
    if (this.closed) return
    this.closed = true
    clearTimeout(this.weak)
    this.pc.onnegotiationneeded = this.pc.onicecandidate = this.pc.ontrack = this.pc.onconnectionstatechange = null
    this.pc.close()
  }

  /** What has come in so far. */
  async heard(): Promise<Heard> {
    const out: Heard = { bytes: 0, frames: 0, packets: 0, lost: 0, rttMs: null }
    if (this.closed) return out
    countInto(out, await this.pc.getStats())
    return out
  }

  private async offer(): Promise<void> {
    try {
      this.negotiation.making = true
      await this.pc.setLocalDescription()
      this.tell()
    } catch {
      // closed meanwhile, or their offer came first: it is answered
    } finally {
      this.negotiation.making = false
    }
  }

  private async hear(d: RTCSessionDescriptionInit): Promise<void> {
    if (this.negotiation.hear(d.type, this.pc.signalingState) === 'ignore') return
    this.negotiation.settling = d.type === 'answer'
    try {
      await this.pc.setRemoteDescription(d)
    } finally {
      this.negotiation.settling = false
    }
    await this.use(this.box.described(d.sdp ?? ''))
    if (d.type !== 'offer') return
    this.prepare()
    await this.pc.setLocalDescription()
    this.tell()
  }

  /** Each place both ways, with what we send there now. */
  private prepare(): void {
    for (const [i, t] of this.pc.getTransceivers().entries()) {
      const place = places[i]
      if (!place) continue
      if (t.direction !== 'sendrecv') t.direction = 'sendrecv'
      const able = RTCRtpReceiver.getCapabilities(kinds[place])?.codecs
      if (able && this.pc.signalingState !== 'have-remote-offer') t.setCodecPreferences(fewCodecs(able))
      const track = this.o.track(place)
      if (t.sender.track !== track) void t.sender.replaceTrack(track).catch(() => undefined)
      void limit(t.sender, most[place])
    }
  }

  private tell(): void {
    const d = this.pc.localDescription
    if (d && !this.closed) this.o.send('sdp', { description: { type: d.type, sdp: d.sdp } })
  }

  private async use(all: readonly RTCIceCandidateInit[]): Promise<void> {
    for (const c of all) {
      try {
        await this.pc.addIceCandidate(c)
      } catch (e) {
        if (!this.negotiation.deaf && !this.closed) throw e
      }
    }
  }

  private inTurn(run: () => Promise<void>): void {
    this.turn = this.turn.then(() => (this.closed ? undefined : run())).catch(() => undefined) // what cannot be used is made good by the next offer
  }

  /** A connection that is weak for two seconds, or has failed, looks for another way. */
  private watch(): void {
    clearTimeout(this.weak)
    if (this.pc.connectionState === 'failed') this.restart()
    if (this.pc.connectionState === 'disconnected') this.weak = setTimeout(() => this.restart(), 2_000)
  }
}

/** Adds what a report says has come in. */
export function countInto(out: Heard, report: RTCStatsReport): void {
  for (const s of report.values() as Iterable<RTCInboundRtpStreamStats & RTCIceCandidatePairStats>) {
    if (s.type === 'inbound-rtp') {
      out.bytes += s.bytesReceived ?? 0
      out.frames += s.framesDecoded ?? 0
      out.packets += s.packetsReceived ?? 0
      out.lost += Math.max(0, s.packetsLost ?? 0)
    }
    if (s.type === ('candidate-pair' as string) && s.nominated && s.currentRoundTripTime !== undefined) out.rttMs = s.currentRoundTripTime * 1000
  }
}

async function limit(sender: RTCRtpSender, bits: number | undefined): Promise<void> {
  if (bits === undefined) return
  const p = sender.getParameters()
  const [first] = p.encodings
  if (!first || first.maxBitrate === bits) return
  first.maxBitrate = bits
  await sender.setParameters(p).catch(() => undefined)
}

/** A candidate without what is absent: the server reads known names only. */
function trimmed(c: RTCIceCandidate): RTCIceCandidateInit {
  const { candidate, sdpMid, sdpMLineIndex, usernameFragment } = c.toJSON()
  return { candidate: candidate ?? '', ...(sdpMid == null ? {} : { sdpMid }), ...(sdpMLineIndex == null ? {} : { sdpMLineIndex }), ...(usernameFragment == null ? {} : { usernameFragment }) }
}
