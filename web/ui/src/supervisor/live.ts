import type { BoardTalkDoc, Hearing, OnDutyDoc, QueuedDoc, Snapshot, TakenDoc } from '@waymeet/sdk'
import type { Board, BoardExpert, BoardRequest, BoardSession, Queue } from './types'

const HEARD_MS = 15_000 // how well somebody hears is told every 5 s: older is not known
const levels: readonly Hearing['level'][] = ['poor', 'fair', 'good']

/** The board that `queue:ID` shows: who waits in their places, experts with what they are rung for and talk in, who talks. */
export function boardOf({ entities, signals }: Pick<Snapshot, 'entities' | 'signals'>, queue: Queue, now: number): Board {
  const of = <D>(kind: string) => [...entities].flatMap(([e, h]) => (e.startsWith(`${kind}/`) ? [[e.slice(kind.length + 1), h.d as unknown as D] as const] : []))
  const experts = new Map<string, BoardExpert>(
    of<OnDutyDoc>('expert').map(([id, { skills, ...e }]) => [id, { id, ...e, ringing: 0, busy: 0, fits: queue.needs.every((n) => n.skill in skills) }]),
  )
  for (const [, o] of of<TakenDoc>('offer')) {
    const e = experts.get(o.expert)
    if (e) e[o.state === 'open' ? 'ringing' : 'busy']++
  }
  const nameOf = (id: string) => experts.get(id)?.name
  const heard = new Map<string, Hearing['level']>()
  for (const s of signals.values()) {
    if (s.sig !== 'quality' || now - Date.parse(s.at ?? '') > HEARD_MS) continue
    const h = s.d as unknown as Hearing
    const worse = heard.get(h.session)
    if (!worse || levels.indexOf(h.level) < levels.indexOf(worse)) heard.set(h.session, h.level)
  }
  return {
    waiting: of<QueuedDoc>('request')
      .map(([id, r]): BoardRequest => {
        const rings = Object.entries(r.rings).map(([offer, x]) => ({ offer, expert: x.expert, name: nameOf(x.expert) ?? '…', deadline: x.deadline }))
        return { ...r, id, rings, away: r.callback !== undefined, ...(r.callback?.call_until && { call_until: r.callback.call_until }) }
      })
      .sort((a, b) => b.priority - a.priority || Date.parse(a.placed_at) - Date.parse(b.placed_at) || (a.id < b.id ? -1 : 1)),
    experts: [...experts.values()].sort((a, b) => a.name.localeCompare(b.name)),
    sessions: of<BoardTalkDoc>('session')
      .map(([id, s]): BoardSession => {
        const hears = heard.get(id)
        return { ...s, id, state: s.state as BoardSession['state'], client_name: s.client_name ?? '…', expert_name: nameOf(s.expert) ?? s.expert_name ?? '…', ...(hears && s.state === 'live' && { hears }) }
      })
      .sort((a, b) => Date.parse(a.created_at) - Date.parse(b.created_at)),
  }
}
