import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { isProblem } from '../api/problem'
import { useAction } from '../app/action'
import { useFormats, useHttp } from '../app/context'
import { Button } from '../design/Button'
import { ErrorNote } from '../design/feedback'
import { Field } from '../design/Field'
import { Sheet } from '../design/Sheet'
import type { Member, Organisation } from './types'

/** One member without a roster: another cost centre from a day on, or their last day. */
export function MemberSheet({ company, member: m, onClose }: { company: Organisation; member: Member; onClose: () => void }) {
  const { t } = useTranslation()
  const f = useFormats()
  const http = useHttp()
  const cache = useQueryClient()
  const today = company.today ?? ''
  const [centre, setCentre] = useState(m.cost_centre ?? '')
  const [from, setFrom] = useState(today)
  const [until, setUntil] = useState(today)
  const [leaving, setLeaving] = useState(false)
  const path = `/v1/organisations/${company.id}/members/${m.id}`
  const move = useAction(useCallback((v: { cost_centre: string; on?: string }) => http.patch<Member>(path, { body: v }), [http, path]))
  const remove = useAction(useCallback((on: string) => http.delete<Member>(path, { query: { on: on || undefined } }), [http, path]))
  const done = () => {
    for (const of of ['members', 'organisations', 'spend']) void cache.invalidateQueries({ queryKey: [of] })
    onClose()
  }
  const at = (e: unknown, pointer: string) => (isProblem(e) ? e.errors.find((x) => x.pointer === pointer)?.detail : undefined)
  const submit = async (e: FormEvent) => {
    e.preventDefault()
    if (await move.act({ cost_centre: centre.trim(), ...(from ? { on: from } : {}) })) done()
  }
  return (
    <Sheet open onOpenChange={(o) => !o && onClose()} title={m.name} description={[m.number, m.email, m.unit_name].filter(Boolean).join(' · ')}>
      {leaving ? (
        <div className="flex flex-col gap-4">
          <p>{t('oneMember.removeMeans')}</p>
          <Field label={t('oneMember.firstDayOut')} type="date" value={until} onChange={(e) => setUntil(e.target.value)} error={at(remove.error, 'query/on') ?? at(remove.error, '/on')} required />
          {remove.error !== null && <ErrorNote error={remove.error} />}
          <div className="flex flex-wrap gap-3">
            <Button kind="danger" size="lg" busy={remove.busy} onClick={() => void remove.act(until).then((r) => r && done())}>
              {t('oneMember.removeNow')}
            </Button>
            <Button size="lg" onClick={() => setLeaving(false)}>
              {t('oneMember.keep')}
            </Button>
          </div>
        </div>
      ) : (
        <form className="flex flex-col gap-4" onSubmit={(e) => void submit(e)}>
          {m.left && <p className="text-muted">{t('employer.until', { date: f.dayMonth(m.left) })}</p>}
          <Field label={t('oneMember.centre')} hint={t('oneMember.centreHint')} value={centre} onChange={(e) => setCentre(e.target.value)} maxLength={200} autoComplete="off" error={at(move.error, '/cost_centre')} />
          <Field label={t('oneMember.from')} type="date" value={from} onChange={(e) => setFrom(e.target.value)} error={at(move.error, '/on')} />
          {move.error !== null && <ErrorNote error={move.error} />}
          <Button kind="primary" size="lg" type="submit" busy={move.busy}>
            {t('oneMember.save')}
          </Button>
          <Button kind="plain" size="lg" className="text-bad" onClick={() => setLeaving(true)}>
            {t('oneMember.remove')}
          </Button>
        </form>
      )}
    </Sheet>
  )
}
