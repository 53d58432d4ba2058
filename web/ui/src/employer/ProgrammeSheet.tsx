import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { isProblem } from '../api/problem'
import { useAction } from '../app/action'
import { useFormats, useHttp } from '../app/context'
import { LinePick } from '../app/LinePick'
import { Button } from '../design/Button'
import { ErrorNote } from '../design/feedback'
import { Field, Select } from '../design/Field'
import { Sheet } from '../design/Sheet'
import type { Organisation, Programme, Terms } from './types'

const rules = ['as_booked', 'rider_pays', 'employer_pays'] as const
const amounts = ['fixed', 'ride_cap', 'month_cap', 'budget'] as const

/** Minor units of a currency, as many as Intl knows. */
const unitOf = (currency: string) => 10 ** (new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2)

export function ProgrammeSheet({ company, programme, onClose }: { company: Organisation; programme: Programme | null; onClose: () => void }) {
  const { t } = useTranslation()
  const f = useFormats()
  const http = useHttp()
  const cache = useQueryClient()
  const unit = unitOf(company.currency)
  const text = (n: number | undefined, by = 1) => (n === undefined || n === 0 ? '' : String(n / by))
  const [v, set] = useState({
    name: programme?.name ?? '',
    percent: String(programme?.percent ?? 50),
    fixed: text(programme?.fixed, unit),
    ride_cap: text(programme?.ride_cap, unit),
    month_cap: text(programme?.month_cap, unit),
    budget: text(programme?.budget, unit),
    month_rides: text(programme?.month_rides),
    no_show: programme?.no_show ?? 'as_booked',
    cost_centre: programme?.cost_centre ?? '',
    valid_from: programme?.valid_from ?? company.today ?? new Date().toISOString().slice(0, 10),
    valid_until: programme?.valid_until ?? '',
    weekdays: programme?.weekdays ?? [],
    lines: programme?.lines ?? [],
    active: programme?.active ?? true,
  })
  const save = useAction(
    useCallback(
      (body: Terms, key: string) => (programme ? http.patch<Programme>(`/v1/programmes/${programme.id}`, { body }) : http.post<Programme>(`/v1/organisations/${company.id}/programmes`, { body, key })),
      [http, programme, company.id],
    ),
  )
  const at = (pointer: string) => (isProblem(save.error) ? save.error.errors.find((x) => x.pointer === pointer)?.detail : undefined)
  const submit = async (e: FormEvent) => {
    e.preventDefault()
    const body: Terms = { name: v.name, percent: Number(v.percent), no_show: v.no_show, valid_from: v.valid_from, active: v.active }
    for (const k of amounts) if (v[k] !== '') body[k] = Math.round(Number(v[k]) * unit)
    if (v.month_rides !== '') body.month_rides = Number(v.month_rides)
    if (v.cost_centre) body.cost_centre = v.cost_centre
    if (v.valid_until) body.valid_until = v.valid_until
    if (v.weekdays.length > 0) body.weekdays = v.weekdays
    if (v.lines.length > 0 || programme?.lines) body.lines = v.lines
    if (programme?.stops) body.stops = programme.stops // chosen elsewhere: kept as they are
    if (programme?.hours_from) body.hours_from = programme.hours_from
    if (programme?.hours_until) body.hours_until = programme.hours_until
    if (!(await save.act(body))) return
    void cache.invalidateQueries({ queryKey: ['programmes', company.id] })
    void cache.invalidateQueries({ queryKey: ['spend', company.id] })
    onClose()
  }
  return (
    <Sheet open onOpenChange={(o) => !o && onClose()} title={programme ? programme.name : t('employer.addProgramme')} description={t('employer.editHint')} place="side">
      <form className="flex flex-col gap-4" onSubmit={(e) => void submit(e)}>
        <Field label={t('admin.name')} value={v.name} onChange={(e) => set({ ...v, name: e.target.value })} error={at('/name')} required maxLength={120} />
        <Field label={t('employer.percent')} type="number" min={0} max={100} step={1} value={v.percent} onChange={(e) => set({ ...v, percent: e.target.value })} error={at('/percent')} required />
        {amounts.map((k) => (
          <Field key={k} label={`${t(`employer.amount.${k}`)} (${company.currency})`} type="number" min={0} step={1 / unit} value={v[k]} onChange={(e) => set({ ...v, [k]: e.target.value })} error={at(`/${k}`)} />
        ))}
        <Field label={t('employer.monthRides')} type="number" min={0} step={1} value={v.month_rides} onChange={(e) => set({ ...v, month_rides: e.target.value })} error={at('/month_rides')} />
        <fieldset>
          <legend className="mb-1.5 text-sm font-semibold">{t('employer.days')}</legend>
          <div className="flex flex-wrap gap-2">
            {[1, 2, 3, 4, 5, 6, 0].map((d) => (
              <label key={d} className="flex min-h-10 items-center gap-2 rounded-control border border-control px-3 text-sm">
                <input type="checkbox" className="size-4" checked={v.weekdays.includes(d)} onChange={(e) => set({ ...v, weekdays: e.target.checked ? [...v.weekdays, d].sort() : v.weekdays.filter((x) => x !== d) })} />
                {f.weekday(`2026-11-${String(22 + d).padStart(2, '0')}`)}
              </label>
            ))}
          </div>
        </fieldset>
        <LinePick value={v.lines} onChange={(lines) => set({ ...v, lines })} />
        <Select label={t('employer.noShowRule')} value={v.no_show} onChange={(e) => set({ ...v, no_show: e.target.value as (typeof rules)[number] })}>
          {rules.map((r) => (
            <option key={r} value={r}>
              {t(`employer.noShow.${r}`)}
            </option>
          ))}
        </Select>
        <Field label={t('employer.costCentre')} hint={t('employer.costCentreHint')} value={v.cost_centre} onChange={(e) => set({ ...v, cost_centre: e.target.value })} error={at('/cost_centre')} maxLength={200} />
        <div className="grid grid-cols-2 gap-3">
          <Field label={t('employer.from')} type="date" value={v.valid_from} onChange={(e) => set({ ...v, valid_from: e.target.value })} error={at('/valid_from')} required />
          <Field label={t('employer.lastDay')} type="date" value={v.valid_until} onChange={(e) => set({ ...v, valid_until: e.target.value })} error={at('/valid_until')} />
        </div>
        <label className="flex min-h-10 items-center gap-2 text-sm font-semibold">
          <input type="checkbox" className="size-4" checked={v.active} onChange={(e) => set({ ...v, active: e.target.checked })} />
          {t('employer.active')}
        </label>
        {save.error !== null && <ErrorNote error={save.error} />}
        <Button kind="primary" size="lg" type="submit" busy={save.busy}>
          {t('action.apply')}
        </Button>
      </form>
    </Sheet>
  )
}
