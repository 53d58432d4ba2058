import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { useAction } from '../app/action'
import { useHttp } from '../app/context'
import { Button, IconButton } from '../design/Button'
import { ErrorNote } from '../design/feedback'
import { Field } from '../design/Field'

type Supervisor = { user: string; name: string; email: string }

/** Who runs this queue and no other. Whoever may say who may what gives and takes it. */
export function Supervisors({ queue }: { queue: string }) {
  const { t } = useTranslation()
  const http = useHttp()
  const cache = useQueryClient()
  const at = `/v1/queues/${queue}/supervisors`
  const all = useQuery({ queryKey: ['supervisors', queue], queryFn: ({ signal }) => http.get<{ items: Supervisor[] }>(at, { signal }) })
  const fresh = useCallback(() => cache.invalidateQueries({ queryKey: ['supervisors', queue] }).then(() => true), [cache, queue])
  const add = useAction(useCallback((email: string, key: string) => http.post(at, { body: { email }, key }).then(fresh), [http, at, fresh]))
  const remove = useAction(useCallback((user: string) => http.delete<undefined>(`${at}/${user}`).then(fresh), [http, at, fresh]))
  const [email, setEmail] = useState('')
  const submit = async (e: FormEvent) => {
    e.preventDefault()
    if (email.trim() && (await add.act(email.trim()))) setEmail('')
  }
  return (
    <section aria-labelledby="runs" className="mt-6 flex flex-col gap-3 border-t border-edge pt-4">
      <h3 id="runs" className="font-bold">
        {t('queues.runs')}
      </h3>
      <p className="text-sm text-muted">{t('queues.runsHint')}</p>
      {all.isError && <ErrorNote error={all.error} onRetry={() => void all.refetch()} />}
      {(all.data?.items.length ?? 0) > 0 && (
        <ul className="divide-y divide-edge rounded-card border border-edge" data-testid="supervisors">
          {all.data?.items.map((s) => (
            <li key={s.user} className="flex min-h-12 items-center gap-3 px-3 py-1.5">
              <span className="min-w-0 flex-1">
                <bdi className="block font-semibold break-words">{s.name}</bdi>
                <bdi className="block text-sm break-all text-muted">{s.email}</bdi>
              </span>
              <IconButton size="sm" icon="close" label={t('queues.runsNoMore', { name: s.name })} disabled={remove.busy} onClick={() => void remove.act(s.user)} />
            </li>
          ))}
        </ul>
      )}
      <form className="flex items-end gap-2" onSubmit={(e) => void submit(e)} noValidate>
        <Field className="flex-1" label={t('queues.runsEmail')} type="email" dir="ltr" value={email} onChange={(e) => setEmail(e.target.value)} />
        <Button type="submit" size="sm" className="min-h-11" busy={add.busy} disabled={email.trim() === ''}>
          {t('queues.runsAdd')}
        </Button>
      </form>
      {add.error !== null && <ErrorNote error={add.error} />}
      {remove.error !== null && <ErrorNote error={remove.error} />}
    </section>
  )
}
