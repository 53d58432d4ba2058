import i18next from 'i18next'
import { initReactI18next } from 'react-i18next'
import type { Locale } from '../api/types'
import type advice from './advice.en.json'
import type desk from './desk.en.json'
import type en from './en.json'
import type office from './office.en.json'

export const locales: readonly Locale[] = ['fr', 'en', 'ar']
export const localeNames: Record<Locale, string> = { fr: 'Français', en: 'English', ar: 'العربية' }

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'translation'
    resources: { translation: typeof en & typeof office & typeof advice & typeof desk }
  }
}

// One language travels to the phone; the others when they are asked for.
const load: Record<Locale, () => Promise<{ default: object }>> = {
  fr: () => import('./fr.json'),
  en: () => import('./en.json'),
  ar: () => import('./ar.json'),
}

/** What only some read; each part is told of by who needs it, so that no rider's phone knows of it. */
export type Words = Record<Locale, () => Promise<{ default: object }>>
const spoken = new Set<Words>()

/** A part's words beside the others, in this language and in each that is chosen from now on. */
export async function speak(part: Words): Promise<void> {
  spoken.add(part)
  await add(part, currentLocale())
}

async function add(part: Words, lng: Locale): Promise<void> {
  const { default: words } = await part[lng]()
  i18next.addResourceBundle(lng, 'translation', words, true)
}

export const isLocale = (x: unknown): x is Locale => locales.includes(x as Locale)

export function currentLocale(): Locale {
  const lang = document.documentElement.lang
  return isLocale(lang) ? lang : 'fr'
}

export async function startI18n(): Promise<void> {
  const lng = currentLocale()
  const { default: words } = await load[lng]()
  await i18next.use(initReactI18next).use({ type: 'postProcessor', name: 'stop', process: oneStop }).init({
    lng,
    fallbackLng: false,
    resources: { [lng]: { translation: words } },
    interpolation: { escapeValue: true, escape: (v) => isolate(v, document.documentElement.dir === 'rtl') }, // React escapes what HTML knows
    postProcess: ['stop'],
    returnNull: false,
  })
  dress(lng)
}

const against = { rtl: /[A-Za-zÀ-ɏ]/, ltr: /[\u0590-\u08ff]/ }

/**
 * A value as it stands in a sentence: one that is written against the sentence's direction is isolated (FSI … PDI), or it would
 * take the figures beside it along: a name before a date takes the day. https://www.unicode.org/reports/tr9/#Explicit_Directional_Isolates
 */
export const isolate = (value: string, rtl: boolean): string => (against[rtl ? 'rtl' : 'ltr'].test(value) ? `\u2068${value}\u2069` : value)

/** A sentence that ends with an abbreviation, as Arabic amounts are, ends with its full stop. */
export const oneStop = (sentence: string): string => sentence.replace(/([\u0621-\u064a]\.\u200f?\u2069?)\.(?!\.)/g, '$1')

/** The language this device was told to speak, if it was. */
export function chosenLocale(): string | null {
  try {
    return localStorage.getItem('waymeet.locale')
  } catch {
    return null
  }
}

export async function setLocale(lng: Locale, chosen = true): Promise<void> {
  if (!i18next.hasResourceBundle(lng, 'translation')) {
    const { default: words } = await load[lng]()
    i18next.addResourceBundle(lng, 'translation', words)
  }
  await Promise.all([...spoken].map((part) => add(part, lng)))
  await i18next.changeLanguage(lng)
  dress(lng)
  if (!chosen) return
  try {
    localStorage.setItem('waymeet.locale', lng)
  } catch {
    // storage refused: the choice lasts for this visit
  }
}

function dress(lng: Locale) {
  document.documentElement.lang = lng
  document.documentElement.dir = lng === 'ar' ? 'rtl' : 'ltr'
}
