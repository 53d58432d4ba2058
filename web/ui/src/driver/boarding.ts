import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Outbox } from '@waymeet/sdk'
import { useCallback, useEffect, useMemo, useState, useSyncExternalStore } from 'react'
import { isProblem } from '../api/problem'
import type { Boarding, Manifest, ManifestItem, TicketKey } from '../api/types'
import { useHttp, useMe, useSession, useStored } from '../app/context'
import { useLink } from '../app/live'
import { readTicket } from './ticket'

/** What leaves the phone: a ticket, or a booking picked from the manifest; `who` is only for this screen. */
export type Order = { trip: string; token?: string; booking?: string; who?: string | undefined; party?: number }

/** What a driver sees after a scan. */
export type Verdict =
  | { kind: 'boarded'; booking: string; name?: string | undefined; party: number; waiting: boolean }
  | { kind: 'already'; booking: string; name?: string | undefined; party: number; at?: string | undefined }
  | { kind: 'kept' } // could not be checked here; the server will say when it can be asked
  | { kind: 'refused'; text?: string; why?: 'not_a_ticket' | 'forged' | 'other_trip' | 'old' | 'unknown_code' | 'cancelled' }

const boxes = new Map<string, Outbox<Order, Boarding>>()

/** One queue for the person on this device, whatever screen is open. */
function useOutbox(onDone: (o: Order, b: Boarding) => void, onRefused: (o: Order, detail: string) => void) {
  const me = useMe()
  const session = useSession()
  const { current } = useLink()
  const key = `waymeet.boardings.${me.id}`
  const box = useMemo(() => {
    const known = boxes.get(key)
    if (known) return known
    const made = new Outbox<Order, Boarding>({
      storage: {
        load: () => localStorage.getItem(key), // one that cannot be read is asked again, and not taken for empty
        save: (text) => safely(() => localStorage.setItem(key, text)),
      },
      env: { now: () => session.now(), random: Math.random, setTimeout: (fn, ms) => setTimeout(fn, ms), clearTimeout: (h) => clearTimeout(h as number) },
      send: async (p) => {
        const { trip, token, booking } = p.body
        try {
          return await session.http.post<Boarding>('/v1/boardings', { key: p.key, tries: 1, timeoutMs: 8_000, body: token ? { trip, token } : { trip, booking } })
        } catch (e) {
          if (isProblem(e) && !e.passing && e.status !== 401) throw Object.assign(new Error(e.code), { final: true, code: e.code, detail: e.detail })
          throw e
        }
      },
      onDone: (p, b) => handlers.done(p.body, b),
    })
    boxes.set(key, made)
    return made
  }, [key, session])
  useEffect(() => {
    handlers.done = onDone
  }, [onDone])
  const parcels = useSyncExternalStore(box.onChange, box.snapshot)
  useEffect(() => {
    if (current) void box.flush()
  }, [current, box])
  useEffect(() => {
    const go = () => void box.flush()
    window.addEventListener('online', go)
    return () => window.removeEventListener('online', go)
  }, [box])
  useEffect(() => {
    for (const p of parcels) {
      if (!p.failed) continue
      box.dismiss(p.key)
      onRefused(p.body, p.failed.detail)
    }
  }, [parcels, box, onRefused])
  return { box, waiting: parcels.filter((p) => !p.failed) }
}
const handlers: { done: (o: Order, b: Boarding) => void } = { done: () => undefined }

export function useManifest(trip: string, version: number) {
  const http = useHttp()
  const key = `waymeet.manifest.${trip}`
  return useQuery<Manifest>({
    queryKey: ['manifest', trip, version],
    placeholderData: (old) => old ?? safely(() => JSON.parse(localStorage.getItem(key) ?? 'null') as Manifest | null) ?? undefined,
    queryFn: async ({ signal }) => {
      const m = await http.get<Manifest>(`/v1/trips/${trip}/manifest`, { signal })
      safely(() => localStorage.setItem(key, JSON.stringify(m)))
      return m
    },
  })
}

