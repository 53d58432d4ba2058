import { describe, expect, it } from 'vitest'
import { boardOf } from './live'
import { doing, slaTone, type BoardExpert } from './types'

const expert: BoardExpert = { id: 'e', name: 'E', intent: 'available', asked: false, reach: 'connected', slots: 1, ringing: 0, busy: 0, rating: 0, price: { amount: 1, currency: 'AED' }, fits: true }

describe('the board', () => {
  it('says what an expert is doing: what binds them first, then what they want, then whether they can be reached', () => {
    expect(doing(expert)).toBe('free')
    expect(doing({ ...expert, asked: true })).toBe('asked')
    expect(doing({ ...expert, reach: 'gone', asked: true })).toBe('away')
    expect(doing({ ...expert, reach: 'push' })).toBe('free')
    expect(doing({ ...expert, intent: 'break', reach: 'gone' })).toBe('break')
    expect(doing({ ...expert, intent: 'off', busy: 1 })).toBe('talking')
    expect(doing({ ...expert, busy: 1, ringing: 1 })).toBe('ringing')
  })
  it('colours a wait by what was promised', () => {
    expect(slaTone(40, 60)).toBe('good')
    expect(slaTone(41, 60)).toBe('held')
    expect(slaTone(60, 60)).toBe('held')
    expect(slaTone(61, 60)).toBe('bad')
  })
})

it('is made of what queue:ID shows: places, slots that are taken, the worse of how two hear each other', () => {
  const at = '2026-11-23T10:00:00Z'
  const talk = { queue: 'q', client: 'c3', client_name: 'C3', expert: 'e2', state: 'live', modality: 'audio', rate: { amount: 1, currency: 'AED' }, billed_s: 3, here: 2, created_at: at }
  const request = (priority: number, placed_at: string, rings = {}) => ({ queue: 'q', client: 'c', client_name: 'C', modality: 'audio', languages: [], ceiling: { amount: 1, currency: 'AED' }, priority, placed_at, rings })
  const duty = (name: string, skills: Record<string, number>) => ({ name, intent: 'available', asked: false, reach: 'connected', slots: 1, rating: 0, price: { amount: 1, currency: 'AED' }, skills })
  const docs: Record<string, unknown> = {
    'request/r1': request(0, '2026-11-23T09:58:00Z', { o1: { expert: 'e1', reach: 'connected', made_at: at, deadline: at } }),
    'request/r2': request(3, '2026-11-23T09:59:00Z'),
    'request/r3': request(0, '2026-11-23T09:57:00Z'),
    'expert/e1': duty('Amal', { s1: 3 }),
    'expert/e2': duty('Badr', {}),
    'offer/o1': { expert: 'e1', state: 'open' },
    'offer/o2': { expert: 'e2', state: 'accepted' },
    'offer/o3': { expert: 'nobody on duty', state: 'open' },
    'session/s1': talk,
  }
  const said = (role: string, level: string, when: string) => ({ ch: 'queue:q', sig: 'quality', key: `q/s1/${role}`, at: when, d: { session: 's1', role, level } })
  const signals = new Map([said('client', 'good', at), said('expert', 'fair', at), said('other', 'poor', '2026-11-23T09:59:00Z')].map((s) => [s.key, s]))
  const entities = new Map(Object.entries(docs).map(([e, d]) => [e, { v: 1, d }]))
  const b = boardOf({ entities, signals } as never, { needs: [{ skill: 's1', level: 2 }] } as never, Date.parse(at) + 1_000)
  expect(b.waiting.map((r) => r.id)).toEqual(['r2', 'r3', 'r1'])
  expect(b.waiting[2]?.rings).toEqual([{ offer: 'o1', expert: 'e1', name: 'Amal', deadline: at }])
  expect(b.experts.map((e) => [e.name, doing(e), e.fits])).toEqual([['Amal', 'ringing', true], ['Badr', 'talking', false]])
  expect(b.sessions.map((s) => [s.client_name, s.expert_name, s.hears])).toEqual([['C3', 'Badr', 'fair']])
})
