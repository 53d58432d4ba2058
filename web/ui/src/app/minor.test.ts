import { describe, expect, it } from 'vitest'
import { majorOf, minorOf } from './minor'

describe('amounts that are typed', () => {
  it.each([
    ['12.5', 'MAD', 1250], ['12,50', 'MAD', 1250], [' 12 ', 'MAD', 1200], ['12.', 'MAD', 1200], ['0.29', 'MAD', 29], ['1.15', 'MAD', 115], ['0', 'MAD', 0],
    ['7', 'JPY', 7], ['1.250', 'KWD', 1250], ['1,25', 'KWD', 1250], ['999999999.999', 'KWD', 999_999_999_999],
  ] as const)('%s %s become minor units without a float', (text, currency, want) => expect(minorOf(text, currency)).toBe(want))
  it.each([
    ['٢٠', 2000], ['٢٠٫٥', 2050], ['٢٠,٥', 2050], ['۱۲٫۵', 1250], ['१२.५', 1250], ['𝟙𝟚', 1200], ['９', 900], ['\u200f٥٠\u200e', 5000],
  ] as const)('%s is in digits of another script', (text, want) => expect(minorOf(text, 'MAD')).toBe(want))
  it.each([
    [' 1 250 ', 125_000], ['1\u202f250,5', 125_050], ['1\u00a0000\u00a0000', 100_000_000], ['١٬٢٥٠٫٥', 125_050],
  ] as const)('%s has groups that can mean one thing only', (text, want) => expect(minorOf(text, 'MAD')).toBe(want))
  it.each([
    ['1,000', 'MAD'], ['1.000', 'MAD'], ['١,٠٠٠', 'MAD'], ['1,250', 'KWD'], ['1,000', 'JPY'], ['1.000', 'JPY'], ['1,000.50', 'MAD'], ['1.000,50', 'MAD'], ['1 00', 'MAD'], ['1 0000', 'MAD'],
  ] as const)('%s %s may be thousands or decimals and is refused', (text, currency) => expect(minorOf(text, currency)).toBeUndefined())
  it.each([
    ['', 'MAD'], ['-1', 'MAD'], ['+1', 'MAD'], ['1.234', 'MAD'], ['1.5', 'JPY'], ['1e3', 'MAD'], ['0x10', 'MAD'], ['Infinity', 'MAD'], ['1234567890', 'MAD'], ['.5', 'MAD'], ['abc', 'MAD'], ['½', 'MAD'],
  ] as const)('%s %s is no amount of it', (text, currency) => expect(minorOf(text, currency)).toBeUndefined())
  it('go there and back', () => {
    for (const [n, c] of [[1, 'MAD'], [29, 'MAD'], [5000, 'MAD'], [7, 'JPY'], [5, 'KWD'], [1250, 'KWD']] as const) expect(minorOf(majorOf(n, c), c)).toBe(n)
  })
})
