import { describe, expect, it } from 'vitest'
import { Replica } from '../src/replica.js'

const E1 = 'trip/1'
const held = (r: Replica, e = E1) => r.snapshot.entities.get(e)

function loaded() {
  const r = new Replica('trip:1')
  r.answer({ set: { [E1]: { v: 5, d: { free: 9, status: 'scheduled' } } } }, 'e1', false)
  return r
}

describe('Replica', () => {
  it('takes the set, then a patch onto the version it holds', () => {
    const r = loaded()
    expect(r.snapshot.status).toBe('current')
    expect(r.push({ ch: 'trip:1', e: E1, v: 6, p: { free: 8 } })).toBe('applied')
    expect(held(r)).toEqual({ v: 6, d: { free: 8, status: 'scheduled' } })
  })

  it('never applies a version at or below the one it holds', () => {
    const r = loaded()
    expect(r.push({ ch: 'trip:1', e: E1, v: 5, d: { free: 1 } })).toBe('ignored')
    expect(r.push({ ch: 'trip:1', e: E1, v: 4, from: 3, p: { free: 1 } })).toBe('ignored')
    expect(held(r)?.d.free).toBe(9)
  })

  it('reports a gap and keeps what it holds', () => {
    const r = loaded()
    expect(r.push({ ch: 'trip:1', e: E1, v: 8, p: { free: 1 } })).toBe('gap')
    expect(r.push({ ch: 'trip:1', e: 'trip/2', v: 2, p: { free: 1 } })).toBe('gap')
    expect(held(r)).toEqual({ v: 5, d: { free: 9, status: 'scheduled' } })
  })

  it('skips steps with from', () => {
    const r = loaded()
    expect(r.push({ ch: 'trip:1', e: E1, v: 9, from: 5, p: { free: 2 } })).toBe('applied')
    expect(held(r)?.v).toBe(9)
  })

  it('does not let an older document bring back what has left', () => {
    const r = loaded()
    expect(r.push({ ch: 'trip:1', e: E1, v: 7, gone: true })).toBe('applied')
    expect(held(r)).toBeUndefined()
    expect(r.push({ ch: 'trip:1', e: E1, v: 6, d: { free: 1 } })).toBe('ignored')
    expect(held(r)).toBeUndefined()
    expect(r.push({ ch: 'trip:1', e: E1, v: 8, d: { free: 3 } })).toBe('applied')
    expect(held(r)?.v).toBe(8)
  })

  it('joins a set that comes in several frames, with a push in between', () => {
    const r = new Replica('board:x')
    r.answer({ set: { a: { v: 1, d: { n: 1 } } }, more: true }, 'e1', false)
    expect(r.snapshot.status).toBe('loading')
    expect(r.push({ ch: 'board:x', e: 'a', v: 2, p: { n: 2 } })).toBe('applied')
    expect(r.push({ ch: 'board:x', e: 'c', v: 7, d: { n: 7 } })).toBe('applied')
    r.push({ ch: 'board:x', set: { b: { v: 3, d: { n: 3 } } } })
    expect(r.snapshot.status).toBe('current')
    expect(Object.fromEntries(r.snapshot.entities)).toEqual({ a: { v: 2, d: { n: 2 } }, b: { v: 3, d: { n: 3 } }, c: { v: 7, d: { n: 7 } } })
  })

  it('resumes: differences, patches from what it has, and what left', () => {
    const r = new Replica('board:x')
    r.answer({ set: { a: { v: 1, d: { n: 1 } }, b: { v: 1, d: { n: 1 } }, c: { v: 1, d: { n: 1 } } } }, 'e1', false)
    r.markStale(123)
    expect(r.snapshot).toMatchObject({ status: 'stale', staleSince: 123 })
    expect(r.have('e1')).toEqual({ a: 1, b: 1, c: 1 })
    const ok = r.answer({ set: { a: { v: 4, from: 1, p: { n: 4 } }, d: { v: 2, d: { n: 2 } } }, gone: ['b'] }, 'e1', true)
    expect(ok).toBe('applied')
    expect([...r.snapshot.entities.keys()].sort()).toEqual(['a', 'c', 'd'])
    expect(held(r, 'a')).toEqual({ v: 4, d: { n: 4 } })
    expect(r.snapshot).toMatchObject({ status: 'current', staleSince: null })
  })

  it('forgets everything of another epoch, even higher versions', () => {
    const r = loaded()
    expect(r.have('e2')).toBeUndefined()
    r.answer({ set: { [E1]: { v: 2, d: { free: 4 } } } }, 'e2', false)
    expect(held(r)).toEqual({ v: 2, d: { free: 4 } })
  })

  it('drops what a whole set no longer has, and keeps what is newer than the set', () => {
    const r = loaded()
    r.push({ ch: 'trip:1', e: E1, v: 6, p: { free: 8 } })
    r.push({ ch: 'trip:1', e: 'trip/9', v: 1, d: { free: 1 } })
    r.answer({ set: { [E1]: { v: 5, d: { free: 9 } } } }, 'e1', false)
    expect(held(r)?.v).toBe(6)
    expect(held(r, 'trip/9')).toBeUndefined()
  })

  it('keeps the newest signal of each key', () => {
    const r = loaded()
    r.push({ ch: 'trip:1', sig: 'position', key: 'vehicle/1', d: { lat: 1 } })
    r.push({ ch: 'trip:1', sig: 'position', key: 'vehicle/1', d: { lat: 2 } })
    r.push({ ch: 'trip:1', sig: 'position', key: 'vehicle/2', d: { lat: 3 } })
    expect([...r.snapshot.signals.values()].map((s) => s.d.lat)).toEqual([2, 3])
  })
})
