import { expect, test } from 'vitest'
import { minorOf } from './amount'

test('what people type becomes minor units, or nothing', () => {
  const cases: [string, string, number | null][] = [
    ['100', 'MAD', 10_000], ['12,5', 'MAD', 1250], ['12.50', 'MAD', 1250], [' 1 250 ', 'MAD', 125_000], ['٢٠', 'MAD', 2000], ['٢٠٫٥', 'MAD', 2050], ['7', 'JPY', 7],
    ['1.250', 'KWD', 1250], ['1.255', 'MAD', null], ['7.5', 'JPY', null], ['', 'MAD', null], ['-5', 'MAD', null], ['abc', 'MAD', null], ['1e3', 'MAD', null],
  ]
  for (const [text, currency, want] of cases) expect(minorOf(text, currency), text).toBe(want)
})
