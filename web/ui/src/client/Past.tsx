import type { UseQueryResult } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import type { Page } from '../api/types'
import { useFormats } from '../app/context'
import { Empty, ErrorNote, Loading, Skeleton } from '../design/feedback'
import { Icon } from '../design/icons'
import type { SessionItem } from './types'

/** What there was, the newest first. */
export function Past({ sessions }: { sessions: UseQueryResult<Page<SessionItem>> }) {
  const { t } = useTranslation()
  const f = useFormats()
  const past = sessions.data?.items.filter((s) => s.ended_at !== undefined)
  return (
    <section aria-labelledby="past">
      <h2 id="past" className="mb-3 text-lg font-bold">
        {t('ask.past')}
      </h2>
      {sessions.isError && <ErrorNote error={sessions.error} onRetry={() => void sessions.refetch()} />}
      {sessions.isPending && (
        <Loading>
          <Skeleton className="h-24 rounded-card" />
        </Loading>
      )}
      {past?.length === 0 && (
        <Empty icon="chat" title={t('ask.none')}>
          {t('ask.noneHint')}
        </Empty>
      )}
      {past && past.length > 0 && (
        <ul className="divide-y divide-edge overflow-hidden rounded-card border border-edge bg-surface">
          {past.map((s) => (
            <li key={s.id}>
              <Link href={`/advice/sessions/${s.id}`} className="flex min-h-14 items-center gap-3 px-4 py-2.5 hover:bg-sunken">
                <span className="min-w-0 flex-1">
                  <span className="block font-semibold">{f.moment(s.created_at)}</span>
                  <span className="figures block text-sm text-muted">
                    {t(`call.state.${s.state as 'completed'}`)}
                    {s.charged_s !== undefined && s.charged_s > 0 && (
                      <>
                        {' · '}
                        <bdi>{f.countdown(s.charged_s * 1000)}</bdi>
                      </>
                    )}
                  </span>
                </span>
                {s.cost && <bdi className="figures font-bold">{f.exact(s.cost)}</bdi>}
                <Icon name="next" size={18} className="text-muted" />
              </Link>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
