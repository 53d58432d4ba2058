import { describe, expect, it } from 'vitest'
import { between, fullJitter, retryAfter } from '../src/backoff.js'
import { fits } from '../src/frames.js'
import { newKey } from '../src/index.js'

describe('fullJitter', () => {
  it('is uniform from nothing to the capped exponential, at every attempt', () => {
    for (let attempt = 0; attempt < 40; attempt++) {
      const ceiling = Math.min(20_000, 500 * 2 ** attempt)
      expect(fullJitter(attempt, () => 0)).toBe(0)
      expect(fullJitter(attempt, () => 0.999_999)).toBeLessThan(ceiling)
      expect(fullJitter(attempt, () => 0.999_999)).toBeGreaterThan(ceiling * 0.99 - 1)
      expect(fullJitter(attempt, () => 0.5)).toBe(ceiling / 2)
    }
  })

  it('spreads a crowd: no tenth of the range is empty or holds a quarter', () => {
    const tenths = new Array<number>(10).fill(0)
    for (let i = 0; i < 5_000; i++) tenths[Math.floor(fullJitter(6, Math.random) / 2_000)]!++
    for (const n of tenths) expect(n).toSatisfy((x: number) => x > 250 && x < 1_250)
  })
})

it('between stays inside what a node asked for', () => {
  expect(between([200, 4_000], () => 0)).toBe(200)
  expect(between([200, 4_000], () => 0.999_999)).toBe(3_999)
  expect(between([300, 300], () => 0.7)).toBe(300)
  expect(between([300, 100], () => 0.7)).toBe(300) // nonsense is not a negative wait
})

it.each([
  ['7', 7_000],
  ['0', 0],
  ['-3', 0],
  ['Thu, 01 Jan 1970 00:00:10 GMT', 9_000],
  ['soon', undefined],
  ['', undefined],
  [null, undefined],
])('Retry-After %j is %j ms', (header, ms) => expect(retryAfter(header, 1_000)).toBe(ms))

it('counts a frame in bytes', () => {
  for (const text of ['', 'abc', 'é', '駅', '🚌', 'ab🚌é駅', '\ud83d']) {
    const bytes = new TextEncoder().encode(text).length
    expect(fits(text, bytes), text).toBe(true)
    if (text !== '\ud83d') expect(fits(text, bytes - 1), text).toBe(false)
  }
})

it('makes keys where there is little to make them with', () => {
  const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
  const real = globalThis.crypto
  try {
    for (const crypto of [real, { getRandomValues: real.getRandomValues.bind(real) }, undefined]) {
      Object.defineProperty(globalThis, 'crypto', { value: crypto, configurable: true })
      const keys = new Set(Array.from({ length: 100 }, newKey))
      expect(keys.size).toBe(100)
      for (const k of keys) expect(k).toMatch(uuid)
    }
  } finally {
    Object.defineProperty(globalThis, 'crypto', { value: real, configurable: true })
  }
})
