import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { useAction } from '../app/action'
import { can, useFormats, useHttp, useMe } from '../app/context'
import { Button, IconButton } from '../design/Button'
import { ErrorNote } from '../design/feedback'
import { Field, Select } from '../design/Field'
import { Sheet } from '../design/Sheet'
import { Checks } from '../expert/Checks'
import { Days, inOrder } from '../expert/Days'
import { useSkills } from '../expert/practice'
import type { Modality } from '../expert/types'
import { Week } from '../expert/Week'
import { Supervisors } from './Supervisors'
import type { Queue, QueueRing, QueueRules } from './types'

const modalities: readonly Modality[] = ['audio', 'video', 'chat']
const usual: QueueRing[] = [
  { after_s: 0, lower: 0, drop: 0 },
  { after_s: 10, lower: 1, drop: 0 },
  { after_s: 25, lower: 2, drop: 1 },
  { after_s: 45, lower: 4, drop: 2 },
]
const mostRings = 10

/** A queue's rules. What decides is the server: who wrote it meanwhile, rings that do not widen, an overflow that goes in circles. */
export function QueueSheet({ queue, queues, onClose }: { queue: Queue | null; queues: Queue[]; onClose: (saved?: string) => void }) {
  const { t } = useTranslation()
  const f = useFormats()
  const me = useMe()
  const http = useHttp()
  const cache = useQueryClient()
  const skills = useSkills()
  const [r, setRules] = useState<QueueRules>(() => {
    if (!queue)
      return { name: '', modalities: ['audio', 'video', 'chat'], sla_s: 60, ring_s: 15, push_ring_s: 40, fan_out: 1, rings: usual, weights: {}, callback: true, callback_after_s: 60, callback_ring_s: 60, callback_calls: 2, appointment_days: 14, appointment_each: 4, open: true, most: 500, time_zone: me.tenant.time_zone, needs: [], hours: [], days: [] }
    const { name, modalities, sla_s, ring_s, push_ring_s, fan_out, rings, weights, overflow, callback, callback_after_s, callback_ring_s, callback_calls, appointment_days, appointment_each, open, most, time_zone, needs, hours, days } = queue
    return { name, modalities, sla_s, ring_s, push_ring_s, fan_out, rings, weights, ...(overflow ? { overflow } : {}), callback, callback_after_s, callback_ring_s, callback_calls, appointment_days, appointment_each, open, most, time_zone, needs, hours, days: days ?? [] }
  })
  const today = new Date().toLocaleDateString('sv', { timeZone: r.time_zone })
  const set = (x: Partial<QueueRules>) => setRules({ ...r, ...x })
  const [wrong, setWrong] = useState<{ name?: string; ways?: string }>({})
  const save = useAction(
    useCallback(
      async (rules: QueueRules, key: string) => {
        const now = queue ? await http.put<Queue>(`/v1/queues/${queue.id}`, { body: { ...rules, version: queue.version } }) : await http.post<Queue>('/v1/queues', { body: rules, key })
        void cache.invalidateQueries({ queryKey: ['queues'] })
        return now
      },
      [http, queue, cache],
    ),
  )
  const submit = async (e: FormEvent) => {
    e.preventDefault()
    const flaws = { ...(r.name.trim() ? {} : { name: t('queues.nameMissing') }), ...(r.modalities.length > 0 ? {} : { ways: t('practice.waysWrong') }) }
    setWrong(flaws)
    if (Object.keys(flaws).length > 0) return
    const { overflow, days, ...rest } = r
    const now = await save.act({ ...rest, days: inOrder(days ?? []), ...(overflow ? { overflow } : {}) })
    if (now) onClose(now.id)
  }
  const number = (key: 'sla_s' | 'ring_s' | 'push_ring_s' | 'fan_out' | 'most' | 'callback_after_s' | 'callback_ring_s' | 'callback_calls' | 'appointment_days' | 'appointment_each', label: string, min = 1) => (
    <Field label={label} type="number" min={min} value={r[key]} onChange={(e) => set({ [key]: Math.max(min, Math.round(Number(e.target.value)) || min) })} />
  )
  const level = (skill: string) => r.needs.find((n) => n.skill === skill)?.level ?? 0
  return (
    <Sheet open onOpenChange={(o) => !o && onClose()} title={queue ? <bdi>{queue.name}</bdi> : t('queues.new')} place="side">
      <form className="flex flex-col gap-5" onSubmit={(e) => void submit(e)} noValidate>
        <Field label={t('queues.name')} value={r.name} maxLength={80} onChange={(e) => set({ name: e.target.value })} error={wrong.name} />
        <Toggle label={t('queues.open')} on={r.open} onChange={(open) => set({ open })} />
        <Toggle label={t('queues.callback')} on={r.callback} onChange={(callback) => set({ callback })} />
        {r.callback && (
          <div className="grid grid-cols-3 items-end gap-3">
            {number('callback_after_s', t('queues.callbackAfter'))}
            {number('callback_ring_s', t('queues.callbackRing'))}
            {number('callback_calls', t('queues.callbackCalls'))}
          </div>
        )}
        <Checks legend={t('queues.ways')} options={modalities.map((m) => [m, t(`practice.way.${m}`)])} chosen={r.modalities} onChange={(all) => set({ modalities: all as Modality[] })} error={wrong.ways} />
        <div className="grid grid-cols-2 gap-3">
          {number('sla_s', t('queues.sla'))}
          {number('ring_s', t('queues.ringS'))}
          {number('push_ring_s', t('queues.pushRingS'))}
          {number('fan_out', t('queues.fanOut'))}
          {number('most', t('queues.most'))}
          {number('appointment_days', t('queues.days'), 0)}
          {number('appointment_each', t('queues.each'))}
          <Select label={t('queues.overflow')} value={r.overflow ?? ''} onChange={(e) => set({ overflow: e.target.value })}>
            <option value="">{t('queues.noOverflow')}</option>
            {queues
              .filter((q) => q.id !== queue?.id && !q.overflow)
              .map((q) => (
                <option key={q.id} value={q.id}>
                  {q.name}
                </option>
              ))}
          </Select>
        </div>
        <fieldset>
          <legend className="mb-1.5 text-sm font-semibold">{t('queues.needs')}</legend>
          <ul className="divide-y divide-edge rounded-card border border-edge">
            {(skills.data?.items ?? []).map((k) => (
              <li key={k.id} className="flex min-h-12 items-center gap-3 px-3">
                <bdi className="min-w-0 flex-1">{k.name}</bdi>
                <Select
                  label={t('practice.levelIn', { skill: k.name })}
                  hideLabel
                  value={level(k.id)}
                  onChange={(e) => set({ needs: [...r.needs.filter((n) => n.skill !== k.id), ...(e.target.value === '0' ? [] : [{ skill: k.id, level: Number(e.target.value) }])] })}
                >
                  <option value={0}>–</option>
                  {[1, 2, 3, 4, 5].map((n) => (
                    <option key={n} value={n}>
                      {f.n(n)}
                    </option>
                  ))}
                </Select>
              </li>
            ))}
          </ul>
        </fieldset>
        <Rings rings={r.rings} onChange={(rings) => set({ rings })} />
        <Week legend={t('queues.hours')} hint={r.hours.length === 0 ? t('queues.always') : ''} hours={r.hours} onChange={(hours) => set({ hours })} />
        <Days legend={t('queues.notAs')} hint={t('queues.notAsHint')} away={t('queues.shut')} days={r.days ?? []} today={today} onChange={(days) => set({ days })} />
        {save.error !== null && <ErrorNote error={save.error} />}
        <Button type="submit" kind="primary" size="lg" busy={save.busy}>
          {t('queues.save')}
        </Button>
      </form>
      {queue && can(me, 'user.write') && <Supervisors queue={queue.id} />}
    </Sheet>
  )
}

