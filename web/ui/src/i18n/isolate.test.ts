import { describe, expect, it } from 'vitest'
import { isolate, oneStop } from '.'

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

describe('a sentence that ends with an amount', () => {
  it('has one full stop, in Arabic', () => {
    const amount = new Intl.NumberFormat('ar-MA', { style: 'currency', currency: 'MAD' }).format(12.5)
    expect(oneStop(`المبلغ ${amount}.`)).toBe(`المبلغ ${amount}`)
    expect(oneStop(`${amount}. شكراً.`)).toBe(`${amount} شكراً.`)
  })
  it('is left alone otherwise', () => {
    for (const s of ['AED 5.', 'انتظر...', 'انتظر.', 'Rien…']) expect(oneStop(s)).toBe(s)
  })
})
