import { createContext, useCallback, useContext, useEffect, useMemo, useState, useSyncExternalStore, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { Session, SessionState } from '../api/session'
import type { Http } from '../api/http'
import type { Locale, Me } from '../api/types'
import { dateIn, formats, timeIn, type Formats } from '../i18n/format'

const SessionContext = createContext<Session | null>(null)
export const SessionProvider = ({ session, children }: { session: Session; children: ReactNode }) => <SessionContext value={session}>{children}</SessionContext>

export function useSession(): Session {
  const s = useContext(SessionContext)
  if (!s) throw new Error('no session above')
  return s
}
export function useSessionState(): SessionState {
  const s = useSession()
  return useSyncExternalStore(s.onChange, s.state)
}
export const useHttp = (): Http => useSession().http

/** The signed-in person; only below the routes that need one. */
export function useMe(): Me {
  const state = useSessionState()
  if (state.status !== 'in') throw new Error('not signed in')
  return state.me
}
export const can = (me: Me, permission: string) => me.permissions.includes(permission)

export function useFormats(): Formats {
  const { i18n } = useTranslation()
  const state = useSessionState()
  const currency = state.status === 'in' ? state.me.tenant.currency : undefined
  return useMemo(() => formats(i18n.language as Locale, currency), [i18n.language, currency])
}

/** The service date and time of day at the tenant: by the server when it said so, moved on by the time since. */
export function useToday(): { today: string; time: string } {
  const me = useMe()
  const session = useSession()
  const zone = me.tenant.time_zone
  const minute = useMinute()
  return useMemo(() => {
    const wall = session.wall
    if (!wall) return { today: dateIn(zone, session.now()), time: timeIn(zone, session.now()) }
    const [h = 0, m = 0] = wall.now.split(':').map(Number)
    const d = new Date(`${wall.today}T00:00:00Z`)
    d.setUTCMinutes(h * 60 + m + Math.floor((session.now() - wall.at) / 60_000))
    const iso = d.toISOString()
    return { today: iso.slice(0, 10), time: iso.slice(11, 16) }
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the minute is what makes it run again
  }, [zone, session, minute])
}

function useMinute(): number {
  const [n, set] = useState(0)
  useEffect(() => {
    const h = setInterval(() => set((x) => x + 1), 20_000)
    return () => clearInterval(h)
  }, [])
  return n
}

/** The server's clock, ticking while `on`. */
export function useNow(everyMs: number, on = true): number {
  const session = useSession()
  const [now, set] = useState(() => session.now())
  useEffect(() => {
    if (!on) return
    set(session.now())
    const h = setInterval(() => set(session.now()), everyMs)
    return () => clearInterval(h)
  }, [session, everyMs, on])
  return now
}

export function useStored<T>(key: string, initial: T): [T, (v: T) => void] {
  const [value, set] = useState<T>(() => {
    try {
      const text = localStorage.getItem(key)
      return text === null ? initial : (JSON.parse(text) as T)
    } catch {
      return initial
    }
  })
  const put = useCallback(
    (v: T) => {
      set(v)
      try {
        localStorage.setItem(key, JSON.stringify(v))
      } catch {
        // storage refused: kept for this visit
      }
    },
    [key],
  )
  return [value, put]
}
