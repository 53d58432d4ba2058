import { speakAdvice } from '../i18n/advice'
import ClientApp from './ClientApp'

/** The screens, once their words are there. */
export async function open() {
  await speakAdvice()
  return { default: ClientApp }
}
