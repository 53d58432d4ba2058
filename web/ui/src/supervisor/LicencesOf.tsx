import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useAction } from '../app/action'
import { useHttp } from '../app/context'
import { Button } from '../design/Button'
import { ErrorNote } from '../design/feedback'
import { Field } from '../design/Field'
import { LicenceList } from '../expert/LicenceList'
import type { Licence } from '../expert/types'

/** An expert's licences, to be decided on: what is refused says why. */
export function LicencesOf({ expert, names, own }: { expert: string; names: Map<string, string>; own: boolean }) {
  const { t } = useTranslation()
  const http = useHttp()
  const cache = useQueryClient()
  const [why, setWhy] = useState('')
  const q = useQuery({ queryKey: ['licences', expert], queryFn: ({ signal }) => http.get<{ items: Licence[] }>(`/v1/practices/${expert}/licences`, { signal }) })
  const decide = useAction(
    useCallback(
      async (word: { id: string; state: 'accepted' | 'refused'; why: string }) => {
        await http.post<Licence>(`/v1/licences/${word.id}/decide`, { body: { state: word.state, why: word.why } })
        await cache.invalidateQueries({ queryKey: ['licences', expert] })
        return true
      },
      [http, cache, expert],
    ),
  )
  if (q.isError) return <ErrorNote error={q.error} onRetry={() => void q.refetch()} />
  if (!q.data || q.data.items.length === 0) return null
  return (
    <section className="flex flex-col gap-2" aria-label={t('practice.licence.title')}>
      <h3 className="font-semibold">{t('practice.licence.title')}</h3>
      {!own && <Field label={t('queues.licenceWhy')} value={why} maxLength={500} onChange={(e) => setWhy(e.target.value)} />}
      <LicenceList
        all={q.data.items}
        names={names}
        from="/v1/licences"
        act={(x) =>
          !own && (
            <>
              {x.state !== 'accepted' && !x.expired && (
                <Button size="sm" kind="primary" busy={decide.busy} onClick={() => void decide.act({ id: x.id, state: 'accepted', why: '' })}>
                  {t('queues.licenceAccept')}
                </Button>
              )}
              {x.state !== 'refused' && (
                <Button size="sm" busy={decide.busy} disabled={why.trim() === ''} onClick={() => void decide.act({ id: x.id, state: 'refused', why }).then((done) => done && setWhy(''))}>
                  {t('queues.refuse')}
                </Button>
              )}
            </>
          )
        }
      />
      {decide.error !== null && <ErrorNote error={decide.error} />}
    </section>
  )
}
