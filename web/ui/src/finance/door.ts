import { speakOffice } from '../i18n/office'
import FinanceApp from './FinanceApp'

/** The screens, once their words are there. */
export async function open() {
  await speakOffice()
  return { default: FinanceApp }
}
