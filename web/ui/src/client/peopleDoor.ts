import { lazy } from 'react'
import { speakAdvice } from '../i18n/advice'

/** Whom one marked, with its words: for clients and for experts. */
export const People = lazy(async () => {
  await speakAdvice()
  return import('./PeoplePage')
})
