import type { CallState } from './types'

export type Standing = {
  state: CallState
  bothHere: boolean
  /** Since the server last answered a heartbeat of ours. */
  heardMs: number
  /** Since the state is what it is. */
  stateMs: number
  /** Since the connections of this generation were begun. */
  triedMs: number
}

export const QUIET_MS = 4_000 // without an answer nobody counts, so nobody talks
const BLINK_MS = 3_000 // a pause so short needs no new connection
export const TRIAL_MS = 12_000 // to hear each other again before the meter runs

/** Whether media may flow: while the meter counts it, while one first connects, and for a short trial whenever both have come back. */
export function mayCarry(s: Standing): boolean {
  if (s.heardMs > QUIET_MS) return false
  switch (s.state) {
    case 'live':
      return true
    case 'connecting':
      return s.bothHere
    case 'reconnecting':
      return s.bothHere && (s.stateMs < BLINK_MS || s.triedMs < TRIAL_MS)
    case 'interrupted':
      return s.bothHere && s.triedMs < TRIAL_MS && s.triedMs < s.stateMs // what was made before the call came in is over
    default:
      return false
  }
}

export type Return = {
  state: CallState
  /** Nothing is connected since. */
  idleMs: number
  /** Whether it was us who were away: then nobody else needs to begin. */
  wasAway: boolean
  polite: boolean
  /** Since the other's page was last heard. */
  otherMs: number
}

/** Whether to join anew, which makes new connections at both ends: who was away does at once, else one of the two after a while, the impolite later. */
export function shouldReturn(r: Return): boolean {
  if (r.state !== 'connecting' && r.state !== 'reconnecting' && r.state !== 'interrupted') return false
  if (r.wasAway) return true
  return r.otherMs < QUIET_MS && r.idleMs > (r.polite ? 2_000 : 5_000)
}
