import { speak, type Words } from '.'

const words: Words = {
  fr: () => import('./office.fr.json'),
  en: () => import('./office.en.json'),
  ar: () => import('./office.ar.json'),
}

export const speakOffice = () => speak(words)