function Toggle({ label, on, onChange }: { label: string; on: boolean; onChange: (on: boolean) => void }) {
  return (
    <label className="flex min-h-11 items-center gap-3">
      <span className="flex-1 font-medium">{label}</span>
      <input type="checkbox" role="switch" checked={on} onChange={(e) => onChange(e.target.checked)} className="size-5 accent-(--brand)" />
    </label>
  )
}

/** How far a request is relaxed after a while. The first is what was asked for. */
function Rings({ rings, onChange }: { rings: QueueRing[]; onChange: (r: QueueRing[]) => void }) {
  const { t } = useTranslation()
  const f = useFormats()
  const put = (i: number, x: Partial<QueueRing>) => onChange(rings.map((r, n) => (n === i ? { ...r, ...x } : r)))
  const input = 'figures min-h-9 w-full rounded-control border border-control bg-raised px-2 text-sm disabled:text-muted'
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="mb-1.5 text-sm font-semibold">{t('queues.rings')}</legend>
      <p className="text-sm text-muted">{t('queues.ringsHint')}</p>
      <div className="grid grid-cols-[1fr_1fr_1fr_2.25rem] items-center gap-2">
        {(['after', 'lower', 'drop'] as const).map((c) => (
          <span key={c} aria-hidden="true" className="text-xs text-muted">
            {t(`queues.${c}`)}
          </span>
        ))}
        <span />
        {rings.map((r, i) => (
          <div key={i} className="contents">
            {(
              [
                ['after_s', 'after', 86_400],
                ['lower', 'lower', 4],
                ['drop', 'drop', 7],
              ] as const
            ).map(([key, label, max]) => (
              <input
                key={key}
                type="number"
                min={0}
                max={max}
                className={input}
                disabled={i === 0 && key === 'after_s'}
                aria-label={`${t(`queues.${label}`)} ${f.n(i + 1)}`}
                value={r[key]}
                onChange={(e) => put(i, { [key]: Math.min(max, Math.max(0, Math.round(Number(e.target.value)) || 0)) })}
              />
            ))}
            {i > 0 ? <IconButton size="sm" icon="close" label={t('queues.removeRing', { n: f.n(i + 1) })} onClick={() => onChange(rings.filter((_, n) => n !== i))} /> : <span />}
          </div>
        ))}
      </div>
      {rings.length < mostRings && (
        <Button size="sm" icon="plus" className="self-start" onClick={() => onChange([...rings, { ...(rings.at(-1) ?? { after_s: 0, lower: 0, drop: 0 }), after_s: (rings.at(-1)?.after_s ?? 0) + 20 }])}>
          {t('queues.addRing')}
        </Button>
      )}
    </fieldset>
  )
}
