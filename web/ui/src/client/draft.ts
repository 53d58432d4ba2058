import { useCallback, useState } from 'react'
import type { Modality } from '../call'
import type { With } from '../pay/payment'
import type { Level } from './types'

/** What somebody is about to ask for; `pending` is money whose owner has something to do first. */
export type Draft = { step: 0 | 1 | 2; queue: string; needs: Level[]; languages: string[]; modality: Modality; ceiling: string; minutes: number; pay: 'wallet' | 'card'; card?: With | undefined; pending?: string | undefined }

const KEY = 'waymeet.ask'

/** Kept for as long as the window is open: a reload on the way loses nothing. */
export function useDraft(first: Draft): [Draft, (some: Partial<Draft>) => void, () => void] {
  const [draft, set] = useState<Draft>(() => {
    try {
      return { ...first, ...(JSON.parse(sessionStorage.getItem(KEY) ?? '{}') as Partial<Draft>) }
    } catch {
      return first
    }
  })
  const change = useCallback((some: Partial<Draft>) => {
    set((d) => {
      const next = { ...d, ...some }
      try {
        sessionStorage.setItem(KEY, JSON.stringify(next))
      } catch {
        // storage refused: kept for this screen
      }
      return next
    })
  }, [])
  const forget = useCallback(() => {
    try {
      sessionStorage.removeItem(KEY)
    } catch {
      // there was none
    }
  }, [])
  return [draft, change, forget]
}

