import { lazy } from 'react'
import { speakAdvice } from '../i18n/advice'

/** What can be done about the other once a conversation is over, with its words: for clients and for experts. */
export const AfterTalk = lazy(async () => {
  await speakAdvice()
  return import('./After')
})
