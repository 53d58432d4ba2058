import { speak, type Words } from '.'

const words: Words = {
  fr: () => import('./advice.fr.json'),
  en: () => import('./advice.en.json'),
  ar: () => import('./advice.ar.json'),
}

export const speakAdvice = () => speak(words)
