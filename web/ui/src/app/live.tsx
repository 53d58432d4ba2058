import { emptySnapshot, SignedOut, WaymeetClient, type LinkStatus, type Snapshot } from '@waymeet/sdk'
import { createContext, useCallback, useContext, useEffect, useMemo, useRef, useState, useSyncExternalStore, type ReactNode } from 'react'
import { isProblem } from '../api/problem'
import { useSession } from './context'

const LiveContext = createContext<WaymeetClient | null>(null)

/** One connection for the signed-in person, made when the first screen subscribes. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const session = useSession()
  const [client, setClient] = useState<WaymeetClient | null>(null)
  useEffect(() => {
    const live = new WaymeetClient({
      url: `${location.origin.replace(/^http/, 'ws')}/v1/realtime`,
      ticket: async () => {
        try {
          return (await session.http.post<{ ticket: string }>('/v1/realtime/tickets')).ticket
        } catch (e) {
          if (isProblem(e) && e.status === 401) throw new SignedOut()
          throw e // a problem says how long a busy node asks to wait
        }
      },
      accessToken: async () => {
        const token = await session.refresh()
        if (token === null) throw new SignedOut()
        return token
      },
    })
    const wake = () => document.visibilityState === 'visible' && live.wake()
    const offline = () => live.offline()
    window.addEventListener('online', wake)
    window.addEventListener('offline', offline)
    document.addEventListener('visibilitychange', wake)
    setClient(live)
    return () => {
      window.removeEventListener('online', wake)
      window.removeEventListener('offline', offline)
      document.removeEventListener('visibilitychange', wake)
      live.close()
    }
  }, [session])
  return client && <LiveContext value={client}>{children}</LiveContext>
}

export function useLive(): WaymeetClient {
  const live = useContext(LiveContext)
  if (!live) throw new Error('no live client above')
  return live
}

export function useLink(): LinkStatus {
  const live = useLive()
  return useSyncExternalStore(live.onStatus, live.status)
}

/** A channel's set while the screen is up; null subscribes to nothing. */
export function useChannel(channel: string | null): Snapshot {
  const live = useLive()
  const subscribe = useCallback((fn: () => void) => (channel ? live.channel(channel).subscribe(fn) : () => undefined), [live, channel])
  return useSyncExternalStore(subscribe, () => (channel ? live.channel(channel).snapshot() : emptySnapshot))
}

/** Several channels at once, keyed by name. Subscriptions that stay in the list are left alone. */
export function useChannels(channels: readonly string[]): ReadonlyMap<string, Snapshot> {
  const live = useLive()
  const key = channels.join('\n')
  const [tick, setTick] = useState(0)
  const offs = useRef(new Map<string, () => void>())
  useEffect(() => {
    const wanted = new Set(key === '' ? [] : key.split('\n'))
    let scheduled = false
    const changed = () => {
      // Many trips may change in one message: one render for all of them.
      if (scheduled) return
      scheduled = true
      queueMicrotask(() => {
        scheduled = false
        setTick((x) => x + 1)
      })
    }
    for (const [ch, off] of offs.current) {
      if (!wanted.has(ch)) {
        off()
        offs.current.delete(ch)
      }
    }
    for (const ch of wanted) if (!offs.current.has(ch)) offs.current.set(ch, live.channel(ch).subscribe(changed))
  }, [live, key])
  useEffect(() => {
    const held = offs.current
    return () => {
      for (const off of held.values()) off()
      held.clear()
    }
  }, [live])
  return useMemo(() => {
    const out = new Map<string, Snapshot>()
    for (const ch of key === '' ? [] : key.split('\n')) {
      const s = live.channel(ch).snapshot()
      if (s !== emptySnapshot) out.set(ch, s)
    }
    return out
    // eslint-disable-next-line react-hooks/exhaustive-deps -- tick says that a snapshot changed
  }, [live, key, tick])
}

/** The one entity of a channel that carries one. */
export function firstDoc<T>(s: Snapshot | undefined): T | undefined {
  if (!s) return undefined
  for (const held of s.entities.values()) return held.d as T
  return undefined
}
