import { expect, it } from 'vitest'
import { qualityOf } from './quality'

it('quality goes by what is lost and how long it takes', () => {
  expect(qualityOf(0, 0, null)).toBe('good')
  expect(qualityOf(1, 99, 40)).toBe('good')
  expect(qualityOf(5, 95, 40)).toBe('fair')
  expect(qualityOf(10, 90, 40)).toBe('poor')
  expect(qualityOf(0, 100, 350)).toBe('fair')
  expect(qualityOf(0, 100, 800)).toBe('poor')
})
