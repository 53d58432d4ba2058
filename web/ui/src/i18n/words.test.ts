import { describe, expect, it } from 'vitest'
import adviceAr from './advice.ar.json'
import adviceEn from './advice.en.json'
import adviceFr from './advice.fr.json'
import ar from './ar.json'
import deskAr from './desk.ar.json'
import deskEn from './desk.en.json'
import deskFr from './desk.fr.json'
import en from './en.json'
import fr from './fr.json'
import officeAr from './office.ar.json'
import officeEn from './office.en.json'
import officeFr from './office.fr.json'

type Tree = { [k: string]: string | Tree }
const flat = (t: Tree, at = ''): [string, string][] => Object.entries(t).flatMap(([k, v]) => (typeof v === 'string' ? [[at + k, v] as [string, string]] : flat(v, `${at}${k}.`)))
const plural = /_(zero|one|two|few|many|other)$/
const base = (k: string) => k.replace(plural, '')
const holes = (s: string) => [...s.matchAll(/\{\{(\w+)\}\}/g)].map((m) => m[1]).sort()
const words = { en: flat({ ...en, ...officeEn, ...adviceEn, ...deskEn }), fr: flat({ ...fr, ...officeFr, ...adviceFr, ...deskFr }), ar: flat({ ...ar, ...officeAr, ...adviceAr, ...deskAr }) }

describe('words', () => {
  it('every language has every sentence', () => {
    const want = [...new Set(words.en.map(([k]) => base(k)))].sort()
    for (const lng of ['fr', 'ar'] as const) expect([...new Set(words[lng].map(([k]) => base(k)))].sort(), lng).toEqual(want)
  })

  it('counted sentences have each plural form of their language', () => {
    for (const [lng, list] of Object.entries(words)) {
      const forms = new Intl.PluralRules(lng).resolvedOptions().pluralCategories
      const counted = new Set(list.filter(([k]) => plural.test(k)).map(([k]) => base(k)))
      const keys = new Set(list.map(([k]) => k))
      for (const k of counted) for (const form of forms) expect(keys, `${lng}: ${k}_${form}`).toContain(`${k}_${form}`)
    }
  })

  it('the same values go into each translation, save where a number is a word', () => {
    const en = new Map(words.en.map(([k, v]) => [base(k), v]))
    for (const lng of ['fr', 'ar'] as const) {
      for (const [k, v] of words[lng]) {
        if (/_(zero|one|two)$/.test(k)) continue
        expect(holes(v), `${lng}: ${k}`).toEqual(holes(en.get(base(k)) ?? ''))
      }
    }
  })

  it('no French line begins with a mark that belongs to the word before it', () => {
    expect(words.fr.filter(([, v]) => / [;:?!»]|« /.test(v)).map(([k]) => k)).toEqual([])
  })

  it('nothing is left empty or copied from English', () => {
    const en = new Map(words.en)
    const same = words.ar.filter(([k, v]) => v === '' || (v === en.get(k) && /[a-z]{3}/i.test(v.replace(/\{\{\w+\}\}/g, '')))).map(([k]) => k)
    expect(same).toEqual([])
  })
})
