import type { Money } from '../api/types'

// The documents of conversations as this app reads them: `session:ID` on the socket, sessions.join over HTTP or the socket.

export type CallState = 'connecting' | 'live' | 'reconnecting' | 'interrupted' | 'wrap_up' | 'completed' | 'connect_failed' | 'no_show' | 'cancelled'
export type CallReason = 'said' | 'funds' | 'lost' | 'pauses' | 'no_client' | 'no_expert' | 'no_media' | 'called_off' | 'transferred'
export type CallRole = 'client' | 'expert' | 'second' | 'observer' | 'whisperer' | 'supervisor'
/** Whose conversation it is; all others come and go beside them, a second expert too. */
export const isSide = (r: CallRole | null | undefined): r is 'client' | 'expert' => r === 'client' || r === 'expert'
export type Modality = 'audio' | 'video' | 'chat'

export type SessionDoc = {
  request: string
  state: CallState
  reason?: CallReason
  modality: Modality
  provider: string
  generation: number
  polite: string
  rate: Money
  meter: { billed_s: number; running_since?: string; funded_s: number; free_s: number; warned: boolean }
  participants: Record<string, { role: CallRole; here: boolean; name?: string; epoch: number; order: number }>
  transfer?: Transfer
  second?: Second
  receipt?: { charged_s: number; cost: Money }
  created_at: string
  ended_at?: string
}

/** The handover to another expert that was asked for last; `session` follows, once somebody has taken it. */
export type Transfer = { id: string; state: 'asked' | 'taken' | 'here' | 'done' | 'off'; queue: string; session?: string; reason?: string }

/** The second expert beside the first who was asked for last. */
export type Second = Omit<Transfer, 'session'>

/** What was written; of a file it is its name. */
export type MessageDoc = { session: string; n: number; by: string; body: string; at: string; file?: { kind: string; size: number } }

export type MediaServer = { urls: string[]; username?: string; credential?: string }
export type MediaTrack = 'microphone' | 'camera' | 'screen' | 'screen_audio'
export type MediaEntry = {
  provider?: string
  until?: string
  sends?: MediaTrack[]
  url?: string
  token?: string
  /** Only those in heard_by may receive what we send. */
  restricted?: boolean
  heard_by?: string[]
  relay_only?: boolean
  servers?: MediaServer[]
  links?: { with: string; polite: boolean }[]
  capabilities?: string[]
}
export type Joined = { epoch: number; role: CallRole; polite: boolean; generation: number; media?: MediaEntry }

/** Whether nothing more is said in it: the receipt is all that is left. */
export const isOver = (s: CallState): boolean => s === 'wrap_up' || s === 'completed' || s === 'connect_failed' || s === 'no_show' || s === 'cancelled'

/** Whether the two talk, or may again. */
export const isTalking = (s: CallState): boolean => s === 'live' || s === 'reconnecting' || s === 'interrupted'
/** Whether somebody is still to take the client over; of a second expert, whether one is asked for or there. */
export const isOpen = (h: Second | undefined): boolean => h !== undefined && h.state !== 'done' && h.state !== 'off'
