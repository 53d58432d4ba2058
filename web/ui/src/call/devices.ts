/** Why a device is not to be had, in the kinds that a person can do something about. */
export type DeviceTrouble = 'denied' | 'none' | 'busy' | 'insecure' | 'unknown'

export function troubleOf(e: unknown): DeviceTrouble {
  switch (e instanceof Error || e instanceof DOMException ? e.name : '') {
    case 'NotAllowedError':
    case 'SecurityError':
      return 'denied'
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'none'
    case 'NotReadableError':
    case 'AbortError':
      return 'busy'
    default:
      return 'unknown'
  }
}

export type Choice = { microphone?: string; camera?: string; cameraOff?: boolean }
const KEY = 'waymeet.devices'

/** What this device was told to use. */
export function chosenDevices(): Choice {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? '{}') as Choice
  } catch {
    return {}
  }
}
export function chooseDevices(c: Choice): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(c))
  } catch {
    // storage refused: kept for this visit by whoever asked
  }
}

const spoken: MediaTrackConstraints = { echoCancellation: true, noiseSuppression: true, autoGainControl: true }
const seen: MediaTrackConstraints = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30, max: 30 } }

/** One device; the one that was chosen, or another if that is not there any more. Throws what the browser says. */
export async function openDevice(kind: 'microphone' | 'camera', id = chosenDevices()[kind]): Promise<MediaStreamTrack> {
  if (!navigator.mediaDevices?.getUserMedia) throw Object.assign(new Error('insecure'), { name: 'InsecureError' })
  const like = kind === 'microphone' ? spoken : { ...seen, facingMode: 'user' }
  const ask = async (more: MediaTrackConstraints) => {
    const s = await navigator.mediaDevices.getUserMedia(kind === 'microphone' ? { audio: { ...like, ...more } } : { video: { ...like, ...more } })
    const track = s.getTracks()[0]
    if (!track) throw Object.assign(new Error('none'), { name: 'NotFoundError' })
    return track
  }
  if (!id) return ask({})
  try {
    return await ask({ deviceId: { exact: id } })
  } catch (e) {
    if (troubleOf(e) !== 'none') throw e
    return ask({})
  }
}

export const insecure = (): boolean => !navigator.mediaDevices?.getUserMedia
export const canShareScreen = (): boolean => typeof navigator.mediaDevices?.getDisplayMedia === 'function'
