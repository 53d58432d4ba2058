import { expect, it } from 'vitest'
import { decodePolyline } from './polyline'

it('decodes the example of the format’s own documentation', () => {
  expect(decodePolyline('_p~iF~ps|U_ulLnnqC_mqNvxq`@')).toEqual([
    [-120.2, 38.5],
    [-120.95, 40.7],
    [-126.453, 43.252],
  ])
})

it('ends on a torn string', () => {
  expect(decodePolyline('_p~iF~ps|U_u').length).toBeGreaterThan(0)
})
