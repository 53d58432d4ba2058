import { chosenDevices, insecure, openDevice, troubleOf, type DeviceTrouble } from './devices'
import type { MediaTrack, Modality } from './types'

export type LocalView = {
  opened: boolean
  muted: boolean
  microphone: MediaStreamTrack | null
  camera: MediaStreamTrack | null
  screen: MediaStreamTrack | null
  trouble: Partial<Record<'microphone' | 'camera' | 'screen', DeviceTrouble>>
  /** The system has taken the microphone: a phone call. */
  taken: boolean
}

/** What we send: microphone, camera, screen. A muted microphone still sends silence, so that the other end knows that we are there. */
export class LocalMedia {
  private now: LocalView = { opened: false, muted: false, microphone: null, camera: null, screen: null, trouble: {}, taken: false }
  private sound: MediaStreamTrack | null = null // of the screen
  private silence: ReturnType<typeof setTimeout> | undefined
  private again: ReturnType<typeof setTimeout> | undefined
  private resting = false
  private closed = false

  constructor(
    private readonly changed: (place?: MediaTrack) => void,
    /** The microphone was taken, or is back. */
    private readonly onTaken: (taken: boolean) => void,
  ) {}

  view = (): LocalView => this.now

  track(place: MediaTrack): MediaStreamTrack | null {
    return place === 'screen_audio' ? this.sound : this.now[place]
  }

  async open(modality: Modality): Promise<void> {
    this.resting = false
    if (modality === 'chat') return this.set({ opened: true })
    await this.take('microphone')
    if (modality === 'video' && !chosenDevices().cameraOff) await this.take('camera')
    this.set({ opened: true })
  }

  mute(muted: boolean): void {
    if (this.now.microphone) this.now.microphone.enabled = !muted
    this.set({ muted })
  }

  /** Off means off: the device's light goes out. */
  async film(on: boolean): Promise<void> {
    if (on) return this.take('camera')
    this.now.camera?.stop()
    this.set({ camera: null }, 'camera')
  }

  /** Nobody is to hear us for a while: the microphone's light goes out. */
  release(): void {
    this.resting = true
    this.silenced()
    this.set({ opened: false, muted: false, microphone: null, taken: false, trouble: {} }, 'microphone')
  }

  /** Another device of a kind, as it is chosen now. */
  async take(kind: 'microphone' | 'camera'): Promise<void> {
    try {
      const track = await openDevice(kind)
      if (this.closed || this.resting) return track.stop()
      this.now[kind]?.stop()
      if (kind === 'microphone') {
        track.enabled = !this.now.muted
        this.mind(track)
      } else {
        track.onended = () => this.now.camera === track && this.set({ camera: null, trouble: { ...this.now.trouble, camera: 'busy' } }, 'camera')
      }
      this.set({ [kind]: track, trouble: without(this.now.trouble, kind) }, kind)
    } catch (e) {
      if (!this.closed) this.set({ trouble: { ...this.now.trouble, [kind]: insecure() ? 'insecure' : troubleOf(e) } })
    }
  }

  async share(on: boolean): Promise<void> {
    if (!on) return this.unshare()
    try {
      const s = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { ideal: 10, max: 15 } }, audio: true })
      const [picture] = s.getVideoTracks()
      if (!picture || this.closed) return s.getTracks().forEach((t) => t.stop())
      picture.contentHint = 'detail'
      picture.onended = () => this.unshare()
      this.sound = s.getAudioTracks()[0] ?? null
      this.set({ screen: picture, trouble: without(this.now.trouble, 'screen') }, 'screen')
      this.changed('screen_audio')
    } catch (e) {
      if (troubleOf(e) !== 'denied') this.set({ trouble: { ...this.now.trouble, screen: troubleOf(e) } }) // who pressed «cancel» knows
    }
  }

  private unshare(): void {
    this.now.screen?.stop()
    this.sound?.stop()
    this.sound = null
    this.set({ screen: null }, 'screen')
    this.changed('screen_audio')
  }

  close(): void {
    this.closed = true
    this.silenced()
    for (const t of [this.now.microphone, this.now.camera, this.now.screen, this.sound]) {
      if (!t) continue
      t.onmute = t.onunmute = t.onended = null
      t.stop()
    }
  }

  private silenced(): void {
    clearTimeout(this.silence)
    clearTimeout(this.again)
    const { microphone } = this.now
    if (!microphone) return
    microphone.onmute = microphone.onunmute = microphone.onended = null
    microphone.stop()
  }

  /** A phone call mutes the microphone for as long as it lasts, or ends it for good. A crackle does neither for a second. */
  private mind(track: MediaStreamTrack): void {
    track.onmute = () => {
      clearTimeout(this.silence)
      this.silence = setTimeout(() => this.lost(track), 1_200)
    }
    track.onunmute = () => {
      clearTimeout(this.silence)
      this.found(track)
    }
    track.onended = () => this.lost(track)
  }

  private lost(track: MediaStreamTrack): void {
    if (this.closed || this.now.microphone !== track) return
    if (!this.now.taken) {
      this.set({ taken: true })
      this.onTaken(true)
    }
    if (track.readyState === 'ended') this.fetch()
  }

  private found(track: MediaStreamTrack): void {
    if (this.closed || this.now.microphone !== track || !this.now.taken) return
    this.set({ taken: false })
    this.onTaken(false)
  }

  /** The system gives it back when it likes: asked every two seconds while somebody looks. */
  private fetch(): void {
    clearTimeout(this.again)
    this.again = setTimeout(() => {
      if (document.visibilityState !== 'visible') return this.fetch()
      void this.take('microphone').then(() => {
        const track = this.now.microphone
        if (track?.readyState === 'live' && !track.muted) this.found(track)
        else if (!this.closed) this.fetch()
      })
    }, 2_000)
  }

  private set(some: Partial<LocalView>, place?: MediaTrack): void {
    this.now = { ...this.now, ...some }
    this.changed(place)
  }
}

function without(t: LocalView['trouble'], kind: keyof LocalView['trouble']): LocalView['trouble'] {
  const rest = { ...t }
  delete rest[kind]
  return rest
}
