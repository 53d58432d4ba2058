import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useHttp } from '../app/context'
import { Button } from '../design/Button'
import { ErrorNote } from '../design/feedback'
import { Attach, Pieces } from './Evidence'
import { Said } from './Said'
import type { Case } from './types'

/** What somebody reported, what they attached to it, and what was answered; more can be attached until it is decided. */
export function Mine({ case: c }: { case: Case }) {
  const { t } = useTranslation()
  const http = useHttp()
  const [adding, setAdding] = useState(false)
  const q = useQuery({ queryKey: ['cases', 'one', c.id], refetchInterval: 60_000, queryFn: ({ signal }) => http.get<Case>(`/v1/cases/${c.id}`, { signal }) })
  return (
    <div className="flex flex-col gap-3">
      <Said case={q.data?.state === 'decided' ? q.data : c} />
      {q.isError && !q.data && <ErrorNote error={q.error} onRetry={() => void q.refetch()} />}
      {q.data?.evidence && q.data.evidence.length > 0 && (
        <section aria-label={t('cases.attached')}>
          <Pieces of={c.id} all={q.data.evidence} />
        </section>
      )}
      {c.state === 'open' && q.data?.state !== 'decided' && (adding ? <Attach narrow of={c.id} onDone={() => setAdding(false)} /> : (
        <Button kind="plain" size="sm" icon="upload" className="min-h-11 self-start text-brand" onClick={() => setAdding(true)}>
          {t('cases.attach')}
        </Button>
      ))}
    </div>
  )
}
