import { describe, expect, it } from 'vitest'
import { isolate } from '.'

describe('a value in a sentence', () => {
  it('is isolated where it is written against the sentence', () => {
    expect(isolate('Hind Berrada', true)).toBe('\u2068Hind Berrada\u2069')
    expect(isolate('هند برادة', false)).toBe('\u2068هند برادة\u2069')
    expect(isolate('Élise', true)).toBe('\u2068Élise\u2069')
  })
  it('is left alone where it goes along, or says nothing', () => {
    expect(isolate('Hind Berrada', false)).toBe('Hind Berrada')
    expect(isolate('هند', true)).toBe('هند')
    expect(isolate('23/11', true)).toBe('23/11')
    expect(isolate('4,50 د.م.', true)).toBe('4,50 د.م.')
  })
})
