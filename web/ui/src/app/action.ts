import { useCallback, useRef, useState } from 'react'
import { isProblem } from '../api/problem'

/**
 * Something that must happen once. The key belongs to what is wanted, not to the click: pressing again after «no answer» repeats under the same key,
 * and only a decision of the server, or another wish, gets a new one.
 */
export function useAction<V, R>(run: (v: V, key: string) => Promise<R>) {
  const [state, setState] = useState<{ busy: boolean; error: unknown }>({ busy: false, error: null })
  const kept = useRef<{ wish: string; key: string } | null>(null)
  const flying = useRef(false)
  const act = useCallback(
    async (v: V): Promise<R | undefined> => {
      if (flying.current) return undefined
      flying.current = true
      const wish = JSON.stringify(v) ?? ''
      if (kept.current?.wish !== wish) kept.current = { wish, key: crypto.randomUUID() }
      setState({ busy: true, error: null })
      try {
        const result = await run(v, kept.current.key)
        kept.current = null
        setState({ busy: false, error: null })
        return result
      } catch (error) {
        if (isProblem(error) && !error.passing) kept.current = null
        setState({ busy: false, error })
        return undefined
      } finally {
        flying.current = false
      }
    },
    [run],
  )
  const clear = useCallback(() => setState({ busy: false, error: null }), [])
  return { act, clear, ...state }
}
