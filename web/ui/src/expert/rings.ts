import { useEffect, useMemo, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { useChannel } from '../app/live'
import type { OfferDoc, Ring } from './types'

/** What rings now, the one that ends first first. */
export function useRings(): { rings: Ring[]; current: boolean } {
  const set = useChannel('me')
  return useMemo(() => {
    const rings: Ring[] = []
    for (const [e, held] of set.entities) if (e.startsWith('offer/')) rings.push({ ...(held.d as unknown as OfferDoc), id: e.slice(6) })
    return { rings: rings.sort((a, b) => a.deadline.localeCompare(b.deadline)), current: set.status === 'current' }
  }, [set])
}

let context: AudioContext | null = null

/** Browsers let a page sound only after somebody has touched it: called by the switch. */
export function unlockSound() {
  try {
    context ??= new AudioContext()
    void context.resume()
  } catch {
    context = null // no sound here: the title and the card say it
  }
}

/** Two soft notes, as of a door bell. */
function chime() {
  if (context?.state !== 'running') return
  const at = context.currentTime
  for (const [i, pitch] of [880, 660].entries()) {
    const tone = context.createOscillator()
    const gain = context.createGain()
    tone.frequency.value = pitch
    gain.gain.setValueAtTime(0, at + i * 0.28)
    gain.gain.linearRampToValueAtTime(0.22, at + i * 0.28 + 0.03)
    gain.gain.exponentialRampToValueAtTime(0.001, at + i * 0.28 + 0.5)
    tone.connect(gain).connect(context.destination)
    tone.start(at + i * 0.28)
    tone.stop(at + i * 0.28 + 0.55)
  }
}

const EVERY_MS = 2_000

/** While something rings: the bell, unless it is muted, and the window's title; it blinks only where motion is welcome. */
export function useBell(ringing: boolean, muted: boolean) {
  const { t } = useTranslation()
  const words = t('practice.titleRings')
  const quiet = useRef(muted)
  useEffect(() => {
    quiet.current = muted // read at the next stroke, so that muting does not begin anew
  }, [muted])
  useEffect(() => {
    if (!ringing) return
    const title = document.title
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches
    let n = 0
    const beat = () => {
      document.title = still || n % 2 === 0 ? `● ${words}` : title
      if (!quiet.current) {
        chime()
        navigator.vibrate?.([180, 120, 180])
      }
      n++
    }
    beat()
    const h = setInterval(beat, EVERY_MS)
    return () => {
      clearInterval(h)
      document.title = title
    }
  }, [ringing, words])
}
