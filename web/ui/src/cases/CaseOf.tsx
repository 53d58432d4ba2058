import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useHttp } from '../app/context'
import { wholeList } from '../app/whole'
import { Button } from '../design/Button'
import { ErrorNote } from '../design/feedback'
import { Mine } from './Mine'
import { OpenCase } from './OpenCase'
import type { Case } from './types'

/** What somebody reported about a ride or a line and what was answered, or the button to report it. One list serves all of a page. */
export default function CaseOf({ subject, about, small }: { subject: string; about: string; small?: boolean }) {
  const { t } = useTranslation()
  const http = useHttp()
  const [opening, setOpening] = useState(false)
  const q = useQuery({ queryKey: ['cases', 'mine'], refetchInterval: 60_000, queryFn: ({ signal }) => wholeList<Case>(http, '/v1/me/cases', signal) })
  if (!q.data) return q.isError ? <ErrorNote error={q.error} onRetry={() => void q.refetch()} /> : null // that nothing was reported is not known yet
  const mine = q.data.items.filter((c) => c.subject === subject)
  return (
    <>
      {mine.length > 0 && (
        <section aria-label={t('cases.mine')} className="w-full rounded-control bg-sunken p-3" data-testid="case">
          <ul className="flex flex-col gap-3">
            {mine.map((c) => (
              <li key={c.id}>
                <Mine case={c} />
              </li>
            ))}
          </ul>
        </section>
      )}
      {mine.every((c) => c.state === 'decided') && (
        <Button kind="plain" size={small ? 'sm' : 'md'} className={small ? 'min-h-11 text-muted sm:min-h-8' : 'w-full'} onClick={() => setOpening(true)}>
          {t('cases.open')}
          {small && <span className="sr-only">: {about}</span>}
        </Button>
      )}
      {opening && <OpenCase subject={subject} about={about} onClose={() => setOpening(false)} />}
    </>
  )
}
