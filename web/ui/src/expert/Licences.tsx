import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { useAction } from '../app/action'
import { useHttp } from '../app/context'
import { Button } from '../design/Button'
import { ErrorNote } from '../design/feedback'
import { Field, Select } from '../design/Field'
import { LicenceList } from './LicenceList'
import type { Licence, Skill } from './types'

type Paper = { skill: string; number: string; until: string; file: File }

/** What proves that one may practise: handed in here, decided on by the operator. */
export function Licences({ skills, today }: { skills: Skill[]; today: string }) {
  const { t } = useTranslation()
  const http = useHttp()
  const cache = useQueryClient()
  const q = useQuery({ queryKey: ['licences'], queryFn: ({ signal }) => http.get<{ items: Licence[] }>('/v1/me/practice/licences', { signal }), refetchInterval: 60_000 })
  const [skill, setSkill] = useState(skills[0]?.id ?? '')
  const [number, setNumber] = useState('')
  const [until, setUntil] = useState('')
  const [file, setFile] = useState<File | null>(null)
  const hand = useAction(
    useCallback(
      async (p: Paper, key: string) => {
        await http.post<Licence>('/v1/me/practice/licences', { query: { skill: p.skill, number: p.number, until: p.until, name: p.file.name.slice(-120) }, body: p.file, key, timeoutMs: 300_000 })
        await cache.invalidateQueries({ queryKey: ['licences'] })
        return true
      },
      [http, cache],
    ),
  )
  const submit = async (e: FormEvent) => {
    e.preventDefault()
    if (!file || !(await hand.act({ skill, number, until, file }))) return
    setNumber('')
    setUntil('')
    setFile(null)
  }
  return (
    <section className="flex flex-col gap-3" aria-label={t('practice.licence.title')}>
      <h2 className="text-lg font-bold">{t('practice.licence.title')}</h2>
      <p className="text-sm text-muted">{t('practice.licence.hint')}</p>
      {q.isError && <ErrorNote error={q.error} onRetry={() => void q.refetch()} />}
      {q.data && q.data.items.length > 0 && <LicenceList all={q.data.items} names={new Map(skills.map((k) => [k.id, k.name]))} from="/v1/me/practice/licences" />}
      <form className="grid gap-3 rounded-card border border-edge bg-surface p-4 sm:grid-cols-2" onSubmit={(e) => void submit(e)}>
        <Select label={t('practice.licence.skill')} value={skill} onChange={(e) => setSkill(e.target.value)}>
          {skills.map((k) => (
            <option key={k.id} value={k.id}>
              {k.name}
            </option>
          ))}
        </Select>
        <Field label={t('practice.licence.number')} value={number} maxLength={80} required onChange={(e) => setNumber(e.target.value)} />
        <Field label={t('practice.licence.lastDay')} type="date" min={today} value={until} required onChange={(e) => setUntil(e.target.value)} />
        <Field key={file ? 'there' : 'none'} label={t('practice.licence.file')} hint={t('practice.licence.kinds')} type="file" accept="image/png,image/jpeg,application/pdf" required={!file} onChange={(e) => setFile(e.target.files?.[0] ?? null)} />
        {hand.error !== null && (
          <div className="sm:col-span-2">
            <ErrorNote error={hand.error} />
          </div>
        )}
        <Button type="submit" busy={hand.busy} disabled={!file} className="sm:col-span-2">
          {t('practice.licence.handIn')}
        </Button>
      </form>
    </section>
  )
}
