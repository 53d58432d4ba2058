import { useQuery } from '@tanstack/react-query'
import { Suspense } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, Redirect, Route, Switch, useLocation } from 'wouter'
import type { Page } from '../api/types'
import { useHttp, useStored } from '../app/context'
import { LinkBanner } from '../app/LinkBanner'
import { NotHere } from '../app/NotHere'
import { Shell } from '../app/Shell'
import { cx } from '../design/cx'
import { Empty, ErrorNote, Loading, Skeleton } from '../design/feedback'
import { Select } from '../design/Field'
import { Icon } from '../design/icons'
import { sections } from './sections'
import type { Organisation } from './types'

const intoSight = (tab: HTMLElement | null) => tab?.scrollIntoView({ inline: 'center', block: 'nearest' })

/** An employer's own screens: who of theirs travels, what they pay for and what it comes to. Each section is loaded when it is opened. */
export default function EmployerApp() {
  const { t } = useTranslation()
  const http = useHttp()
  const [path] = useLocation()
  const [chosen, choose] = useStored('company', '')
  const q = useQuery({ queryKey: ['organisations'], queryFn: ({ signal }) => http.get<Page<Organisation>>('/v1/organisations', { query: { limit: 200 }, signal }) })
  const all = q.data?.items ?? []
  const company = all.find((o) => o.id === chosen) ?? all[0]
  return (
    <Shell>
      <LinkBanner />
      {company && (
        <div className="mb-2 flex flex-wrap items-center gap-3">
          {all.length > 1 ? (
            <Select label={t('employer.which')} hideLabel className="w-full sm:w-80" value={company.id} onChange={(e) => choose(e.target.value)}>
              {all.map((o) => (
                <option key={o.id} value={o.id}>
                  {o.name}
                </option>
              ))}
            </Select>
          ) : (
            <p className="text-lg font-bold">
              <bdi>{company.name}</bdi>
            </p>
          )}
        </div>
      )}
      <nav aria-label={t('employer.title')} className="-mx-4 mb-4 flex gap-1 overflow-x-auto px-4">
        {sections.map((s) => {
          const here = path.startsWith(`/company/${s.path}`)
          return (
            <Link
              key={s.path}
              ref={here ? intoSight : null}
              href={`/company/${s.path}`}
              aria-current={here ? 'page' : undefined}
              className={cx('flex min-h-11 items-center gap-2 border-b-2 px-3 text-[0.9375rem] font-semibold whitespace-nowrap', here ? 'border-brand text-brand' : 'border-transparent text-muted hover:text-ink')}
            >
              <Icon name={s.icon} size={18} />
              {t(s.label)}
            </Link>
          )
        })}
      </nav>
      {q.isError ? (
        <ErrorNote error={q.error} onRetry={() => void q.refetch()} />
      ) : q.isPending ? (
        <Loading>
          <Skeleton className="h-64 rounded-card" />
        </Loading>
      ) : !company ? (
        <Empty icon="people" title={t('employer.none')} />
      ) : (
        <Suspense
          fallback={
            <Loading>
              <Skeleton className="h-64 rounded-card" />
            </Loading>
          }
        >
          <Switch>
            {sections.map((s) => (
              <Route key={s.path} path={`/company/${s.path}/*?`}>
                {() => <s.page key={company.id} company={company} />}
              </Route>
            ))}
            <Route path="/company">{() => <Redirect to="/company/overview" replace />}</Route>
            <Route>{() => <NotHere />}</Route>
          </Switch>
        </Suspense>
      )}
    </Shell>
  )
}
