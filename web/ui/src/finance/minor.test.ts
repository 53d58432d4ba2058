import { describe, expect, it } from 'vitest'
import { majorOf, minorOf } from './minor'

describe('amounts that are typed', () => {
  it('become minor units without a float', () => {
    expect(minorOf('12.5', 'MAD')).toBe(1250)
    expect(minorOf('12,50', 'MAD')).toBe(1250)
    expect(minorOf(' 12 ', 'MAD')).toBe(1200)
    expect(minorOf('0.29', 'MAD')).toBe(29)
    expect(minorOf('7', 'JPY')).toBe(7)
    expect(minorOf('1.250', 'KWD')).toBe(1250)
  })
  it('are refused where they are none of the currency', () => {
    for (const [text, c] of [['', 'MAD'], ['-1', 'MAD'], ['1.234', 'MAD'], ['1.5', 'JPY'], ['1e3', 'MAD'], ['1 000', 'MAD'], ['1234567890', 'MAD'], ['.5', 'MAD']]) expect(minorOf(text!, c!), text).toBeUndefined()
  })
  it('go there and back', () => {
    for (const [n, c] of [[1, 'MAD'], [29, 'MAD'], [5000, 'MAD'], [7, 'JPY'], [5, 'KWD']] as const) expect(minorOf(majorOf(n, c), c)).toBe(n)
  })
})
