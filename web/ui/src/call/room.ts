import type { LocalTrackPublication, RemoteParticipant, RemoteTrackPublication, Room } from 'livekit-client'
import { countInto, places, type Heard, type Link } from './link'
import type { MediaEntry, MediaTrack } from './types'

export type RoomOptions = {
  /** A way in that has not ended. */
  entry: () => Promise<MediaEntry>
  /** What is sent in each place now. */
  track: (place: MediaTrack) => MediaStreamTrack | null
  changed: () => void
}

const AGAIN_MS = 1_500

/**
 * The room of a media server (LiveKit) as this page is in it: what we send goes there once, whoever else is there is a seat. The server says who may come in and
 * send what, by the token; the meter's rules are the same as between two browsers: whoever may not be heard any more leaves the room.
 */
export class RoomLink {
  private room: Room | null = null
  private readonly seats = new Map<string, Seat>()
  private readonly sent = new Map<MediaTrack, LocalTrackPublication>()
  private sends: readonly MediaTrack[] = []
  private turn: Promise<unknown> = Promise.resolve() // one change of what we send after the other
  private again: ReturnType<typeof setTimeout> | undefined
  private closed = false

  constructor(private readonly o: RoomOptions) {
    void this.open()
  }

  /** Another of the party, whether they are in the room yet or not. */
  seat(user: string): Seat {
    let s = this.seats.get(user)
    if (!s) {
      s = new Seat(user, this)
      this.seats.set(user, s)
    }
    s.left = false // who comes back finds what they send
    return s
  }

  guest(user: string): RemoteParticipant | undefined {
    return this.room?.remoteParticipants.get(user)
  }

  /** Something of ours has changed in a place. */
  switch(place: MediaTrack): void {
    this.turn = this.turn.then(() => this.send(place)).catch(() => undefined) // what could not be sent is tried with the next change
  }

  close(): void {
    if (this.closed) return
    this.closed = true
    clearTimeout(this.again)
    void this.room?.disconnect(false) // our microphone stays ours
    this.room = null
  }

  private async open(): Promise<void> {
    try {
      const [{ Room, RoomEvent }, entry] = await Promise.all([import('livekit-client'), this.o.entry()])
      if (this.closed) return
      if (entry.url === undefined || entry.token === undefined) throw new Error('an entry without a server')
      const room = new Room({ stopLocalTrackOnUnpublish: false })
      room
        .on(RoomEvent.TrackSubscribed, (track, publication, { identity }) => this.shown(identity, publication, new MediaStream([track.mediaStreamTrack])))
        .on(RoomEvent.TrackUnsubscribed, (_track, publication, { identity }) => this.shown(identity, publication, null))
        .on(RoomEvent.ParticipantConnected, () => this.o.changed())
        .on(RoomEvent.ParticipantDisconnected, () => this.o.changed())
        .on(RoomEvent.Disconnected, () => this.lost(room))
      this.room = room
      await room.connect(entry.url, entry.token)
      if (this.room !== room) return void room.disconnect(false)
      if (entry.restricted) room.localParticipant.setTrackSubscriptionPermissions(false, (entry.heard_by ?? []).map((id) => ({ participantIdentity: id, allowAll: true })))
      this.sends = entry.sends ?? []
      for (const place of this.sends) this.switch(place)
      this.o.changed()
    } catch {
      this.lost(this.room)
    }
  }

  /** The server ended it, or could not be reached in all the ways that its client tries: with another entry, while the call lasts. */
  private lost(room: Room | null): void {
    if (this.closed || room !== this.room) return
    this.room = null
    this.sent.clear()
    this.sends = []
    for (const s of this.seats.values()) s.streams.clear()
    void room?.disconnect(false)
    clearTimeout(this.again)
    this.again = setTimeout(() => void this.open(), AGAIN_MS)
    this.o.changed()
  }

  private shown(user: string, publication: RemoteTrackPublication, stream: MediaStream | null): void {
    const place = placeOf[publication.source]
    if (!place) return
    const { streams } = this.seat(user)
    if (stream) streams.set(place, stream)
    else streams.delete(place)
    this.o.changed()
  }

  private async send(place: MediaTrack): Promise<void> {
    const { room } = this
    if (!room || !this.sends.includes(place)) return
    const track = this.o.track(place)
    const sent = this.sent.get(place)
    if (sent?.track && track) {
      if (sent.track.mediaStreamTrack !== track) await sent.track.replaceTrack(track, { userProvidedTrack: true })
    } else if (sent?.track) {
      this.sent.delete(place)
      await room.localParticipant.unpublishTrack(sent.track, false)
    } else if (track) {
      // (Silence is sent as well: that something comes in is how the other knows that somebody is there.)
      const made = await room.localParticipant.publishTrack(track, { source: sources[place], dtx: false, simulcast: place === 'camera' })
      if (room === this.room) this.sent.set(place, made)
    }
  }
}

class Seat implements Link {
  readonly streams = new Map<MediaTrack, MediaStream>()
  left = false

  constructor(
    private readonly user: string,
    private readonly room: RoomLink,
  ) {}

  get state(): RTCPeerConnectionState {
    if (this.left) return 'closed'
    return this.room.guest(this.user) ? 'connected' : 'connecting'
  }

  switch(place: MediaTrack): void {
    this.room.switch(place)
  }

  /** What has come in of them so far. */
  async heard(): Promise<Heard> {
    const out: Heard = { bytes: 0, frames: 0, packets: 0, lost: 0, rttMs: null }
    for (const p of this.room.guest(this.user)?.trackPublications.values() ?? []) {
      const report = await p.track?.getRTCStatsReport()
      if (report) countInto(out, report)
    }
    return out
  }

  restart(): void {
    // The server's client looks for another way by itself.
  }

  close(): void {
    this.left = true
  }
}

const sources = { microphone: 'microphone', camera: 'camera', screen: 'screen_share', screen_audio: 'screen_share_audio' } as Record<MediaTrack, RemoteTrackPublication['source']>
const placeOf: Partial<Record<RemoteTrackPublication['source'], MediaTrack>> = Object.fromEntries(places.map((p) => [sources[p], p]))
