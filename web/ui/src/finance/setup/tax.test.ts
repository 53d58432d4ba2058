import { expect, it } from 'vitest'
import { hundredths } from './tax'

it('reads a rate in hundredths of a per cent, or refuses it', () => {
  expect(['20', '5.5', '7,25', '100', '0'].map(hundredths)).toEqual([2000, 550, 725, 10_000, 0])
  expect(['', '-1', '101', '1.234', 'x', '1e2'].map(hundredths)).toEqual(Array(6).fill(undefined))
})
