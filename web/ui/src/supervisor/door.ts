import { speakDesk } from '../i18n/desk'
import SupervisorApp from './SupervisorApp'

/** The screens, once their words are there. */
export async function open() {
  await speakDesk()
  return { default: SupervisorApp }
}
