import type { Hearing } from '@waymeet/sdk'
import type { Money } from '../api/types'
import type { DayHours, Hours, Level, Modality } from '../expert/types'

// What whoever runs queues reads: queues.list and queues.board.

export type QueueRing = { after_s: number; lower: number; drop: number }
export type Weights = Partial<Record<'proficiency' | 'rating' | 'price' | 'sticky' | 'idle' | 'generalist' | 'priority' | 'waited', number>>
export type QueueRules = {
  name: string
  modalities: Modality[]
  sla_s: number
  ring_s: number
  push_ring_s: number
  fan_out: number
  rings: QueueRing[]
  weights: Weights
  overflow?: string
  callback: boolean
  callback_after_s: number
  callback_ring_s: number
  callback_calls: number
  appointment_days: number
  appointment_each: number
  open: boolean
  most: number
  time_zone: string
  needs: Level[]
  hours: Hours[]
  days?: DayHours[]
}
export type Queue = QueueRules & { id: string; version: number; waiting: number; longest_s: number }
/** Who is rung, and of the reading the parts of the score: `why` is not live. */
export type BoardRing = { offer: string; expert: string; name: string; deadline: string; why?: Record<string, number> }
export type BoardRequest = { id: string; client: string; client_name: string; modality: Modality; languages: string[]; about?: string; needs?: Level[]; ceiling: Money; priority: number; placed_at: string; rings: BoardRing[]; away?: boolean; call_until?: string }
export type BoardExpert = { id: string; name: string; intent: 'available' | 'break' | 'off'; asked: boolean; reach: 'connected' | 'suspect' | 'push' | 'gone'; slots: number; ringing: number; busy: number; rating: number; price: Money; fits: boolean }
export type BoardSession = {
  id: string
  client: string
  client_name: string
  expert: string
  expert_name: string
  state: 'connecting' | 'live' | 'reconnecting' | 'interrupted' | 'wrap_up'
  modality: Modality
  rate: Money
  billed_s: number
  running_since?: string
  created_at: string
  here: number
  hears?: Hearing['level']
}
export type Board = { waiting: BoardRequest[]; experts: BoardExpert[]; sessions: BoardSession[] }

/** What an expert is doing, in one word. */
export type Doing = 'ringing' | 'talking' | 'free' | 'asked' | 'break' | 'away' | 'off'
export function doing(e: BoardExpert): Doing {
  if (e.ringing > 0) return 'ringing'
  if (e.busy > 0) return 'talking'
  if (e.intent === 'off') return 'off'
  if (e.intent === 'break') return 'break'
  if (e.reach === 'gone' || e.reach === 'suspect') return 'away'
  return e.asked ? 'asked' : 'free'
}
export const doings: readonly Doing[] = ['free', 'ringing', 'talking', 'asked', 'break', 'away', 'off']

/** How a wait stands beside what the queue promises: the last third before it is a warning. */
export function slaTone(waitedS: number, slaS: number): 'good' | 'held' | 'bad' {
  return waitedS > slaS ? 'bad' : waitedS > (slaS * 2) / 3 ? 'held' : 'good'
}

/** The parts of a score that decided, the greatest first. */
export const parts = ['proficiency', 'rating', 'price', 'sticky', 'idle', 'generalist'] as const
