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

// What only some read: the office, whoever asks for advice, gives it or runs its queues. No rider's phone loads it.
const parts = {
  office: {
    fr: () => import('./office.fr.json'),
    en: () => import('./office.en.json'),
    ar: () => import('./office.ar.json'),
  },
  advice: {
    fr: () => import('./advice.fr.json'),
    en: () => import('./advice.en.json'),
    ar: () => import('./advice.ar.json'),
  },
  desk: {
    fr: () => import('./desk.fr.json'),
    en: () => import('./desk.en.json'),
    ar: () => import('./desk.ar.json'),
  },
} satisfies Record<string, Record<Locale, () => Promise<{ default: object }>>>
const spoken = new Set<keyof typeof parts>()

/** A part's words beside the others, in this language and in each that is chosen from now on. */
async function speak(part: keyof typeof parts): Promise<void> {
  spoken.add(part)
  await add(part, currentLocale())
}
export const speakOffice = () => speak('office')
export const speakAdvice = () => speak('advice')
export const speakDesk = () => speak('desk')

async function add(part: keyof typeof parts, lng: Locale): Promise<void> {
  const { default: words } = await parts[part][lng]()
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
  await i18next.use(initReactI18next).init({
    lng,
    fallbackLng: false,
    resources: { [lng]: { translation: words } },
    interpolation: { escapeValue: false }, // React escapes
    returnNull: false,
  })
  dress(lng)
}

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
