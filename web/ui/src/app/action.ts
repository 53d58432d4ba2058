import { useCallback, useRef, useState } from 'react'
import { isProblem } from '../api/problem'

/** The keys of named wishes that nobody answered yet, the newest last: more than a few at a time are nobody's. */
const unanswered = new Map<string, string>()

function remember(name: string, key: string) {
  unanswered.delete(name)
  unanswered.set(name, key)
  const oldest = unanswered.keys().next().value
  if (unanswered.size > 50 && oldest !== undefined) unanswered.delete(oldest)
}

/**
 * Something that must happen once. The key belongs to what is wanted, not to the click: pressing again after «no answer» repeats under the same key,
 * and only a decision of the server, or another wish, gets a new one. A wish that is named (`as`) is remembered without its screen: a sheet that was
 * closed on «no answer» and opened again asks for the same under the same key.
 */
export function useAction<V, R>(run: (v: V, key: string) => Promise<R>, as?: string) {
  const [state, setState] = useState<{ busy: boolean; error: unknown }>({ busy: false, error: null })
  const kept = useRef<{ wish: string; key: string } | null>(null)
  const flying = useRef(false)
  const act = useCallback(
    async (v: V): Promise<R | undefined> => {
      if (flying.current) return undefined
      flying.current = true
      const wish = JSON.stringify(v) ?? ''
      const name = as === undefined ? undefined : `${as} ${wish}`
      if (kept.current?.wish !== wish) kept.current = { wish, key: (name !== undefined && unanswered.get(name)) || crypto.randomUUID() }
      if (name !== undefined) remember(name, kept.current.key)
      const forget = () => {
        kept.current = null
        if (name !== undefined) unanswered.delete(name)
      }
      setState({ busy: true, error: null })
      try {
        const result = await run(v, kept.current.key)
        forget()
        setState({ busy: false, error: null })
        return result
      } catch (error) {
        if (isProblem(error) && !error.passing && !error.unsure) forget()
        setState({ busy: false, error })
        return undefined
      } finally {
        flying.current = false
      }
    },
    [run, as],
  )
  const clear = useCallback(() => setState({ busy: false, error: null }), [])
  return { act, clear, ...state }
}
