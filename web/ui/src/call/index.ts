import { lazy } from 'react'
import { speakAdvice } from '../i18n/advice'

export { isOver, type CallReason, type CallRole, type CallState, type MessageDoc, type Modality, type SessionDoc } from './types'
export { Receipt } from './Receipt'
export { useSession } from './useSession'

export type CallProps = {
  /** The session's id, which is the accepted offer's. */
  session: string
  /** Once, when nothing more can be said in it: wrapped up, or it never came to a call. The call's own screen is gone by then. */
  onOver?: () => void
  /** Whoever supervises it leaves. */
  onLeave?: () => void
  /** Where «back» leads when the call cannot be shown: it is open elsewhere, or is not there. */
  home: string
}

/** The call: fills the window, joins by itself, speaks the words it needs. */
export const CallPage = lazy(() => Promise.all([import('./CallPage'), speakAdvice()]).then(([page]) => page))
