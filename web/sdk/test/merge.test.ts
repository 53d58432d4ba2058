import { describe, expect, it } from 'vitest'
import { mergePatch, type Json } from '../src/merge.js'

// The table of RFC 7396, appendix A.
const table: [Json, Json, Json][] = [
  [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
  [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
  [{ a: 'b' }, { a: null }, {}],
  [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
  [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
  [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
  [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
  [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
  [['a', 'b'], ['c', 'd'], ['c', 'd']],
  [{ a: 'b' }, ['c'], ['c']],
  [{ a: 'foo' }, null, null],
  [{ a: 'foo' }, 'bar', 'bar'],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [[1, 2], { a: 'b', c: null }, { a: 'b' }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
]

describe('mergePatch', () => {
  it.each(table)('%j + %j = %j', (target, patch, want) => {
    const before = JSON.stringify(target)
    expect(mergePatch(target, patch)).toEqual(want)
    expect(JSON.stringify(target)).toBe(before)
  })

  it('keeps the identity of what the patch does not name', () => {
    const target = { a: { x: 1 }, b: { y: 1 } }
    const out = mergePatch(target, { b: { y: 2 } }) as typeof target
    expect(out.a).toBe(target.a)
    expect(out.b).not.toBe(target.b)
  })

  it('treats __proto__ as data', () => {
    const out = mergePatch({}, JSON.parse('{"__proto__":{"admin":true}}') as Json) as { admin?: boolean }
    expect(out.admin).toBeUndefined()
    expect(JSON.stringify(out)).toBe('{"__proto__":{"admin":true}}')
  })
})
