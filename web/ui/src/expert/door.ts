import { speakDesk } from '../i18n/desk'
import ExpertApp from './ExpertApp'

/** The screens, once their words are there. */
export async function open() {
  await speakDesk()
  return { default: ExpertApp }
}
