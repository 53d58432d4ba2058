import { speak, type Words } from '.'

const words: Words = {
  fr: () => import('./desk.fr.json'),
  en: () => import('./desk.en.json'),
  ar: () => import('./desk.ar.json'),
}

export const speakDesk = () => speak(words)
