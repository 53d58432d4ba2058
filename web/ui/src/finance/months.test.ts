import { expect, it } from 'vitest'
import { monthsBack } from './months'

it('counts months back over a new year, whatever the day', () => {
  expect(monthsBack('2026-01-31', 3)).toEqual(['2026-01', '2025-12', '2025-11'])
  expect(monthsBack('2026-03-31', 2)).toEqual(['2026-03', '2026-02'])
})
