import { useEffect, useState, useSyncExternalStore } from 'react'
import { useMe, useSession as useSignIn } from '../app/context'
import { useLive } from '../app/live'
import { CallEngine, type CallView } from './engine'

/** This page's part in a session, for as long as the screen is up. */
export function useCall(session: string): { engine: CallEngine; view: CallView } | null {
  const live = useLive()
  const me = useMe().id
  const signIn = useSignIn()
  const [call, setCall] = useState<{ engine: CallEngine; subscribe: (fn: () => void) => () => void } | null>(null)
  useEffect(() => {
    const listeners = new Set<() => void>()
    const engine = new CallEngine({ live, session, me, now: () => signIn.now(), onChange: () => listeners.forEach((fn) => fn()) })
    setCall({
      engine,
      subscribe: (fn) => {
        listeners.add(fn)
        return () => listeners.delete(fn)
      },
    })
    engine.start()
    return () => {
      engine.close()
      setCall(null)
    }
  }, [live, session, me, signIn])
  const view = useSyncExternalStore(call?.subscribe ?? nothing, () => call?.engine.view() ?? null)
  return call && view && { engine: call.engine, view }
}

const nothing = () => () => undefined