function useTicketKeys(): readonly TicketKey[] {
  const http = useHttp()
  const me = useMe()
  const [kept, keep] = useStored<TicketKey[]>(`waymeet.ticketkeys.${me.tenant.slug}`, [])
  const q = useQuery({
    queryKey: ['ticket-keys'],
    staleTime: 600_000,
    queryFn: async ({ signal }) => {
      const { keys } = await http.get<{ keys: TicketKey[] }>('/v1/ticket-keys', { signal })
      keep(keys)
      return keys
    },
  })
  return q.data ?? kept
}

/** Boards riders of one trip: decides at once on the phone what can be decided, queues the rest, and lets the server have the last word. */
export function useBoarding(trip: string, manifest: Manifest | undefined, say: (v: Verdict) => void) {
  const session = useSession()
  const cache = useQueryClient()
  const keys = useTicketKeys()
  const [here, setHere] = useState<ReadonlyMap<string, number>>(new Map()) // boarded on this phone, before the manifest says so

  const onDone = useCallback(
    (o: Order, b: Boarding) => {
      void cache.invalidateQueries({ queryKey: ['manifest', o.trip] })
      if (o.trip !== trip) return
      setHere((h) => new Map(h).set(b.booking, session.now()))
      say(b.already ? { kind: 'already', booking: b.booking, name: b.name, party: b.party, at: b.boarded_at } : { kind: 'boarded', booking: b.booking, name: b.name ?? o.who, party: b.party, waiting: false })
    },
    [cache, trip, say, session],
  )
  const onRefused = useCallback(
    (o: Order, detail: string) => {
      void cache.invalidateQueries({ queryKey: ['manifest', o.trip] })
      if (o.booking) setHere((h) => without(h, o.booking ?? ''))
      say({ kind: 'refused', text: o.who ? `${o.who}: ${detail}` : detail })
    },
    [cache, say],
  )
  const { box, waiting } = useOutbox(onDone, onRefused)

  const item = useCallback((booking: string): ManifestItem | undefined => manifest?.items.find((i) => i.booking === booking), [manifest])

  const boardItem = useCallback(
    (i: ManifestItem, token?: string) => {
      const since = here.get(i.booking)
      if (i.state === 'boarded' || since !== undefined) return say({ kind: 'already', booking: i.booking, name: i.name, party: i.party, at: i.boarded_at })
      if (i.state === 'cancelled' || i.state === 'expired') return say({ kind: 'refused', why: 'cancelled' })
      setHere((h) => new Map(h).set(i.booking, session.now()))
      say({ kind: 'boarded', booking: i.booking, name: i.name, party: i.party, waiting: true })
      box.put({ trip, booking: i.booking, ...(token ? { token } : {}), who: i.name, party: i.party })
    },
    [here, say, session, box, trip],
  )

  const scan = useCallback(
    async (text: string) => {
      const typed = text.trim()
      const code = typed.replace(/[\s-]/g, '').toUpperCase()
      if (code.length > 0 && code.length <= 10) {
        const i = manifest?.items.find((x) => x.short?.toUpperCase() === code)
        return i ? boardItem(i) : say({ kind: 'refused', why: 'unknown_code' })
      }
      const r = await readTicket(typed, keys)
      if (!r.ok) {
        if (r.why === 'not_a_ticket' || r.why === 'forged') return say({ kind: 'refused', why: r.why })
        box.put({ trip, token: typed }) // a key that this phone does not have yet: the server knows
        return say({ kind: 'kept' })
      }
      if (r.trip !== trip) return say({ kind: 'refused', why: 'other_trip' })
      if (r.expires < session.now()) return say({ kind: 'refused', why: 'old' })
      const known = item(r.booking)
      // Signed for this trip but not on our list: booked after the list was read. It boards.
      boardItem(known ?? { booking: r.booking, party: r.party, from: r.from, to: r.to, state: 'confirmed' }, typed)
    },
    [manifest, keys, trip, say, session, item, boardItem, box],
  )

  return { scan, boardItem, here, waiting }
}

function without(m: ReadonlyMap<string, number>, key: string): ReadonlyMap<string, number> {
  const out = new Map(m)
  out.delete(key)
  return out
}

function safely<T>(fn: () => T): T | undefined {
  try {
    return fn()
  } catch {
    return undefined
  }
}
