import type { Money } from '../api/types'
import type { Modality } from '../call'
import type { PaymentStep } from '../pay/payment'

export type Level = { skill: string; level: number }
export type Queue = { id: string; name: string; open: boolean; takes: boolean; modalities: Modality[] | null; needs: Level[] | null; waiting: number; most: number; sla_s: number; callback: boolean }
export type Skill = { id: string; name: string; active: boolean; licensed: boolean }
export type Funds = { funds: string; ceiling: Money; held: Money; lasts_s: number; payment?: PaymentStep }
export type Request = { id: string; queue: string; modality: Modality; state: 'waiting' | 'matched' | 'cancelled'; placed_at: string; position?: number; offer?: string; ceiling: Money; callback?: Callback }
/** Its client is not there, and is called when their turn comes. */
export type Callback = { calls: number; call_until?: string }
export type RequestDoc = { queue: string; modality: Modality; state: Request['state']; ringing: boolean; placed_at: string; ceiling: Money; offer?: string; expert?: string; expert_name?: string; callback?: Callback }
/** What the owner of a queue tells each who waits in it, every two seconds. */
export type Wait = { position: number; low_s?: number; high_s?: number; callback?: boolean }
export type Appointment = {
  id: string
  queue: string
  kind: 'appointment' | 'callback'
  modality: Modality
  minutes: number
  ceiling: Money
  method?: string
  here: string
  there: string
  time_zone: string
  state: 'booked' | 'funded' | 'unfunded' | 'entered' | 'cancelled' | 'lapsed'
  refused?: string
}
/** A quarter of an hour that may be booked: as clocks show it here, and where the queue is. */
export type FreeTime = { at: string; here: string; there: string }
export type QueueTimes = { time_zone: string; takes: boolean; opens?: FreeTime; items: FreeTime[] }
export type SessionItem = { id: string; state: string; charged_s?: number; cost?: Money; created_at: string; ended_at?: string }
