import { describe, expect, it } from 'vitest'
import ar from '../i18n/ar.json'
import en from '../i18n/en.json'
import fr from '../i18n/fr.json'
import kinds from '../i18n/kinds.json'
import officeAr from '../i18n/office.ar.json'
import officeEn from '../i18n/office.en.json'
import officeFr from '../i18n/office.fr.json'
import { kinds as known } from './findings/kinds'
import { keyOf } from './kinds'
import { shown, shownAs } from './payments/status'

const words = { en: { ...en, ...officeEn }, fr: { ...fr, ...officeFr }, ar: { ...ar, ...officeAr } }
type Tree = { [k: string]: string | Tree }
const at = (t: Tree, path: string) => path.split('.').reduce<string | Tree | undefined>((x, k) => (typeof x === 'object' ? x[k] : undefined), t)

describe('what the server names by a code', () => {
  for (const [lng, tree] of Object.entries(words) as [string, Tree][]) {
    it(`has words in ${lng}`, () => {
      const missing: string[] = []
      for (const [of, all] of Object.entries(kinds)) {
        for (const k of all) {
          const path = of === 'op' ? `finance.op.${k}` : `kinds.${of}.${keyOf(k)}`
          if (typeof at(tree, path) !== 'string') missing.push(path)
        }
      }
      for (const s of shownAs) if (typeof at(tree, `finance.status.${s}`) !== 'string') missing.push(`finance.status.${s}`)
      expect(missing).toEqual([])
    })
  }
  it('findings are all known to their page', () => expect([...known].sort()).toEqual(kinds.finding))
})

describe('what a payment is shown as', () => {
  const paid = { status: 'paid' as const, captured: 5000, disputed: 0, won: 0, lost: 0, refunded: 0, refunding: 0 }
  it('is paid only where all of it is still there', () => {
    expect(shown(paid)).toBe('paid')
    expect(shown({ ...paid, disputed: 5000 })).toBe('disputed')
    expect(shown({ ...paid, disputed: 5000, won: 5000 })).toBe('paid')
    expect(shown({ ...paid, disputed: 5000, lost: 5000 })).toBe('lost')
    expect(shown({ ...paid, disputed: 3000, lost: 3000 })).toBe('partLost')
    expect(shown({ ...paid, disputed: 3000, lost: 3000, refunded: 2000, refunding: 2000 })).toBe('lost')
    expect(shown({ ...paid, refunded: 5000, refunding: 5000 })).toBe('refunded')
    expect(shown({ ...paid, refunding: 5000 })).toBe('refunding')
    expect(shown({ ...paid, refunded: 1000, refunding: 1000 })).toBe('part')
  })
})
