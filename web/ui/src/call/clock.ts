import type { Money } from '../api/types'
import type { SessionDoc } from './types'

export type Reading = {
  seconds: number
  /** What they cost so far, the free ones not among them. */
  cost: Money
  /** How many seconds are left of what is funded. */
  left: number
  running: boolean
}

/** The meter at an instant of the server's clock: counted on from where it was written, never past what is funded, nor past our last heartbeat once they go unheard. */
export function readMeter(doc: Pick<SessionDoc, 'meter' | 'rate'>, now: number, countedTo: number | null = null): Reading {
  const { billed_s, running_since, funded_s, free_s } = doc.meter
  const ran = running_since === undefined ? 0 : Math.floor(((countedTo ?? now) - Date.parse(running_since)) / 1000)
  const most = funded_s + free_s
  const seconds = Math.min(billed_s + Math.max(0, ran), Math.max(most, billed_s))
  return { seconds, cost: { amount: costOf(doc.rate, seconds - free_s), currency: doc.rate.currency }, left: Math.max(0, most - seconds), running: running_since !== undefined && countedTo === null }
}

const byTen = new Set(['BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND']) // a card is charged in tens of their smallest unit

/** What so many seconds cost, as the server counts it: downwards, to what a card can be charged. */
export function costOf(rate: Money, seconds: number): number {
  const n = Math.floor((rate.amount * Math.max(0, seconds)) / 60)
  return n - (n % (byTen.has(rate.currency) ? 10 : 1))
}
