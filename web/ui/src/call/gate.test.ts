import { describe, expect, it } from 'vitest'
import { mayCarry, QUIET_MS, shouldReturn, TRIAL_MS, type Standing } from './gate'

const live: Standing = { state: 'live', bothHere: true, heardMs: 500, stateMs: 60_000, triedMs: 60_000 }

describe('media', () => {
  it('flows while the meter runs, and while one first connects', () => {
    expect(mayCarry(live)).toBe(true)
    expect(mayCarry({ ...live, state: 'connecting' })).toBe(true)
    expect(mayCarry({ ...live, state: 'connecting', bothHere: false })).toBe(false)
  })
  it('is torn down when heartbeats are not answered, whatever the last document said', () => {
    for (const state of ['live', 'connecting', 'reconnecting'] as const) expect(mayCarry({ ...live, state, heardMs: QUIET_MS + 1 })).toBe(false)
  })
  it('is torn down when the meter pauses, save for a blink', () => {
    expect(mayCarry({ ...live, state: 'reconnecting', stateMs: 1_000 })).toBe(true)
    expect(mayCarry({ ...live, state: 'reconnecting', stateMs: 3_500 })).toBe(false)
  })
  it('has a short trial once somebody has come back', () => {
    expect(mayCarry({ ...live, state: 'reconnecting', stateMs: 20_000, triedMs: 1_000 })).toBe(true)
    expect(mayCarry({ ...live, state: 'reconnecting', stateMs: 20_000, triedMs: TRIAL_MS })).toBe(false)
    expect(mayCarry({ ...live, state: 'interrupted', stateMs: 20_000, triedMs: 1_000 })).toBe(true)
    expect(mayCarry({ ...live, state: 'interrupted', stateMs: 1_000, triedMs: 5_000 })).toBe(false)
  })
  it('is over when it is over', () => {
    for (const state of ['wrap_up', 'completed', 'connect_failed', 'no_show', 'cancelled'] as const) expect(mayCarry({ ...live, state })).toBe(false)
  })
})

describe('coming back', () => {
  const r = { state: 'reconnecting' as const, idleMs: 0, wasAway: false, polite: true, otherMs: 500 }
  it('who was away begins at once', () => expect(shouldReturn({ ...r, wasAway: true, otherMs: Infinity })).toBe(true))
  it('else one of the two, and never both at the same moment', () => {
    expect(shouldReturn({ ...r, idleMs: 2_500 })).toBe(true)
    expect(shouldReturn({ ...r, idleMs: 2_500, polite: false })).toBe(false)
    expect(shouldReturn({ ...r, idleMs: 5_500, polite: false })).toBe(true)
  })
  it('nobody while the other is not there, and nobody when it is over', () => {
    expect(shouldReturn({ ...r, idleMs: 60_000, otherMs: QUIET_MS + 1 })).toBe(false)
    expect(shouldReturn({ ...r, wasAway: true, state: 'wrap_up' })).toBe(false)
    expect(shouldReturn({ ...r, wasAway: true, state: 'live' })).toBe(false)
  })
})
